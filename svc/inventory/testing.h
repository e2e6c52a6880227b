/* testing.h: what the tests of inventory have in common: the service on a store of its own, and a checkout and a
 * shipping that say what a test wants, by real logs. Header only; included by tests alone.
 *
 * Goods are written "tea:2 cup:1": products/tea twice, products/cup once.
 */
#ifndef SHOP_INVENTORY_TESTING_H
#define SHOP_INVENTORY_TESTING_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "goods.h"
#include "inventory.h"
#include "shop/checkout.pb-c.h"
#include "shop/shipping.pb-c.h"
#include "store.h"
#include "telling.h"
#include "test.h"

struct fixture {
    struct inventory_service svc; /* first: it is found again from the settings of a transaction */
    struct teller            checkout, shipping;
    struct teller            t; /* inventory itself */
    maru_timer               timers[2];
    atomic_int               fired; /* how often its timer ran */
};

/* The service's own timer, counted. */
static inline maru_status count_timer(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    struct fixture *f = (struct fixture *)(uintptr_t)maru_txn_settings(txn);

    atomic_fetch_add(&f->fired, 1);
    return inventory_timers[0].fn(txn, name, payload);
}

static inline bool serve(struct fixture *f)
{
    struct hearing hearing = {.heard = {&f->checkout, &f->shipping},
                              .consumers = inventory_consumers,
                              .timers = f->timers,
                              .settings = &f->svc};

    f->timers[0] = inventory_timers[0];
    f->timers[0].fn = count_timer;
    f->svc.store = f->t.s.store;
    return inventory_serve(f->t.s.server, &inventory_methods, &f->svc, &f->t.s.error) == MARU_OK &&
           teller_hear(&f->t, &hearing);
}

static inline bool open_all(struct fixture *f, const maru_seam *seam)
{
    return teller_open(&f->checkout, seam, "checkout") && teller_open(&f->shipping, seam, "shipping") &&
           teller_begin(&f->t, seam, "inventory", inventory_tables, STORE_VERSION) && serve(f);
}

/* Each suite on stores of its own; reserve_ms as the service has it, or the suite's. */
static inline void run_with(void (*suite)(struct fixture *f), int64_t reserve_ms)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->svc.reserve_ms = reserve_ms;
    if (CHECK(open_all(f, NULL)))
        suite(f);
    teller_close(&f->t);
    teller_close(&f->shipping);
    teller_close(&f->checkout);
    free(f);
}

static inline void run(void (*suite)(struct fixture *f))
{
    run_with(suite, RESERVE_MS);
}

static inline void refused(struct fixture *f, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(f->t.call), words);
}

/* ---- goods as text ---- */

static inline size_t count_goods(const char *text)
{
    size_t count = 0;

    for (const char *at = text; (at = strchr(at, ':')) != NULL; at++)
        count++;
    return count;
}

/* Calls take(arg, index, product, quantity) for each. */
static inline void each_goods(maru_call *call, const char                                                  *text,
                              void (*take)(void *arg, size_t index, char *product, int64_t quantity), void *arg)
{
    char  *rest = maru_strdup(call, text), *one, *colon;
    size_t index = 0;

    while ((one = strsep(&rest, " ")) != NULL) {
        if ((colon = strchr(one, ':')) == NULL)
            continue;
        *colon = '\0';
        take(arg, index++, maru_printf(call, "products/%s", one), strtoll(colon + 1, NULL, 10));
    }
}

static inline void take_line(void *arg, size_t index, char *product, int64_t quantity)
{
    Checkout__Line *line = ((Checkout__Line **)arg)[index];

    *line = (Checkout__Line)CHECKOUT__LINE__INIT;
    line->product = product;
    line->quantity = quantity;
}

static inline Checkout__Line **lines_of(maru_call *call, const char *text)
{
    size_t           count = count_goods(text);
    Checkout__Line **lines = maru_alloc(call, (count + 1) * sizeof *lines);

    for (size_t i = 0; i < count; i++)
        lines[i] = maru_alloc(call, sizeof *lines[i]);
    each_goods(call, text, take_line, lines);
    return lines;
}

static inline void take_goods(void *arg, size_t index, char *product, int64_t quantity)
{
    Inventory__Goods *goods = ((Inventory__Goods **)arg)[index];

    *goods = (Inventory__Goods)INVENTORY__GOODS__INIT;
    goods->product = product;
    goods->quantity = quantity;
}

static inline Inventory__Goods **goods_of(maru_call *call, const char *text)
{
    size_t             count = count_goods(text);
    Inventory__Goods **goods = maru_alloc(call, (count + 1) * sizeof *goods);

    for (size_t i = 0; i < count; i++)
        goods[i] = maru_alloc(call, sizeof *goods[i]);
    each_goods(call, text, take_goods, goods);
    return goods;
}

static inline const char *goods_text(maru_call *call, Inventory__Goods *const *goods, size_t count)
{
    char  *text = maru_alloc(call, count * 100 + 1);
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, 100, "%s%s:%lld", i == 0 ? "" : " ",
                                 goods[i]->product + strlen("products/"), (long long)goods[i]->quantity);
    return text;
}

/* ---- what others say ---- */

static inline void submit(struct fixture *f, const char *order, const char *goods)
{
    Checkout__OrderSubmitted event = CHECKOUT__ORDER_SUBMITTED__INIT;

    event.order = (char *)order;
    event.lines = lines_of(f->t.call, goods);
    event.n_lines = count_goods(goods);
    teller_say(&f->checkout, order, &event.base);
}

static inline void confirm(struct fixture *f, const char *order, const char *goods)
{
    Checkout__OrderConfirmed event = CHECKOUT__ORDER_CONFIRMED__INIT;

    event.order = (char *)order;
    event.lines = lines_of(f->t.call, goods);
    event.n_lines = count_goods(goods);
    teller_say(&f->checkout, order, &event.base);
}

static inline void cancel(struct fixture *f, const char *order)
{
    Checkout__OrderCancelled event = CHECKOUT__ORDER_CANCELLED__INIT;

    event.order = (char *)order;
    teller_say(&f->checkout, order, &event.base);
}

static inline void dispatch(struct fixture *f, const char *order)
{
    Shipping__ShipmentDispatched event = SHIPPING__SHIPMENT_DISPATCHED__INIT;

    event.order = (char *)order;
    teller_say(&f->shipping, order, &event.base);
}

/* ---- calls ---- */

static inline maru_status receive(struct fixture *f, const char *goods, const char *reference,
                                  Inventory__ReceiveGoodsResponse **response)
{
    Inventory__ReceiveGoodsRequest request = INVENTORY__RECEIVE_GOODS_REQUEST__INIT;

    request.goods = goods_of(f->t.call, goods);
    request.n_goods = count_goods(goods);
    request.reference = (char *)reference;
    return inventory_receive_goods(f->t.s.client, f->t.call, &request, response);
}

static inline void have(struct fixture *f, const char *goods)
{
    Inventory__ReceiveGoodsResponse *response;

    if (!CHECK_INT(receive(f, goods, "opening", &response), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(f->t.call));
}

static inline maru_status adjust(struct fixture *f, const char *product, int64_t delta, const char *reason,
                                 Inventory__Stock **stock)
{
    Inventory__AdjustStockRequest request = INVENTORY__ADJUST_STOCK_REQUEST__INIT;

    request.product = (char *)product;
    request.delta = delta;
    request.reason = (char *)reason;
    return inventory_adjust_stock(f->t.s.client, f->t.call, &request, stock);
}

static inline Inventory__Stock *get(struct fixture *f, const char *product)
{
    Inventory__GetStockRequest request = INVENTORY__GET_STOCK_REQUEST__INIT;
    Inventory__Stock          *stock = NULL;

    request.product = (char *)product;
    if (!CHECK_INT(inventory_get_stock(f->t.s.client, f->t.call, &request, &stock), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(f->t.call));
    return stock;
}

/* "10 there, 2 reserved", of a product without its prefix. */
static inline const char *stock(struct fixture *f, const char *id)
{
    const Inventory__Stock *found = get(f, maru_printf(f->t.call, "products/%s", id));

    return found == NULL ? "?"
                         : maru_printf(f->t.call, "%lld there, %lld reserved", (long long)found->on_hand,
                                       (long long)found->reserved);
}

static inline Inventory__Reservation *reservation(struct fixture *f, const char *order)
{
    Inventory__ListReservationsRequest   request = INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    Inventory__ListReservationsResponse *response;

    request.order = (char *)order;
    if (!CHECK_INT(inventory_list_reservations(f->t.s.client, f->t.call, &request, &response), MARU_OK))
        return NULL;
    return response->n_reservations == 0 ? NULL : response->reservations[0];
}

/* "RESERVED tea:2", "RELEASED expired tea:2", "none". */
static inline const char *reserved(struct fixture *f, const char *order)
{
    const Inventory__Reservation *found = reservation(f, order);
    const ProtobufCEnumValue     *state;

    if (found == NULL)
        return "none";
    state = protobuf_c_enum_descriptor_get_value(&inventory__reservation_state__descriptor, found->state);
    return maru_printf(f->t.call, "%s%s%s%s", state->name, found->expired ? " expired" : "",
                       found->n_goods == 0 ? "" : " ", goods_text(f->t.call, found->goods, found->n_goods));
}

#endif
