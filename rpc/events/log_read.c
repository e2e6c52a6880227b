/* log_read.c: copies stored events of the log into the bytes of a reply, and finds where two epochs part. */
#include "events/log_read.h"

#include <inttypes.h>
#include <string.h>

enum {
    HEAD_BYTES = 40, /* of the fields before the events */
    EVENT_TAG_BYTES = 6,
    TAG_EPOCH = 1 << 3 | 1, /* ReadResponse: epoch = 1 (fixed64), last = 2, events = 3, after = 4, producer = 5 */
    TAG_LAST = 2 << 3,
    TAG_EVENTS = 3 << 3 | 2,
    TAG_AFTER = 4 << 3,
    TAG_PRODUCER = 5 << 3 | 2,
    TAG_AGGREGATE_EVENTS = 1 << 3 | 2, /* ReadAggregateResponse: events = 1, last = 2, epoch = 3 (fixed64) */
    TAG_AGGREGATE_EPOCH = 3 << 3 | 1,
};

static void put_varint(log_read *r, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        r->bytes[r->size++] = (uint8_t)(value | 0x80);
    r->bytes[r->size++] = (uint8_t)value;
}

static void put_head(log_read *r, uint64_t epoch, const char *producer)
{
    size_t size = strlen(producer);

    r->bytes[r->size++] = r->aggregate == NULL ? TAG_EPOCH : TAG_AGGREGATE_EPOCH;
    for (int i = 0; i < 64; i += 8)
        r->bytes[r->size++] = (uint8_t)(epoch >> i);
    r->bytes[r->size++] = TAG_LAST;
    put_varint(r, r->last);
    if (r->aggregate == NULL) {
        r->bytes[r->size++] = TAG_AFTER;
        put_varint(r, r->after);
        r->bytes[r->size++] = TAG_PRODUCER;
        put_varint(r, size);
        memcpy(r->bytes + r->size, producer, size);
        r->size += size;
    }
}

/* The buffer doubles; what it was is left to the arena. */
static void make_room(maru_txn *txn, log_read *r, size_t *room, size_t more)
{
    uint8_t *bytes;

    if (r->size + more <= *room)
        return;
    *room = 2 * (r->size + more);
    bytes = maru_txn_alloc(txn, *room);
    if (r->size > 0)
        memcpy(bytes, r->bytes, r->size);
    r->bytes = bytes;
}

static maru_status sequence_of(maru_txn *txn, const log_read *r, uint64_t number, uint64_t *sequence)
{
    event_key          key = {0};
    MaruEvents__Entry *entry;
    maru_status        status;

    *sequence = number;
    if (r->aggregate == NULL)
        return MARU_OK;
    key_text(&key, r->aggregate);
    key_nul(&key);
    key_number(&key, number);
    status = maru_get(txn, &events_aggregates, key_of(&key), (ProtobufCMessage **)&entry);
    if (status == MARU_OK)
        *sequence = entry->sequence;
    return status;
}

static maru_status put_event(maru_txn *txn, log_read *r, size_t *room, uint64_t number)
{
    const uint8_t *bytes;
    size_t         size;
    uint64_t       sequence;
    event_key      key = {0};
    maru_status    status = sequence_of(txn, r, number, &sequence);

    if (status != MARU_OK)
        return status;
    key_number(&key, sequence);
    if ((status = txn_bytes(txn, &events_log, key_of(&key), &bytes, &size)) != MARU_OK)
        return status;
    make_room(txn, r, room, size + EVENT_TAG_BYTES);
    r->bytes[r->size++] = r->aggregate == NULL ? TAG_EVENTS : TAG_AGGREGATE_EVENTS;
    put_varint(r, size);
    memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
    r->count++;
    return MARU_OK;
}

static maru_status find_last(maru_txn *txn, log_read *r)
{
    event_key   prefix = {0};
    maru_key    last;
    maru_status status;

    if (r->aggregate != NULL) {
        key_text(&prefix, r->aggregate);
        key_nul(&prefix);
    }
    status = txn_last(txn, r->aggregate != NULL ? &events_aggregates : &events_log, key_of(&prefix), &last);
    r->last = status == MARU_OK ? key_last_number(last) : 0;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* ---- where two logs part ---- */

static maru_status epoch_at(maru_txn *txn, uint64_t sequence, uint64_t *epoch)
{
    event_key          key = {0};
    MaruEvents__Event *event;
    maru_status        status;

    key_number(&key, sequence);
    status = maru_get(txn, &events_log, key_of(&key), (ProtobufCMessage **)&event);
    if (status == MARU_NOT_FOUND)
        return maru_txn_fail(txn, MARU_DATA_LOSS, "event log: event %" PRIu64 " is missing", sequence);
    *epoch = status == MARU_OK ? event->epoch : 0;
    return status;
}

/* The first of those of one epoch, of which `sequence` is one: an epoch's events stand together. */
static maru_status first_of(maru_txn *txn, uint64_t sequence, uint64_t epoch, uint64_t *first)
{
    uint64_t low = 1;

    for (*first = sequence; low < *first;) {
        uint64_t    middle = low + (*first - low) / 2, found;
        maru_status status = epoch_at(txn, middle, &found);

        if (status != MARU_OK)
            return status;
        if (found == epoch)
            *first = middle;
        else
            low = middle + 1;
    }
    return MARU_OK;
}

/* A log that has an event of an epoch has all before it as whoever else has that event: a restored store is a copy up
 * to where it went on. So what a reader of another epoch has of this log ends with the last event of that epoch that it
 * can have; where there is none, it reads all again. */
static maru_status find_parting(maru_txn *txn, log_read *r)
{
    uint64_t    at = r->after < r->last ? r->after : r->last, epoch;
    maru_status status = MARU_OK;

    while (at > 0 && (status = epoch_at(txn, at, &epoch)) == MARU_OK && epoch != r->epoch) {
        if ((status = first_of(txn, at, epoch, &at)) != MARU_OK)
            break;
        at--;
    }
    r->after = at;
    return status;
}

/* Sequences and versions are dense: the next number is the next event. */
maru_status log_read_run(maru_txn *txn, void *arg)
{
    log_read   *r = arg;
    size_t      room = 0;
    uint64_t    epoch = store_epoch(txn_store(txn));
    maru_status status = find_last(txn, r);

    r->count = r->size = 0;
    if (status == MARU_OK && r->aggregate == NULL && r->epoch != 0 && r->epoch != epoch)
        status = find_parting(txn, r);
    if (status != MARU_OK)
        return status;
    r->epoch = epoch;
    make_room(txn, r, &room, HEAD_BYTES + strlen(store_service(txn_store(txn))));
    put_head(r, epoch, store_service(txn_store(txn)));
    for (uint64_t number = r->after + 1;
         r->after < r->last && number <= r->last && r->count < r->max && r->size < LOG_REPLY_BYTES; number++)
        if ((status = put_event(txn, r, &room, number)) != MARU_OK)
            return status == MARU_NOT_FOUND ? maru_txn_fail(txn, MARU_DATA_LOSS, "event log: %s%" PRIu64 " is missing",
                                                            r->aggregate == NULL ? "event " : "version ", number)
                                            : status;
    return MARU_OK;
}
