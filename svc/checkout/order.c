/* order.c: what happens to an order, in a transaction (order.h). */
#include "order.h"

#include <string.h>

#include "clock.h"
#include "price.h"
#include "tables.h"
#include "timeline.h"

maru_status order_get(maru_txn *txn, const char *name, Checkout__OrderRecord **record)
{
    maru_status status = maru_get(txn, &table_orders, maru_key_text(name), (ProtobufCMessage **)record);

    return status == MARU_NOT_FOUND ? maru_txn_fail(txn, status, "name: no order %s", name) : status;
}

maru_status order_copy(maru_txn *txn, const char *name, Checkout__Order *copy)
{
    Checkout__OrderRecord *record;
    maru_status            status = order_get(txn, name, &record);

    if (status == MARU_OK)
        *copy = *record->order;
    return status;
}

maru_status order_made(maru_txn *txn, const char *name, Checkout__Order *copy)
{
    maru_status status = order_copy(txn, name, copy);

    if (status != MARU_NOT_FOUND)
        return status;
    return maru_txn_fail(txn, MARU_DATA_LOSS,
                         "%s was made, and its record is gone: it was lost, or put aside by a repair of the store",
                         name);
}

maru_status order_put(maru_txn *txn, const Checkout__OrderRecord *record)
{
    return maru_put(txn, &table_orders, maru_key_text(record->order->name), &record->base);
}

maru_status order_say(maru_txn *txn, const char *order, const ProtobufCMessage *event, const char *detail)
{
    maru_status status = maru_emit(txn, order, event);

    return status != MARU_OK ? status : timeline_add(txn, maru_emitted(txn), detail);
}

Google__Protobuf__Timestamp *order_past(const Checkout__Order *order)
{
    return order->invoice[0] != '\0' ? order->create_time : NULL;
}

/* ---- a new one ---- */

maru_status order_begin(maru_txn *txn, const Checkout__OrderRecord *record, const char *payment_token)
{
    const Checkout__Order   *order = record->order;
    Checkout__OrderSubmitted event = CHECKOUT__ORDER_SUBMITTED__INIT;
    maru_arena              *arena = maru_txn_arena(txn);
    char       *detail = maru_arena_printf(arena, "%zu line%s, %s", order->n_lines, order->n_lines == 1 ? "" : "s",
                                           price_text(arena, order->total));
    maru_status status = order_put(txn, record);

    event.order = order->name;
    event.n_lines = order->n_lines;
    event.lines = order->lines;
    event.total = order->total;
    event.tax = order->tax;
    event.payment_token = (char *)payment_token;
    event.customer = order->customer;
    event.cart = order->cart;
    event.cart_etag = record->cart_etag;
    event.past = order_past(order);
    return status != MARU_OK ? status : order_say(txn, order->name, &event.base, detail);
}

/* ---- what happens to it ---- */

static struct machine machine_of(const Checkout__OrderRecord *record)
{
    return (struct machine){.state = record->order->state,
                            .reason = record->order->reason,
                            .reserved = record->reserved,
                            .authorized = record->authorized,
                            .dispatched = record->dispatched};
}

static bool differs(const struct machine *a, const struct machine *b)
{
    return a->state != b->state || a->reason != b->reason || a->reserved != b->reserved ||
           a->authorized != b->authorized || a->dispatched != b->dispatched;
}

/* The words for the first reason stay with it; an order that goes on has none, but that a cancel came too late. */
static const char *detail_after(const Checkout__Order *order, const struct machine *after, enum happening what,
                                const char *detail)
{
    if (after->reason == CHECKOUT__CANCEL_REASON__CANCEL_REASON_UNSPECIFIED)
        return what == HAPPENED_NOT_STOPPED ? detail : "";
    return order->reason == CHECKOUT__CANCEL_REASON__CANCEL_REASON_UNSPECIFIED ? detail : order->detail;
}

/* What happens to an order of the past happened then. */
static Google__Protobuf__Timestamp *time_of_step(maru_txn *txn, const Checkout__Order *order)
{
    return order_past(order) != NULL ? order->update_time : clock_time(txn, maru_txn_wall_clock(txn));
}

static maru_status store(maru_txn *txn, Checkout__OrderRecord *record, const struct machine *after, enum happening what,
                         const char *detail)
{
    Checkout__Order *order = record->order;

    if (order->state != after->state || order->reason != after->reason) {
        order->update_time = time_of_step(txn, order);
        order->detail = (char *)detail_after(order, after, what, detail);
    }
    order->state = after->state;
    order->reason = after->reason;
    record->reserved = after->reserved;
    record->authorized = after->authorized;
    record->dispatched = after->dispatched;
    return order_put(txn, record);
}

static maru_status say_confirmed(maru_txn *txn, const Checkout__Order *order)
{
    Checkout__OrderConfirmed event = CHECKOUT__ORDER_CONFIRMED__INIT;

    event.order = order->name;
    event.n_lines = order->n_lines;
    event.lines = order->lines;
    event.past = order_past(order);
    return order_say(txn, order->name, &event.base, "reserved and authorised");
}

static const char *why(maru_txn *txn, const Checkout__Order *order)
{
    const ProtobufCEnumValue *found =
        protobuf_c_enum_descriptor_get_value(&checkout__cancel_reason__descriptor, (int)order->reason);
    const char *reason = found == NULL ? "?" : found->name;

    if (order->detail[0] == '\0')
        return reason;
    return maru_arena_printf(maru_txn_arena(txn), "%s: %s", reason, order->detail);
}

static maru_status say_cancel_requested(maru_txn *txn, const Checkout__Order *order)
{
    Checkout__OrderCancelRequested event = CHECKOUT__ORDER_CANCEL_REQUESTED__INIT;

    event.order = order->name;
    event.reason = order->reason;
    return order_say(txn, order->name, &event.base, why(txn, order));
}

static maru_status say_cancelled(maru_txn *txn, const Checkout__Order *order)
{
    Checkout__OrderCancelled event = CHECKOUT__ORDER_CANCELLED__INIT;

    event.order = order->name;
    event.reason = order->reason;
    event.detail = order->detail;
    return order_say(txn, order->name, &event.base, why(txn, order));
}

static maru_status say_completed(maru_txn *txn, const Checkout__Order *order)
{
    Checkout__OrderCompleted event = CHECKOUT__ORDER_COMPLETED__INIT;

    event.order = order->name;
    return order_say(txn, order->name, &event.base, "delivered");
}

static maru_status refuse(maru_txn *txn, const Checkout__Order *order)
{
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "%s: it %s: too late to cancel", order->name,
                         order->state == CHECKOUT__ORDER_STATE__COMPLETED ? "is COMPLETED" : "was dispatched");
}

static maru_status tell(maru_txn *txn, const Checkout__Order *order, enum machine_say what)
{
    static maru_status (*const all[])(maru_txn * txn, const Checkout__Order *order) = {
        [SAY_REFUSED] = refuse,          [SAY_CONFIRMED] = say_confirmed, [SAY_CANCEL_REQUESTED] = say_cancel_requested,
        [SAY_CANCELLED] = say_cancelled, [SAY_COMPLETED] = say_completed,
    };

    return all[what] != NULL ? all[what](txn, order) : MARU_OK;
}

maru_status order_happens(maru_txn *txn, const char *name, enum happening what, const char *detail,
                          Checkout__Order **after)
{
    Checkout__OrderRecord *record;
    struct machine         old, new;
    enum machine_say       said;
    maru_status            status = order_get(txn, name, &record);

    if (status != MARU_OK)
        return status;
    old = new = machine_of(record);
    said = machine_step(&new, what);
    if (differs(&old, &new))
        status = store(txn, record, &new, what, detail);
    if (status == MARU_OK)
        status = tell(txn, record->order, said);
    if (after != NULL)
        *after = record->order;
    return status;
}
