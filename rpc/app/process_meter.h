/* process_meter.h: what the kernel says of this process: memory, time, files, threads; and who it is. Names and units
 * are those that Prometheus' own client libraries have for every process. */
#ifndef MARU_PROCESS_METER_H
#define MARU_PROCESS_METER_H

#include "maru/runtime.h"
#include "runtime/meter.h"

typedef struct process_meter {
    meter       meter;
    const char *service, *instance, *version; /* instance "": none */
    int64_t     started_ns;                   /* since 1970 */
} process_meter;

/* What p points to lives until process_meter_close. */
void process_meter_open(process_meter *p, maru_runtime *rt);
void process_meter_close(process_meter *p, maru_runtime *rt);

#endif
