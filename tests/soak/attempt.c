/* attempt.c: see attempt.h. */
#include "attempt.h"

#include <stdio.h>

#include "maru/runtime.h"

enum { TRY_MS = ATTEMPT_MS, GIVE_UP_MS = 120000, AGAIN_MS = 30 };

static bool by_the_way(maru_status status)
{
    return status == MARU_UNAVAILABLE || status == MARU_DEADLINE_EXCEEDED || status == MARU_CANCELLED ||
           status == MARU_RESOURCE_EXHAUSTED || status == MARU_ABORTED;
}

attempt attempt_begin(market *m, const char *what, const char *request_id)
{
    return (attempt){.m = m, .what = what, .request_id = request_id, .status = MARU_UNAVAILABLE};
}

maru_call *attempt_next(attempt *a)
{
    if (a->call != NULL) {
        int64_t now = maru_call_now(a->call);

        a->until = a->until == 0 ? now + (int64_t)GIVE_UP_MS * MARU_NS_PER_MS : a->until;
        if (a->status == MARU_OK) {
            a->outcome = DONE;
            return NULL;
        }
        if (!by_the_way(a->status) || now > a->until) {
            a->outcome = by_the_way(a->status) ? FAILED : REFUSED;
            if (a->outcome == FAILED)
                fprintf(stderr, "soak: %s: %s: %s\n", a->what, maru_status_name(a->status), maru_call_message(a->call));
            return NULL;
        }
        maru_call_end(a->call);
        a->call = maru_call_begin(a->m->runtime, TRY_MS + AGAIN_MS);
        maru_sleep(a->call, AGAIN_MS);
    } else {
        a->call = maru_call_begin(a->m->runtime, TRY_MS);
    }
    if (a->call != NULL && a->request_id != NULL)
        maru_call_set_request_id(a->call, a->request_id);
    return a->call;
}

void attempt_end(attempt *a)
{
    if (a->call != NULL)
        maru_call_end(a->call);
}
