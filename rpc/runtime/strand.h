/* strand.h: a queue whose events run one after the other, on whichever thread brought the first.
 *
 * "Handled where received": the thread that posts to an idle strand runs it; else it leaves the event to whoever
 * does. Within the strand there are two kinds of work: events (I/O, timers, answers; they come first) and turns (new
 * calls; see strand_source). After 2 ms the owner hands over to the executor's thread.
 */
#ifndef MARU_STRAND_H
#define MARU_STRAND_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct strand       strand;
typedef struct strand_event strand_event;

/* Embedded in whatever is to happen; not copied, one post at a time: it may be posted again from run on. */
struct strand_event {
    strand_event *_Atomic next;
    void (*run)(strand_event *event);
};

/* strand_post queues event from any thread. Where the strand is idle it is run here, before this returns: hold no lock. */
void strand_post(strand *s, strand_event *event);

/* strand_hand is strand_post for threads that may not run handlers (a store's writer, a blocked caller): the
 * executor's thread takes an idle strand. */
void strand_hand(strand *s, strand_event *event);

#endif
