/* strand.c: see strand.h. The queue is Vyukov's intrusive multi-producer single-consumer queue
 * (1024cores.net, "Intrusive MPSC node-based queue"); pending decides who owns it. */
#include "runtime/strand.h"

#include <sched.h>
#include <stddef.h>

void strand_init(strand *s, const maru_seam *seam, const strand_work *work)
{
    *s = (strand){.seam = seam, .work = *work};
    s->head = &s->stub;
    atomic_init(&s->tail, &s->stub);
    atomic_init(&s->pending, 0);
    atomic_init(&s->stub.next, NULL);
}

static void push(strand *s, strand_event *event)
{
    strand_event *before;

    atomic_store_explicit(&event->next, NULL, memory_order_relaxed);
    before = atomic_exchange_explicit(&s->tail, event, memory_order_acq_rel);
    atomic_store_explicit(&before->next, event, memory_order_release);
}

/* The oldest event; NULL where there is none, or its producer is between its two steps. */
static strand_event *pop(strand *s)
{
    strand_event *head = s->head, *next = atomic_load_explicit(&head->next, memory_order_acquire);

    if (head == &s->stub) {
        if (next == NULL)
            return NULL;
        s->head = head = next;
        next = atomic_load_explicit(&head->next, memory_order_acquire);
    }
    if (next == NULL) {
        if (atomic_load_explicit(&s->tail, memory_order_acquire) != head)
            return NULL;
        push(s, &s->stub);
        if ((next = atomic_load_explicit(&head->next, memory_order_acquire)) == NULL)
            return NULL;
    }
    s->head = next;
    return head;
}

/* Runs events that are there: a bounded number, so that calls get their turns. */
static void run_events(strand *s)
{
    for (int i = 0; i < STRAND_EVENTS && s->taken < atomic_load_explicit(&s->pending, memory_order_acquire); i++) {
        strand_event *event = pop(s);

        if (event == NULL) {
            sched_yield(); /* it was counted and is being linked */
            continue;
        }
        s->taken++;
        event->run(event);
    }
}

/* Leaves the strand, unless something came meanwhile. */
static bool settle(strand *s)
{
    long taken = s->taken;

    s->taken = 0;
    return atomic_fetch_sub_explicit(&s->pending, taken, memory_order_acq_rel) == taken;
}

static int64_t now(const strand *s)
{
    return s->seam->now(s->seam->self);
}

/* Who owns it. A thread sees its own id here only where it wrote it itself and has not cleared it since. Out of line:
 * the compiler takes a thread's id for a constant of the function, and a fiber's next line may be on another thread. */

static void mark(strand *s, pthread_t owner)
{
    atomic_store_explicit(&s->owner, owner, memory_order_relaxed);
}

__attribute__((noinline)) bool strand_is_here(const strand *s)
{
    return atomic_load_explicit(&s->owner, memory_order_relaxed) == pthread_self();
}

static bool leave(strand *s)
{
    mark(s, 0);
    if (settle(s))
        return true;
    mark(s, pthread_self());
    return false;
}

/* Owns the strand until it is idle; a visitor hands it over after a while, since its thread has other work. */
static void own(strand *s, bool visitor)
{
    const maru_executor *executor = s->seam->executor;
    int64_t              since = now(s), at = since;

    mark(s, pthread_self());
    for (;;) {
        bool more;

        run_events(s);
        s->work.timers(s->work.arg, at);
        more = s->work.turn(s->work.arg);
        s->work.flush(s->work.arg);
        if (!more && s->taken == atomic_load_explicit(&s->pending, memory_order_acquire)) {
            s->work.idle(s->work.arg);
            if (leave(s))
                return;
        }
        at = now(s);
        if ((visitor && at - since > STRAND_KEEP_NS) || executor->always_yield(s->executor)) {
            mark(s, 0);
            executor->wake(s->executor);
            return;
        }
    }
}

void strand_keep(strand *s)
{
    own(s, false);
}

void strand_rest(strand *s)
{
    const maru_executor *executor = s->seam->executor;

    while (atomic_load_explicit(&s->pending, memory_order_acquire) != 0)
        if (executor->pump == NULL || !executor->pump(s->executor))
            sched_yield();
}

void strand_post(strand *s, strand_event *event)
{
    long before = atomic_fetch_add_explicit(&s->pending, 1, memory_order_acq_rel);

    push(s, event);
    if (before == 0)
        own(s, true);
}

void strand_hand(strand *s, strand_event *event)
{
    long before = atomic_fetch_add_explicit(&s->pending, 1, memory_order_acq_rel);

    push(s, event);
    if (before == 0)
        s->seam->executor->wake(s->executor);
}
