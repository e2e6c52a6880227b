/* sleep.c: a handler, or a plain thread, that waits for time to pass. */
#include "runtime/call_impl.h"
#include "runtime/rt.h"
#include "runtime/wait.h"

enum { PAUSE_MS = 1 };

typedef struct nap {
    strand_event event;
    wheel_timer  timer;
    call_child   child;
    wait         wait;
    maru_call   *call;
    int64_t      until;
} nap;

static void nap_over(nap *n)
{
    rt_timer_clear(n->wait.rt, &n->timer);
    call_child_remove(&n->child);
    wait_wake(&n->wait);
}

static void nap_fired(wheel_timer *timer)
{
    nap_over((nap *)((char *)timer - offsetof(nap, timer)));
}

static void nap_cancelled(call_child *child)
{
    nap_over((nap *)((char *)child - offsetof(nap, child)));
}

static void nap_begin(strand_event *event)
{
    nap *n = (nap *)event;

    n->timer.fire = nap_fired;
    n->child.cancel = nap_cancelled;
    rt_timer_set(n->wait.rt, &n->timer, n->until);
    call_child_add(n->call, &n->child);
}

static void nap_take(maru_call *call, int64_t until)
{
    nap n = {.event = {.run = nap_begin}, .call = call, .until = until};

    wait_begin(&n.wait, call);
    wait_on_strand(&n.wait, &n.event);
    wait_block(&n.wait);
}

void call_pause(maru_call *call)
{
    if (maru_call_fiber(call) != NULL)
        nap_take(call, call_later(maru_call_now(call), PAUSE_MS));
}

maru_status maru_sleep(maru_call *call, int64_t ms)
{
    maru_status status = maru_call_check(call);
    int64_t     until;

    if (status == MARU_OK && ms <= 0)
        return MARU_OK;
    if (!wait_may_block(call))
        return maru_fail(call, MARU_INTERNAL, "maru_sleep: %s", WAIT_MAY_NOT);
    if (status == MARU_OK) {
        until = call_later(maru_call_now(call), ms);
        nap_take(call, until < call->deadline ? until : call->deadline);
    } else {
        call_pause(call);
    }
    return maru_call_check(call);
}
