/* any_order_test.c: an order of the past ends as it would have, in whichever order the logs of others are read, and
 * whenever it is said again: before all of that, after it, or between. And what that takes of a call's memory.
 */
#include "early.h"
#include "order.h"
#include "testing.h"

enum { STEPS_MAX = 8, NAME_MAX_BYTES = 64 };

/* ---- stories ---- */

/* In the order in which a shop that goes on has them. Each service's own are always heard in theirs. */
struct story {
    const char                       *is;
    const ProtobufCMessageDescriptor *steps[STEPS_MAX];
    bool                              left; /* as shipping answers who asks */
};

#define SAID(service, name) &service##__##name##__descriptor

static const struct story stories[] = {
    {"one that is delivered, ends so however it is heard",
     {SAID(inventory, stock_reserved), SAID(payment, payment_authorized), SAID(payment, payment_captured),
      SAID(shipping, shipment_dispatched), SAID(inventory, stock_shipped), SAID(shipping, shipment_delivered)},
     true},
    {"one that left beside a capture that was refused, and could not be stopped, ends so however it is heard",
     {SAID(inventory, stock_reserved), SAID(payment, payment_authorized), SAID(payment, payment_capture_refused),
      SAID(shipping, shipment_dispatched), SAID(shipping, shipment_cancel_refused), SAID(inventory, stock_shipped),
      SAID(shipping, shipment_delivered)},
     true},
    {"one whose capture was refused, and that was stopped, ends so however it is heard",
     {SAID(inventory, stock_reserved), SAID(payment, payment_authorized), SAID(payment, payment_capture_refused),
      SAID(shipping, shipment_cancelled), SAID(inventory, stock_released)},
     false},
    {"one whose stock was rejected when it was confirmed, ends so however it is heard",
     {SAID(inventory, stock_reserved), SAID(payment, payment_authorized), SAID(inventory, stock_rejected),
      SAID(shipping, shipment_cancelled), SAID(payment, payment_voided)},
     false},
    {"one that was declined, ends so however it is heard",
     {SAID(inventory, stock_reserved), SAID(payment, payment_declined), SAID(inventory, stock_released)},
     false},
    {"one whose stock is rejected, by an inventory that went back to a backup, after the parcel came, so too",
     {SAID(inventory, stock_rejected), SAID(shipping, shipment_dispatched), SAID(shipping, shipment_delivered)},
     true},
};

static size_t length_of(const struct story *story)
{
    size_t length = 0;

    while (length < STEPS_MAX && story->steps[length] != NULL)
        length++;
    return length;
}

static const char *service_of(const ProtobufCMessageDescriptor *type)
{
    return strstr(type->name, ".inventory.") != NULL ? "inventory"
           : strstr(type->name, ".payment.") != NULL ? "payment"
                                                     : "shipping";
}

/* ---- one way to hear a story ---- */

struct telling {
    const struct story *story;
    size_t              order[STEPS_MAX]; /* of its steps */
    size_t              placed;           /* after so many of them */
    size_t              heard;
    char                name[NAME_MAX_BYTES];
};

struct end {
    Checkout__OrderState   state;
    Checkout__CancelReason reason;
    bool                   kept;    /* something still is */
    size_t                 entries; /* of the timeline */
    char                   said[256];
};

static const maru_consumer *consumer_of(const ProtobufCMessageDescriptor *type)
{
    size_t i = 0;

    while (checkout_consumers[i].type != type)
        i++;
    return &checkout_consumers[i];
}

/* As it comes from a log, without the log. */
static maru_status hear_version(maru_txn *txn, const char *order, const ProtobufCMessageDescriptor *type,
                                uint64_t version)
{
    union {
        ProtobufCMessage            base;
        Shipping__ShipmentDelivered event;
        Inventory__StockRejected    largest[2];
    } payload;
    maru_event event = {.id = maru_arena_printf(maru_txn_arena(txn), "%s-%d", service_of(type), (int)version),
                        .producer = service_of(type),
                        .aggregate = order,
                        .version = version,
                        .type = type->name,
                        .causation_id = "",
                        .payload = &payload.base};

    CHECK(type->sizeof_message <= sizeof payload);
    type->message_init(&payload.base);
    payload.event.order = (char *)order; /* the first field of each */
    return consumer_of(type)->apply(txn, &event);
}

static maru_status hear_step(maru_txn *txn, const struct telling *t, size_t step)
{
    uint64_t version = 1;

    for (size_t i = 0; i < step; i++)
        version += strcmp(service_of(t->story->steps[i]), service_of(t->story->steps[step])) == 0;
    return hear_version(txn, t->name, t->story->steps[step], version);
}

/* What PlacePastOrder does of an invoice that is new. Its lines are long ones, which stay the transaction's. */
static maru_status place_it(maru_txn *txn, const char *name, size_t lines)
{
    Checkout__OrderRecord       record = CHECKOUT__ORDER_RECORD__INIT;
    Checkout__Order             order = CHECKOUT__ORDER__INIT;
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Shop__Money                 money = SHOP__MONEY__INIT;
    Checkout__Line              line = CHECKOUT__LINE__INIT;
    maru_status                 status;

    time.seconds = THEN;
    money.currency = (char *)"GBP";
    line.price = line.total = &money;
    line.title = maru_arena_printf(maru_txn_arena(txn), "%0*d", TITLE_BYTES, 0);
    order.lines = maru_txn_alloc(txn, (lines + 1) * sizeof order.lines[0]);
    while (order.n_lines < lines)
        order.lines[order.n_lines++] = &line;
    order.name = (char *)name;
    order.state = CHECKOUT__ORDER_STATE__SUBMITTED;
    order.invoice = (char *)"1";
    order.create_time = order.update_time = &time;
    order.total = order.tax = &money;
    record.order = &order;
    status = order_begin(txn, &record, "");
    return status == MARU_OK ? events_catch_up(txn, name) : status;
}

static maru_status look(maru_txn *txn, const char *name, struct end *end)
{
    Checkout__OrderRecord *record;
    Checkout__Timeline    *timeline;
    maru_status            status = order_get(txn, name, &record);

    if (status == MARU_OK)
        status = maru_get(txn, &table_timelines, maru_key_text(name), (ProtobufCMessage **)&timeline);
    if (status != MARU_OK)
        return status;
    *end = (struct end){.state = record->order->state,
                        .reason = record->order->reason,
                        .kept = maru_has(txn, &table_early, maru_key_text(name)) == MARU_OK,
                        .entries = timeline->n_entries};
    for (size_t i = 0, size = 0; i < timeline->n_entries; i++)
        if (strcmp(timeline->entries[i]->service, "checkout") == 0)
            size += (size_t)snprintf(end->said + size, sizeof end->said - size, "%s ",
                                     strrchr(timeline->entries[i]->type, '.') + 1);
    return MARU_OK;
}

/* Whoever asks shipping is answered. */
static maru_status answer(maru_txn *txn, const struct telling *t, struct end *end)
{
    maru_status status;

    if (end->state != CHECKOUT__ORDER_STATE__CANCELLING)
        return MARU_OK;
    status = hear_version(txn, t->name,
                          t->story->left ? SAID(shipping, shipment_cancel_refused) : SAID(shipping, shipment_cancelled),
                          STEPS_MAX + 1);
    return status == MARU_OK ? look(txn, t->name, end) : status;
}

/* One after the other, each in memory that is given back, as of a log. */
static maru_status tell(maru_txn *txn, const struct telling *t, struct end *end)
{
    maru_arena     *arena = maru_txn_arena(txn);
    maru_arena_mark mark = maru_arena_now(arena);
    size_t          length = length_of(t->story);
    maru_status     status = MARU_OK;

    for (size_t i = 0; i <= length && status == MARU_OK; i++) {
        if (i == t->placed)
            status = place_it(txn, t->name, 0);
        maru_arena_rewind(arena, mark);
        if (status == MARU_OK && i < length)
            status = hear_step(txn, t, t->order[i]);
        maru_arena_rewind(arena, mark);
    }
    if (status == MARU_OK && (status = look(txn, t->name, end)) == MARU_OK)
        status = answer(txn, t, end);
    maru_arena_rewind(arena, mark);
    return status;
}

/* ---- all ways ---- */

struct ways {
    struct telling t;
    struct end     want;
    size_t         count;
};

static void check(struct ways *w, const struct end *end)
{
    size_t    length = length_of(w->t.story);
    const int failed = test_state.failed;

    CHECK_INT(end->state, w->want.state);
    CHECK(!end->kept);
    CHECK(end->entries >= length + 2);
    if (w->t.placed == length) { /* all of it was kept: no news came between */
        CHECK_INT(end->reason, w->want.reason);
        CHECK_STR(end->said, w->want.said);
        CHECK_INT(end->entries, w->want.entries);
    }
    if (test_state.failed == failed)
        return;
    fprintf(stderr, "    %s: said again after %zu of:\n", w->t.story->is, w->t.placed);
    for (size_t i = 0; i < length; i++)
        fprintf(stderr, "      %s\n", w->t.story->steps[w->t.order[i]]->name);
}

static maru_status every_place(maru_txn *txn, void *arg)
{
    struct ways *w = arg;
    struct end   end;
    maru_status  status = MARU_OK;

    for (w->t.placed = 0; w->t.placed <= length_of(w->t.story) && status == MARU_OK; w->t.placed++) {
        snprintf(w->t.name, sizeof w->t.name, "orders/past-%032zu", w->count++);
        if ((status = tell(txn, &w->t, &end)) != MARU_OK)
            break;
        if (w->want.state == 0)
            w->want = end; /* the first: placed before all, which is heard in its order */
        check(w, &end);
    }
    return status;
}

/* Each service's own stay in order. */
static bool may_follow(const struct telling *t, size_t step)
{
    for (size_t i = 0; i < t->heard; i++)
        if (t->order[i] == step)
            return false;
    for (size_t before = 0; before < step; before++) {
        bool heard = strcmp(service_of(t->story->steps[before]), service_of(t->story->steps[step])) != 0;

        for (size_t i = 0; i < t->heard; i++)
            heard = heard || t->order[i] == before;
        if (!heard)
            return false;
    }
    return true;
}

static void every_way(struct shop *shop, struct ways *w)
{
    size_t length = length_of(w->t.story);

    if (w->t.heard == length) {
        maru_call *call = serving_call(&shop->checkout.s);

        CHECK_INT(maru_store_write(shop->checkout.s.store, call, every_place, w), MARU_OK);
        maru_call_end(call);
        return;
    }
    for (size_t step = 0; step < length; step++)
        if (may_follow(&w->t, step)) {
            w->t.order[w->t.heard++] = step;
            every_way(shop, w);
            w->t.heard--;
        }
}

static void test_every_way(struct shop *shop)
{
    struct ways w = {.count = 0};

    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        begin(shop, stories[i].is);
        w = (struct ways){.t = {.story = &stories[i]}, .count = w.count};
        every_way(shop, &w);
        CHECK(w.want.state == CHECKOUT__ORDER_STATE__COMPLETED || w.want.state == CHECKOUT__ORDER_STATE__CANCELLED);
    }
}

/* ---- damage ---- */

/* A timeline of one byte, which is none. */
static maru_status keep_garbage(maru_txn *txn, void *arg)
{
    static uint8_t               byte[] = {1, 7};
    ProtobufCMessageUnknownField garbage = {
        .tag = 1, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = sizeof byte, .data = byte};
    Checkout__EarlyNews news = CHECKOUT__EARLY_NEWS__INIT;
    maru_status         status;

    news.base.unknown_fields = &garbage;
    news.base.n_unknown_fields = 1;
    status = maru_put(txn, &table_early, maru_key_text(arg), &news.base);
    return status == MARU_OK ? place_it(txn, arg, 0) : status;
}

static void test_damage(struct shop *shop)
{
    static char name[] = "orders/past-11111111111111111111111111111111";

    begin(shop, "where what was kept of an order can't be read it is not made, and it is said why");
    refused(shop, maru_store_write(shop->checkout.s.store, shop->checkout.call, keep_garbage, name), MARU_DATA_LOSS,
            "early: ");
}

/* ---- memory ---- */

struct hearing_within {
    const char                       *name;
    const ProtobufCMessageDescriptor *type;
    size_t                            bytes; /* that may be taken */
};

/* It is undone, so that it can be tried again. */
static maru_status hear_within(maru_txn *txn, void *arg)
{
    const struct hearing_within *h = arg;
    maru_arena                  *arena = maru_txn_arena(txn);
    maru_status                  status;

    maru_arena_set_budget(arena, maru_arena_spent(arena) + h->bytes);
    status = hear_version(txn, h->name, h->type, 1);
    return status == MARU_OK ? MARU_ABORTED : status;
}

/* The least memory in which it is heard, to a KiB. */
static size_t memory_of(struct shop *shop, const char *name, const ProtobufCMessageDescriptor *type)
{
    size_t few = 0, enough = 64 << 20;

    while (enough - few > 1024) {
        struct hearing_within h = {.name = name, .type = type, .bytes = few + (enough - few) / 2};
        maru_call            *call = serving_call(&shop->checkout.s);
        maru_status           status = maru_store_write(shop->checkout.s.store, call, hear_within, &h);

        CHECK(status == MARU_ABORTED || status == MARU_RESOURCE_EXHAUSTED);
        *(status == MARU_ABORTED ? &enough : &few) = h.bytes;
        maru_call_end(call);
    }
    return enough;
}

static maru_status begin_large(maru_txn *txn, void *arg)
{
    maru_status status = place_it(txn, arg, LINES_MAX);

    return status == MARU_OK ? hear_version(txn, arg, SAID(inventory, stock_reserved), 1) : status;
}

static maru_status keep_parcel(maru_txn *txn, void *arg)
{
    maru_status status = hear_version(txn, arg, SAID(inventory, stock_shipped), 2);

    if (status == MARU_OK)
        status = hear_version(txn, arg, SAID(shipping, shipment_dispatched), 1);
    return status == MARU_OK ? hear_version(txn, arg, SAID(shipping, shipment_delivered), 2) : status;
}

static void test_memory(struct shop *shop)
{
    static char name[] = "orders/past-00000000000000000000000000000000";
    size_t      alone, with_parcel;

    begin(shop, "to hear what was kept of an order takes no more memory than to hear what ends its waiting");
    if (!CHECK_INT(maru_store_write(shop->checkout.s.store, shop->checkout.call, begin_large, name), MARU_OK))
        return;
    alone = memory_of(shop, name, SAID(payment, payment_authorized));
    CHECK_INT(maru_store_write(shop->checkout.s.store, shop->checkout.call, keep_parcel, name), MARU_OK);
    with_parcel = memory_of(shop, name, SAID(payment, payment_authorized));
    CHECK(alone > LINES_MAX * TITLE_BYTES);
    if (!CHECK(with_parcel < alone + alone / 20))
        fprintf(stderr, "%zu bytes alone, %zu with a parcel that was kept\n", alone, with_parcel);
}

int main(void)
{
    run(test_every_way, false);
    run(test_damage, false);
    run(test_memory, false);
    return test_end();
}
