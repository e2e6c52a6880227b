/* handmade.h: a book of two orders as the audit would have read it, in which all agrees: orders/a is completed,
 * orders/b was cancelled after it was authorised. Header only. Its arena holds all of it.
 */
#ifndef MARU_TEST_HANDMADE_H
#define MARU_TEST_HANDMADE_H

#include <stdio.h>
#include <string.h>

#include "audit/checks.h"
#include "audit/fold.h"

typedef struct handmade {
    book               b;
    book_order        *done, *gone;
    Inventory__Stock  *stock;
    Checkout__Timeline timelines[3]; /* of orders/a, b, c */
    uint64_t           sequences[BOOK_SERVICE_COUNT];
} handmade;

enum { HAND_PRICE = 500, HAND_PIECES = 3, HAND_RECEIVED = 10 };

static inline void *hand_make(handmade *h, size_t size)
{
    return maru_arena_zalloc(h->b.arena, size);
}

/* A message of that type, as its init leaves it. */
#define HAND(h, Type, init) ((Type *)memcpy(hand_make((h), sizeof(Type)), &(Type)init, sizeof(Type)))

static inline Shop__Money *hand_money(handmade *h, int64_t minor)
{
    Shop__Money *money = HAND(h, Shop__Money, SHOP__MONEY__INIT);

    money->currency = (char *)"GBP";
    money->minor = minor;
    return money;
}

static inline Inventory__Goods **hand_goods(handmade *h)
{
    Inventory__Goods **list = hand_make(h, sizeof *list);

    list[0] = HAND(h, Inventory__Goods, INVENTORY__GOODS__INIT);
    list[0]->product = (char *)"products/x";
    list[0]->quantity = HAND_PIECES;
    return list;
}

/* Two lines of one product, as a cart may have them. */
static inline Checkout__Order *hand_order(handmade *h, const char *name, Checkout__OrderState state)
{
    Checkout__Order *order = HAND(h, Checkout__Order, CHECKOUT__ORDER__INIT);

    order->name = order->quote = order->request_id = (char *)name;
    order->state = state;
    order->total = hand_money(h, HAND_PRICE);
    order->n_lines = 2;
    order->lines = hand_make(h, 2 * sizeof *order->lines);
    for (int i = 0; i < 2; i++) {
        order->lines[i] = HAND(h, Checkout__Line, CHECKOUT__LINE__INIT);
        order->lines[i]->product = (char *)"products/x";
        order->lines[i]->quantity = i + 1;
    }
    return order;
}

static inline Checkout__Timeline *hand_timeline(handmade *h, const book_order *o)
{
    Checkout__Timeline *timeline = &h->timelines[o->name[strlen("orders/")] - 'a'];

    if (timeline->entries == NULL) {
        *timeline = (Checkout__Timeline)CHECKOUT__TIMELINE__INIT;
        timeline->entries = hand_make(h, 32 * sizeof *timeline->entries);
    }
    return timeline;
}

/* The next event of a service: into its log, and, but for the provider's, into the timeline of its order. */
static inline void hand_say(handmade *h, book_service service, book_order *o, const ProtobufCMessage *payload)
{
    MaruEvents__Event        event = MARU_EVENTS__EVENT__INIT;
    Checkout__Timeline      *timeline = hand_timeline(h, o);
    Checkout__TimelineEntry *entry = HAND(h, Checkout__TimelineEntry, CHECKOUT__TIMELINE_ENTRY__INIT);

    event.id = maru_arena_printf(h->b.arena, "%s-1-%d", book_service_name(service), (int)h->sequences[service] + 1);
    event.producer = (char *)book_service_name(service);
    event.sequence = ++h->sequences[service];
    event.aggregate = (char *)o->name;
    event.version = o->folded.versions[service] + 1;
    event.type = (char *)payload->descriptor->name;
    event.payload.len = protobuf_c_message_get_packed_size(payload);
    event.payload.data = hand_make(h, event.payload.len + 1);
    protobuf_c_message_pack(payload, event.payload.data);
    fold_event(&h->b, service, event.sequence - 1, &event);
    h->b.logs[service].last = h->b.logs[service].last_end = event.sequence;
    entry->event_id = event.id;
    entry->service = event.producer;
    entry->version = event.version;
    timeline->entries[timeline->n_entries++] = entry;
}

#define HAND_SAY(h, SERVICE, o, Type, init)                                                                            \
    do {                                                                                                               \
        Type said_ = init;                                                                                             \
        hand_say((h), BOOK_##SERVICE, (o), &said_.base);                                                               \
    } while (0)

static inline book_order *hand_begin(handmade *h, const char *name, Checkout__OrderState state)
{
    book_order              *o = book_order_of(&h->b, name);
    Checkout__OrderSubmitted submitted = CHECKOUT__ORDER_SUBMITTED__INIT;

    o->order = hand_order(h, name, state);
    o->reservation = HAND(h, Inventory__Reservation, INVENTORY__RESERVATION__INIT);
    o->reservation->order = (char *)name;
    o->reservation->goods = hand_goods(h);
    o->reservation->n_goods = 1;
    o->shipment = HAND(h, Shipping__Shipment, SHIPPING__SHIPMENT__INIT);
    o->shipment->order = (char *)name;
    o->shipment->goods = hand_goods(h);
    o->shipment->n_goods = 1;
    o->payment = HAND(h, Payment__Payment, PAYMENT__PAYMENT__INIT);
    o->payment->order = (char *)name;
    o->payment->amount = hand_money(h, HAND_PRICE);
    o->payment->authorized = hand_money(h, HAND_PRICE);
    o->ledger = (book_ledger){.authorized = HAND_PRICE, .authorizations = 1, .currency = "GBP"};
    submitted.total = o->order->total;
    hand_say(h, BOOK_CHECKOUT, o, &submitted.base);
    HAND_SAY(h, INVENTORY, o, Inventory__StockReserved, INVENTORY__STOCK_RESERVED__INIT);
    HAND_SAY(h, PAYMENT, o, Payment__PaymentAuthorized, PAYMENT__PAYMENT_AUTHORIZED__INIT);
    HAND_SAY(h, CHECKOUT, o, Checkout__OrderConfirmed, CHECKOUT__ORDER_CONFIRMED__INIT);
    HAND_SAY(h, INVENTORY, o, Inventory__StockCommitted, INVENTORY__STOCK_COMMITTED__INIT);
    return o;
}

static inline void hand_complete(handmade *h)
{
    book_order              *o = hand_begin(h, "orders/a", CHECKOUT__ORDER_STATE__COMPLETED);
    Payment__PaymentCaptured captured = PAYMENT__PAYMENT_CAPTURED__INIT;

    HAND_SAY(h, SHIPPING, o, Shipping__ShipmentPacked, SHIPPING__SHIPMENT_PACKED__INIT);
    captured.amount = hand_money(h, HAND_PRICE);
    hand_say(h, BOOK_PAYMENT, o, &captured.base);
    HAND_SAY(h, SHIPPING, o, Shipping__ShipmentDispatched, SHIPPING__SHIPMENT_DISPATCHED__INIT);
    HAND_SAY(h, SHIPPING, o, Shipping__ShipmentDelivered, SHIPPING__SHIPMENT_DELIVERED__INIT);
    HAND_SAY(h, INVENTORY, o, Inventory__StockShipped, INVENTORY__STOCK_SHIPPED__INIT);
    HAND_SAY(h, CHECKOUT, o, Checkout__OrderCompleted, CHECKOUT__ORDER_COMPLETED__INIT);
    o->reservation->state = INVENTORY__RESERVATION_STATE__SHIPPED_OUT;
    o->shipment->state = SHIPPING__SHIPMENT_STATE__DELIVERED;
    o->payment->state = PAYMENT__PAYMENT_STATE__CAPTURED;
    o->payment->captured = hand_money(h, HAND_PRICE);
    o->ledger.captured = HAND_PRICE;
    o->ledger.captures = 1;
    h->done = o;
}

static inline void hand_cancel(handmade *h)
{
    book_order *o = hand_begin(h, "orders/b", CHECKOUT__ORDER_STATE__CANCELLED);

    HAND_SAY(h, CHECKOUT, o, Checkout__OrderCancelRequested, CHECKOUT__ORDER_CANCEL_REQUESTED__INIT);
    HAND_SAY(h, SHIPPING, o, Shipping__ShipmentCancelled, SHIPPING__SHIPMENT_CANCELLED__INIT);
    HAND_SAY(h, CHECKOUT, o, Checkout__OrderCancelled, CHECKOUT__ORDER_CANCELLED__INIT);
    HAND_SAY(h, INVENTORY, o, Inventory__StockReleased, INVENTORY__STOCK_RELEASED__INIT);
    HAND_SAY(h, PAYMENT, o, Payment__PaymentVoided, PAYMENT__PAYMENT_VOIDED__INIT);
    o->reservation->state = INVENTORY__RESERVATION_STATE__RELEASED;
    o->shipment->state = SHIPPING__SHIPMENT_STATE__STOPPED;
    o->payment->state = PAYMENT__PAYMENT_STATE__VOIDED;
    o->ledger.voids = 1;
    h->gone = o;
}

/* What the provider has of an order is what followed that authorisation. */
static inline void hand_charge(handmade *h, book_order *o, const char *key, book_ledger ledger)
{
    o->ledger = book_charge_of(&h->b, o, key)->ledger = ledger;
}

/* That of the order's own key. */
static inline void hand_own_charge(handmade *h, book_order *o, book_ledger ledger)
{
    hand_charge(h, o, maru_arena_printf(h->b.arena, "authorize:%s", o->name), ledger);
}

static inline void hand_move(handmade *h, size_t index, Inventory__MovementKind kind, int64_t delta, int64_t on_hand)
{
    Inventory__Movement *movement = HAND(h, Inventory__Movement, INVENTORY__MOVEMENT__INIT);

    movement->number = index + 1;
    movement->kind = kind;
    movement->delta = delta;
    movement->on_hand = on_hand;
    h->b.stock[0].movements[index] = movement;
    h->b.stock[0].movement_count = index + 1;
}

static inline void hand_stock(handmade *h)
{
    Inventory__Stock *s = HAND(h, Inventory__Stock, INVENTORY__STOCK__INIT);

    s->product = (char *)"products/x";
    s->received = HAND_RECEIVED;
    s->shipped = HAND_PIECES;
    s->on_hand = s->available = HAND_RECEIVED - HAND_PIECES;
    s->movements = 2;
    h->stock = s;
    h->b.stock = hand_make(h, sizeof *h->b.stock);
    h->b.stock_count = 1;
    h->b.stock[0].stock = s;
    h->b.stock[0].movements = hand_make(h, 2 * sizeof *h->b.stock[0].movements);
    hand_move(h, 0, INVENTORY__MOVEMENT_KIND__RECEIVED, HAND_RECEIVED, HAND_RECEIVED);
    hand_move(h, 1, INVENTORY__MOVEMENT_KIND__SHIPPED, -HAND_PIECES, HAND_RECEIVED - HAND_PIECES);
}

/* Shipping hears checkout, and has heard all of it. */
static inline MaruEvents__Consumer *hand_consumer(handmade *h)
{
    MaruEvents__Consumer *c = HAND(h, MaruEvents__Consumer, MARU_EVENTS__CONSUMER__INIT);

    c->producer = (char *)"checkout";
    c->sequence = c->last = h->b.logs[BOOK_CHECKOUT].last;
    h->b.logs[BOOK_SHIPPING].consumers = hand_make(h, sizeof c);
    h->b.logs[BOOK_SHIPPING].consumers[0] = c;
    h->b.logs[BOOK_SHIPPING].consumer_count = 1;
    return c;
}

static inline bool hand_open(handmade *h)
{
    *h = (handmade){.done = NULL};
    if (!book_open(&h->b))
        return false;
    hand_complete(h);
    hand_cancel(h);
    hand_stock(h);
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++) {
        h->b.logs[i].still = true;
        h->b.logs[i].epoch = 1; /* as in the ids of hand_say */
    }
    return hand_consumer(h) != NULL;
}

/* When all was said: timelines are read. */
static inline void hand_hear(handmade *h)
{
    for (size_t i = 0; i < h->b.room; i++)
        if (book_order_at(&h->b, i) != NULL)
            fold_timeline(&h->b, book_order_at(&h->b, i), hand_timeline(h, book_order_at(&h->b, i)));
}

/* The checks that found something, in the order of the table. */
static inline void hand_finds(const book *b, char *names, size_t size)
{
    names[0] = '\0';
    for (const audit_check *check = audit_checks; check->name != NULL; check++) {
        const book_finding *f = b->findings;

        while (f != NULL && strcmp(f->check, check->name) != 0)
            f = f->next;
        if (f != NULL)
            snprintf(names + strlen(names), size - strlen(names), "%s%s", *names != '\0' ? " " : "", check->name);
    }
}

#endif
