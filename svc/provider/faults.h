/* faults.h: what befalls an operation: by its card, and by chances that are drawn from a seed. Pure.
 *
 * A draw depends on the seed, the operation's key and what is drawn, and on nothing else: the same run again draws the
 * same, in whatever order operations come.
 */
#ifndef SHOP_PROVIDER_FAULTS_H
#define SHOP_PROVIDER_FAULTS_H

#include "cards.h"
#include "maru/status.h"

#include "shop/provider.pb-c.h"

enum {
    PROVIDER_CHANCE_MAX = 1000,     /* of 1000: always */
    PROVIDER_SLOW_MAX_MS = 60000,   /* a minute */
    PROVIDER_LATE_MAX_MS = 86400000 /* a day */
};

/* provider_faults_check is INVALID_ARGUMENT where a fault is out of its range. */
maru_status provider_faults_check(const Provider__Faults *faults, maru_error *error);

/* provider_mix makes a number of a seed and a number; for one seed, different numbers of different ones. */
uint64_t provider_mix(uint64_t seed, uint64_t number);

struct provider_fate {
    const char *declined; /* why, or NULL */
    uint32_t    slow_ms;  /* before the answer, however often it is asked */
    bool        lose_answer;
    unsigned    copies; /* of the news */
    uint32_t    news_late_ms;
};

/* provider_fate_of tells what befalls an operation of kind that is asked for the first time. */
struct provider_fate provider_fate_of(const Provider__Faults *faults, const struct provider_card *card,
                                      Provider__OperationKind kind, const char *key);

#endif
