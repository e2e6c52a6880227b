/* hung_test.c: a service that is there and does not answer: its kernel takes connections, and nobody says a word. What
 * call and ps say of it. */
#include "test.h"

#include <signal.h>
#include <time.h>

#include "session.h"
#include "start.h"

static proc call_echo(const place *p)
{
    return run_maru(p, "call", p->data, "--timeout=300ms", "echo", "clitest.v1.EchoService/Echo");
}

static void check_stopped(const place *p, pid_t echo)
{
    proc call, ps;

    test_begin("a call of a process that hangs says that it does not answer, and that its time is over");
    CHECK_INT(kill(echo, SIGSTOP), 0);
    call = call_echo(p);
    CHECK_INT(call.status, 64 + 4);
    CHECK_CONTAINS(call.text[PROC_ERR], "DEADLINE_EXCEEDED: ");
    CHECK_CONTAINS(call.text[PROC_ERR], "echo.sock does not answer: a connection stands, and nothing came on it");
    proc_free(&call);
    test_begin("ps calls it unreachable, says why, and shows the others as they are");
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 0);
    CHECK_CONTAINS(ps.text[PROC_OUT], " ready     UNREACHABLE ");
    CHECK_CONTAINS(ps.text[PROC_OUT], " ready     SERVING ");
    CHECK_CONTAINS(ps.text[PROC_ERR], "maru ps: echo: DEADLINE_EXCEEDED: ");
    CHECK_CONTAINS(ps.text[PROC_ERR], " does not answer: ");
    proc_free(&ps);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void check_all_stopped(const place *p, pid_t relay)
{
    enum { COMMANDS = 3 };
    static const char *const names[COMMANDS] = {"metrics", "log-level", "list"};
    proc                     asked[COMMANDS];
    int64_t                  began = now_ms();

    test_begin("all that run are asked at once: two that hang cost the time of one, and each is named");
    CHECK_INT(kill(relay, SIGSTOP), 0);
    for (int i = 0; i < COMMANDS; i++) {
        const char *words[] = {p->maru, names[i], "--data", p->data, NULL};

        asked[i] = proc_start(words, NULL);
    }
    for (int i = 0; i < COMMANDS; i++) {
        CHECK_INT(proc_end(&asked[i]), 64 + 4);
        CHECK_CONTAINS(asked[i].text[PROC_ERR], ": echo: DEADLINE_EXCEEDED: ");
        CHECK_CONTAINS(asked[i].text[PROC_ERR], ": relay: DEADLINE_EXCEEDED: ");
        proc_free(&asked[i]);
    }
    CHECK(now_ms() - began < 2 * SESSION_TIMEOUT_MS);
    CHECK_INT(kill(relay, SIGCONT), 0);
}

static void check_goes_on(const place *p, pid_t echo)
{
    proc call;

    test_begin("when it goes on, it is called as ever");
    CHECK_INT(kill(echo, SIGCONT), 0);
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    proc_free(&call);
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);
    proc  up = start_up(&p, p.data, NULL);
    pid_t echo, relay;

    CHECK(is_ready(&up));
    echo = pid_of(&p, p.data, "echo");
    relay = pid_of(&p, p.data, "relay");
    if (CHECK(echo > 0 && relay > 0)) {
        check_stopped(&p, echo);
        check_all_stopped(&p, relay);
        check_goes_on(&p, echo);
    }
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
