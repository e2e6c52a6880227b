/* checks_impl.h: what the files of checks share. Only they include it. */
#ifndef MARU_AUDIT_CHECKS_IMPL_H
#define MARU_AUDIT_CHECKS_IMPL_H

#include "audit/book.h"

/* A loop over all orders; o is a book_order. */
#define EACH_ORDER(b, o)                                                                                               \
    for (size_t o##_at = 0; o##_at < (b)->room; o##_at++)                                                              \
        for (book_order *o = book_order_at((b), o##_at); o != NULL; o = NULL)

static inline bool has_state(const book_order *o, Inventory__ReservationState state)
{
    return o->reservation != NULL && o->reservation->state == state;
}

static inline bool is_live(const book_order *o)
{
    return has_state(o, INVENTORY__RESERVATION_STATE__RESERVED) ||
           has_state(o, INVENTORY__RESERVATION_STATE__COMMITTED);
}

/* Its name, for people; "nothing" where none is known. */
static inline const char *state_name(const ProtobufCEnumDescriptor *states, int state)
{
    const ProtobufCEnumValue *value = state == 0 ? NULL : protobuf_c_enum_descriptor_get_value(states, state);

    return value != NULL ? value->name : state == 0 ? "nothing" : "a state of a newer version";
}

static inline const char *reservation_name(const book_order *o)
{
    return state_name(&inventory__reservation_state__descriptor,
                      o->reservation == NULL ? 0 : (int)o->reservation->state);
}

static inline const char *shipment_name(const book_order *o)
{
    return state_name(&shipping__shipment_state__descriptor, o->shipment == NULL ? 0 : (int)o->shipment->state);
}

/* It was made elsewhere, before this shop had it. */
static inline bool is_past(const Checkout__Order *order)
{
    return order->invoice[0] != '\0';
}

/* Paid elsewhere: the provider has nothing of it. */
static inline bool is_settled(const book_order *o)
{
    return o->payment != NULL && o->payment->settle_time != NULL;
}

/* check_stock.c */
void stock_equation(book *b);
void stock_bounds(book *b);
void stock_ledger(book *b);
void stock_kinds(book *b);
void stock_shipped(book *b);
void reserved_sum(book *b);
void goods_agree(book *b);

/* check_money.c */
void charge_once(book *b);
void refund_bound(book *b);
void one_currency(book *b);
void ledgers_equal(book *b);

/* check_orders.c */
void request_once(book *b);
void orders_end(book *b); /* also order-known, completed and cancelled */

/* check_past.c */
void settled(book *b);
void goods_returned(book *b);

/* check_logs.c */
void delivered(book *b);
void cursors(book *b);
void timelines(book *b);
void fold_agrees(book *b);

#endif
