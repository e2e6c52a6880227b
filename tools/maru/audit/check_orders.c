/* check_orders.c: the invariants of orders: each is made once, and ends well (checks.h). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/checks_impl.h"
#include "audit/foreign.h"

/* ---- made once ---- */

/* Request ids are of one namespace, whoever says them. */
static int by_request(const void *left, const void *right)
{
    return strcmp((*(Checkout__Order *const *)left)->request_id, (*(Checkout__Order *const *)right)->request_id);
}

static int by_quote(const void *left, const void *right)
{
    return strcmp((*(Checkout__Order *const *)left)->quote, (*(Checkout__Order *const *)right)->quote);
}

static int by_invoice(const void *left, const void *right)
{
    return strcmp((*(Checkout__Order *const *)left)->invoice, (*(Checkout__Order *const *)right)->invoice);
}

static void twice(book *b, Checkout__Order **list, size_t count, int (*compare)(const void *, const void *),
                  const char *what)
{
    qsort(list, count, sizeof *list, compare);
    for (size_t i = 1; i < count; i++)
        if (compare(&list[i - 1], &list[i]) == 0)
            book_find(b, "request-once", list[i]->name, "%s was made of the same %s", list[i - 1]->name, what);
}

/* Of the past, or of today: those have no quote and no request id, these no invoice. */
static size_t list_orders(const book *b, bool past, Checkout__Order **list)
{
    size_t count = 0;

    EACH_ORDER(b, o)
    if (o->order != NULL && is_past(o->order) == past)
        list[count++] = o->order;
    return count;
}

void request_once(book *b)
{
    Checkout__Order **list = maru_arena_alloc(b->arena, (b->order_count + 1) * sizeof *list);
    size_t            count;

    if (list == NULL) {
        b->out_of_memory = true;
        return;
    }
    count = list_orders(b, false, list);
    twice(b, list, count, by_request, "request id");
    twice(b, list, count, by_quote, "quote");
    count = list_orders(b, true, list);
    twice(b, list, count, by_invoice, "invoice");
}

/* ---- and ends ---- */

/* By the provider, or, where it was paid elsewhere, as payment was told. */
static int64_t captured(const book_order *o)
{
    return is_settled(o) ? book_minor(o->payment->captured) : o->ledger.captured;
}

static int64_t refunded(const book_order *o)
{
    return is_settled(o) ? book_minor(o->payment->refunded) : o->ledger.refunded;
}

static bool sees_money(const book *b, const book_order *o)
{
    return is_settled(o) || b->unseen[BOOK_PROVIDER] == NULL;
}

static void completed(book *b, const book_order *o)
{
    int64_t total = book_minor(o->order->total);

    if (sees_money(b, o) && captured(o) != total)
        book_find(b, "completed", o->name, "total %" PRId64 ", but %s %" PRId64, total,
                  is_settled(o) ? "paid elsewhere were" : "the provider captured", captured(o));
    if (!has_state(o, INVENTORY__RESERVATION_STATE__SHIPPED_OUT))
        book_find(b, "completed", o->name, "its goods did not leave: inventory says %s", reservation_name(o));
    if (o->shipment == NULL || o->shipment->state != SHIPPING__SHIPMENT_STATE__DELIVERED)
        book_find(b, "completed", o->name, "it was not delivered: shipping says %s", shipment_name(o));
}

/* Or there never was one: what it is paid by others before its goods are bound does not make it. */
static bool has_no_parcel(const book_order *o)
{
    return o->shipment == NULL || o->shipment->state == SHIPPING__SHIPMENT_STATE__STOPPED ||
           o->shipment->state == SHIPPING__SHIPMENT_STATE__EXPECTED;
}

static void cancelled(book *b, const book_order *o)
{
    const book_ledger *l = &o->ledger;
    bool               seen = sees_money(b, o);

    if (seen && captured(o) != refunded(o) && book_kept_back(o->payment) > 0)
        book_find(b, "cancelled", o->name,
                  "the provider captured %" PRId64 ", refunded %" PRId64
                  " and refused the rest (%s): see maru order why %s",
                  l->captured, l->refunded, o->payment->detail, o->name);
    else if (seen && captured(o) != refunded(o))
        book_find(b, "cancelled", o->name, "%s captured %" PRId64 " and refunded %" PRId64,
                  is_settled(o) ? "payment" : "the provider", captured(o), refunded(o));
    if (seen && l->authorizations > 0 && l->captures == 0 && l->voids == 0)
        book_find(b, "cancelled", o->name, "its authorisation is still open at the provider");
    if (is_live(o) || has_state(o, INVENTORY__RESERVATION_STATE__SHIPPED_OUT))
        book_find(b, "cancelled", o->name, "inventory says %s", reservation_name(o));
    if (!has_no_parcel(o))
        book_find(b, "cancelled", o->name, "shipping says %s", shipment_name(o));
}

enum { MONEY_WORDS = 160 };

/* What the provider did, of all that has the order's name: what was given up is not told as if it were held. */
static void write_money(const book_order *o, char words[static MONEY_WORDS])
{
    const book_ledger *own = &o->ledger, *foreign = &o->foreign;
    unsigned           count = own->authorizations + foreign->authorizations, voids = own->voids + foreign->voids;
    char               voided[48] = "";

    if (voids > 0 && voids == count)
        snprintf(voided, sizeof voided, " (voided)");
    else if (voids > 0)
        snprintf(voided, sizeof voided, " (%u of %u voided)", voids, count);
    snprintf(words, MONEY_WORDS, "; the provider authorised %" PRId64 "%s, captured %" PRId64 ", refunded %" PRId64,
             own->authorized + foreign->authorized, voided, own->captured + foreign->captured,
             own->refunded + foreign->refunded);
}

/* Who knows of it, and how far it went there. */
static void unknown(book *b, const book_order *o)
{
    char money[MONEY_WORDS] = "";

    if (!foreign_is_order(o->name)) {
        book_find(b, "order-known", o->name,
                  "the provider has it for a reference, and it is the name of no order: it is known no more once what "
                  "is held or taken under it is given back");
        return;
    }
    if (b->unseen[BOOK_PROVIDER] == NULL)
        write_money(o, money);
    book_find(b, "order-known", o->name,
              "others know it, and checkout does not: inventory says %s, payment %s, shipping %s%s: what can safely be "
              "done: maru order why %s",
              reservation_name(o),
              state_name(&payment__payment_state__descriptor, o->payment == NULL ? 0 : (int)o->payment->state),
              shipment_name(o), money, o->name);
}

void orders_end(book *b)
{
    EACH_ORDER(b, o)
    {
        if (foreign_is_over(o))
            continue;
        if (o->order == NULL)
            unknown(b, o);
        else if (book_goes_on(o) != NULL)
            b->under_way++;
        else if (o->order->state == CHECKOUT__ORDER_STATE__COMPLETED)
            completed(b, o);
        else if (o->order->state == CHECKOUT__ORDER_STATE__CANCELLED)
            cancelled(b, o);
        else
            book_find(b, "order-ends", o->name, "nothing is under way, and it is %s: see maru order why %s",
                      state_name(&checkout__order_state__descriptor, (int)o->order->state), o->name);
    }
}
