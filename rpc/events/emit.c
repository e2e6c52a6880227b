/* emit.c: an event goes into the log of its service, in the transaction that makes it so (contract: maru/events.h). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "events/tables.h"
#include "wire/unpack.h"

static maru_status check_aggregate(maru_txn *txn, const char *aggregate)
{
    size_t size = strlen(aggregate);
    bool   right = size >= 1 && size <= MARU_AGGREGATE_MAX;

    for (size_t i = 0; i < size && right; i++)
        right = aggregate[i] > 0x20 && aggregate[i] < 0x7f;
    if (right)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_INTERNAL,
                         "maru_emit: aggregate: want 1 to %d printable ASCII characters without blanks, got \"%.80s\"",
                         MARU_AGGREGATE_MAX, aggregate);
}

/* The number after the last of those that begin with prefix. */
static maru_status next_number(maru_txn *txn, const maru_table *table, maru_key prefix, uint64_t *number)
{
    maru_key    last;
    maru_status status = txn_last(txn, table, prefix, &last);

    *number = status == MARU_OK ? key_last_number(last) + 1 : 1;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status put_entry(maru_txn *txn, const char *aggregate, uint64_t sequence, uint64_t *version)
{
    MaruEvents__Entry entry = MARU_EVENTS__ENTRY__INIT;
    event_key         key = {0};
    maru_status       status;

    key_text(&key, aggregate);
    key_nul(&key);
    if ((status = next_number(txn, &events_aggregates, key_of(&key), version)) != MARU_OK)
        return status;
    key_number(&key, *version);
    entry.sequence = sequence;
    return maru_put(txn, &events_aggregates, key_of(&key), &entry.base);
}

static void fill_cause(maru_txn *txn, MaruEvents__Event *event)
{
    store_cause cause = txn_cause(txn);

    event->causation_id = (char *)(cause.causation != NULL ? cause.causation : "");
    event->traceparent = (char *)(cause.trace != NULL ? cause.trace : "");
    event->correlation_id = (char *)(cause.correlation != NULL ? cause.correlation : event->aggregate);
}

static maru_status put_event(maru_txn *txn, MaruEvents__Event *event, const ProtobufCMessage *payload)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    int64_t                     now = maru_txn_wall_clock(txn);
    event_key                   key = {0};
    char                       *id = maru_txn_alloc(txn, MARU_EVENT_ID_MAX);

    event->type = (char *)payload->descriptor->name;
    event->payload.len = pack_size(payload);
    if (event->payload.len > MARU_EVENT_BYTES_MAX)
        return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED, "maru_emit: %s of %s: want at most %d bytes, got %zu",
                             event->type, event->aggregate, MARU_EVENT_BYTES_MAX, event->payload.len);
    snprintf(id, MARU_EVENT_ID_MAX, "%s-%016" PRIx64 "-%" PRIu64, event->producer, event->epoch, event->sequence);
    time.seconds = now / 1000000000;
    time.nanos = (int32_t)(now % 1000000000);
    event->id = id;
    event->time = &time;
    event->payload.data = maru_txn_alloc(txn, event->payload.len + 1);
    pack_into(payload, event->payload.data);
    key_number(&key, event->sequence);
    return maru_put(txn, &events_log, key_of(&key), &event->base);
}

static void note(maru_txn *txn, const MaruEvents__Event *event)
{
    maru_event *emitted = maru_txn_alloc(txn, sizeof *emitted);

    *emitted = (maru_event){.id = event->id,
                            .producer = event->producer,
                            .epoch = event->epoch,
                            .sequence = event->sequence,
                            .aggregate = event->aggregate,
                            .version = event->version,
                            .type = event->type,
                            .time_ns = maru_txn_wall_clock(txn),
                            .causation_id = event->causation_id,
                            .correlation_id = event->correlation_id};
    txn_set_emitted(txn, emitted);
    txn_mark(txn, STORE_MARK_EMITTED);
}

const maru_event *maru_emitted(const maru_txn *txn)
{
    return txn_emitted(txn);
}

maru_status maru_emit(maru_txn *txn, const char *aggregate, const ProtobufCMessage *payload)
{
    MaruEvents__Event event = MARU_EVENTS__EVENT__INIT;
    maru_store       *store = txn_store(txn);
    maru_status       status = check_aggregate(txn, aggregate);

    if (status != MARU_OK ||
        (status = next_number(txn, &events_log, (maru_key){.data = "", .size = 0}, &event.sequence)) != MARU_OK ||
        (status = put_entry(txn, aggregate, event.sequence, &event.version)) != MARU_OK)
        return status;
    event.producer = (char *)store_service(store);
    event.epoch = store_epoch(store);
    event.aggregate = (char *)aggregate;
    fill_cause(txn, &event);
    if ((status = put_event(txn, &event, payload)) == MARU_OK)
        note(txn, &event);
    return status;
}
