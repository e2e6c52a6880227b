/* returns.c: the method ReturnPastGoods, and when what it noted is said (returns.h). */
#include "returns.h"

#include <inttypes.h>
#include <string.h>

#include "body.h"
#include "check.h"
#include "checkout.h"
#include "clock.h"
#include "maru/message.h"
#include "order.h"
#include "price.h"
#include "tables.h"

struct returning {
    const Checkout__ReturnPastGoodsRequest *request;
    uint8_t                                 body[BODY_BYTES];
    Checkout__ReturnPastGoodsResponse      *response;
};

/* ---- what an order has left of a line ---- */

static bool is_same(const Checkout__Line *ordered, const Checkout__Line *wanted)
{
    return ordered->price->minor == wanted->price->minor && strcmp(ordered->product, wanted->product) == 0 &&
           strcmp(ordered->price->currency, wanted->price->currency) == 0;
}

static int64_t left_of(const Checkout__Order *order, const Checkout__Line *wanted)
{
    int64_t left = 0;

    for (size_t i = 0; i < order->n_lines; i++)
        left += is_same(order->lines[i], wanted) ? order->lines[i]->quantity - order->lines[i]->returned : 0;
    return left;
}

/* Of several lines of one product and price, from the first. */
static void take(Checkout__Order *order, const Checkout__Line *wanted)
{
    int64_t quantity = wanted->quantity;

    for (size_t i = 0; i < order->n_lines && quantity > 0; i++) {
        Checkout__Line *line = order->lines[i];
        int64_t         left = is_same(line, wanted) ? line->quantity - line->returned : 0;
        int64_t         taken = left < quantity ? left : quantity;

        line->returned += taken;
        quantity -= taken;
    }
}

/* What was paid and not given back: where there was a discount that is less than what the goods cost. */
static int64_t money_left(const Checkout__Order *order)
{
    int64_t left = order->total->minor;

    for (size_t i = 0; i < order->n_lines; i++)
        left -= order->lines[i]->returned * order->lines[i]->price->minor;
    return left;
}

/* Quantities and prices of a line that has as many were multiplied when it was ordered. */
static bool has(const Checkout__Order *order, const Checkout__Line *wanted)
{
    return left_of(order, wanted) >= wanted->quantity && money_left(order) >= wanted->quantity * wanted->price->minor;
}

/* ---- noting it ---- */

static Checkout__OrderReturned *begin_return(maru_txn *txn, const struct returning *r, Checkout__Order *order)
{
    Checkout__OrderReturned *event = maru_txn_alloc(txn, sizeof *event);

    *event = (Checkout__OrderReturned)CHECKOUT__ORDER_RETURNED__INIT;
    event->order = order->name;
    event->lines = maru_txn_alloc(txn, r->request->n_lines * sizeof event->lines[0]);
    event->amount = maru_txn_alloc(txn, sizeof *event->amount);
    *event->amount = (Shop__Money)SHOP__MONEY__INIT;
    event->amount->currency = order->total->currency;
    event->invoice = r->request->invoice;
    event->past = r->request->time;
    return event;
}

static void note_return(maru_txn *txn, Checkout__OrderRecord *record, Checkout__OrderReturned *event)
{
    Checkout__OrderReturned **all = maru_txn_alloc(txn, (record->n_returns + 1) * sizeof *all);

    for (size_t i = 0; i < record->n_returns; i++)
        all[i] = record->returns[i];
    all[record->n_returns++] = event;
    record->returns = all;
    record->returned++;
}

/* All lines that this order has and no newer one had. */
static maru_status give_back(maru_txn *txn, struct returning *r, Checkout__OrderRecord *record)
{
    Checkout__Order         *order = record->order;
    Checkout__OrderReturned *event = begin_return(txn, r, order);
    maru_status              status;

    for (size_t i = 0; i < r->request->n_lines; i++) {
        Checkout__Line *line = r->request->lines[i];

        if (r->response->orders[i][0] != '\0' || !has(order, line))
            continue;
        take(order, line);
        line->total = NULL; /* it is kept, and nobody looked at that */
        event->lines[event->n_lines++] = line;
        event->amount->minor += line->quantity * line->price->minor;
        r->response->orders[i] = order->name;
        if (r->response->n_too_often > 0)
            r->response->too_often[i] = false;
    }
    if (event->n_lines == 0)
        return MARU_OK;
    note_return(txn, record, event);
    order->update_time = r->request->time;
    status = order_put(txn, record);
    return status == MARU_OK ? returns_say(txn, order->name) : status;
}

/* So that who asks is told the true reason. An older order may have it all the same. */
static void note_too_often(maru_txn *txn, struct returning *r, const Checkout__Order *order)
{
    Checkout__ReturnPastGoodsResponse *response = r->response;

    for (size_t i = 0; i < r->request->n_lines; i++) {
        if (response->orders[i][0] != '\0' || !has(order, r->request->lines[i]))
            continue;
        if (response->n_too_often == 0) {
            response->n_too_often = r->request->n_lines;
            response->too_often = maru_txn_alloc(txn, r->request->n_lines * sizeof response->too_often[0]);
            memset(response->too_often, 0, r->request->n_lines * sizeof response->too_often[0]);
        }
        response->too_often[i] = true;
    }
}

static bool fits(const Checkout__Order *order, const struct returning *r)
{
    return order->invoice[0] != '\0' && clock_ns(order->create_time) <= clock_ns(r->request->time) &&
           order->state != CHECKOUT__ORDER_STATE__CANCELLED;
}

static maru_status try_order(maru_txn *txn, struct returning *r, Checkout__OrderRecord *record)
{
    if (!fits(record->order, r))
        return MARU_OK;
    if (record->returned < RETURNS_MAX)
        return give_back(txn, r, record);
    note_too_often(txn, r, record->order);
    return MARU_OK;
}

static maru_status search(maru_txn *txn, struct returning *r)
{
    maru_key                all = key_owner(txn, r->request->customer), key;
    maru_cursor            *cursor = maru_walk(txn, &table_customers, all, all);
    Checkout__OrderPointer *pointer;
    Checkout__OrderRecord  *record;
    maru_status             status;

    while ((status = maru_next(cursor, &key, (ProtobufCMessage **)&pointer)) == MARU_OK) {
        if ((status = order_get(txn, pointer->order, &record)) == MARU_NOT_FOUND)
            continue; /* as in listing_page */
        if (status == MARU_OK)
            status = try_order(txn, r, record);
        if (status != MARU_OK)
            return status;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status again(maru_txn *txn, struct returning *r, const Checkout__ReturnRecord *known)
{
    if (!body_is(&known->body, r->body))
        return maru_txn_fail(txn, MARU_ALREADY_EXISTS, "invoice: %s said another body before", r->request->invoice);
    *r->response = *known->response;
    return MARU_OK;
}

static maru_status return_goods(maru_txn *txn, void *arg)
{
    struct returning *r = arg;
    Checkout__ReturnRecord new = CHECKOUT__RETURN_RECORD__INIT, *known;
    maru_key    key = maru_key_text(r->request->invoice);
    maru_status status = maru_get(txn, &table_returns, key, (ProtobufCMessage **)&known);

    if (status == MARU_OK)
        return again(txn, r, known);
    if (status != MARU_NOT_FOUND)
        return status;
    r->response->n_orders = r->request->n_lines;
    r->response->orders = maru_txn_alloc(txn, r->request->n_lines * sizeof r->response->orders[0]);
    for (size_t i = 0; i < r->request->n_lines; i++)
        r->response->orders[i] = (char *)"";
    if (r->request->customer[0] != '\0' && (status = search(txn, r)) != MARU_OK)
        return status;
    new.body = (ProtobufCBinaryData){.data = r->body, .len = BODY_BYTES};
    new.response = r->response;
    return maru_put(txn, &table_returns, key, &new.base);
}

maru_status checkout_return_past(struct checkout_service *svc, maru_call *call,
                                 const Checkout__ReturnPastGoodsRequest *request,
                                 Checkout__ReturnPastGoodsResponse      *response)
{
    struct returning r = {.request = request, .response = response};
    maru_error       error;

    if (check_return(request, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    if (!body_hash_all(maru_call_arena(call), &request->base, r.body))
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "the request does not fit into the call's memory");
    maru_drop_unknown((ProtobufCMessage *)&request->base); /* lines are kept as they are */
    return maru_store_write(svc->store, call, return_goods, &r);
}

/* ---- saying it ---- */

maru_status returns_shipped(maru_txn *txn, Checkout__OrderRecord *record)
{
    record->shipped = 1;
    return order_put(txn, record);
}

static maru_status say(maru_txn *txn, const Checkout__OrderReturned *event)
{
    maru_arena *arena = maru_txn_arena(txn);
    int64_t     pieces = 0;

    for (size_t i = 0; i < event->n_lines; i++)
        pieces += event->lines[i]->quantity;
    return order_say(
        txn, event->order, &event->base,
        maru_arena_printf(arena, "%s: %" PRId64 " back, %s", event->invoice, pieces, price_text(arena, event->amount)));
}

maru_status returns_say(maru_txn *txn, const char *order)
{
    Checkout__OrderRecord *record;
    maru_status            status = order_get(txn, order, &record);

    if (status != MARU_OK || record->n_returns == 0 || !record->shipped ||
        record->order->state != CHECKOUT__ORDER_STATE__COMPLETED)
        return status;
    for (size_t i = 0; i < record->n_returns && status == MARU_OK; i++)
        status = say(txn, record->returns[i]);
    record->n_returns = 0;
    return status == MARU_OK ? order_put(txn, record) : status;
}
