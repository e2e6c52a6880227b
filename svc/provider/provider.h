/* provider.h: the payment provider: its state and its methods. proto/shop/provider.proto says what each does. */
#ifndef SHOP_PROVIDER_H
#define SHOP_PROVIDER_H

#include "maru/store.h"

#include "shop/provider.maru.h"

/* Open before the first call, closed after the last. */
struct provider_service {
    maru_store *store;
};

extern const provider_handlers provider_methods;

/* provider_begin gives a new store its seed, and tells the one that faults are drawn from. Before the first call, from
 * the thread that starts the service: it blocks. */
maru_status provider_begin(struct provider_service *svc, maru_runtime *runtime, uint64_t *seed, maru_error *error);

#endif
