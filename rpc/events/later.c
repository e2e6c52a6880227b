/* later.c: timers and tasks: setting them, and the job that runs what is due (contracts: maru/events.h, later.h). */
#include "events/later.h"

#include <stdio.h>
#include <string.h>

#include "events/apply.h"
#include "events/hold.h"
#include "runtime/call_impl.h"
#include "wire/unpack.h"

enum {
    DUE_A_RUN = 128,
    TIMER_MOST_MS = 60000,
    LATER_AGAIN_MS = 1000,
    LATER_MOST_MS = 60000,
    READ_AGAIN_MS = 20,
    PASS_NS = 10000, /* for each entry that a walk passes over until the next; it takes a small part of that */
};

/* ---- in the store ---- */

size_t later_kind_size(const char *name)
{
    return strcspn(name, "/");
}

const char *later_name(const char *name)
{
    size_t size = later_kind_size(name);

    return name[size] == '/' ? name + size + 1 : name + size;
}

static void due_key(event_key *key, int64_t due_ms, const char *name)
{
    key->size = 0;
    key_number(key, (uint64_t)due_ms);
    key_text(key, name);
}

maru_status later_get(maru_txn *txn, const char *name, MaruEvents__Later **later)
{
    return maru_get(txn, &events_later, maru_key_text(name), (ProtobufCMessage **)later);
}

static maru_status remove_entry(maru_txn *txn, const char *name, const MaruEvents__Later *later)
{
    event_key   key;
    maru_status status;

    due_key(&key, later->due_ms, name);
    status = maru_delete(txn, &events_later_due, key_of(&key));
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

maru_status later_remove(maru_txn *txn, const char *name, const MaruEvents__Later *later)
{
    maru_status status = remove_entry(txn, name, later);

    return status == MARU_OK ? maru_delete(txn, &events_later, maru_key_text(name)) : status;
}

static maru_status later_put(maru_txn *txn, const char *name, const MaruEvents__Later *later)
{
    static const MaruEvents__Later nothing = MARU_EVENTS__LATER__INIT;
    event_key                      key;
    maru_status                    status = maru_put(txn, &events_later, maru_key_text(name), &later->base);

    due_key(&key, later->due_ms, name);
    txn_mark(txn, STORE_MARK_LATER);
    return status == MARU_OK ? maru_put(txn, &events_later_due, key_of(&key), &nothing.base) : status;
}

maru_status later_again(maru_txn *txn, const char *name, MaruEvents__Later *later, int64_t most_ms, maru_status why,
                        const char *words)
{
    char        error[EVENT_WORDS + 32];
    int64_t     ms;
    maru_status status = remove_entry(txn, name, later);

    if (status != MARU_OK)
        return status;
    snprintf(error, sizeof error, "%s: %s", maru_status_name(why),
             maru_status_words(why, words != NULL ? words : txn_words(txn)));
    later->error = error;
    later->tries++;
    ms = apply_wait_ms(later->tries, (uint32_t)later->stamp);
    later->due_ms = maru_txn_wall_clock(txn) / MARU_NS_PER_MS + (ms < most_ms ? ms : most_ms);
    return later_put(txn, name, later);
}

/* ---- for services ---- */

static maru_status make_name(maru_txn *txn, const char *kind, const char *name, char **made)
{
    size_t size = strlen(kind) + 1 + strlen(name);

    if (size > MARU_LATER_MAX || *kind == '\0' || *name == '\0' || strchr(kind, '/') != NULL)
        return maru_txn_fail(
            txn, MARU_INTERNAL,
            "a timer or task: want a kind without / and a name, together at most %d bytes, got \"%.60s\" and \"%.60s\"",
            MARU_LATER_MAX - 1, kind, name);
    *made = maru_txn_alloc(txn, size + 1);
    snprintf(*made, size + 1, "%s/%s", kind, name);
    return MARU_OK;
}

static maru_status forget(maru_txn *txn, const char *name)
{
    MaruEvents__Later *later;
    maru_status        status = later_get(txn, name, &later);

    if (status == MARU_NOT_FOUND)
        return MARU_OK;
    txn_mark(txn, STORE_MARK_OVER);
    return status == MARU_OK ? later_remove(txn, name, later) : status;
}

maru_status maru_timer_set(maru_txn *txn, const char *kind, const char *name, int64_t at_ns,
                           const ProtobufCMessage *payload)
{
    MaruEvents__Later later = MARU_EVENTS__LATER__INIT;
    store_cause       cause = txn_cause(txn);
    char             *full;
    maru_status       status = make_name(txn, kind, name, &full);

    if (status != MARU_OK || (status = forget(txn, full)) != MARU_OK)
        return status;
    later.due_ms = at_ns <= 0 ? 0 : (at_ns + MARU_NS_PER_MS - 1) / MARU_NS_PER_MS;
    later.causation_id = (char *)(cause.causation != NULL ? cause.causation : "");
    later.traceparent = (char *)(cause.trace != NULL ? cause.trace : "");
    later.correlation_id = (char *)(cause.correlation != NULL ? cause.correlation : "");
    later.payload.len = pack_size(payload);
    later.payload.data = maru_txn_alloc(txn, later.payload.len + 1);
    pack_into(payload, later.payload.data);
    later.stamp = store_random(txn_store(txn));
    return later_put(txn, full, &later);
}

maru_status maru_timer_clear(maru_txn *txn, const char *kind, const char *name)
{
    char       *full;
    maru_status status = make_name(txn, kind, name, &full);

    return status == MARU_OK ? forget(txn, full) : status;
}

/* ---- a timer that is due ---- */

typedef struct timer_run {
    const maru_timer        *timer;
    const char              *name;
    const MaruEvents__Later *later;
} timer_run;

static maru_status run_timer(maru_txn *txn, void *arg)
{
    const timer_run  *r = arg;
    ProtobufCMessage *payload;
    maru_error        error;
    char              cause[MARU_LATER_MAX + 8];
    maru_status       status;

    if (unpack_message(r->timer->payload, r->later->payload.data, r->later->payload.len, maru_txn_arena(txn), &payload,
                       &error) != MARU_OK)
        return maru_txn_fail(txn, MARU_INTERNAL, "payload: %s", error.text);
    snprintf(cause, sizeof cause, "timer %s", r->name);
    txn_set_cause(txn,
                  (store_cause){.causation = cause,
                                .correlation = r->later->correlation_id[0] != '\0' ? r->later->correlation_id : NULL,
                                .trace = r->later->traceparent});
    status = r->timer->fn(txn, later_name(r->name), payload);
    txn_set_cause(txn, (store_cause){.causation = NULL});
    return status;
}

typedef struct due_timer {
    const maru_timer *timer;
    const char       *name;
    int64_t           now_ms;
} due_timer;

/* The record goes first: the function may set the same timer again. */
static maru_status fire(maru_txn *txn, void *arg)
{
    due_timer         *d = arg;
    MaruEvents__Later *later;
    timer_run          r = {.timer = d->timer, .name = d->name};
    maru_status        status = later_get(txn, d->name, &later);

    if (status != MARU_OK || later->due_ms > d->now_ms) /* cleared, moved, or run by another process */
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    r.later = later;
    if ((status = later_remove(txn, d->name, later)) != MARU_OK)
        return status;
    return run_timer(txn, &r);
}

static maru_status fire_or_again(maru_txn *txn, void *arg)
{
    due_timer         *d = arg;
    MaruEvents__Later *later;
    maru_status        status = txn_nested(txn, fire, d), got;

    if (status == MARU_OK || apply_is_transient(status))
        return status;
    log_write(txn_log(txn), LOG_EVENTS, MARU_LOG_WARN, NULL, "timer %s: %s: %s; it is tried again", d->name,
              maru_status_name(status), maru_status_words(status, txn_words(txn)));
    if ((got = later_get(txn, d->name, &later)) != MARU_OK)
        return got;
    return later_again(txn, d->name, later, TIMER_MOST_MS, status, NULL);
}

/* ---- what is due ---- */

typedef struct due_list {
    const maru_events *events;
    int64_t            now_ms;
    int64_t            next_ms;  /* of the first that is not */
    int64_t            first_ms; /* when the first should have run */
    bool               no_timers;
    bool               part;   /* it has not all that is due: the index was not walked */
    size_t             passed; /* entries that are due, and can't be run now */
    size_t             timers; /* of those in names */
    size_t             places; /* for tasks: how many more can start now */
    size_t             count;
    const char        *names[DUE_A_RUN];
} due_list;

/* Of a kind that another version of the service set, perhaps: it is left for that one. */
static bool is_known(const maru_events *events, const char *name)
{
    size_t kind = later_kind_size(name);

    return find_timer(events, name, kind) != NULL || find_task(events, name, kind) != NULL;
}

/* Whether it can be run now. Those that run stay in the index until they have ended; tasks that find no place stay,
 * too, and are no reason to keep timers behind them waiting. */
static bool is_wanted(due_list *list, const char *name)
{
    if (!is_known(list->events, name))
        return false;
    if (find_task(list->events, name, later_kind_size(name)) == NULL) {
        list->timers += !list->no_timers;
        return !list->no_timers;
    }
    if (list->places == 0 || task_busy(list->events, name))
        return false;
    list->places--;
    return true;
}

static maru_status find_due(maru_txn *txn, void *arg)
{
    due_list    *list = arg;
    maru_cursor *cursor = maru_walk(txn, &events_later_due, maru_key_text(""), maru_key_text(""));
    maru_arena  *arena = maru_txn_arena(txn);
    maru_key     key;
    maru_status  status = MARU_OK;

    while (list->count < DUE_A_RUN) {
        maru_arena_mark mark = maru_arena_now(arena);
        int64_t         due_ms;
        char           *name;

        if ((status = maru_next(cursor, &key, NULL)) != MARU_OK)
            break;
        due_ms = (int64_t)key_last_number((maru_key){.data = key.data, .size = 8});
        name = maru_txn_alloc(txn, key.size - 8 + 1);

        if (due_ms > list->now_ms) {
            list->next_ms = due_ms;
            break;
        }
        memcpy(name, (const char *)key.data + 8, key.size - 8);
        name[key.size - 8] = '\0';
        if (!is_wanted(list, name)) {
            list->passed++;
            maru_arena_rewind(arena, mark);
            continue;
        }
        if (list->count == 0)
            list->first_ms = due_ms;
        list->names[list->count++] = name;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static enum hold holds(maru_events *events, maru_call *call, const due_list *list)
{
    hold_due due = {.now = maru_call_now(call),
                    .now_ms = list->now_ms,
                    .any = list->count > 0,
                    .timers = list->timers > 0,
                    .late_ms = list->now_ms - list->first_ms};

    return hold_find(events, &due);
}

/* True where something was done about it. */
static bool run_due(maru_events *events, maru_call *call, const char *name, int64_t now_ms)
{
    size_t           kind = later_kind_size(name);
    due_timer        d = {.timer = find_timer(events, name, kind), .name = name, .now_ms = now_ms};
    const maru_task *task = find_task(events, name, kind);

    if (task != NULL)
        return task_start(events, task, name);
    return d.timer != NULL && maru_store_write(events->options.store, call, fire_or_again, &d) == MARU_OK;
}

static int64_t until(const due_list *list)
{
    int64_t ms = list->next_ms - list->now_ms;

    return list->next_ms == INT64_MAX ? MARU_JOB_IDLE : ms < LATER_MOST_MS ? ms : LATER_MOST_MS; /* clocks may be set */
}

static maru_status list_due(maru_events *events, maru_call *call, due_list *list, bool no_timers)
{
    *list = (due_list){.events = events,
                       .now_ms = maru_call_wall_clock(call) / MARU_NS_PER_MS,
                       .next_ms = INT64_MAX,
                       .no_timers = no_timers,
                       .places = tasks_free(events)};
    return maru_store_read(events->options.store, call, find_due, list);
}

/* ---- while timers wait (hold.h) ---- */

static void keep_tasks(due_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (find_task(list->events, list->names[i], later_kind_size(list->names[i])) != NULL)
            list->names[kept++] = list->names[i];
    list->count = kept;
    list->part = true;
}

/* Tasks stand in the index among the timers, of which there may be very many, and each commit that sets one runs this
 * job: the index is walked through so seldom that it costs little. The list has what is due for the longest, already.
 */
static maru_status list_tasks(maru_events *events, maru_call *call, due_list *list)
{
    int64_t     now = maru_call_now(call), pause;
    maru_status status;

    if (now < events->hold_walk_at) {
        keep_tasks(list);
        return MARU_OK;
    }
    if ((status = list_due(events, call, list, true)) != MARU_OK)
        return status;
    pause = (int64_t)list->passed * PASS_NS;
    events->hold_walk_at = now + (pause < LATER_AGAIN_MS * MARU_NS_PER_MS ? pause : LATER_AGAIN_MS * MARU_NS_PER_MS);
    return MARU_OK;
}

/* Until all that is to run meanwhile is looked for again. */
static int64_t held_ms(const maru_events *events, const due_list *list, int64_t now)
{
    int64_t ms = events->late_since != 0 || !events->started ? READ_AGAIN_MS : LATER_AGAIN_MS;
    int64_t next = list->part ? (events->hold_walk_at - now + MARU_NS_PER_MS - 1) / MARU_NS_PER_MS : until(list);

    return next < 0 ? 0 : next < ms ? next : ms;
}

/* ---- the job ---- */

static int64_t run(maru_events *events, maru_call *call)
{
    due_list *list = maru_alloc(call, sizeof *list);
    enum hold hold;
    bool      all = true;

    if (events->over && !tasks_end_over(events, call))
        return LATER_AGAIN_MS;
    if (list_due(events, call, list, false) != MARU_OK)
        return LATER_AGAIN_MS;
    if ((hold = holds(events, call, list)) == HOLD_ALL)
        return READ_AGAIN_MS;
    if (hold == HOLD_TIMERS && list_tasks(events, call, list) != MARU_OK)
        return LATER_AGAIN_MS;
    for (size_t i = 0; i < list->count && maru_call_check(call) == MARU_OK; i++)
        all = run_due(events, call, list->names[i], list->now_ms) && all;
    if (hold == HOLD_TIMERS)
        return held_ms(events, list, maru_call_now(call));
    if (!all)
        return LATER_AGAIN_MS; /* or sooner: a task that ends wakes this job */
    return list->count == DUE_A_RUN ? 0 : until(list);
}

int64_t later_run(maru_call *call, void *arg)
{
    maru_events *events = arg;
    int64_t      ms = run(events, call);

    events->planned_ms = ms == MARU_JOB_IDLE ? 0 : maru_call_wall_clock(call) / MARU_NS_PER_MS + ms;
    return ms;
}
