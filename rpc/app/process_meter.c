/* process_meter.c: measures this process from /proc: memory, processor time, open files, start; tells its name. */
#include "app/process_meter.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/rt.h"

enum { NS_PER_US = 1000, NS_PER_S = 1000000000, STANDARD_ENTRIES = 3 /* ".", "..", the one that looks */ };

static int64_t cpu_ns(void)
{
    struct rusage used;

    if (getrusage(RUSAGE_SELF, &used) != 0)
        return 0;
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * NS_PER_S +
           (int64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * NS_PER_US;
}

/* Pages: of address space, and resident. */
static bool read_pages(unsigned long long *space, unsigned long long *resident)
{
    FILE *file = fopen("/proc/self/statm", "re");
    bool  read = file != NULL && fscanf(file, "%llu %llu", space, resident) == 2;

    if (file != NULL)
        fclose(file);
    return read;
}

static uint64_t count_entries(const char *path)
{
    DIR     *entries = opendir(path);
    uint64_t count = 0;

    while (entries != NULL && readdir(entries) != NULL)
        count++;
    if (entries != NULL)
        closedir(entries);
    return count;
}

static void collect_memory(exposition *e)
{
    unsigned long long space, resident;
    uint64_t           page = (uint64_t)sysconf(_SC_PAGESIZE);

    if (!read_pages(&space, &resident))
        return;
    exposition_number(
        e, exposition_family(e, "process_resident_memory_bytes", METRIC_GAUGE, "bytes", "Memory that is in use."), NULL,
        resident * page);
    exposition_number(
        e, exposition_family(e, "process_virtual_memory_bytes", METRIC_GAUGE, "bytes", "Address space that is taken."),
        NULL, space * page);
}

static void collect_files(exposition *e)
{
    struct rlimit most;
    uint64_t      open = count_entries("/proc/self/fd");

    if (open >= STANDARD_ENTRIES)
        exposition_number(e, exposition_family(e, "process_open_fds", METRIC_GAUGE, NULL, "Files that are open."), NULL,
                          open - STANDARD_ENTRIES);
    if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur != RLIM_INFINITY)
        exposition_number(e, exposition_family(e, "process_max_fds", METRIC_GAUGE, NULL, "How many may be."), NULL,
                          most.rlim_cur);
}

static void collect(void *arg, maru_call *call, exposition *e)
{
    const process_meter *p = arg;

    (void)call;
    exposition_number(e, exposition_family(e, "maru_service", METRIC_INFO, NULL, "Who this is."),
                      LABELS({"name", p->service}, {"instance", p->instance}, {"version", p->version}), 1);
    exposition_time(
        e, exposition_family(e, "process_cpu_seconds", METRIC_COUNTER, "seconds", "Processor time that was used."),
        NULL, cpu_ns());
    exposition_time(
        e, exposition_family(e, "process_start_time_seconds", METRIC_GAUGE, "seconds", "When it started, since 1970."),
        NULL, p->started_ns);
    collect_memory(e);
    collect_files(e);
}

void process_meter_open(process_meter *p, maru_runtime *rt)
{
    p->meter = (meter){.collect = collect, .arg = p};
    p->started_ns = rt_wall(rt);
    meters_add(rt_meters(rt), &p->meter);
}

void process_meter_close(process_meter *p, maru_runtime *rt)
{
    meters_remove(rt_meters(rt), &p->meter);
}
