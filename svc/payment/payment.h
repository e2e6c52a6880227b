/* payment.h: the payment service: its state, its methods, and what it does about events. proto/shop/payment.proto says
 * what each method does.
 */
#ifndef SHOP_PAYMENT_H
#define SHOP_PAYMENT_H

#include "maru/client.h"
#include "maru/events.h"
#include "maru/store.h"

#include "shop/payment.maru.h"

enum { PAYMENT_PROVIDER_MS = 8000, PAYMENT_UNHEARD_MS = 10000 };
#define PAYMENT_AUTHORIZATION_MS (INT64_C(7) * 24 * 3600 * 1000)

/* All of it is open before the first call and closed after the last, and does not change between. */
struct payment_service {
    maru_store  *store;
    maru_client *provider;
    maru_client *checkout;         /* its event log alone */
    int64_t      provider_ms;      /* how long an answer is waited for; then it is not known. 0: PAYMENT_PROVIDER_MS */
    int64_t      authorization_ms; /* how long an authorisation holds. 0: PAYMENT_AUTHORIZATION_MS */
    int64_t unheard_ms; /* how long checkout has to tell of an order that the provider knows. 0: PAYMENT_UNHEARD_MS */
};

extern const payment_handlers payment_methods;
extern const maru_consumer    payment_consumers[];
extern const maru_timer       payment_timers[];
extern const maru_task        payment_tasks[];

#endif
