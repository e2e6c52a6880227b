/* child.h: what is to be done about one supervised process, and when. Pure: time (ms, monotonic) and events in,
 * decisions out.
 *
 * One that dies is started again after 0.1 s, doubling to 10 s; after 30 s of life the doubling begins anew. One that
 * is told to stop and does not within CHILD_STOP_MS is killed.
 */
#ifndef MARU_CHILD_H
#define MARU_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#define CHILD_STATE_TABLE(X)                                                                                           \
    X(WAITING, "waiting")   /* to be started, at next_ms */                                                            \
    X(STARTING, "starting") /* runs, and is not ready yet */                                                           \
    X(READY, "ready")                                                                                                  \
    X(STOPPING, "stopping") /* was told to stop; is killed at next_ms */                                               \
    X(ENDED, "ended")

typedef enum child_state {
#define X(state, name) CHILD_##state,
    CHILD_STATE_TABLE(X)
#undef X
        CHILD_STATES
} child_state;

enum {
    CHILD_BACKOFF_FIRST_MS = 100,
    CHILD_BACKOFF_MAX_MS = 10000,
    CHILD_BACKOFF_RESET_MS = 30000,
    CHILD_STOP_MS = 12000, /* a service drains for 10 s at most, then closes its store */
};

typedef struct child {
    child_state state;
    int64_t     started_ms;
    int64_t     next_ms; /* when child_due has something to do; INT64_MAX: never */
    int64_t     backoff_ms;
    unsigned    restarts;
    bool        was_ready; /* ever */
} child;

typedef enum child_action { CHILD_NOTHING, CHILD_START, CHILD_KILL } child_action;

const char *child_state_name(child_state state);
/* CHILD_STATES where there is none of that name. */
child_state child_state_parse(const char *name);

child child_new(int64_t now_ms);

/* What is to be done now; what it says is done, is to be told below. */
child_action child_due(child *c, int64_t now_ms);
void         child_started(child *c, int64_t now_ms);
void         child_ready(child *c);
/* It ended, or could not be started. */
void child_ended(child *c, int64_t now_ms);
/* true where its process is to be told to stop. */
bool child_stop(child *c, int64_t now_ms);

#endif
