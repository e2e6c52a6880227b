/* stop.h: a process that serves until it is told to stop. The libuv loop of a service.
 *
 * signals_hold blocks SIGTERM, SIGINT and SIGHUP in this thread and in those that it starts from then on, so that
 * they wait for stop_wait, and ignores SIGPIPE and SIGXFSZ. To be called before the first thread is made.
 */
#ifndef MARU_STOP_H
#define MARU_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/status.h"

typedef struct stop_plan {
    const char *name; /* of the service, for words on stderr */
    /* Tells that it serves, once a signal would be heard. Where it fails, nothing is waited for. */
    maru_status (*begin)(void *arg, maru_error *error);
    void (*stop)(void *arg); /* puts everything down; runs once, on a thread of its own */
    void   *arg;
    int64_t limit_ms; /* for stop to return in */
} stop_plan;

void signals_hold(void);
/* Until they are held: at_once, which ends the process, runs in the signal's handler. */
void signals_end(void (*at_once)(int number));
void signals_release(void);
/* Whether one that is held waits already: what blocks before the signals are released may look, and give up. */
bool signals_waiting(void);
/* A signalfd of those that are held and not left alone; -1 with errno. */
int signals_look(void);
/* The last words of a process, which ends by this, with status 1. */
_Noreturn void signals_end_at_once(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether a SIGHUP is to be left alone: who started this process has it ignored, as nohup does, and nobody has asked
 * for one since (parent.h). */
bool signals_leave_hangup(void);

/* stop_wait blocks the thread until a signal came and plan->stop returned: 0, and holds the signals again. A second
 * wish (wishes.h), and a stop that takes longer than its limit, end the process at once with status 1. 1, and error,
 * where it could not wait, or plan->begin failed: then stop has not run. */
int stop_wait(const stop_plan *plan, maru_error *error);

#endif
