/* wait.c: blocks a fiber or a plain thread until it is woken once. */
#include "runtime/wait.h"

#include "runtime/call_impl.h"
#include "runtime/fiber.h"
#include "runtime/rt.h"

bool wait_may_block(const maru_call *call)
{
    maru_runtime *rt = maru_call_runtime(call);
    fiber        *own = maru_call_fiber(call);

    return own != NULL ? own == rt_fiber(rt) : !strand_is_here(rt_strand(rt));
}

void wait_begin(wait *w, maru_call *call)
{
    *w = (wait){.rt = maru_call_runtime(call), .fiber = maru_call_fiber(call)};
    if (w->fiber == NULL)
        gate_init(&w->gate, w->rt);
}

void wait_on_strand(wait *w, strand_event *begin)
{
    if (w->fiber != NULL)
        begin->run(begin);
    else
        strand_post(rt_strand(w->rt), begin);
}

void wait_block(wait *w)
{
    if (w->fiber == NULL) {
        gate_wait(&w->gate);
        return;
    }
    while (!w->woken) {
        w->blocked = true;
        fiber_suspend(w->fiber);
    }
}

void wait_wake(wait *w)
{
    if (w->fiber == NULL) {
        gate_open(&w->gate);
        return;
    }
    w->woken = true;
    if (w->blocked)
        rt_ready(w->rt, w);
}
