/* rt.h: the inside of a runtime, for the rooms of rpc/. All of it belongs to the strand unless it says otherwise. */
#ifndef MARU_RT_H
#define MARU_RT_H

#include "base/log.h"
#include "maru/arena.h"
#include "maru/runtime.h"
#include "maru/seam.h"
#include "runtime/strand.h"
#include "runtime/wheel.h"

struct fiber;
struct fiber_pool;

/* From any thread. */
const maru_seam *rt_seam(const maru_runtime *rt);
strand          *rt_strand(maru_runtime *rt);
int64_t          rt_now(const maru_runtime *rt);  /* monotonic, ns */
int64_t          rt_wall(const maru_runtime *rt); /* ns since 1970 */
void             rt_random(maru_runtime *rt, void *into, size_t size);
void             rt_random_id(maru_runtime *rt, void *into, size_t size); /* no secret: see supply.h */
/* Has the seam's transport prepare, once: what comes before the first dial or listen. */
maru_status rt_prepare_transport(maru_runtime *rt, maru_error *error);
int         rt_disk_fault(maru_runtime *rt, const char *step);

/* The log; from any thread. */
maru_log *rt_log(maru_runtime *rt);

/* What can be measured of the runtime's parts (meter.h). */
struct meters;
struct meters *rt_meters(maru_runtime *rt);

/* The clock as the strand saw it last: rt_look reads it, rt_seen remembers. A read costs as much as a switch of fibers,
 * so one is made for each batch of input and at the beginning of a turn; calls that begin or end glance at it, which
 * looks again only where more than a few microseconds (MARU_TICKS_FEW) may have passed. */
int64_t rt_look(maru_runtime *rt);
int64_t rt_glance(maru_runtime *rt);
int64_t rt_seen(const maru_runtime *rt);

/* Runs fn(arg) on the strand and waits until it has: for a plain thread, never from the strand. */
void rt_on_strand(maru_runtime *rt, void (*fn)(void *arg), void *arg);

struct fiber_pool *rt_fibers(maru_runtime *rt);
struct fiber      *rt_fiber(maru_runtime *rt); /* that runs now; NULL outside of one */

/* A fiber's wait ended: it is resumed before new calls are begun. */
struct wait;
void rt_ready(maru_runtime *rt, struct wait *w);

/* Timers. */
void rt_timer_set(maru_runtime *rt, wheel_timer *timer, int64_t at_ns);
void rt_timer_clear(maru_runtime *rt, wheel_timer *timer);

/* A source of new calls: a connection with a queue. While it is awake it gets its turn with the others, one call a
 * time. */
typedef struct rt_source rt_source;
struct rt_source {
    rt_source *next;
    bool       awake;
    bool (*run_one)(rt_source *source); /* true: there are more */
};
void rt_source_wake(maru_runtime *rt, rt_source *source);
void rt_source_sleep(maru_runtime *rt, rt_source *source); /* for one that goes away */

/* How many calls more, or fewer, wait in sources: a turn is half of them. Sources that hold one call each need not say.
 * Those of a source that sleeps count too (a session's whose output is full): a turn has another length than what it
 * can begin asks for, which is a matter of speed only. */
void rt_waiting(maru_runtime *rt, int more);

/* Something to do at the end of the turn, before the strand may rest: output to send, a snapshot to give back. */
typedef struct rt_output rt_output;
struct rt_output {
    rt_output *next;
    bool       queued;
    void (*flush)(rt_output *output);
};
void rt_output_want(maru_runtime *rt, rt_output *output);
void rt_output_forget(maru_runtime *rt, rt_output *output); /* for one that goes away */

/* Arenas, pooled; their budget is set anew each time. NULL where memory is out. */
maru_arena *rt_arena_take(maru_runtime *rt, size_t budget);
void        rt_arena_give(maru_runtime *rt, maru_arena *arena);

#endif
