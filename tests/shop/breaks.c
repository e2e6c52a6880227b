/* breaks.c: see breaks.h. Tables are the services' own, by their numbers; the table of what is done is last. */
#include "breaks.h"

#include <stdio.h>
#include <string.h>

#include "damage_breaks.h"
#include "events/tables.h"
#include "past_breaks.h"
#include "shop/checkout.pb-c.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/provider.pb-c.h"
#include "shop/shipping.pb-c.h"
#include "store/inside.h"

static const maru_table stocks = {1, "stock", &inventory__stock__descriptor};
static const maru_table movements = {2, "movements", &inventory__movement__descriptor};
static const maru_table reservations = {3, "reservations", &inventory__reservation__descriptor};
static const maru_table orders = {1, "orders", &checkout__order_record__descriptor};
static const maru_table timelines = {4, "timelines", &checkout__timeline__descriptor};
static const maru_table newest = {5, "newest", &checkout__order_pointer__descriptor};
static const maru_table payments = {1, "payments", &payment__payment_record__descriptor};
static const maru_table ledger = {4, "ledger", &provider__operation__descriptor};
static const maru_table shipments = {1, "shipments", &shipping__shipment__descriptor};

const maru_table *const breaks_reservations = &reservations, *const breaks_payments = &payments;

static const maru_table *const tables[SHIP_COUNT][4] = {
    [SHIP_INVENTORY] = {&stocks, &movements, &reservations},
    [SHIP_CHECKOUT] = {&orders, &timelines, &newest},
    [SHIP_PAYMENT] = {&payments},
    [SHIP_PROVIDER] = {&ledger},
    [SHIP_SHIPPING] = {&shipments},
};

#define GET(txn, table, name, record) maru_get(txn, table, maru_key_text(name), (ProtobufCMessage **)(record))
#define PUT(txn, table, name, record) maru_put(txn, table, maru_key_text(name), &(record)->base)

/* ---- inventory ---- */

/* The stock of what the completed order held. */
static maru_status get_stock(maru_txn *txn, const breaks_orders *o, Inventory__Stock **stock)
{
    Inventory__Reservation *reservation;
    maru_status             status = GET(txn, &reservations, o->completed, &reservation);

    return status == MARU_OK ? GET(txn, &stocks, reservation->goods[0]->product, stock) : status;
}

static maru_status more_on_hand(maru_txn *txn, void *arg)
{
    Inventory__Stock *stock;
    maru_status       status = get_stock(txn, arg, &stock);

    if (status != MARU_OK)
        return status;
    stock->on_hand++;
    return PUT(txn, &stocks, stock->product, stock);
}

static maru_status reserve(maru_txn *txn, const breaks_orders *o, bool above)
{
    Inventory__Stock *stock;
    maru_status       status = get_stock(txn, o, &stock);

    if (status != MARU_OK)
        return status;
    stock->reserved = above ? stock->on_hand + 1 : stock->reserved + 1;
    return PUT(txn, &stocks, stock->product, stock);
}

static maru_status reserve_one(maru_txn *txn, void *arg)
{
    return reserve(txn, arg, false);
}

static maru_status reserve_above(maru_txn *txn, void *arg)
{
    return reserve(txn, arg, true);
}

/* Its last movement: the one that the completed order made. */
static maru_status get_movement(maru_txn *txn, const breaks_orders *o, event_key *key, Inventory__Movement **movement)
{
    Inventory__Stock *stock;
    maru_status       status = get_stock(txn, o, &stock);

    if (status != MARU_OK)
        return status;
    key->size = 0;
    key_text(key, stock->product);
    key_nul(key);
    key_number(key, stock->movements);
    return maru_get(txn, &movements, key_of(key), (ProtobufCMessage **)movement);
}

static maru_status lose_movement(maru_txn *txn, void *arg)
{
    event_key            key;
    Inventory__Movement *movement;
    maru_status          status = get_movement(txn, arg, &key, &movement);

    return status == MARU_OK ? maru_delete(txn, &movements, key_of(&key)) : status;
}

static maru_status rename_movement(maru_txn *txn, void *arg)
{
    event_key            key;
    Inventory__Movement *movement;
    maru_status          status = get_movement(txn, arg, &key, &movement);

    if (status != MARU_OK)
        return status;
    movement->kind = INVENTORY__MOVEMENT_KIND__ADJUSTED;
    return maru_put(txn, &movements, key_of(&key), &movement->base);
}

static maru_status change_goods(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    Inventory__Reservation *reservation;
    maru_status             status = GET(txn, &reservations, o->completed, &reservation);

    if (status != MARU_OK)
        return status;
    reservation->goods[0]->quantity++;
    return PUT(txn, &reservations, reservation->order, reservation);
}

static maru_status change_released_goods(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    Inventory__Reservation *reservation;
    maru_status             status = GET(txn, &reservations, o->cancelled, &reservation);

    if (status != MARU_OK)
        return status;
    reservation->goods[0]->product = (char *)"products/SOAK-NONE";
    return PUT(txn, &reservations, reservation->order, reservation);
}

static maru_status keep_for_nobody(maru_txn *txn, void *arg)
{
    Inventory__Reservation reservation = INVENTORY__RESERVATION__INIT;

    (void)arg;
    reservation.order = (char *)"orders/nobody";
    reservation.state = INVENTORY__RESERVATION_STATE__FORESTALLED;
    return PUT(txn, &reservations, reservation.order, &reservation);
}

static maru_status park_letter(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    MaruEvents__Pending  pending = MARU_EVENTS__PENDING__INIT;
    MaruEvents__Event    event = MARU_EVENTS__EVENT__INIT;
    event_key            key;

    event.id = (char *)"checkout-0-9";
    event.producer = (char *)"checkout";
    event.aggregate = (char *)o->completed;
    event.version = 9;
    event.type = (char *)checkout__order_confirmed__descriptor.name;
    pending.event = &event;
    pending.tries = 8;
    pending.parked = true;
    pending.error = (char *)"INTERNAL: as the test wants it";
    key_pending(&key, event.producer, event.aggregate, event.version);
    return maru_put(txn, &events_pending, key_of(&key), &pending.base);
}

/* ---- checkout ---- */

/* Listed before all others, as the newest. */
static maru_status copy_order(maru_txn *txn, void *arg)
{
    const breaks_orders   *o = arg;
    Checkout__OrderRecord *record;
    Checkout__OrderPointer pointer = CHECKOUT__ORDER_POINTER__INIT;
    event_key              key = {0};
    maru_status            status = GET(txn, &orders, o->cancelled, &record);

    if (status != MARU_OK)
        return status;
    pointer.order = record->order->name = (char *)"orders/copy";
    key_nul(&key);
    key_number(&key, UINT64_MAX - 1000);
    status = maru_put(txn, &newest, key_of(&key), &pointer.base);
    return status == MARU_OK ? PUT(txn, &orders, record->order->name, record) : status;
}

static maru_status set_back(maru_txn *txn, void *arg)
{
    const breaks_orders   *o = arg;
    Checkout__OrderRecord *record;
    maru_status            status = GET(txn, &orders, o->completed, &record);

    if (status != MARU_OK)
        return status;
    record->order->state = CHECKOUT__ORDER_STATE__SUBMITTED;
    return PUT(txn, &orders, o->completed, record);
}

static maru_status change_total(maru_txn *txn, void *arg)
{
    const breaks_orders   *o = arg;
    Checkout__OrderRecord *record;
    maru_status            status = GET(txn, &orders, o->completed, &record);

    if (status != MARU_OK)
        return status;
    record->order->total->minor++;
    return PUT(txn, &orders, o->completed, record);
}

static maru_status forget_entry(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    Checkout__Timeline  *timeline;
    maru_status          status = GET(txn, &timelines, o->completed, &timeline);

    if (status != MARU_OK)
        return status;
    timeline->n_entries--;
    return PUT(txn, &timelines, o->completed, timeline);
}

static maru_status repeat_entry(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    Checkout__Timeline  *timeline;
    maru_status          status = GET(txn, &timelines, o->completed, &timeline);
    size_t               last;

    if (status != MARU_OK)
        return status;
    for (last = timeline->n_entries - 1; strcmp(timeline->entries[last]->service, "inventory") != 0;)
        last--;
    for (size_t i = 0; i < last; i++)
        if (strcmp(timeline->entries[i]->service, "inventory") == 0)
            timeline->entries[i] = timeline->entries[last];
    return PUT(txn, &timelines, o->completed, timeline);
}

/* Where a version of an order stands in the log. */
static maru_status find_sequence(maru_txn *txn, const char *order, uint64_t version, uint64_t *sequence)
{
    event_key          key = {0};
    MaruEvents__Entry *entry;
    maru_status        status;

    key_text(&key, order);
    key_nul(&key);
    key_number(&key, version);
    status = maru_get(txn, &events_aggregates, key_of(&key), (ProtobufCMessage **)&entry);
    *sequence = status == MARU_OK ? entry->sequence : 0;
    return status;
}

static maru_status lose_event(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    event_key            key = {0};
    uint64_t             sequence;
    maru_status          status = find_sequence(txn, o->completed, 2, &sequence);

    key_number(&key, sequence);
    return status == MARU_OK ? maru_delete(txn, &events_log, key_of(&key)) : status;
}

static maru_status lose_first_event(maru_txn *txn, void *arg)
{
    event_key key = {0};

    (void)arg;
    key_number(&key, 1);
    return maru_delete(txn, &events_log, key_of(&key));
}

static maru_status change_version(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    event_key            key = {0};
    uint64_t             sequence;
    MaruEvents__Event   *event;
    maru_status          status = find_sequence(txn, o->completed, 2, &sequence);

    key_number(&key, sequence);
    if (status != MARU_OK ||
        (status = maru_get(txn, &events_log, key_of(&key), (ProtobufCMessage **)&event)) != MARU_OK)
        return status;
    event->version = 9;
    return maru_put(txn, &events_log, key_of(&key), &event->base);
}

/* ---- payment ---- */

static maru_status capture_more(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    Payment__PaymentRecord *record;
    maru_status             status = GET(txn, &payments, o->completed, &record);

    if (status != MARU_OK)
        return status;
    record->payment->captured->minor++;
    return PUT(txn, &payments, o->completed, record);
}

static maru_status authorize_less(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    Payment__PaymentRecord *record;
    maru_status             status = GET(txn, &payments, o->cancelled, &record);

    if (status != MARU_OK)
        return status;
    record->payment->authorized->minor--;
    return PUT(txn, &payments, o->cancelled, record);
}

static maru_status change_currency(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    Payment__PaymentRecord *record;
    maru_status             status = GET(txn, &payments, o->completed, &record);

    if (status != MARU_OK)
        return status;
    record->payment->captured->currency = (char *)"KRW";
    return PUT(txn, &payments, o->completed, record);
}

static maru_status decline(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    Payment__PaymentRecord *record;
    maru_status             status = GET(txn, &payments, o->cancelled, &record);

    if (status != MARU_OK)
        return status;
    record->payment->state = PAYMENT__PAYMENT_STATE__DECLINED;
    return PUT(txn, &payments, o->cancelled, record);
}

/* ---- the provider ---- */

static maru_status get_operation(maru_txn *txn, const char *order, Provider__OperationKind kind,
                                 Provider__Operation **operation, uint64_t *last)
{
    maru_cursor         *cursor = maru_walk(txn, &ledger, maru_key_text(""), maru_key_text(""));
    Provider__Operation *found;
    maru_status          status;

    *operation = NULL;
    while ((status = maru_next(cursor, NULL, (ProtobufCMessage **)&found)) == MARU_OK) {
        *last = found->number;
        if (strcmp(found->reference, order) == 0 && found->kind == kind)
            *operation = found;
    }
    return *operation == NULL ? maru_txn_fail(txn, MARU_NOT_FOUND, "no such operation of %s", order) : MARU_OK;
}

static maru_status put_operation(maru_txn *txn, Provider__Operation *operation, uint64_t number)
{
    event_key key = {0};

    operation->number = number;
    key_number(&key, number);
    return maru_put(txn, &ledger, key_of(&key), &operation->base);
}

/* One more, of a kind and an amount, about the completed order. */
static maru_status operate(maru_txn *txn, const breaks_orders *o, Provider__OperationKind kind, int64_t minor,
                           bool beside)
{
    Provider__Operation *operation;
    uint64_t             last;
    maru_status status = get_operation(txn, o->completed, PROVIDER__OPERATION_KIND__CAPTURE, &operation, &last);

    if (status != MARU_OK)
        return status;
    operation->kind = kind;
    operation->key = (char *)"another";
    operation->amount->minor = beside ? operation->amount->minor + minor : minor;
    return put_operation(txn, operation, last + 1);
}

static maru_status capture_again(maru_txn *txn, void *arg)
{
    return operate(txn, arg, PROVIDER__OPERATION_KIND__CAPTURE, 0, false);
}

static maru_status refund_above(maru_txn *txn, void *arg)
{
    return operate(txn, arg, PROVIDER__OPERATION_KIND__REFUND, 1, true);
}

static maru_status refund_behind(maru_txn *txn, void *arg)
{
    return operate(txn, arg, PROVIDER__OPERATION_KIND__REFUND, 1, false);
}

static maru_status lose_void(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    Provider__Operation *operation;
    uint64_t             last;
    event_key            key = {0};
    maru_status          status = get_operation(txn, o->cancelled, PROVIDER__OPERATION_KIND__VOID, &operation, &last);

    if (status != MARU_OK)
        return status;
    key_number(&key, operation->number);
    return maru_delete(txn, &ledger, key_of(&key));
}

/* ---- shipping ---- */

static maru_status stop_parcel(maru_txn *txn, void *arg)
{
    const breaks_orders *o = arg;
    Shipping__Shipment  *shipment;
    maru_status          status = GET(txn, &shipments, o->completed, &shipment);

    if (status != MARU_OK)
        return status;
    shipment->state = SHIPPING__SHIPMENT_STATE__STOPPED;
    return PUT(txn, &shipments, o->completed, shipment);
}

static maru_status skip_ahead(maru_txn *txn, void *arg)
{
    MaruEvents__Inbox *inbox;
    maru_status        status = GET(txn, &events_inbox, "checkout", &inbox);

    (void)arg;
    if (status != MARU_OK)
        return status;
    inbox->sequence += 5;
    return PUT(txn, &events_inbox, "checkout", inbox);
}

static maru_status lose_end(maru_txn *txn, void *arg)
{
    maru_key    last;
    maru_status status = txn_last(txn, &events_log, maru_key_text(""), &last);

    (void)arg;
    return status == MARU_OK ? maru_delete(txn, &events_log, last) : status;
}

/* ---- all of them ---- */

const breaks_row breaks_all[] = {
    {"there is one more on hand than came and went", SHIP_INVENTORY, more_on_hand, "stock-equation stock-ledger"},
    {"more is reserved than there is", SHIP_INVENTORY, reserve_above, "stock-bounds reserved-sum"},
    {"one is reserved by nobody", SHIP_INVENTORY, reserve_one, "reserved-sum"},
    {"a movement is lost", SHIP_INVENTORY, lose_movement, "stock-ledger stock-kinds"},
    {"a movement is of another kind", SHIP_INVENTORY, rename_movement, "stock-kinds"},
    {"another quantity left than was ordered", SHIP_INVENTORY, change_goods, "stock-shipped goods"},
    {"another product was reserved than was ordered", SHIP_INVENTORY, change_released_goods, "goods"},
    {"more came back than the order says", SHIP_INVENTORY, past_returns_more, "returned"},
    {"an order is known only to inventory", SHIP_INVENTORY, keep_for_nobody, "order-known"},
    {"an event is a dead letter", SHIP_INVENTORY, park_letter, "delivered"},
    {"an order is there twice, by one request", SHIP_CHECKOUT, copy_order, "request-once fold"},
    {"an order was set back", SHIP_CHECKOUT, set_back, "fold order-ends"},
    {"an order's total is not what was captured", SHIP_CHECKOUT, change_total, "fold completed"},
    {"an event did not get into its timeline", SHIP_CHECKOUT, forget_entry, "timeline"},
    {"a timeline is damaged", SHIP_CHECKOUT, damage_timeline, "readable"},
    {"an event got into its timeline twice, in another's place", SHIP_CHECKOUT, repeat_entry, "timeline"},
    {"an event is lost in the middle of a log", SHIP_CHECKOUT, lose_event, "log-dense"},
    {"the first event of a log is lost", SHIP_CHECKOUT, lose_first_event, "log-dense"},
    {"an event has another version", SHIP_CHECKOUT, change_version, "log-dense"},
    {"payment says that it captured more", SHIP_PAYMENT, capture_more, "ledgers-equal fold"},
    {"payment says that it authorised less", SHIP_PAYMENT, authorize_less, "ledgers-equal"},
    {"payment captured in another currency", SHIP_PAYMENT, change_currency, "one-currency"},
    {"a payment is not in the state that its log says", SHIP_PAYMENT, decline, "fold"},
    {"a payment is damaged", SHIP_PAYMENT, damage_payment, "readable"},
    {"an order of today was paid elsewhere", SHIP_PAYMENT, past_settles_today, "ledgers-equal settled"},
    {"an order of the past is charged", SHIP_PAYMENT, past_is_charged, "ledgers-equal settled completed"},
    {"what came back was not paid back", SHIP_PAYMENT, past_is_not_paid_back, "returned fold"},
    {"the provider captured twice", SHIP_PROVIDER, capture_again, "charge-once"},
    {"the provider refunded more than it captured", SHIP_PROVIDER, refund_above, "refund-bound ledgers-equal"},
    {"the provider refunded what nobody knows of", SHIP_PROVIDER, refund_behind, "ledgers-equal"},
    {"a cancelled order is still authorised", SHIP_PROVIDER, lose_void, "cancelled"},
    {"a completed order was not delivered", SHIP_SHIPPING, stop_parcel, "fold completed"},
    {"a cursor is beyond the end of a log", SHIP_SHIPPING, skip_ahead, "cursors"},
    {"the end of a log is lost", SHIP_SHIPPING, lose_end, "cursors fold timeline"},
    {NULL, SHIP_COUNT, NULL, NULL},
};

bool breaks_do(shop *s, const breaks_row *row, const breaks_orders *o)
{
    const maru_table *const *strange = damage_tables(row->fn);

    return shop_change(s, row->ship, strange != NULL ? strange : tables[row->ship], row->fn, (void *)o);
}
