/* process_test.c: what a process says of itself is what the kernel says of it. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app/process_meter.h"
#include "maru/runtime.h"
#include "watch/look.h"

enum { FILES = 7, SPACE = 1 << 30, TOUCHED = 32 << 20 };

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_time(maru_runtime *rt, double before, double after)
{
    double used = look_for(rt, "process_cpu_seconds_total"), least = seconds(CLOCK_PROCESS_CPUTIME_ID);

    test_begin("when it began, and the processor time that it has used since");
    CHECK(look_for(rt, "process_start_time_seconds") >= before - 0.001);
    CHECK(look_for(rt, "process_start_time_seconds") <= after + 0.001);
    CHECK(used > 0 && used <= least + 0.01); /* the kernel counts the two apart */
    while (seconds(CLOCK_PROCESS_CPUTIME_ID) < least + 0.2)
        ;
    CHECK(look_for(rt, "process_cpu_seconds_total") >= used + 0.1);
}

static void test_files(maru_runtime *rt)
{
    double        before = look_for(rt, "process_open_fds");
    int           fds[FILES];
    struct rlimit files;

    test_begin("files that are open, and how many may be");
    CHECK(before >= 3);
    for (int i = 0; i < FILES; i++)
        fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(look_for(rt, "process_open_fds") == before + FILES);
    for (int i = 0; i < FILES; i++)
        close(fds[i]);
    CHECK(look_for(rt, "process_open_fds") == before);
    if (CHECK_INT(getrlimit(RLIMIT_NOFILE, &files), 0))
        CHECK(look_for(rt, "process_max_fds") == (double)files.rlim_cur);
}

static void test_memory(maru_runtime *rt)
{
    double space = look_for(rt, "process_virtual_memory_bytes"), used = look_for(rt, "process_resident_memory_bytes");
    char  *taken;

    test_begin("address space that was taken, and memory that is in use");
    CHECK(used > 0 && space > used);
    taken = mmap(NULL, SPACE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!CHECK(taken != MAP_FAILED))
        return;
    CHECK(look_for(rt, "process_virtual_memory_bytes") >= space + SPACE);
    memset(taken, 1, TOUCHED);
    CHECK(look_for(rt, "process_resident_memory_bytes") >= used + TOUCHED / 2.0);
    munmap(taken, SPACE);
}

int main(void)
{
    process_meter p = {.service = "cart", .instance = "b", .version = "0.1"};
    double        before = seconds(CLOCK_REALTIME);
    maru_runtime *rt;
    maru_error    error;

    test_begin("who it is");
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, &error), MARU_OK))
        return test_end();
    process_meter_open(&p, rt);
    CHECK(look_for(rt, "maru_service_info{name=\"cart\",instance=\"b\",version=\"0.1\"}") == 1);
    test_time(rt, before, seconds(CLOCK_REALTIME));
    test_files(rt);
    test_memory(rt);
    process_meter_close(&p, rt);
    maru_runtime_free(rt);
    return test_end();
}
