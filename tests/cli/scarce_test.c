/* scarce_test.c: programs that cannot make their threads: they say so in a line, and end. Address space is what runs
 * out here: that limit holds for root too, and a thread's stack takes 8 MiB of it. */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "start.h"

enum { FROM_KIB = 60000, TO_KIB = 320000, STEP_KIB = 10000, KIB_SIZE = 16, SKIPPED = 77 };

/* words with so much address space. */
static proc start_within(int kib, const char *const words[])
{
    static const char script[] = "ulimit -S -s 8192; ulimit -v \"$0\"; exec \"$@\"";
    const char       *all[PROC_WORDS] = {"/bin/sh", "-c", script};
    char              limit[KIB_SIZE];

    snprintf(limit, sizeof limit, "%d", kib);
    all[3] = limit;
    for (size_t i = 0; words[i] != NULL; i++)
        all[4 + i] = words[i];
    return proc_start(all, NULL);
}

/* Whether it has served. */
static bool serve_once(const place *p, const char *service, int kib, bool *said_why)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        run;
    bool        served;

    snprintf(program, sizeof program, "%s/%s", p->services, service);
    run = start_within(kib, words);
    if ((served = proc_expect(&run, PROC_OUT, 0, "ready ")))
        CHECK_INT(kill(run.pid, SIGTERM), 0);
    CHECK(proc_end(&run) == 0 || run.status == 1); /* by no signal, not even that of the test's own time limit */
    CHECK(run.status != 0 || served);
    CHECK(run.status != 1 || strchr(run.text[PROC_ERR], '\n') != NULL);
    if (strstr(run.text[PROC_ERR], "threads: want ") != NULL)
        *said_why = !served && CHECK_CONTAINS(run.text[PROC_ERR], "ulimit -v");
    if (!CHECK(run.status == 0 || run.status == 1))
        printf("# %s in %d KiB ended with %d\n%s", service, kib, run.status, run.text[PROC_ERR]);
    proc_free(&run);
    return served;
}

static void check_services(const place *p)
{
    static const char *const services[] = {"echo", "relay"};

    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        bool said_why = false;
        int  served = 0;

        test_begin("a service that can't make its threads says so and ends with 1, at every limit");
        for (int kib = FROM_KIB; kib <= TO_KIB; kib += STEP_KIB)
            served += serve_once(p, services[i], kib, &said_why);
        CHECK(said_why);
        CHECK(served > 0);
    }
}

static void check_commands(const place *p)
{
    char        program[512];
    const char *service[] = {program, "--data", p->data, NULL};
    const char *list[] = {p->maru, "list", "echo", "--data", p->data, NULL};
    proc        echo;
    int         refused = 0, fine = 0;

    test_begin("so does a command that calls, with 64 + 8 (RESOURCE_EXHAUSTED)");
    snprintf(program, sizeof program, "%s/echo", p->services);
    echo = proc_start(service, NULL);
    CHECK(proc_expect(&echo, PROC_OUT, 0, "ready echo"));
    for (int kib = FROM_KIB; kib <= TO_KIB; kib += STEP_KIB) {
        proc run = start_within(kib, list);

        if (proc_end(&run) == 0)
            fine++;
        else if (CHECK_INT(run.status, 64 + 8) && strstr(run.text[PROC_ERR], "threads: want ") != NULL)
            refused++;
        proc_free(&run);
    }
    CHECK(refused > 0);
    CHECK(fine > 0);
    CHECK_INT(kill(echo.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&echo), 0);
    proc_free(&echo);
}

static void check_up(const place *p)
{
    const char *words[] = {p->maru, "up", "--bin", p->services, "--data", p->data, NULL};
    proc        up;

    test_begin("so does maru up, before it starts anything");
    up = start_within(100000, words);
    CHECK_INT(proc_end(&up), 1);
    CHECK_CONTAINS(up.text[PROC_ERR], "maru up: threads: want ");
    CHECK(strstr(up.text[PROC_ERR], "starts") == NULL);
    proc_free(&up);
}

int main(int argc, char **argv)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    printf("# skipped: a sanitizer needs terabytes of address space\n");
    return SKIPPED;
#endif
    static void (*const cases[])(const place *p) = {check_services, check_commands, check_up};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
