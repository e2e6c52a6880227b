/* fold.c: see fold.h. One table says which event leads to which state. */
#include "audit/fold.h"

#include <inttypes.h>
#include <string.h>

#include "audit/foreign.h"

typedef void (*fold_fn)(book *b, book_order *order, const MaruEvents__Event *event);

/* Those that say more than a state. */
static void fold_refused(book *b, book_order *order, const MaruEvents__Event *event)
{
    (void)b;
    (void)event;
    order->folded.cancel_refused = true;
}

static void fold_submitted(book *b, book_order *order, const MaruEvents__Event *event)
{
    Checkout__OrderSubmitted *submitted =
        checkout__order_submitted__unpack(NULL, event->payload.len, event->payload.data);

    if (submitted == NULL || submitted->total == NULL) {
        book_find(b, "fold", order->name, "%s: its payload can't be read", event->id);
    } else {
        order->folded.total = submitted->total->minor;
        order->folded.order = CHECKOUT__ORDER_STATE__SUBMITTED;
    }
    checkout__order_submitted__free_unpacked(submitted, NULL);
}

static void fold_captured(book *b, book_order *order, const MaruEvents__Event *event)
{
    Payment__PaymentCaptured *captured =
        payment__payment_captured__unpack(NULL, event->payload.len, event->payload.data);

    if (captured == NULL || captured->amount == NULL) {
        book_find(b, "fold", order->name, "%s: its payload can't be read", event->id);
    } else {
        order->folded.captured += captured->amount->minor;
        order->folded.payment = PAYMENT__PAYMENT_STATE__CAPTURED;
    }
    payment__payment_captured__free_unpacked(captured, NULL);
}

static void fold_refund(book *b, book_order *order, const MaruEvents__Event *event)
{
    Payment__RefundSucceeded *refund = payment__refund_succeeded__unpack(NULL, event->payload.len, event->payload.data);

    if (refund == NULL || refund->amount == NULL) {
        book_find(b, "fold", order->name, "%s: its payload can't be read", event->id);
    } else {
        order->folded.refunded += refund->amount->minor;
        if (order->folded.refunded == order->folded.captured)
            order->folded.payment = PAYMENT__PAYMENT_STATE__REFUNDED;
    }
    payment__refund_succeeded__free_unpacked(refund, NULL);
}

static const struct fold_row {
    book_service service;
    const char  *type;
    size_t       field; /* of book_folded: a state; unused where fn is */
    int          state;
    fold_fn      fn;
} rows[] = {
#define STATE(service, package, type, field, state)                                                                    \
    {                                                                                                                  \
        BOOK_##service, "shop." package ".v1." type, offsetof(book_folded, field), state, NULL                         \
    }
    STATE(CHECKOUT, "checkout", "OrderConfirmed", order, CHECKOUT__ORDER_STATE__CONFIRMED),
    STATE(CHECKOUT, "checkout", "OrderCancelRequested", order, CHECKOUT__ORDER_STATE__CANCELLING),
    STATE(CHECKOUT, "checkout", "OrderCancelled", order, CHECKOUT__ORDER_STATE__CANCELLED),
    STATE(CHECKOUT, "checkout", "OrderCompleted", order, CHECKOUT__ORDER_STATE__COMPLETED),
    STATE(INVENTORY, "inventory", "StockReserved", reservation, INVENTORY__RESERVATION_STATE__RESERVED),
    STATE(INVENTORY, "inventory", "StockRejected", reservation, INVENTORY__RESERVATION_STATE__REJECTED),
    STATE(INVENTORY, "inventory", "StockCommitted", reservation, INVENTORY__RESERVATION_STATE__COMMITTED),
    STATE(INVENTORY, "inventory", "StockReleased", reservation, INVENTORY__RESERVATION_STATE__RELEASED),
    STATE(INVENTORY, "inventory", "StockShipped", reservation, INVENTORY__RESERVATION_STATE__SHIPPED_OUT),
    STATE(PAYMENT, "payment", "PaymentAuthorized", payment, PAYMENT__PAYMENT_STATE__AUTHORIZED),
    STATE(PAYMENT, "payment", "PaymentDeclined", payment, PAYMENT__PAYMENT_STATE__DECLINED),
    STATE(PAYMENT, "payment", "PaymentCaptureRefused", payment, PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED),
    STATE(PAYMENT, "payment", "PaymentVoided", payment, PAYMENT__PAYMENT_STATE__VOIDED),
    STATE(SHIPPING, "shipping", "ShipmentPacked", shipment, SHIPPING__SHIPMENT_STATE__PACKED),
    STATE(SHIPPING, "shipping", "ShipmentDispatched", shipment, SHIPPING__SHIPMENT_STATE__DISPATCHED),
    STATE(SHIPPING, "shipping", "ShipmentDelivered", shipment, SHIPPING__SHIPMENT_STATE__DELIVERED),
    STATE(SHIPPING, "shipping", "ShipmentCancelled", shipment, SHIPPING__SHIPMENT_STATE__STOPPED),
#undef STATE
    {BOOK_CHECKOUT, "shop.checkout.v1.OrderSubmitted", 0, 0, fold_submitted},
    {BOOK_PAYMENT, "shop.payment.v1.PaymentCaptured", 0, 0, fold_captured},
    {BOOK_PAYMENT, "shop.payment.v1.RefundSucceeded", 0, 0, fold_refund},
    {BOOK_SHIPPING, "shop.shipping.v1.ShipmentCancelRefused", 0, 0, fold_refused},
};

static const struct fold_row *find_row(book_service service, const char *type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].service == service && strcmp(rows[i].type, type) == 0)
            return &rows[i];
    return NULL;
}

static bool is_over(const book_order *order)
{
    return order->folded.order == CHECKOUT__ORDER_STATE__COMPLETED ||
           order->folded.order == CHECKOUT__ORDER_STATE__CANCELLED;
}

static void fold_order(book *b, book_service service, const MaruEvents__Event *event)
{
    const struct fold_row *row = find_row(service, event->type);
    book_order            *order = book_order_of(b, event->aggregate);

    if (order == NULL)
        return;
    if (event->version != order->folded.versions[service] + 1)
        book_find(b, "log-dense", order->name, "%s is version %" PRIu64 " of %s in %s's log, after %" PRIu64, event->id,
                  event->version, event->aggregate, book_service_name(service), order->folded.versions[service]);
    order->folded.versions[service] = event->version;
    if (service == BOOK_CHECKOUT && is_over(order) && strcmp(event->type, "shop.checkout.v1.OrderReturned") != 0)
        book_find(b, "fold", order->name, "%s comes after its end in checkout's log", event->id);
    if (row == NULL)
        return;
    if (row->fn != NULL)
        row->fn(b, order, event);
    else
        memcpy((char *)&order->folded + row->field, &row->state, sizeof row->state);
}

/* The order and its authorisation are those of the ledger: what that does not have the log does not add. */
static void fold_news(book *b, const MaruEvents__Event *event)
{
    Provider__OperationSettled *news =
        provider__operation_settled__unpack(NULL, event->payload.len, event->payload.data);
    const Provider__Operation *operation = news == NULL ? NULL : news->operation;
    book_order                *order = NULL;

    if (operation != NULL && operation->succeeded && operation->kind == PROVIDER__OPERATION_KIND__CAPTURE)
        order = book_order_named(b, foreign_order_of(operation));
    for (book_charge *charge = order == NULL ? NULL : order->charges; charge != NULL; charge = charge->next)
        charge->told = charge->told || strcmp(charge->key, operation->authorization) == 0;
    provider__operation_settled__free_unpacked(news, NULL);
}

void fold_event(book *b, book_service service, uint64_t after, const MaruEvents__Event *event)
{
    b->event_count++;
    if (event->sequence != after + 1)
        book_find(b, "log-dense", book_service_name(service), "after sequence %" PRIu64 " comes %" PRIu64, after,
                  event->sequence);
    if (strcmp(event->producer, book_service_name(service)) != 0)
        book_find(b, "log-dense", book_service_name(service), "%s is of %s", event->id, event->producer);
    /* The provider's aggregates are authorisations, by keys that are their own. */
    if (service == BOOK_PROVIDER)
        fold_news(b, event);
    else if (strncmp(event->aggregate, "orders/", strlen("orders/")) == 0)
        fold_order(b, service, event);
}

static const char *find_twin(const Checkout__Timeline *timeline)
{
    for (size_t i = 0; i < timeline->n_entries; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(timeline->entries[i]->event_id, timeline->entries[j]->event_id) == 0)
                return timeline->entries[i]->event_id;
    return NULL;
}

/* An event of an older epoch is in the log, too, unless the store went back to before it. */
static void fold_entry(const book *b, book_order *order, book_service service, const Checkout__TimelineEntry *entry)
{
    uint64_t epoch, sequence;

    book_read_id(entry->event_id, &epoch, &sequence);
    order->heard.entries[service]++;
    if (epoch != 0 && epoch != b->logs[service].epoch)
        order->heard.of_old[service]++;
    else if (entry->version > order->heard.newest[service])
        order->heard.newest[service] = entry->version;
}

void fold_timeline(book *b, book_order *order, const Checkout__Timeline *timeline)
{
    const char *twin = find_twin(timeline);

    for (size_t i = 0; i < timeline->n_entries; i++) {
        book_service service = book_service_of(timeline->entries[i]->service);

        if (service < BOOK_SERVICE_COUNT)
            fold_entry(b, order, service, timeline->entries[i]);
    }
    if (twin != NULL && (order->heard.twin = maru_arena_strdup(b->arena, twin)) == NULL)
        b->out_of_memory = true;
}
