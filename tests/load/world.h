/* world.h: a run of drive.h on virtual time, against the echo service that stalls by plan. */
#ifndef MARU_TESTS_LOAD_WORLD_H
#define MARU_TESTS_LOAD_WORLD_H

#include "load/drive.h"
#include "maru/sim.h"
#include "rpc/echo.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define NEVER  INT64_MAX

typedef struct world_options {
    const char *rate, *in_flight;     /* one of the two, as --rate and --in-flight take it */
    int64_t     latency_ns;           /* one way: an answer takes twice as long */
    int64_t     stall_from, stall_to; /* no handler answers between: as the run's clock has it. 0, 0: none */
    int64_t     timeout_ns;           /* 0: an hour */
    int64_t     late_ns;              /* the harness wakes so much too late */
    int64_t     stop_ns;              /* drive_stop; 0: not */
    int64_t     cancel_ns;            /* drive_cancel, after that; 0: not */
    int64_t     cut_ns;               /* every connection breaks; 0: not */
    int64_t     warm_ns;
    size_t      limit; /* 0: 100000 */
    uint64_t    calls_max;
    size_t      connections; /* 0: 1 */
    bool        poisson;
    uint64_t    seed;
    const char *tag; /* metadata that is sent along; NULL: none */
} world_options;

typedef struct world_result {
    tally       *tally;
    tally_stage *all;
    int          started; /* handlers that began, as the service counts them */
    int          tagged;  /* of them, with tag */
    int64_t      took_ns; /* until the last call ended */
} world_result;

/* Runs it to its end. */
world_result world_run(const world_options *options);
void         world_free(world_result *r);

#endif
