/* patience.c: who asked a service that died asks again, for a minute (patience.h). */
#include "patience.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { POLL_NS = 20 * 1000000 };

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

maru_status patience_open(struct patience *p, maru_runtime *runtime, maru_error *error)
{
    maru_call *call = maru_call_begin(runtime, PATIENCE_MS);
    uint64_t   random[2];

    if (call == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    maru_call_random(call, random, sizeof random);
    maru_call_end(call);
    snprintf(p->run, sizeof p->run, "import-%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    patience_begin(p);
    return MARU_OK;
}

void patience_begin(struct patience *p)
{
    p->began_ms = now_ms();
}

maru_call *patience_call(const struct patience *p, maru_runtime *runtime, size_t number)
{
    maru_call *call = maru_call_begin(runtime, PATIENCE_MS);
    char       id[PATIENCE_RUN_SIZE + 24];

    snprintf(id, sizeof id, "%s/%zu", p->run, number);
    if (call == NULL || maru_call_set_request_id(call, id) == MARU_OK)
        return call;
    maru_call_end(call);
    return NULL;
}

bool patience_again(const struct patience *p, maru_status status)
{
    return status == MARU_UNAVAILABLE && patience_wait(p);
}

bool patience_wait(const struct patience *p)
{
    if (now_ms() - p->began_ms > PATIENCE_MS)
        return false;
    nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
    return true;
}
