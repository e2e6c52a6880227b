/* checks.c: see checks.h. Each check is a function over the whole book; the table is last. */
#include "audit/checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EACH_ORDER(b, o)                                                                                               \
    for (size_t o##_at = 0; o##_at < (b)->room; o##_at++)                                                              \
        for (book_order *o = book_order_at((b), o##_at); o != NULL; o = NULL)

static bool is_live(const Inventory__Reservation *r)
{
    return r != NULL &&
           (r->state == INVENTORY__RESERVATION_STATE__RESERVED || r->state == INVENTORY__RESERVATION_STATE__COMMITTED);
}

static int64_t minor_of(const Shop__Money *money)
{
    return money == NULL ? 0 : money->minor;
}

/* ---- stock ---- */

static void stock_equation(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++) {
        const Inventory__Stock *s = b->stock[i].stock;

        if (s->on_hand != s->received + s->returned + s->adjusted - s->shipped)
            book_find(b, "stock-equation", s->product,
                      "on hand %" PRId64 ", but received %" PRId64 " + returned %" PRId64 " + adjusted %" PRId64
                      " - shipped %" PRId64 " is %" PRId64,
                      s->on_hand, s->received, s->returned, s->adjusted, s->shipped,
                      s->received + s->returned + s->adjusted - s->shipped);
    }
}

static void stock_bounds(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++) {
        const Inventory__Stock *s = b->stock[i].stock;

        if (s->reserved < 0 || s->reserved > s->on_hand)
            book_find(b, "stock-bounds", s->product, "want 0 <= reserved <= on hand %" PRId64 ", got %" PRId64,
                      s->on_hand, s->reserved);
    }
}

static void sum_reservations(book *b)
{
    EACH_ORDER(b, o)
    for (size_t i = 0; is_live(o->reservation) && i < o->reservation->n_goods; i++) {
        const Inventory__Goods *goods = o->reservation->goods[i];
        book_stock             *stock = book_stock_of(b, goods->product);

        if (stock == NULL)
            book_find(b, "reserved-sum", goods->product, "%s reserves it, and there is no stock of it", o->name);
        else
            stock->reserved += goods->quantity;
    }
}

static void reserved_sum(book *b)
{
    sum_reservations(b);
    for (size_t i = 0; i < b->stock_count; i++)
        if (b->stock[i].reserved != b->stock[i].stock->reserved)
            book_find(b, "reserved-sum", b->stock[i].stock->product,
                      "reserved %" PRId64 ", but live reservations hold %" PRId64, b->stock[i].stock->reserved,
                      b->stock[i].reserved);
}

static void ledger_of(book *b, const book_stock *stock)
{
    const Inventory__Stock *s = stock->stock;
    int64_t                 on_hand = 0;

    for (size_t i = 0; i < stock->movement_count; i++) {
        const Inventory__Movement *m = stock->movements[i];

        on_hand += m->delta;
        if (m->number != i + 1 || m->on_hand != on_hand) {
            book_find(b, "stock-ledger", s->product,
                      "movement %" PRIu64 " is the %zu., and leaves %" PRId64 ", not %" PRId64, m->number, i + 1,
                      m->on_hand, on_hand);
            return;
        }
    }
    if (on_hand != s->on_hand || stock->movement_count != s->movements)
        book_find(b, "stock-ledger", s->product,
                  "on hand %" PRId64 " after %" PRIu64 " movements, but the ledger has %zu that leave %" PRId64,
                  s->on_hand, s->movements, stock->movement_count, on_hand);
}

static void stock_ledger(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++)
        ledger_of(b, &b->stock[i]);
}

/* What left the house is what the orders that were shipped held. */
static void stock_shipped(book *b)
{
    int64_t by_orders = 0, by_stock = 0;

    EACH_ORDER(b, o)
    if (o->reservation != NULL && o->reservation->state == INVENTORY__RESERVATION_STATE__SHIPPED_OUT)
        for (size_t i = 0; i < o->reservation->n_goods; i++)
            by_orders += o->reservation->goods[i]->quantity;
    for (size_t i = 0; i < b->stock_count; i++)
        by_stock += b->stock[i].stock->shipped;
    if (by_orders != by_stock)
        book_find(b, "stock-shipped", "inventory",
                  "%" PRId64 " pieces left, but the orders that were shipped held %" PRId64, by_stock, by_orders);
}

/* ---- orders ---- */

static int by_request(const void *left, const void *right)
{
    const Checkout__Order *a = *(Checkout__Order *const *)left, *b = *(Checkout__Order *const *)right;
    int                    order = strcmp(a->customer, b->customer);

    return order != 0 ? order : strcmp(a->request_id, b->request_id);
}

static int by_quote(const void *left, const void *right)
{
    return strcmp((*(Checkout__Order *const *)left)->quote, (*(Checkout__Order *const *)right)->quote);
}

static void twice(book *b, Checkout__Order **list, size_t count, int (*compare)(const void *, const void *),
                  const char *what)
{
    qsort(list, count, sizeof *list, compare);
    for (size_t i = 1; i < count; i++)
        if (compare(&list[i - 1], &list[i]) == 0)
            book_find(b, "request-once", list[i]->name, "%s was made of the same %s", list[i - 1]->name, what);
}

static void request_once(book *b)
{
    Checkout__Order **list = maru_arena_alloc(b->arena, (b->order_count + 1) * sizeof *list);
    size_t            count = 0;

    if (list == NULL) {
        b->out_of_memory = true;
        return;
    }
    EACH_ORDER(b, o)
    if (o->order != NULL)
        list[count++] = o->order;
    twice(b, list, count, by_request, "request id");
    twice(b, list, count, by_quote, "quote");
}

/* ---- money ---- */

static void capture_once(book *b)
{
    EACH_ORDER(b, o)
    {
        const book_ledger *l = &o->ledger;

        if (l->authorizations > 1)
            book_find(b, "charge-once", o->name, "the provider authorised it %u times", l->authorizations);
        if (l->captures > 1)
            book_find(b, "charge-once", o->name, "the provider captured it %u times", l->captures);
        if (l->captured > l->authorized)
            book_find(b, "charge-once", o->name, "captured %" PRId64 ", authorised %" PRId64, l->captured,
                      l->authorized);
        if (l->refunded > l->captured)
            book_find(b, "refund-bound", o->name, "refunded %" PRId64 ", captured %" PRId64, l->refunded, l->captured);
    }
}

static void ledgers_equal(book *b)
{
    EACH_ORDER(b, o)
    {
        int64_t captured = o->payment == NULL ? 0 : minor_of(o->payment->captured);
        int64_t refunded = o->payment == NULL ? 0 : minor_of(o->payment->refunded);

        if (captured != o->ledger.captured || refunded != o->ledger.refunded)
            book_find(b, "ledgers-equal", o->name,
                      "payment says captured %" PRId64 ", refunded %" PRId64 "; the provider %" PRId64 ", %" PRId64,
                      captured, refunded, o->ledger.captured, o->ledger.refunded);
    }
}

/* ---- at rest ---- */

static bool has_state(const book_order *o, Inventory__ReservationState state)
{
    return o->reservation != NULL && o->reservation->state == state;
}

static void completed(book *b, const book_order *o)
{
    int64_t total = minor_of(o->order->total);

    if (o->ledger.captured - o->ledger.refunded > total || o->ledger.captured != total)
        book_find(b, "completed", o->name, "total %" PRId64 ", but the provider captured %" PRId64, total,
                  o->ledger.captured);
    if (!has_state(o, INVENTORY__RESERVATION_STATE__SHIPPED_OUT))
        book_find(b, "completed", o->name, "its goods did not leave: inventory has reservation state %d",
                  o->reservation == NULL ? 0 : (int)o->reservation->state);
    if (o->shipment == NULL || o->shipment->state != SHIPPING__SHIPMENT_STATE__DELIVERED)
        book_find(b, "completed", o->name, "it was not delivered: shipment state %d",
                  o->shipment == NULL ? 0 : (int)o->shipment->state);
}

static void cancelled(book *b, const book_order *o)
{
    const book_ledger *l = &o->ledger;

    if (l->captured != l->refunded)
        book_find(b, "cancelled", o->name, "the provider captured %" PRId64 " and refunded %" PRId64, l->captured,
                  l->refunded);
    if (l->authorizations > 0 && l->captures == 0 && l->voids == 0)
        book_find(b, "cancelled", o->name, "its authorisation is still open at the provider");
    if (is_live(o->reservation) || has_state(o, INVENTORY__RESERVATION_STATE__SHIPPED_OUT))
        book_find(b, "cancelled", o->name, "inventory has reservation state %d", (int)o->reservation->state);
    if (o->shipment != NULL && o->shipment->state != SHIPPING__SHIPMENT_STATE__STOPPED)
        book_find(b, "cancelled", o->name, "shipping has shipment state %d", (int)o->shipment->state);
}

static void orders_end(book *b)
{
    EACH_ORDER(b, o)
    {
        if (o->order == NULL)
            book_find(b, "order-known", o->name, "others know it, and checkout does not");
        else if (o->order->state == CHECKOUT__ORDER_STATE__COMPLETED)
            completed(b, o);
        else if (o->order->state == CHECKOUT__ORDER_STATE__CANCELLED)
            cancelled(b, o);
        else
            book_find(b, "order-ends", o->name, "nothing is under way, and it is in state %d: see maru order why %s",
                      (int)o->order->state, o->name);
    }
}

/* ---- logs ---- */

static void differs(book *b, const book_order *o, const char *service, int folded, int told)
{
    if (folded != told)
        book_find(b, "fold", o->name, "%s says state %d, and its log %d", service, told, folded);
}

/* What no event tells of: states before the first, and tombstones. */
static int told_reservation(const book_order *o)
{
    return o->reservation == NULL || o->reservation->state == INVENTORY__RESERVATION_STATE__FORESTALLED
               ? 0
               : (int)o->reservation->state;
}

static int told_payment(const book_order *o)
{
    return o->payment == NULL || o->payment->state == PAYMENT__PAYMENT_STATE__NOT_NEEDED ? 0 : (int)o->payment->state;
}

static int told_shipment(const book_order *o)
{
    Shipping__ShipmentState state =
        o->shipment == NULL ? SHIPPING__SHIPMENT_STATE__SHIPMENT_STATE_UNSPECIFIED : o->shipment->state;

    return state == SHIPPING__SHIPMENT_STATE__PENDING || state == SHIPPING__SHIPMENT_STATE__EXPECTED ? 0 : (int)state;
}

static void fold_agrees(book *b)
{
    EACH_ORDER(b, o)
    {
        int order = o->folded.order;

        if (order == CHECKOUT__ORDER_STATE__CANCELLING && o->folded.cancel_refused)
            order = CHECKOUT__ORDER_STATE__CONFIRMED;
        differs(b, o, "checkout", order, o->order == NULL ? 0 : (int)o->order->state);
        differs(b, o, "inventory", o->folded.reservation, told_reservation(o));
        differs(b, o, "payment", o->folded.payment, told_payment(o));
        differs(b, o, "shipping", o->folded.shipment, told_shipment(o));
        if (o->payment != NULL && (minor_of(o->payment->captured) != o->folded.captured ||
                                   minor_of(o->payment->refunded) != o->folded.refunded))
            book_find(b, "fold", o->name,
                      "payment says captured %" PRId64 ", refunded %" PRId64 "; its log %" PRId64 ", %" PRId64,
                      minor_of(o->payment->captured), minor_of(o->payment->refunded), o->folded.captured,
                      o->folded.refunded);
    }
}

static void delivered(book *b)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        for (size_t j = 0; j < b->logs[i].consumer_count; j++) {
            const MaruEvents__Consumer *c = b->logs[i].consumers[j];

            if (c->parked > 0)
                book_find(b, "delivered", book_service_name((book_service)i),
                          "%" PRIu64 " dead letters of %s, %" PRIu64 " events wait: see maru events dead %s", c->parked,
                          c->producer, c->waiting, book_service_name((book_service)i));
        }
}

const audit_check audit_checks[] = {
    {"stock-equation", "on hand = received + returned + adjusted - shipped", false, stock_equation},
    {"stock-bounds", "0 <= reserved <= on hand", false, stock_bounds},
    {"request-once", "one request id, and one quote, makes at most one order", false, request_once},
    {"charge-once", "one authorisation and one capture an order", false, capture_once},
    {"refund-bound", "refunds are never above what was captured", false, NULL},
    {"log-dense", "sequences and versions have no gap", false, NULL},
    {"delivered", "no event is a dead letter", false, delivered},
    {"reserved-sum", "reserved = the sum of live reservations", true, reserved_sum},
    {"stock-ledger", "the movements of a product make its stock", true, stock_ledger},
    {"stock-shipped", "what left is what shipped orders held", true, stock_shipped},
    {"ledgers-equal", "our ledger is the provider's", true, ledgers_equal},
    {"fold", "each service's state is the fold of its log", true, fold_agrees},
    {"order-ends", "an order ends COMPLETED or CANCELLED", true, orders_end},
    {"order-known", "checkout knows every order that others know", true, NULL},
    {"completed", "COMPLETED: captured = total, goods left, delivered", true, NULL},
    {"cancelled", "CANCELLED: captured = refunded, nothing authorised or reserved", true, NULL},
    {NULL, NULL, false, NULL},
};

void checks_run(book *b)
{
    bool at_rest = book_at_rest(b);

    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (check->run != NULL && (at_rest || !check->at_rest))
            check->run(b);
}
