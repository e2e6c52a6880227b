/* late_test.c: a service that runs, and says of itself that it does not serve yet: maru up waits for its health, and
 * not for its addresses alone. */
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "app/lock.h"
#include "start.h"
#include "state.h"

enum { LIMIT_S = 40 };

/* What ps says once the service can be asked how it is. */
static proc ps_with_health(const place *p)
{
    time_t until = time(NULL) + LIMIT_S;
    proc   ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);

    while (strstr(ps.text[PROC_OUT], "SERVING") == NULL && time(NULL) < until) {
        proc_free(&ps);
        ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    }
    return ps;
}

/* This test is the `maru up` here: it has started a service, and written nothing about it. */
static void check_unseen(const place *p)
{
    char        program[512], path[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        late, ps;
    lock        up;
    maru_error  error;

    test_begin(
        "a service that says NOT_SERVING is starting while maru up, which started it, has not written of it yet");
    snprintf(program, sizeof program, "%s/late", p->services);
    snprintf(path, sizeof path, "%s/up.lock", p->data);
    late = proc_start(words, NULL);
    CHECK(proc_expect(&late, PROC_OUT, 0, "ready late "));
    CHECK_INT(lock_take(&up, path, "maru up", NULL, &error), MARU_OK);
    ps = ps_with_health(p);
    CHECK_CONTAINS(ps.text[PROC_OUT], " starting  NOT_SERVING ");
    lock_drop(&up);
    CHECK_INT(kill(late.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&late), 0);
    proc_free(&late);
    proc_free(&ps);
}

/* Whoever hands the column to kill(1) must not end his own group. */
static void check_no_process(const place *p)
{
    char       path[512];
    state_row  row = {.name = "mail", .state = CHILD_WAITING, .restarts = 6};
    lock       up;
    maru_error error;
    FILE      *state;
    proc       ps;

    test_begin("a service that waits for its restart has no process, and no number of one");
    snprintf(path, sizeof path, "%s/up.lock", p->data);
    CHECK_INT(lock_take(&up, path, "maru up", NULL, &error), MARU_OK);
    snprintf(path, sizeof path, "%s/up.state", p->data);
    state = fopen(path, "w");
    state_print(&row, 1, state);
    fclose(state);
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_CONTAINS(ps.text[PROC_OUT], "mail                    - waiting ");
    unlink(path);
    lock_drop(&up);
    proc_free(&ps);
}

static void check_bound(const place *p)
{
    proc up;

    test_begin("one that is not ready within --ready-timeout ends up with status 1, which says what it waited for");
    up = start_up(p, p->data, "--ready-timeout=300ms");
    CHECK_INT(proc_end(&up), 1);
    CHECK_STR(up.text[PROC_OUT], "");
    CHECK_CONTAINS(up.text[PROC_ERR], "late is not ready after 0.3 s: it ");
    CHECK_CONTAINS(up.text[PROC_ERR], "not all are ready within 0.3 s (--ready-timeout); stops all");
    CHECK(strstr(up.text[PROC_ERR], "killed") == NULL);
    proc_free(&up);
}

static bool ends_within(const proc *up, int seconds)
{
    struct pollfd ends = {.fd = pidfd_open(up->pid, 0), .events = POLLIN};
    bool          ended = poll(&ends, 1, seconds * 1000) != 0;

    close(ends.fd);
    return ended;
}

/* maru up with a service that runs and does not serve yet, and can be asked how it is. */
static proc start_limited(const place *p, int limit_s)
{
    char flag[64];
    proc up, ps;

    snprintf(flag, sizeof flag, "--ready-timeout=%ds", limit_s);
    up = start_up(p, p->data, flag);
    ps = ps_with_health(p);
    proc_free(&ps);
    return up;
}

static bool serve(const place *p)
{
    proc call = run_maru(p, "call", p->data, "late", "clitest.v1.EchoService/Echo", "-d{\"text\": \"serve\"}");
    bool well = call.status == 0;

    proc_free(&call);
    return well;
}

/* Each case has a longer limit where the test came too late for one. False: it did. */
static bool outlives(const place *p, int limit_s)
{
    proc up = start_limited(p, limit_s);
    bool ready = serve(p) && is_ready(&up);

    if (ready) {
        CHECK(!ends_within(&up, limit_s + 1));
        CHECK_INT(kill(up.pid, SIGTERM), 0);
        CHECK_INT(proc_end(&up), 0);
        CHECK(strstr(up.text[PROC_ERR], "ready-timeout") == NULL);
    }
    proc_end(&up);
    proc_free(&up);
    return ready;
}

static void check_bound_is_over(const place *p)
{
    test_begin("an application that was ready lives on when its --ready-timeout is over");
    CHECK(outlives(p, 5) || outlives(p, 9) || outlives(p, 20));
}

/* Told to stop, and not by its --ready-timeout before. */
static bool tell_stop(proc *up)
{
    const char *told, *over;

    kill(up->pid, SIGTERM);
    if (!proc_expect(up, PROC_ERR, 0, "Terminated: stops all"))
        return false;
    told = strstr(up->text[PROC_ERR], "Terminated: stops all");
    over = strstr(up->text[PROC_ERR], "ready-timeout");
    return over == NULL || over > told;
}

static bool stops_once(const place *p, int limit_s)
{
    proc  up = start_limited(p, limit_s);
    pid_t late = pid_of(p, p->data, "late");
    bool  told = late > 0 && kill(late, SIGSTOP) == 0 && is_stopped_soon(late) && tell_stop(&up);

    if (told)
        CHECK(!ends_within(&up, limit_s));
    if (late > 0)
        kill(late, SIGCONT);
    proc_end(&up);
    if (told) {
        CHECK_INT(up.status, 0);
        CHECK(strstr(up.text[PROC_ERR], "ready-timeout") == NULL);
        CHECK(strstr(up.text[PROC_ERR], "killed") == NULL);
    }
    proc_free(&up);
    return told;
}

/* Less than what up gives them to stop. */
static void check_bound_of_stopping(const place *p)
{
    test_begin("one that is told to stop before it is ready is not told a second time by its --ready-timeout");
    CHECK(stops_once(p, 5) || stops_once(p, 9));
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);
    proc  up, ps;

    check_unseen(&p);
    check_no_process(&p);
    check_bound(&p);
    check_bound_is_over(&p);
    check_bound_of_stopping(&p);
    up = start_up(&p, p.data, NULL);
    test_begin("a service that says NOT_SERVING is starting, for ps, though it has said its addresses");
    ps = ps_with_health(&p);
    CHECK_CONTAINS(ps.text[PROC_OUT], " starting  NOT_SERVING ");
    proc_free(&ps);
    test_begin("after 10 s up says what it waits for, and still not that all is ready");
    CHECK(proc_expect(&up, PROC_ERR, 0, "late is not ready after 10 s: it says that it does not serve yet"));
    CHECK_STR(up.text[PROC_OUT], "");
    test_begin("when it serves, up is ready");
    CHECK(serve(&p));
    CHECK(is_ready(&up));
    ps = ps_with_health(&p);
    CHECK_CONTAINS(ps.text[PROC_OUT], " ready     SERVING ");
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&ps);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
