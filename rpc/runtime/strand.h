/* strand.h: a queue whose events run one after the other, on whichever thread brought the first.
 *
 * "Handled where received": the thread that posts to an idle strand runs it; else it leaves the event to whoever
 * does. Within the strand there are two kinds of work: events (I/O, timers, answers; they come first) and turns (new
 * calls; see strand_source). After 2 ms the owner hands over to the executor's thread.
 */
#ifndef MARU_STRAND_H
#define MARU_STRAND_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "maru/seam.h"

typedef struct strand       strand;
typedef struct strand_event strand_event;

/* Embedded in whatever is to happen; not copied, one post at a time: it may be posted again from run on. */
struct strand_event {
    strand_event *_Atomic next;
    void (*run)(strand_event *event);
};

/* strand_post queues event from any thread. Where the strand is idle it is run here, before this returns: hold no lock.
 */
void strand_post(strand *s, strand_event *event);

/* strand_hand is strand_post for threads that may not run handlers (a store's writer, a blocked caller): the
 * executor's thread takes an idle strand. */
void strand_hand(strand *s, strand_event *event);

/* What the strand does besides events; all run on it. */
typedef struct strand_work {
    void (*timers)(void *arg, int64_t now); /* fires what is due */
    bool (*turn)(void *arg);                /* answers, then a turn of new calls; true: there are more */
    void (*flush)(void *arg);               /* sends what is ready, on every connection that has output */
    void (*idle)(void *arg);                /* the strand is about to be left: says when timers want to be woken */
    void *arg;
} strand_work;

struct strand {
    strand_event          stub;
    strand_event *_Atomic tail;    /* producers */
    strand_event         *head;    /* the owner */
    _Atomic long          pending; /* posted and not settled; whoever raises it from 0 owns the strand */
    long                  taken;   /* of them, run since the last settling */
    _Atomic pthread_t     owner;   /* the thread that runs it; or was: cleared by it before it leaves */
    const maru_seam      *seam;
    void                 *executor; /* its handle; set before the first post */
    strand_work           work;
};

enum { STRAND_KEEP_NS = 2000000, STRAND_EVENTS = 256 };

void strand_init(strand *s, const maru_seam *seam, const strand_work *work);
/* strand_is_here is whether this thread runs the strand now, below whatever calls this. From any thread. */
bool strand_is_here(const strand *s);
/* strand_rest waits until nobody owns the strand: the last to do so has left it. For a plain thread, when nothing will
 * be posted any more. */
void strand_rest(strand *s);
/* strand_keep goes on with a strand that was handed over: the executor's thread calls it once a wake. */
void strand_keep(strand *s);

#endif
