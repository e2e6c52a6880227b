/* admission.c: refuses queued calls that waited too long while the queue never became empty. */
#include "server/admission.h"

#define MS INT64_C(1000000)

void admission_empty(admission *a, int64_t now)
{
    a->last_empty = now;
}

admission_verdict admission_judge(const admission *a, int64_t now, int64_t arrived, int64_t deadline)
{
    bool overload = now - a->last_empty > ADMISSION_BURST_MS * MS;

    if (now >= deadline)
        return ADMISSION_EXPIRED;
    return overload && now - arrived > (deadline - arrived) / 2 ? ADMISSION_OVERLOADED : ADMISSION_START;
}
