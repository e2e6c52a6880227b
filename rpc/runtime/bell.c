/* bell.c: keeps the list of calls that wait at a bell, and lets all go on when it is rung. */
#include "runtime/bell.h"

#include "runtime/call_impl.h"
#include "runtime/rt.h"

/* On the waiter's stack. */
typedef struct bell_waiter {
    struct bell_waiter *next, **link; /* link NULL: not listed */
    wheel_timer         timer;
    call_child          child;
    wait                wait;
} bell_waiter;

static void go_on(bell_waiter *w)
{
    if (w->link != NULL) {
        *w->link = w->next;
        if (w->next != NULL)
            w->next->link = w->link;
        w->link = NULL;
    }
    rt_timer_clear(w->wait.rt, &w->timer);
    call_child_remove(&w->child);
    wait_wake(&w->wait);
}

static void timed_out(wheel_timer *timer)
{
    go_on((bell_waiter *)((char *)timer - offsetof(bell_waiter, timer)));
}

static void cancelled(call_child *child)
{
    go_on((bell_waiter *)((char *)child - offsetof(bell_waiter, child)));
}

maru_status bell_wait(bell *b, maru_call *call, int64_t ms)
{
    bell_waiter w = {.timer = {.fire = timed_out}, .child = {.cancel = cancelled}};
    maru_status status = maru_call_check(call);
    int64_t     until;

    if (status != MARU_OK || ms <= 0)
        return status;
    until = call_later(maru_call_now(call), ms);
    wait_begin(&w.wait, call);
    w.next = b->waiting;
    w.link = &b->waiting;
    if (w.next != NULL)
        w.next->link = &w.next;
    b->waiting = &w;
    rt_timer_set(w.wait.rt, &w.timer, until < call->deadline ? until : call->deadline);
    call_child_add(call, &w.child);
    wait_block(&w.wait);
    return maru_call_check(call);
}

void bell_ring(bell *b)
{
    while (b->waiting != NULL)
        go_on(b->waiting);
}
