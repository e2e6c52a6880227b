/* events.c: what checkout does about the events of others, and when a time is up (events.h). */
#include "events.h"

#include <string.h>

#include "clock.h"
#include "early.h"
#include "naming.h"
#include "news.h"
#include "order.h"
#include "quotes.h"
#include "returns.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/shipping.pb-c.h"
#include "timeline.h"

/* Every event of an order: into its timeline, then what follows from it. Its payload is not looked at. Of an order of
 * the past something may have come back, which is said once all of it is over. */
static maru_status have(maru_txn *txn, const maru_event *event, Checkout__OrderRecord *record, enum happening what,
                        const char *detail, Checkout__Order **after)
{
    bool        past = order_past(record->order) != NULL;
    maru_status status = timeline_add(txn, event, detail);

    if (status == MARU_OK && past && strcmp(event->type, inventory__stock_shipped__descriptor.name) == 0)
        status = returns_shipped(txn, record);
    if (what == HAPPENED_UNDONE) /* what was given up is no reason why */
        detail = "it was cancelled before checkout's store went back to a backup";
    if (status == MARU_OK)
        status = order_happens(txn, event->aggregate, what, detail, after);
    return status == MARU_OK && past ? returns_say(txn, event->aggregate) : status;
}

/* A parcel leaves behind the confirmation of its order: heard before that, as the logs of others are read side by side,
 * it would count its events otherwise than others know them. */
static bool leaves(uint32_t what)
{
    return what == HAPPENED_DISPATCHED || what == HAPPENED_DELIVERED;
}

/* All orders begin here. One that is not here was lost with a store that went back to a backup, and of those only one
 * of the past may come again. *settled: what was kept of it need not wait any more. */
static maru_status hear_what(maru_txn *txn, const maru_event *event, enum happening what, const char *detail,
                             bool *settled)
{
    Checkout__OrderRecord *record;
    Checkout__Order       *after = NULL;
    maru_status            status = order_get(txn, event->aggregate, &record);

    *settled = false;
    if (status == MARU_NOT_FOUND || (status == MARU_OK && leaves(what) && naming_is_past(event->aggregate) &&
                                     record->order->state == CHECKOUT__ORDER_STATE__SUBMITTED))
        return early_keep(txn, event, what, detail);
    if (status == MARU_OK)
        status = have(txn, event, record, what, detail, &after);
    *settled = status == MARU_OK && after->state != CHECKOUT__ORDER_STATE__SUBMITTED;
    return status;
}

/* What it took of the memory is given back before what was kept is heard: both would be twice as much. */
static maru_status hear(maru_txn *txn, const maru_event *event)
{
    maru_arena     *arena = maru_txn_arena(txn);
    const char     *detail;
    enum happening  what = news_of(arena, event->payload, &detail);
    maru_arena_mark mark = maru_arena_now(arena);
    bool            settled;
    maru_status     status = hear_what(txn, event, what, detail, &settled);

    if (!settled)
        return status;
    maru_arena_rewind(arena, mark);
    return events_catch_up(txn, event->aggregate);
}

static maru_status hear_kept(maru_txn *txn, const char *order, const Checkout__TimelineEntry *entry, uint32_t what)
{
    const maru_event event = {.id = entry->event_id,
                              .producer = entry->service,
                              .aggregate = order,
                              .version = entry->version,
                              .type = entry->type,
                              .time_ns = clock_ns(entry->time),
                              .causation_id = entry->causation_id};
    bool             settled;

    return hear_what(txn, &event, what < HAPPENINGS ? (enum happening)what : HAPPENED_NEWS, entry->detail, &settled);
}

/* What was kept is heard in the order that it has in a shop that goes on: the logs of others were read side by side,
 * and what follows from something was perhaps kept before it. */
static size_t turn_of(uint32_t what)
{
    if (what == HAPPENED_STOCK_RESERVED || what == HAPPENED_PAYMENT_AUTHORIZED)
        return 0; /* before what speaks against it */
    if (what == HAPPENED_STOPPED || what == HAPPENED_NOT_STOPPED)
        return 2; /* shipping's answer to a cancel */
    if (what == HAPPENED_UNDONE)
        return 3;
    return leaves(what) ? 4 : 1;
}

enum { TURNS = 5 };

/* What one of them took of the memory is given back before the next, as where they come from a log: of an order of many
 * lines and returns all of it would not fit. */
maru_status events_catch_up(maru_txn *txn, const char *order)
{
    Checkout__EarlyNews *news;
    maru_arena          *arena = maru_txn_arena(txn);
    maru_status          status = early_take(txn, order, &news);
    maru_arena_mark      mark = maru_arena_now(arena);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    for (size_t i = 0, all = news->n_happenings; status == MARU_OK && i < TURNS * all; i++) {
        if (turn_of(news->happenings[i % all]) != i / all || i % all >= news->timeline->n_entries)
            continue;
        status = hear_kept(txn, order, news->timeline->entries[i % all], news->happenings[i % all]);
        if (status == MARU_OK)
            maru_arena_rewind(arena, mark);
    }
    return status;
}

const maru_consumer checkout_consumers[] = {
    {"inventory", &inventory__stock_reserved__descriptor, hear},
    {"inventory", &inventory__stock_rejected__descriptor, hear},
    {"inventory", &inventory__stock_committed__descriptor, hear},
    {"inventory", &inventory__stock_released__descriptor, hear},
    {"inventory", &inventory__stock_shipped__descriptor, hear},
    {"inventory", &inventory__stock_returned__descriptor, hear},
    {"payment", &payment__payment_authorized__descriptor, hear},
    {"payment", &payment__payment_declined__descriptor, hear},
    {"payment", &payment__payment_captured__descriptor, hear},
    {"payment", &payment__payment_capture_refused__descriptor, hear},
    {"payment", &payment__payment_voided__descriptor, hear},
    {"payment", &payment__refund_succeeded__descriptor, hear},
    {"shipping", &shipping__shipment_packed__descriptor, hear},
    {"shipping", &shipping__shipment_dispatched__descriptor, hear},
    {"shipping", &shipping__shipment_delivered__descriptor, hear},
    {"shipping", &shipping__shipment_cancelled__descriptor, hear},
    {"shipping", &shipping__shipment_cancel_refused__descriptor, hear},
    {NULL, NULL, NULL},
};

/* An order that is gone, as a repair of the store puts a damaged record aside, waits for nothing. */
static maru_status stock_timed_out(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    maru_status status = order_happens(txn, name, HAPPENED_STOCK_TIMED_OUT, "inventory did not answer in time", NULL);

    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

const maru_timer checkout_timers[] = {
    {ORDER_STOCK_TIMER, &checkout__order_pointer__descriptor, stock_timed_out},
    {QUOTES_TIMER, &checkout__quote_pointer__descriptor, quotes_forget},
    {NULL, NULL, NULL},
};
