/* hold.c: whether timers and tasks wait until the logs of others were read (hold.h).
 *
 * A process that was off, or stopped, finds its timers due before it has read what others said meanwhile: an order
 * whose stock was reserved in time would time out. So the logs are read first: after each start, however little a timer
 * is late, and where the process was stopped; tasks wait with them where much time went by. A store that went back to a
 * backup knows nothing of what followed: its timers wait until each log was read once, whoever is away.
 */
#include "events/hold.h"

#include <stdio.h>

#include "runtime/rt.h"

enum {
    LATE_MS = 2000,
    READ_FIRST_MS = 3000,
    READ_MOST_MS = 600000,
    TELL_MS = 1000, /* what is over before that is nobody's concern */
};

/* ---- whether the logs are read ---- */

/* A producer that does not answer is not waited for long; one of which there is much to read (a store went back to a
 * backup of last week) is, as long as reading goes on; a batch may take longer to take in than a producer is waited
 * for. */
static bool goes_on(maru_events *events, int64_t now, uint64_t takes, bool taking)
{
    int64_t since = events->late_since > events->started_at ? events->late_since : events->started_at, moved;

    if (taking || takes != events->late_takes)
        events->late_moved = now;
    events->late_takes = takes;
    moved = events->late_moved > since ? events->late_moved : since;
    return now - moved < (int64_t)READ_FIRST_MS * MARU_NS_PER_MS &&
           now - since < (int64_t)READ_MOST_MS * MARU_NS_PER_MS;
}

static bool is_read(maru_events *events, int64_t now)
{
    uint64_t takes = 0;
    bool     unread = false, taking = false;

    for (size_t i = 0; i < events->consuming_count; i++) {
        consuming_state c = consuming_look(events->consuming[i]);

        if (c.read)
            continue;
        unread = true;
        takes += c.takes;
        taking |= c.taking;
    }
    return !unread || !goes_on(events, now, takes, taking);
}

static bool is_restored(const maru_events *events)
{
    for (size_t i = 0; i < events->consuming_count; i++)
        if (consuming_look(events->consuming[i]).restored)
            return true;
    return false;
}

/* The job did not run when it was to: the process was stopped, or the machine slept. That timers are due for long is
 * no sign of it: tasks wait for a place, and others of the service may have set them. */
static bool was_stopped(const maru_events *events, const hold_due *due)
{
    return events->planned_ms != 0 && due->now_ms - events->planned_ms >= LATE_MS;
}

static enum hold find(maru_events *events, const hold_due *due)
{
    if (was_stopped(events, due))
        events->late_since = due->now;
    if (!due->any)
        return HOLD_NOTHING;
    if ((events->late_since != 0 || !events->started) && !is_read(events, due->now))
        return due->late_ms >= LATE_MS ? HOLD_ALL : HOLD_TIMERS;
    events->started = true;
    events->late_since = 0; /* who is away was waited for */
    return is_restored(events) ? HOLD_TIMERS : HOLD_NOTHING;
}

/* ---- saying so ---- */

bool hold_waits_for(const maru_events *events, const consuming_state *c)
{
    return events->hold_since != 0 && (c->restored || (!c->read && (events->late_since != 0 || !events->started)));
}

static void tell_begin(const maru_events *events)
{
    char   names[EVENT_WORDS] = "";
    size_t size = 0;

    for (size_t i = 0; i < events->consuming_count && size < sizeof names; i++) {
        consuming_state c = consuming_look(events->consuming[i]);

        if (hold_waits_for(events, &c))
            size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", size == 0 ? "" : ", ", c.producer);
    }
    log_write(rt_log(events->options.runtime), LOG_EVENTS, MARU_LOG_WARN, LOG_FIELDS({"producer", names, 0}),
              "timers wait for news of %s: its log is read to its end first%s", names,
              is_restored(events) ? ", since this store went back to a backup" : "");
}

static void tell_end(const maru_events *events)
{
    log_write(rt_log(events->options.runtime), LOG_EVENTS, MARU_LOG_WARN, NULL, "timers wait for no news any more");
}

/* 0 is no time. */
static void note(maru_events *events, enum hold hold, int64_t now)
{
    if (hold == HOLD_NOTHING) {
        if (events->hold_told)
            tell_end(events);
        events->hold_told = false;
        events->hold_since = 0;
        return;
    }
    if (events->hold_since == 0)
        events->hold_since = now > 0 ? now : 1;
    if (events->hold_told || now - events->hold_since < (int64_t)TELL_MS * MARU_NS_PER_MS)
        return;
    tell_begin(events);
    events->hold_told = true;
}

enum hold hold_find(maru_events *events, const hold_due *due)
{
    enum hold hold = find(events, due);

    note(events, hold == HOLD_TIMERS && !due->timers ? HOLD_NOTHING : hold, due->now);
    return hold;
}
