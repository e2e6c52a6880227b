/* voided.h: what payment said when it gave an order's money up. Header only, for tests with kit.h.
 */
#ifndef TESTS_PAYMENT_VOIDED_H
#define TESTS_PAYMENT_VOIDED_H

#include "kit.h"

/* The expired flag of the last PaymentVoided of an order; -1: there is none. */
static inline int voided_expired(struct shop *shop, const char *order)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    int                                expired = -1;

    request.aggregate = (char *)order;
    if (maru_event_log_read_aggregate(shop->payment.client, shop->call, &request, &response) != MARU_OK)
        return -1;
    for (size_t i = 0; i < response->n_events; i++) {
        const MaruEvents__Event *event = response->events[i];
        Payment__PaymentVoided  *voided;

        if (strcmp(event->type, "shop.payment.v1.PaymentVoided") != 0)
            continue;
        voided = payment__payment_voided__unpack(NULL, event->payload.len, event->payload.data);
        expired = voided != NULL ? voided->expired : -1;
        payment__payment_voided__free_unpacked(voided, NULL);
    }
    return expired;
}

#endif
