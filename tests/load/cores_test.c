/* cores_test.c: the share of a core that maru load says it took, against what the kernel says of its process. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

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

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct loaded {
    double cores, cpu, wall; /* what it said; of its whole process, seconds */
} loaded;

static loaded load_for(const place *p, const char *time)
{
    const char *words[] = {p->maru,       "load", "--data", p->data, "echo",          "clitest.v1.EchoService/Echo",
                           "--in-flight", "64",   "-t",     time,    "--output=json", NULL};
    double      cpu = cpu_seconds(), began = now_seconds();
    proc        load = proc_run(words, NULL);
    loaded      l = {.cpu = cpu_seconds() - cpu, .wall = now_seconds() - began};

    CHECK_INT(load.status, 0);
    l.cores = cores_of(&load);
    proc_free(&load);
    return l;
}

/* Its run takes its second at least, and its process's time at most; what it takes to begin and to print, a short one
 * shows, give or take as much. */
static void check_cores(const place *p)
{
    loaded none, l;

    test_begin("what it says that it took of a core is what its process took, but for its beginning and its end");
    none = load_for(p, "1ms");
    l = load_for(p, "1s");
    if (!CHECK(l.cores * SECONDS <= l.cpu) || !CHECK(l.cores * l.wall >= (l.cpu - 2 * none.cpu) / 2))
        fprintf(stderr, "said %.3f of a core, took %.3f s in %.3f s, and %.3f s for nothing\n", l.cores, l.cpu, l.wall,
                none.cpu);
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
