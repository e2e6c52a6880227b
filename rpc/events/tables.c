/* tables.c: defines the tables of the event log and inbox, and builds and compares their keys. */
#include "events/tables.h"

#include <string.h>

#include "store/record.h"

const maru_table events_later = {TABLE_LATER, "later", &maru_events__later__descriptor};
const maru_table events_later_due = {TABLE_LATER_DUE, "later, by time", &maru_events__later__descriptor};
const maru_table events_pending = {TABLE_PENDING, "pending events", &maru_events__pending__descriptor};
const maru_table events_applied = {TABLE_APPLIED, "applied versions", &maru_events__applied__descriptor};
const maru_table events_inbox = {TABLE_INBOX, "inbox", &maru_events__inbox__descriptor};
const maru_table events_aggregates = {TABLE_AGGREGATES, "events, by aggregate", &maru_events__entry__descriptor};
const maru_table events_log = {TABLE_LOG, "event log", &maru_events__event__descriptor};

void tables_add(maru_store *store)
{
    static const maru_table *const all[] = {&events_later, &events_later_due,  &events_pending, &events_applied,
                                            &events_inbox, &events_aggregates, &events_log};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        store_add_table(store, all[i]);
}

static void append(event_key *key, const void *bytes, size_t size)
{
    size_t room = sizeof key->bytes - key->size;

    if (size > room)
        size = room;
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

void key_text(event_key *key, const char *text)
{
    append(key, text, strlen(text));
}

void key_nul(event_key *key)
{
    append(key, "", 1);
}

void key_number(event_key *key, uint64_t number)
{
    uint8_t bytes[8];

    record_put64_ordered(bytes, number);
    append(key, bytes, sizeof bytes);
}

maru_key key_of(const event_key *key)
{
    return (maru_key){.data = key->bytes, .size = key->size};
}

void key_copy(event_key *to, maru_key from)
{
    to->size = 0;
    append(to, from.data, from.size);
}

bool key_same_aggregate(maru_key a, maru_key b)
{
    return a.size == b.size && a.size > 8 && memcmp(a.data, b.data, a.size - 8) == 0;
}

uint64_t key_last_number(maru_key key)
{
    return key.size < 8 ? 0 : record_get64_ordered((const uint8_t *)key.data + key.size - 8);
}

void key_inbox_aggregate(event_key *key, const char *producer, const char *aggregate)
{
    key->size = 0;
    key_text(key, producer);
    key_nul(key);
    key_text(key, aggregate);
}

void key_pending(event_key *key, const char *producer, const char *aggregate, uint64_t version)
{
    key_inbox_aggregate(key, producer, aggregate);
    key_nul(key);
    key_number(key, version);
}
