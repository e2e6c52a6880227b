/* faults.c: what befalls an operation (faults.h). */
#include "faults.h"

#include <stddef.h>

static maru_status out_of_range(maru_error *error, const char *field, uint32_t got, uint32_t most)
{
    if (got <= most)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want 0..%u, got %u", field, most, got);
}

maru_status provider_faults_check(const Provider__Faults *faults, maru_error *error)
{
    maru_status status = out_of_range(error, "slow_ms", faults->slow_ms, PROVIDER_SLOW_MAX_MS);

    if (status == MARU_OK)
        status = out_of_range(error, "decline", faults->decline, PROVIDER_CHANCE_MAX);
    if (status == MARU_OK)
        status = out_of_range(error, "refuse_refund", faults->refuse_refund, PROVIDER_CHANCE_MAX);
    if (status == MARU_OK)
        status = out_of_range(error, "lose_answer", faults->lose_answer, PROVIDER_CHANCE_MAX);
    if (status == MARU_OK)
        status = out_of_range(error, "answer_twice", faults->answer_twice, PROVIDER_CHANCE_MAX);
    if (status == MARU_OK)
        status = out_of_range(error, "news_late_ms", faults->news_late_ms, PROVIDER_LATE_MAX_MS);
    return status;
}

/* The finalizer of splitmix64 (Steele, Lea, Flood, 2014): a bijection. */
uint64_t provider_mix(uint64_t seed, uint64_t number)
{
    uint64_t x = seed + number * 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* True in chance of 1000 keys. */
static bool drawn(uint64_t seed, const char *key, uint64_t what, uint32_t chance)
{
    uint64_t sum = 0xcbf29ce484222325; /* 64-bit FNV-1a (draft-eastlake-fnv) */

    for (; *key != '\0'; key++)
        sum = (sum ^ (uint8_t)*key) * 0x100000001b3;
    return provider_mix(seed ^ sum, what) % PROVIDER_CHANCE_MAX < chance;
}

static uint32_t longer(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

struct provider_fate provider_fate_of(const Provider__Faults *faults, const struct provider_card *card,
                                      Provider__OperationKind kind, const char *key)
{
    enum { DECLINE = 1, LOSE, TWICE, REFUSE };
    struct provider_fate fate = {.slow_ms = longer(faults->slow_ms, card->slow_ms),
                                 .news_late_ms = longer(faults->news_late_ms, card->news_late_ms)};

    if (kind == PROVIDER__OPERATION_KIND__AUTHORIZE)
        fate.declined = card->declined;
    if (kind == PROVIDER__OPERATION_KIND__AUTHORIZE && fate.declined == NULL &&
        drawn(faults->seed, key, DECLINE, faults->decline))
        fate.declined = "do_not_honour";
    if (kind == PROVIDER__OPERATION_KIND__CAPTURE)
        fate.declined = card->capture_refused;
    if (kind == PROVIDER__OPERATION_KIND__REFUND && drawn(faults->seed, key, REFUSE, faults->refuse_refund))
        fate.declined = "refunds_suspended";
    fate.lose_answer = card->lose_answer || drawn(faults->seed, key, LOSE, faults->lose_answer);
    fate.copies = card->twice || drawn(faults->seed, key, TWICE, faults->answer_twice) ? 2 : 1;
    return fate;
}
