/* testing.h: what the tests of shipping have in common: the service on a store of its own, and a checkout, an inventory
 * and a payment that say what a test wants, by real logs. Header only; included by tests alone.
 */
#ifndef SHOP_SHIPPING_TESTING_H
#define SHOP_SHIPPING_TESTING_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shipping.h"
#include "shop/checkout.pb-c.h"
#include "shop/payment.pb-c.h"
#include "store.h"
#include "telling.h"
#include "test.h"

struct fixture {
    struct shipping_service svc; /* first: it is found again from the settings of a transaction */
    struct teller           checkout, inventory, payment;
    struct teller           t; /* shipping itself */
    maru_timer              timers[4];
    atomic_int              fired; /* how often its timers ran */
};

/* The service's own timers, counted. */
static inline maru_status count_timer(maru_txn *txn, size_t which, const char *name, const ProtobufCMessage *payload)
{
    struct fixture *f = (struct fixture *)(uintptr_t)maru_txn_settings(txn);

    atomic_fetch_add(&f->fired, 1);
    return shipping_timers[which].fn(txn, name, payload);
}

static inline maru_status count_pack(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return count_timer(txn, 0, name, payload);
}

static inline maru_status count_dispatch(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return count_timer(txn, 1, name, payload);
}

static inline maru_status count_deliver(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return count_timer(txn, 2, name, payload);
}

enum { BY_HAND = -1 };

static inline bool serve(struct fixture *f)
{
    struct hearing hearing = {.heard = {&f->checkout, &f->inventory, &f->payment},
                              .consumers = shipping_consumers,
                              .timers = f->timers,
                              .settings = &f->svc};

    memcpy(f->timers, shipping_timers, sizeof f->timers);
    f->timers[0].fn = count_pack;
    f->timers[1].fn = count_dispatch;
    f->timers[2].fn = count_deliver;
    f->svc.store = f->t.s.store;
    return shipping_serve(f->t.s.server, &shipping_methods, &f->svc, &f->t.s.error) == MARU_OK &&
           teller_hear(&f->t, &hearing);
}

static inline bool open_all(struct fixture *f, const maru_seam *seam)
{
    return teller_open(&f->checkout, seam, "checkout") && teller_open(&f->inventory, seam, "inventory") &&
           teller_open(&f->payment, seam, "payment") &&
           teller_begin(&f->t, seam, "shipping", shipping_tables, STORE_VERSION) && serve(f);
}

static inline void close_all(struct fixture *f)
{
    teller_close(&f->t);
    teller_close(&f->payment);
    teller_close(&f->inventory);
    teller_close(&f->checkout);
}

/* Each suite on stores of its own, with waits of its own. */
static inline void run(void (*suite)(struct fixture *f), struct shipping_service waits)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->svc = waits;
    if (CHECK(open_all(f, NULL)))
        suite(f);
    close_all(f);
    free(f);
}

static inline void refused(struct fixture *f, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(f->t.call), words);
}

/* ---- what others say ---- */

/* Inventory's words about two of one product: the events are of one shape, but for their types. */
#define SAY_GOODS(f, name, Type, INIT)                                                                                 \
    do {                                                                                                               \
        Type              event_ = INIT;                                                                               \
        Inventory__Goods  tea_ = INVENTORY__GOODS__INIT;                                                               \
        Inventory__Goods *goods_[] = {&tea_};                                                                          \
                                                                                                                       \
        tea_.product = (char *)"products/tea";                                                                         \
        tea_.quantity = 2;                                                                                             \
        event_.order = (char *)(name);                                                                                 \
        event_.goods = goods_;                                                                                         \
        event_.n_goods = 1;                                                                                            \
        teller_say(&(f)->inventory, (name), &event_.base);                                                             \
    } while (0)

static inline void commit(struct fixture *f, const char *order)
{
    SAY_GOODS(f, order, Inventory__StockCommitted, INVENTORY__STOCK_COMMITTED__INIT);
}

static inline void ship(struct fixture *f, const char *order)
{
    SAY_GOODS(f, order, Inventory__StockShipped, INVENTORY__STOCK_SHIPPED__INIT);
}

static inline void capture(struct fixture *f, const char *order)
{
    Payment__PaymentCaptured event = PAYMENT__PAYMENT_CAPTURED__INIT;

    event.order = (char *)order;
    teller_say(&f->payment, order, &event.base);
}

static inline void release(struct fixture *f, const char *order, bool expired)
{
    Inventory__StockReleased event = INVENTORY__STOCK_RELEASED__INIT;

    event.order = (char *)order;
    event.expired = expired;
    teller_say(&f->inventory, order, &event.base);
}

static inline void request_cancel(struct fixture *f, const char *order)
{
    Checkout__OrderCancelRequested event = CHECKOUT__ORDER_CANCEL_REQUESTED__INIT;

    event.order = (char *)order;
    event.reason = CHECKOUT__CANCEL_REASON__CUSTOMER;
    teller_say(&f->checkout, order, &event.base);
}

/* ---- calls ---- */

static inline maru_status get(struct fixture *f, const char *order, Shipping__Shipment **shipment)
{
    Shipping__GetShipmentRequest request = SHIPPING__GET_SHIPMENT_REQUEST__INIT;

    request.order = (char *)order;
    return shipping_get_shipment(f->t.s.client, f->t.call, &request, shipment);
}

/* "PACKED", "PACKED paid", "none". */
static inline const char *state(struct fixture *f, const char *order)
{
    Shipping__Shipment *found;
    maru_status         status = get(f, order, &found);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? "none" : "?";
    return maru_printf(f->t.call, "%s%s",
                       protobuf_c_enum_descriptor_get_value(&shipping__shipment_state__descriptor, found->state)->name,
                       found->captured ? " paid" : "");
}

typedef maru_status (*mark_method)(maru_client *client, maru_call *call, const Shipping__MarkRequest *request,
                                   Shipping__Shipment **shipment);

static inline maru_status mark(struct fixture *f, mark_method method, const char *order)
{
    Shipping__MarkRequest request = SHIPPING__MARK_REQUEST__INIT;
    Shipping__Shipment   *shipment;

    request.order = (char *)order;
    return method(f->t.s.client, f->t.call, &request, &shipment);
}

#endif
