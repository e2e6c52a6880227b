/* timeline.c: what happened to an order (timeline.h). */
#include "timeline.h"

#include <string.h>

#include "clock.h"
#include "order.h"
#include "tables.h"

static maru_status load(maru_txn *txn, const char *order, Checkout__Timeline **timeline)
{
    maru_status status = maru_get(txn, &table_timelines, maru_key_text(order), (ProtobufCMessage **)timeline);

    if (status != MARU_NOT_FOUND)
        return status;
    *timeline = maru_txn_alloc(txn, sizeof **timeline);
    **timeline = (Checkout__Timeline)CHECKOUT__TIMELINE__INIT;
    (*timeline)->order = (char *)order;
    return MARU_OK;
}

static Checkout__TimelineEntry *entry_of(maru_txn *txn, const maru_event *event, const char *detail)
{
    Checkout__TimelineEntry *entry = maru_txn_alloc(txn, sizeof *entry);

    *entry = (Checkout__TimelineEntry)CHECKOUT__TIMELINE_ENTRY__INIT;
    entry->event_id = (char *)event->id;
    entry->type = (char *)event->type;
    entry->service = (char *)event->producer;
    entry->time = clock_time(txn, event->time_ns);
    entry->causation_id = (char *)event->causation_id;
    entry->detail = (char *)detail;
    entry->version = event->version;
    return entry;
}

/* A service whose store went back to a backup says a version again in other words: they take the place of the first. */
static size_t place_of(const Checkout__Timeline *timeline, const maru_event *event)
{
    size_t at = 0;

    while (at < timeline->n_entries && (timeline->entries[at]->version != event->version ||
                                        strcmp(timeline->entries[at]->service, event->producer) != 0))
        at++;
    return at;
}

size_t timeline_note(maru_txn *txn, Checkout__Timeline *timeline, const maru_event *event, const char *detail)
{
    Checkout__TimelineEntry **entries;
    size_t                    at = place_of(timeline, event);

    entries = maru_txn_alloc(txn, (timeline->n_entries + 1) * sizeof *entries);
    if (timeline->n_entries > 0)
        memcpy(entries, timeline->entries, timeline->n_entries * sizeof *entries);
    entries[at] = entry_of(txn, event, detail);
    timeline->n_entries += at == timeline->n_entries;
    timeline->entries = entries;
    return at;
}

maru_status timeline_add(maru_txn *txn, const maru_event *event, const char *detail)
{
    Checkout__Timeline *timeline;
    maru_status         status = load(txn, event->aggregate, &timeline);

    if (status != MARU_OK)
        return status;
    timeline_note(txn, timeline, event, detail);
    return maru_put(txn, &table_timelines, maru_key_text(event->aggregate), &timeline->base);
}

static const Checkout__TimelineEntry *cause_of(const Checkout__Timeline *timeline, const Checkout__TimelineEntry *entry)
{
    for (size_t i = 0; i < timeline->n_entries; i++)
        if (strcmp(timeline->entries[i]->event_id, entry->causation_id) == 0)
            return timeline->entries[i];
    return timeline->entries[0];
}

void timeline_waits(Checkout__Timeline *timeline)
{
    for (size_t i = 0; i < timeline->n_entries; i++) {
        Checkout__TimelineEntry *entry = timeline->entries[i];
        int64_t                  ns = clock_ns(entry->time) - clock_ns(cause_of(timeline, entry)->time);

        entry->after_ms = ns < 0 ? 0 : ns / MARU_NS_PER_MS;
    }
}

/* A timeline is made with its order: one that is missing was lost. */
static maru_status missing(maru_txn *txn, const char *order)
{
    Checkout__OrderRecord *record;
    maru_status            status = order_get(txn, order, &record);

    if (status != MARU_OK)
        return status;
    return maru_txn_fail(txn, MARU_NOT_FOUND,
                         "name: the order %s is there, and its timeline is not: it was lost, or put aside by a repair "
                         "of the store, as a damaged record is",
                         order);
}

maru_status timeline_get(maru_txn *txn, void *arg)
{
    Checkout__Timeline *response = arg, *found;
    maru_status status = maru_get(txn, &table_timelines, maru_key_text(response->order), (ProtobufCMessage **)&found);

    if (status == MARU_NOT_FOUND)
        return missing(txn, response->order);
    if (status != MARU_OK)
        return status;
    timeline_waits(found);
    *response = *found;
    return MARU_OK;
}
