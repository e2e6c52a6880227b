/* voided.h: what payment said when it gave an order's money up. Header only, for tests with kit.h.
 */
#ifndef TESTS_PAYMENT_VOIDED_H
#define TESTS_PAYMENT_VOIDED_H

#include "kit.h"

/* What the last PaymentVoided of an order says; -1: there is none. */
struct voided {
    int expired, by_others;
};

static inline struct voided voided_last(struct shop *shop, const char *order)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    struct voided                      last = {-1, -1};

    request.aggregate = (char *)order;
    if (maru_event_log_read_aggregate(shop->payment.client, shop->call, &request, &response) != MARU_OK)
        return last;
    for (size_t i = 0; i < response->n_events; i++) {
        const MaruEvents__Event *event = response->events[i];
        Payment__PaymentVoided  *voided;

        if (strcmp(event->type, "shop.payment.v1.PaymentVoided") != 0)
            continue;
        voided = payment__payment_voided__unpack(NULL, event->payload.len, event->payload.data);
        if (voided != NULL)
            last = (struct voided){voided->expired, voided->by_others};
        payment__payment_voided__free_unpacked(voided, NULL);
    }
    return last;
}

static inline int voided_expired(struct shop *shop, const char *order)
{
    return voided_last(shop, order).expired;
}

#endif
