/* meter.c: how far a service is with the events of others, and how long its own log is, as metrics. */
#include "events/events_impl.h"
#include "maru/events.pb-c.h"
#include "runtime/rt.h"
#include "store/inside.h"

/* All of it is read in the store, where other processes of this service may have done the work. */
static maru_status read_place(maru_txn *txn, void *arg)
{
    MaruEvents__Consumer *c = arg;
    MaruEvents__Inbox    *inbox;
    maru_status status = maru_get(txn, &events_inbox, maru_key_text(c->producer), (ProtobufCMessage **)&inbox);

    c->sequence = status == MARU_OK ? inbox->sequence : 0;
    c->ahead = status == MARU_OK ? inbox->ahead : 0;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

typedef struct families {
    family *lag, *read, *trouble, *ahead;
} families;

static void collect_consumer(maru_events *events, maru_call *call, const consuming_state *state, exposition *e,
                             const families *f)
{
    MaruEvents__Consumer c = MARU_EVENTS__CONSUMER__INIT;

    c.producer = (char *)state->producer;
    if (maru_store_read(events->options.store, call, read_place, &c) != MARU_OK)
        return;
    exposition_number(e, f->lag, LABELS({"producer", state->producer}),
                      state->last > c.sequence ? state->last - c.sequence : 0);
    exposition_number(e, f->read, LABELS({"producer", state->producer}), c.sequence);
    exposition_number(e, f->trouble, LABELS({"producer", state->producer}), *state->trouble != '\0');
    exposition_number(e, f->ahead, LABELS({"producer", state->producer}), c.ahead);
}

static maru_status read_last(maru_txn *txn, void *arg)
{
    uint64_t   *last = arg;
    maru_key    key;
    maru_status status = txn_last(txn, &events_log, (maru_key){.data = "", .size = 0}, &key);

    *last = status == MARU_OK ? key_last_number(key) : 0;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static void collect(void *arg, maru_call *call, exposition *e)
{
    maru_events *events = arg;
    uint64_t     last = 0;

    if (maru_store_read(events->options.store, call, read_last, &last) == MARU_OK)
        exposition_number(e,
                          exposition_family(e, "maru_events_log_last", METRIC_GAUGE, NULL,
                                            "The newest sequence of this service's own log."),
                          NULL, last);
    if (events->consuming_count > 0) {
        families f = {
            exposition_family(e, "maru_events_lag", METRIC_GAUGE, NULL,
                              "Events that a producer said it has, and that were not taken in."),
            exposition_family(e, "maru_events_taken", METRIC_GAUGE, NULL, "The newest sequence that was taken in."),
            exposition_family(e, "maru_events_trouble", METRIC_GAUGE, NULL,
                              "1 where nothing is taken in now: see maru events lag."),
            exposition_family(e, "maru_events_ahead", METRIC_GAUGE, NULL,
                              "Events that were taken in and that the producer's log, which was restored, lost.")};

        for (size_t i = 0; i < events->consuming_count; i++) {
            consuming_state state = consuming_look(events->consuming[i]);

            collect_consumer(events, call, &state, e, &f);
        }
    }
}

void events_meter_open(maru_events *events)
{
    events->meter = (meter){.collect = collect, .arg = events};
    meters_add(rt_meters(events->options.runtime), &events->meter);
}

void events_meter_close(maru_events *events)
{
    meters_remove(rt_meters(events->options.runtime), &events->meter);
}
