/* cores_test.c: the share of a core that maru load says it took, against what the kernel says of its process. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "cli/start.h"

#define SECONDS 1

/* Of the children that were waited for. */
static double cpu_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double cores_of(const proc *load)
{
    static const char key[] = "\"harnessCores\": ";
    const char       *at = strstr(load->text[PROC_OUT], key);

    return CHECK(at != NULL) ? strtod(at + sizeof key - 1, NULL) : 0;
}

/* It runs for its second or a little more, and what else its process does takes far less: it begins, and prints. */
static void check_cores(const place *p)
{
    const char *words[] = {p->maru,       "load", "--data", p->data, "echo",          "clitest.v1.EchoService/Echo",
                           "--in-flight", "64",   "-t",     "1s",    "--output=json", NULL};
    double      before = cpu_seconds(), took, said;
    proc        load = proc_run(words, NULL);

    test_begin("what it says that it took of a core is what its process took, but for its beginning and its end");
    CHECK_INT(load.status, 0);
    took = cpu_seconds() - before;
    said = cores_of(&load) * SECONDS;
    if (!CHECK(said <= took) || !CHECK(said >= took / 3))
        fprintf(stderr, "said %.3f s, took %.3f s\n", said, took);
    proc_free(&load);
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);
    proc  up = start_up(&p, p.data, NULL);

    test_begin("the services start");
    CHECK(is_ready(&up));
    check_cores(&p);
    kill(up.pid, SIGTERM);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
