/* kit.h: payment and its provider beside three producers of the test's own, which say what checkout, inventory and
 * shipping would. Each is a service with a runtime, a store and an event log of its own; they hear each other over
 * sockets, or, with a simulation's seam, over its network and on its clock.
 *
 *   struct shop shop;
 *   shop_open(&shop, NULL);
 *   shop_begin(&shop, "an order is paid");
 *   shop_submit(&shop, "orders/1", 4500, shop_token(&shop, CARD_WORKS));
 *   shop_say(&shop, "orders/1", SAY_RESERVED);
 *   shop_wait(&shop, "orders/1", PAYMENT__PAYMENT_STATE__AUTHORIZED);
 *   shop_close(&shop);
 *
 * Header only: its checks are those of the test that includes it.
 */
#ifndef TESTS_PAYMENT_KIT_H
#define TESTS_PAYMENT_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maru/events.maru.h"
#include "node.h"
#include "payment/payment.h"
#include "payment/store.h"
#include "provider/provider.h"
#include "provider/store.h"
#include "shop/inventory.pb-c.h"
#include "shop/provider.maru.h"
#include "shop/shipping.pb-c.h"
#include "test.h"

#define CARD_WORKS           "4242 4242 4242 4242"
#define CARD_DECLINED        "4000 0000 0000 0002"
#define CARD_POOR            "4000 0000 0000 0010"
#define CARD_STOLEN          "4000 0000 0000 0028"
#define CARD_LIMIT           "4000 0000 0000 0036"
#define CARD_SLOW            "4000 0000 0000 0044"
#define CARD_SILENT          "4000 0000 0000 0051"
#define CARD_CAPTURE_REFUSED "4000 0000 0000 0069"
#define CARD_TWICE           "4000 0000 0000 0077"
#define CARD_TOO_SLOW        "4000 0000 0000 0085"

/* States of a payment, shorter. */
enum {
    WAITING = PAYMENT__PAYMENT_STATE__WAITING,
    AUTHORIZING = PAYMENT__PAYMENT_STATE__AUTHORIZING,
    AUTHORIZED = PAYMENT__PAYMENT_STATE__AUTHORIZED,
    DECLINED = PAYMENT__PAYMENT_STATE__DECLINED,
    CAPTURING = PAYMENT__PAYMENT_STATE__CAPTURING,
    CAPTURED = PAYMENT__PAYMENT_STATE__CAPTURED,
    VOIDING = PAYMENT__PAYMENT_STATE__VOIDING,
    VOIDED = PAYMENT__PAYMENT_STATE__VOIDED,
    REFUNDING = PAYMENT__PAYMENT_STATE__REFUNDING,
    REFUNDED = PAYMENT__PAYMENT_STATE__REFUNDED,
    NOT_NEEDED = PAYMENT__PAYMENT_STATE__NOT_NEEDED,
    CAPTURE_REFUSED = PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED,
};

enum { PRODUCERS = 3, PEERS = 4 };

struct shop {
    struct node              producers[PRODUCERS]; /* checkout, inventory, shipping */
    struct node              provider;
    struct node              payment;
    struct provider_service  provider_svc;
    struct payment_service   payment_svc; /* provider_ms, authorization_ms: set before shop_open or payment_start */
    const provider_handlers *handlers;    /* NULL: provider_methods */
    struct provider_service *handlers_svc;
    maru_client             *peers[PEERS]; /* of payment: the producers, the provider */
    maru_call               *call;         /* of the running case */
    bool                     provider_far; /* it is a process of its own, which listens on provider.url */
    bool                     payment_far;  /* so is payment, on payment.url */
    uint64_t                 seed;         /* of the provider's faults */
};

enum { CASE_MS = 30000, LOOK_MS = 2, LOOKS_MAX = 15000 };

static const char *const       kit_names[PEERS] = {"checkout", "inventory", "shipping", "provider"};
static const maru_table *const kit_no_tables[] = {NULL};

/* ---- all of them ---- */

/* The provider or payment ends, its folder stays; and begins again. */
static inline bool shop_start_provider(struct shop *shop)
{
    struct node             *node = &shop->provider;
    const provider_handlers *handlers = shop->handlers != NULL ? shop->handlers : &provider_methods;
    struct provider_service *svc = shop->handlers_svc != NULL ? shop->handlers_svc : &shop->provider_svc;

    if (!node_start(node, PROVIDER_STORE_VERSION))
        return false;
    svc->store = node->store;
    if (provider_begin(svc, node->runtime, &shop->seed, &node->error) != MARU_OK)
        return node_fail(node, "begin");
    return provider_serve(node->server, handlers, svc, &node->error) == MARU_OK &&
           node_serve(node, (maru_events_options){.timers = provider_timers});
}

static inline void shop_stop_provider(struct shop *shop)
{
    node_stop(&shop->provider, NULL, NULL);
}

static inline maru_client *peer_of(void *arg, const char *name)
{
    struct shop *shop = arg;

    for (int i = 0; i < PEERS; i++)
        if (strcmp(kit_names[i], name) == 0)
            return shop->peers[i];
    return NULL;
}

static inline const char *url_of(const struct shop *shop, int peer)
{
    return peer < PRODUCERS ? shop->producers[peer].url : shop->provider.url;
}

static inline bool shop_start_payment(struct shop *shop)
{
    struct node        *node = &shop->payment;
    maru_events_options options = {.consumers = payment_consumers,
                                   .timers = payment_timers,
                                   .tasks = payment_tasks,
                                   .svc = &shop->payment_svc,
                                   .settings = &shop->payment_svc,
                                   .producer = peer_of,
                                   .arg = shop};

    if (!node_start(node, PAYMENT_STORE_VERSION))
        return false;
    for (int i = 0; i < PEERS; i++)
        if (maru_client_new(node->runtime, url_of(shop, i), &node_client, &shop->peers[i], &node->error) != MARU_OK)
            return node_fail(node, kit_names[i]);
    shop->payment_svc.store = node->store;
    shop->payment_svc.provider = shop->peers[PRODUCERS];
    shop->payment_svc.checkout = shop->peers[0];
    return payment_serve(node->server, &payment_methods, &shop->payment_svc, &node->error) == MARU_OK &&
           node_serve(node, options);
}

static inline void free_peers(void *arg)
{
    struct shop *shop = arg;

    for (int i = 0; i < PEERS; i++)
        if (shop->peers[i] != NULL)
            maru_client_free(shop->peers[i]);
    memset(shop->peers, 0, sizeof shop->peers);
}

static inline void shop_stop_payment(struct shop *shop)
{
    if (shop->call != NULL)
        maru_call_end(shop->call);
    shop->call = NULL;
    node_stop(&shop->payment, free_peers, shop);
}

static inline bool shop_open(struct shop *shop, const maru_seam *seam)
{
    for (int i = 0; i < PRODUCERS; i++)
        if (!node_make(&shop->producers[i], kit_names[i], kit_no_tables, seam) || !node_start(&shop->producers[i], 1) ||
            !node_serve(&shop->producers[i], (maru_events_options){.service = NULL}))
            return false;
    if (!node_make(&shop->provider, "provider", provider_tables, seam) ||
        !node_make(&shop->payment, "payment", payment_tables, seam))
        return false;
    if (!shop->provider_far && !shop_start_provider(shop))
        return false;
    return shop->payment_far || shop_start_payment(shop);
}

static inline void shop_close(struct shop *shop)
{
    shop_stop_payment(shop);
    node_end(&shop->payment);
    node_end(&shop->provider);
    for (int i = 0; i < PRODUCERS; i++)
        node_end(&shop->producers[i]);
}

/* The call is of whoever is there: a producer where payment is another process. */
static inline void shop_begin(struct shop *shop, const char *sentence)
{
    if (shop->call != NULL)
        maru_call_end(shop->call);
    shop->call = maru_call_begin(shop->payment_far ? shop->producers[0].runtime : shop->payment.runtime,
                                 shop->payment.seam != NULL ? 0 : CASE_MS);
    test_begin(sentence);
}

/* A client of the provider, wherever it is. */
static inline maru_client *shop_provider(const struct shop *shop)
{
    return shop->peers[PRODUCERS] != NULL ? shop->peers[PRODUCERS] : shop->provider.client;
}

/* ---- what is said ---- */

struct word {
    const char             *order;
    const ProtobufCMessage *event;
};

static inline maru_status emit(maru_txn *txn, void *arg)
{
    const struct word *word = arg;

    return maru_emit(txn, word->order, word->event);
}

/* A producer's own call: it has another runtime. */
static inline bool tell(struct node *node, const char *order, const ProtobufCMessage *event)
{
    struct word word = {.order = order, .event = event};
    maru_call  *call = maru_call_begin(node->runtime, node->seam != NULL ? 0 : CASE_MS);
    maru_status status = maru_store_write(node->store, call, emit, &word);

    if (!CHECK_INT(status, MARU_OK))
        fprintf(stderr, "%s: %s\n", node->name, maru_call_message(call));
    maru_call_end(call);
    return status == MARU_OK;
}

static inline bool shop_submit(struct shop *shop, const char *order, int64_t minor, const char *token)
{
    Checkout__OrderSubmitted event = CHECKOUT__ORDER_SUBMITTED__INIT;
    Shop__Money              total = SHOP__MONEY__INIT;

    total.currency = (char *)"KRW";
    total.minor = minor;
    event.order = (char *)order;
    event.total = &total;
    event.payment_token = (char *)token;
    return tell(&shop->producers[0], order, &event.base);
}

typedef enum say { SAY_RESERVED, SAY_PACKED, SAY_CANCELLED } say;

static inline bool shop_say(struct shop *shop, const char *order, say what)
{
    Checkout__OrderCancelled cancelled = CHECKOUT__ORDER_CANCELLED__INIT;
    Inventory__StockReserved reserved = INVENTORY__STOCK_RESERVED__INIT;
    Shipping__ShipmentPacked packed = SHIPPING__SHIPMENT_PACKED__INIT;

    cancelled.order = reserved.order = packed.order = (char *)order;
    cancelled.reason = CHECKOUT__CANCEL_REASON__CUSTOMER;
    switch (what) {
    case SAY_RESERVED:
        return tell(&shop->producers[1], order, &reserved.base);
    case SAY_PACKED:
        return tell(&shop->producers[2], order, &packed.base);
    case SAY_CANCELLED:
        return tell(&shop->producers[0], order, &cancelled.base);
    }
    return false;
}

/* The token of a card; "" where it was refused, which fails the case. A machine that is busy may take longer than
 * payment waits: then it is asked again. */
static inline const char *shop_token(struct shop *shop, const char *number)
{
    Payment__TokenizeCardRequest   request = PAYMENT__TOKENIZE_CARD_REQUEST__INIT;
    Payment__TokenizeCardResponse *response;
    maru_status                    status;

    request.number = (char *)number;
    request.expiry = (char *)"12/99";
    do
        status = payment_tokenize_card(shop->payment.client, shop->call, &request, &response);
    while (status == MARU_DEADLINE_EXCEEDED && maru_call_left_ms(shop->call) > 0);
    if (CHECK_INT(status, MARU_OK))
        return response->token;
    fprintf(stderr, "%s\n", maru_call_message(shop->call));
    return "";
}

static inline bool shop_faults(struct shop *shop, Provider__Faults faults)
{
    Provider__Faults *set;

    return CHECK_INT(provider_set_faults(shop_provider(shop), shop->call, &faults, &set), MARU_OK);
}

static inline maru_status shop_refund(struct shop *shop, const char *order, int64_t minor, Payment__Payment **after)
{
    Payment__RefundPaymentRequest request = PAYMENT__REFUND_PAYMENT_REQUEST__INIT;
    Shop__Money                   amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = minor;
    request.order = (char *)order;
    request.amount = &amount;
    request.reason = (char *)"as the test wants it";
    return payment_refund_payment(shop->payment.client, shop->call, &request, after);
}

/* ---- what came of it ---- */

/* The payment as it is; NULL: there is none. Lives as long as the case. */
static inline Payment__Payment *shop_look(struct shop *shop, const char *order)
{
    Payment__GetPaymentRequest request = PAYMENT__GET_PAYMENT_REQUEST__INIT;
    Payment__Payment          *payment;

    request.order = (char *)order;
    return payment_get_payment(shop->payment.client, shop->call, &request, &payment) == MARU_OK ? payment : NULL;
}

/* Waits for a state, as long as the case's call has time. A case fails where it does not come. */
static inline Payment__Payment *shop_wait(struct shop *shop, const char *order, int state)
{
    Payment__Payment *payment;

    for (int i = 0; (payment = shop_look(shop, order)) == NULL || (int)payment->state != state; i++)
        if (i == LOOKS_MAX || maru_sleep(shop->call, LOOK_MS) != MARU_OK) {
            fprintf(stderr, "%s: want state %d, got %d: %s\n", order, state, payment != NULL ? (int)payment->state : 0,
                    payment != NULL ? payment->detail : maru_call_message(shop->call));
            CHECK(payment != NULL && (int)payment->state == state);
            return NULL;
        }
    return payment;
}

/* Submitted and reserved, with a card; waits until its state is what it should be. */
static inline bool shop_pay(struct shop *shop, const char *order, const char *number, int state)
{
    return shop_submit(shop, order, 4500, shop_token(shop, number)) && shop_say(shop, order, SAY_RESERVED) &&
           shop_wait(shop, order, state) != NULL;
}

static inline const MaruEvents__Consumer *find_consumer(struct shop *shop, const char *producer)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;

    if (maru_event_inbox_list_consumers(shop->payment.client, shop->call, &request, &response) != MARU_OK)
        return NULL;
    for (size_t i = 0; i < response->n_consumers; i++)
        if (strcmp(response->consumers[i]->producer, producer) == 0)
            return response->consumers[i];
    return NULL;
}

static inline const struct node *node_of(const struct shop *shop, const char *producer)
{
    for (int i = 0; i < PRODUCERS; i++)
        if (strcmp(shop->producers[i].name, producer) == 0)
            return &shop->producers[i];
    return &shop->provider;
}

/* Waits until payment took in all that a producer ("provider") has said so far. */
static inline bool shop_heard(struct shop *shop, const char *producer)
{
    const struct node          *node = node_of(shop, producer);
    maru_call                  *call = maru_call_begin(node->runtime, node->seam != NULL ? 0 : CASE_MS);
    MaruEvents__ReadRequest     request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse   *response;
    const MaruEvents__Consumer *consumer = NULL;
    uint64_t                    last;
    bool                        asked = maru_event_log_read(node->client, call, &request, &response) == MARU_OK;

    last = asked ? response->last : 0;
    maru_call_end(call);
    while (asked && ((consumer = find_consumer(shop, producer)) == NULL || consumer->sequence < last))
        if (maru_sleep(shop->call, LOOK_MS) != MARU_OK)
            return CHECK(consumer != NULL && consumer->sequence >= last);
    return CHECK(consumer != NULL) && CHECK_INT(consumer->parked, 0) && CHECK_INT(consumer->waiting, 0);
}

/* "PaymentAuthorized PaymentCaptured ": what payment said of an order. */
static inline const char *shop_said(struct shop *shop, const char *order)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    const char                        *words = "";

    request.aggregate = (char *)order;
    if (!CHECK_INT(maru_event_log_read_aggregate(shop->payment.client, shop->call, &request, &response), MARU_OK))
        return "";
    for (size_t i = 0; i < response->n_events; i++)
        words = maru_printf(shop->call, "%s%s ", words, strrchr(response->events[i]->type, '.') + 1);
    return words;
}

#endif
