/* events_impl.h: what rpc/events is made of. All of it belongs to the strand, unless it says otherwise. */
#ifndef MARU_EVENTS_IMPL_H
#define MARU_EVENTS_IMPL_H

#include "events/tables.h"
#include "maru/job.h"
#include "runtime/bell.h"
#include "runtime/meter.h"

enum { EVENT_WORDS = 512 };

typedef struct consuming consuming; /* consume.c: the reading of one producer */
typedef struct running   running;   /* later_tasks.c: a place where a task runs */

struct maru_events {
    maru_events_options options;
    meter               meter;
    bool                resting; /* no reader waits any more, and no task is started */
    bell                emitted; /* events were committed */
    consuming         **consuming;
    size_t              consuming_count;
    maru_job           *retry;      /* of pending events; NULL where nothing is consumed */
    event_key           retry_from; /* where its next run goes on */
    int64_t             retry_next; /* when the first of those before that is due */
    maru_job           *later;      /* of timers and tasks; NULL where there are none */
    bool                started;    /* all logs were read once since the start, or those that were not are away */
    int64_t             started_at; /* of the runtime's clock */
    int64_t             late_since; /* the same clock: since when all is read anew, for timers; 0: no more */
    int64_t   planned_ms;   /* when the job of timers is to run at the latest; the wall's clock; 0: when woken */
    uint64_t  late_takes;   /* how often events were taken in when it was looked last */
    int64_t   late_moved;   /* when that changed last; the same clock */
    int64_t   hold_since;   /* since when something due waits for logs to be read; the same clock; 0: nothing does */
    bool      hold_told;    /* that was said in the log */
    int64_t   hold_walk_at; /* while that is so, tasks among the timers are looked for no sooner; the same clock */
    bool      over;         /* a timer or a task was cleared, or set again: it may be one that runs */
    running **running;
    size_t    running_count;
};

/* log_service.c, inbox_service.c: what the server gets. */
maru_status log_service_add(maru_events *events, maru_error *error);
maru_status inbox_service_add(maru_events *events, maru_error *error);

/* meter.c */
void events_meter_open(maru_events *events);
void events_meter_close(maru_events *events);

/* consume.c */
maru_status consuming_start(maru_events *events, const char *producer, consuming **made, maru_error *error);
void        consuming_stop(consuming *c); /* the job */
void        consuming_free(consuming *c);

/* How a producer's reading stands, for ListConsumers. trouble "" where there is none. */
typedef struct consuming_state {
    const char *producer;
    uint64_t    last;     /* that the producer said it has */
    bool        read;     /* all that it had is taken in, since the start and since timers are late */
    bool        restored; /* never since this store went back to a backup */
    uint64_t    takes;    /* how often events were taken in */
    bool        taking;   /* some are being taken in */
    const char *trouble;
} consuming_state;
consuming_state consuming_look(const consuming *c);

/* retry.c: a run of the job that tries pending events again; arg is the maru_events. */
int64_t retry_run(maru_call *call, void *arg);

/* later.c: a run of the job that runs due timers, and starts due tasks; arg is the maru_events. */
int64_t later_run(maru_call *call, void *arg);

/* later_tasks.c. task_busy: it runs now. tasks_free: how many more can start. task_start is false where all places are
 * taken. tasks_end_over cancels the runs of tasks that were cleared, or set again; false where the store could not be
 * read. */
bool   task_busy(const maru_events *events, const char *name);
size_t tasks_free(const maru_events *events);
bool   task_start(maru_events *events, const maru_task *task, const char *name);
bool   tasks_end_over(maru_events *events, maru_call *call);
void   tasks_stop(maru_events *events);

/* The row of a kind or of a type; NULL where there is none. */
const maru_timer    *find_timer(const maru_events *events, const char *kind, size_t size);
const maru_task     *find_task(const maru_events *events, const char *kind, size_t size);
const maru_consumer *find_consumer(const maru_events *events, const char *producer, const char *type);

#endif
