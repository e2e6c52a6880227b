/* memory_test.c: what a service took for many big calls it gives back to the system when they have ended. */
#include "test.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "maru/service.h"
#include "proc.h"
#include "rpc/peer.h"

enum { CALLS = 60, MIB = 1 << 20, LEFT_MIB = 16 };

static long resident_mib(pid_t pid)
{
    char  path[64];
    long  all = 0, resident = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    if ((file = fopen(path, "r")) == NULL)
        return -1;
    if (fscanf(file, "%ld %ld", &all, &resident) != 2)
        resident = -1;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE) / MIB;
}

/* A WaitRequest of a minute, with a field that nobody knows, of a MiB. */
static void wait_big(peer *p, uint32_t id)
{
    static const uint8_t head[] = {0x08, 0xe0, 0xd4, 0x03, 0x7a, 0x80, 0x80, 0x40};
    uint8_t             *bytes = calloc(1, sizeof head + MIB);
    frame call = {.kind = FRAME_CALL, .id = id, .method = maru_method_id("/clitest.v1.EchoService/Wait")};

    memcpy(bytes, head, sizeof head);
    call.payload_size = sizeof head + MIB;
    CHECK(peer_frame(p, &call, bytes));
    free(bytes);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    printf("# skipped: a sanitizer's malloc keeps what was freed\n");
    return 77;
#endif
    place       p = place_open(argc, argv);
    char        program[512], url[512];
    const char *words[] = {program, "--data", p.data, NULL};
    proc        echo;
    peer        caller;
    frame       reply;
    double      until;

    snprintf(program, sizeof program, "%s/echo", p.services);
    echo = proc_start(words, NULL);
    CHECK(proc_expect(&echo, PROC_OUT, 0, "ready echo ipc://"));
    CHECK(sscanf(echo.text[PROC_OUT], "ready echo %500s", url) == 1);
    test_begin("60 calls of a MiB each take their memory while they run");
    CHECK(peer_dial(&caller, url));
    for (uint32_t id = 1; id <= CALLS; id++)
        wait_big(&caller, id);
    for (until = now_s() + 20; resident_mib(echo.pid) < CALLS && now_s() < until;)
        sched_yield();
    CHECK(resident_mib(echo.pid) >= CALLS);
    test_begin("and give it back when they have ended");
    for (uint32_t id = 1; id <= CALLS; id++)
        CHECK(peer_cancel(&caller, id, "enough"));
    for (int i = 0; i < CALLS; i++)
        CHECK(peer_expect(&caller, FRAME_REPLY, &reply));
    for (until = now_s() + 10; resident_mib(echo.pid) > LEFT_MIB && now_s() < until;)
        sched_yield();
    printf("# %ld MiB are left\n", resident_mib(echo.pid));
    CHECK(resident_mib(echo.pid) <= LEFT_MIB);
    peer_close(&caller);
    CHECK_INT(kill(echo.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&echo), 0);
    proc_free(&echo);
    place_close(&p);
    return test_end();
}
