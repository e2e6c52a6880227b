/* drive.c: see drive.h. All but drive_wake belongs to the strand. */
#include "drive.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/outgoing.h"
#include "schedule.h"

enum {
    LEAVE_AT_ONCE = 128, /* calls that leave before answers have their turn */
    GRAIN_NS = 20000,    /* the pacer is asked for nothing nearer: what is due until then leaves together */
};

/* One call at a time; made again and again. */
typedef struct slot {
    outgoing      o; /* first: found from it */
    maru_call     call;
    struct drive *drive;
    struct slot  *next; /* of those that are free */
    int64_t       due, left, ended;
    size_t        stage; /* whose times it counts into; NOT_COUNTED: into none */
    uint8_t      *bytes; /* its own copy, where requests are not made before */
    size_t        room;
} slot;

#define NOT_COUNTED SIZE_MAX

/* A client, and whether it has a connection. */
typedef struct lane {
    struct drive *drive;
    bool          connected;
} lane;

struct drive {
    drive_options o;
    maru_runtime *rt;
    tally        *tally;
    schedule      schedule;
    slot         *slots, *free;
    size_t        slot_count, slots_used;
    uint64_t      method;
    lane         *lanes; /* one a client */
    size_t        connected;
    bool          started;
    int64_t       began;      /* on the runtime's clock, as all times below; 0: not yet */
    int64_t       give_up;    /* no call leaves from then on */
    int64_t       room_since; /* there was none before */
    size_t        now_stage;  /* in which calls end now */
    int64_t       armed;      /* when the pacer will come, or came last */
    bool          stopped, told;
    maru_error    trouble;
    strand_event  go;
    atomic_bool   posted;
};

static bool has_room(const drive *d)
{
    return d->free != NULL || d->slots_used < d->slot_count;
}

/* The end of a call. */

static tally_stage *stage_now(drive *d, int64_t now)
{
    const tally *t = d->tally;

    while (d->now_stage + 1 < t->stage_count && now - d->began >= t->stages[d->now_stage].end_ns)
        d->now_stage++;
    return &t->stages[d->now_stage];
}

static void count_answer(drive *d, int64_t now)
{
    tally_stage *s = stage_now(d, now);

    if (now - d->began >= s->begin_ns && now - d->began < s->end_ns)
        s->answered++;
}

static void count_warm(tally *t, maru_status status, const char *message)
{
    if (status == MARU_OK || t->warm_failed++ > 0)
        return;
    t->warm_status = status;
    snprintf(t->warm_words, sizeof t->warm_words, "%s", message);
}

static void count_end(drive *d, const slot *s, maru_status status, const char *message, const char *origin, int64_t now)
{
    tally_stage *stage;
    size_t       code = (size_t)status < MARU_STATUS_COUNT ? (size_t)status : MARU_UNKNOWN;

    if (status == MARU_OK)
        count_answer(d, now);
    if (s->stage == NOT_COUNTED) {
        count_warm(d->tally, status, message);
        return;
    }
    stage = &d->tally->stages[s->stage];
    if (status == MARU_OK || status == MARU_DEADLINE_EXCEEDED) {
        histogram_add(&stage->response, now - s->due);
        histogram_add(&stage->service, now - s->left);
    }
    if (status == MARU_OK)
        stage->ok++;
    else
        stage->failed++;
    if (d->tally->by_status[code]++ == 0)
        snprintf(d->tally->words[code], TALLY_WORDS, "%s%s%s%s", message, *origin != 0 ? " (from " : "", origin,
                 *origin != 0 ? ")" : "");
}

static void slot_ended(outgoing *o, maru_status status, const char *message, const char *origin, const frame *reply)
{
    slot   *s = (slot *)o;
    drive  *d = s->drive;
    int64_t now = rt_now(d->rt);

    (void)reply;
    count_end(d, s, status, message, origin == NULL ? "" : origin, now);
    if (!has_room(d))
        d->room_since = now;
    s->ended = now;
    s->next = d->free;
    d->free = s;
    d->tally->in_flight--;
    if (!d->o.open || d->tally->in_flight == 0 || d->schedule.due <= now - d->began)
        drive_wake(d);
}

/* The beginning of one. */

static slot *slot_take(drive *d)
{
    slot *s = d->free;

    if (s != NULL) {
        d->free = s->next;
        return s;
    }
    s = &d->slots[d->slots_used++];
    s->drive = d;
    call_init(&s->call, d->rt, NULL, MARU_NO_DEADLINE);
    if (d->o.like != NULL)
        s->call.metadata = d->o.like->metadata;
    s->o = (outgoing){.call = &s->call,
                      .path = d->o.path,
                      .method = d->method,
                      .flags = d->o.flags,
                      .request_id = "",
                      .finish = slot_ended};
    return s;
}

static maru_status give_bytes(drive *d, slot *s, uint64_t n)
{
    maru_status status = requests_get(d->o.requests, n, &s->o.bytes, &s->o.size, &d->trouble);
    uint8_t    *larger;

    if (status != MARU_OK || requests_made(d->o.requests))
        return status;
    if (s->o.size > s->room) {
        if ((larger = realloc(s->bytes, s->o.size)) == NULL)
            return maru_error_set(&d->trouble, MARU_RESOURCE_EXHAUSTED, "out of memory for a request of %zu bytes",
                                  s->o.size);
        s->bytes = larger;
        s->room = s->o.size;
    }
    if (s->o.size > 0)
        memcpy(s->bytes, s->o.bytes, s->o.size);
    s->o.bytes = s->bytes;
    return MARU_OK;
}

/* Each call of an exactly-once method is another: a name of its own. */
static void give_name(drive *d, slot *s)
{
    uint64_t random;

    if ((d->o.flags & MARU_METHOD_EXACTLY_ONCE) == 0)
        return;
    rt_random(d->rt, &random, sizeof random);
    request_id_make(s->o.made_id, rt_wall(d->rt), random);
    s->o.request_id = s->o.made_id;
}

static void count_left(drive *d, slot *s, size_t stage, int64_t ready)
{
    tally *t = d->tally;

    t->made++;
    if (++t->in_flight > t->most_in_flight)
        t->most_in_flight = t->in_flight;
    if (ready > s->due)
        t->held++;
    s->stage = s->due - d->began < t->stages[stage].begin_ns ? NOT_COUNTED : stage;
    if (s->stage == NOT_COUNTED) {
        t->warm++;
        return;
    }
    t->stages[stage].left++;
    histogram_add(&t->stages[stage].late, s->left - ready);
}

static void leave(drive *d, int64_t due, int64_t now)
{
    slot       *s = slot_take(d);
    uint64_t    n = d->schedule.next;
    size_t      stage = schedule_take(&d->schedule, due - d->began);
    maru_status status = give_bytes(d, s, n);

    if (status != MARU_OK) {
        s->next = d->free;
        d->free = s;
        d->give_up = now;
        return;
    }
    give_name(d, s);
    s->o.client = d->o.clients[n % d->o.client_count];
    s->due = due;
    s->left = requests_made(d->o.requests) ? now : rt_now(d->rt);
    s->call.deadline = s->left + d->o.timeout_ns;
    count_left(d, s, stage, due > d->room_since ? due : d->room_since);
    client_submit(&s->o);
}

/* The run. */

/* Where the number of calls ended it, what counts ends with the last answer, and no sooner than what was asked. */
static void cut_to_number(drive *d)
{
    int64_t now = rt_now(d->rt) - d->began, asked = schedule_asked_until(&d->schedule);

    tally_cut(d->tally, asked > now ? asked : now);
}

static void tell_if_over(drive *d)
{
    if (d->told || d->tally->in_flight > 0)
        return;
    d->told = true;
    cut_to_number(d);
    d->o.ended(d->o.arg);
}

/* No call leaves any more: those that are due have waited in vain. */
static void give_up(drive *d, int64_t now)
{
    int64_t since = now - d->began, due;
    size_t  stage;

    while (d->o.open && d->trouble.code == MARU_OK && (due = schedule_due(&d->schedule, 0, since)) <= since) {
        stage = schedule_take(&d->schedule, due);
        if (due < d->tally->stages[stage].begin_ns)
            continue;
        d->tally->stages[stage].unsent++;
        histogram_add(&d->tally->stages[stage].response, since - due);
    }
    tell_if_over(d);
}

/* A wake that will come before is as good. */
static void arm(drive *d, int64_t at, int64_t now)
{
    if (at > d->give_up)
        at = d->give_up;
    if (at < now + GRAIN_NS)
        at = now + GRAIN_NS;
    if (d->armed > now && d->armed <= at)
        return;
    d->armed = at;
    d->o.arm(d->o.armed, at);
}

/* When the next call is due, on the runtime's clock: SCHEDULE_NEVER where none is. */
static int64_t next_due(drive *d, int64_t now)
{
    int64_t due = schedule_due(&d->schedule, d->tally->in_flight, now - d->began);

    if (due == SCHEDULE_NEVER)
        return due;
    due += d->began;
    return !d->o.open && d->free != NULL && d->free->ended > due ? d->free->ended : due;
}

static void go_on(drive *d)
{
    for (int i = 0; i < LEAVE_AT_ONCE; i++) {
        int64_t now = rt_now(d->rt), due;

        if (now >= d->give_up || d->stopped) {
            give_up(d, now);
            return;
        }
        due = next_due(d, now);
        if (schedule_over(&d->schedule, now - d->began)) {
            tell_if_over(d);
            return;
        }
        if (due > now || !has_room(d)) { /* where there is no room, the end of a call wakes us */
            arm(d,
                due <= now              ? d->give_up
                : due != SCHEDULE_NEVER ? due
                                        : d->began + schedule_until(&d->schedule),
                now);
            return;
        }
        leave(d, due, now);
    }
    drive_wake(d);
}

static void on_go(strand_event *event)
{
    drive *d = (drive *)((char *)event - offsetof(drive, go));

    atomic_store(&d->posted, false);
    if (d->began != 0 && !d->told)
        go_on(d);
}

void drive_wake(void *self)
{
    drive *d = self;

    if (!atomic_exchange(&d->posted, true))
        strand_post(rt_strand(d->rt), &d->go);
}

static void on_connection(void *arg, bool connected)
{
    lane  *l = arg;
    drive *d = l->drive;

    if (l->connected != connected)
        d->connected += connected ? 1 : (size_t)-1;
    l->connected = connected;
    if (d->began != 0 || d->connected < d->o.client_count)
        return;
    d->began = rt_now(d->rt);
    d->give_up = d->began + plan_end(d->o.plan) + d->o.timeout_ns;
    drive_wake(d);
}

void drive_start(drive *d)
{
    d->started = true;
    for (size_t i = 0; i < d->o.client_count; i++)
        maru_client_watch(d->o.clients[i], on_connection, &d->lanes[i]);
}

static void stop_now(void *arg)
{
    drive  *d = arg;
    int64_t now = rt_now(d->rt);

    if (d->stopped || d->told)
        return;
    d->stopped = true;
    if (d->began == 0)
        d->began = now;
    tally_cut(d->tally, now - d->began);
    drive_wake(d);
}

void drive_stop(drive *d)
{
    rt_on_strand(d->rt, stop_now, d);
}

static void cancel_now(void *arg)
{
    drive *d = arg;

    stop_now(d);
    for (size_t i = 0; i < d->slots_used; i++)
        call_cancel(&d->slots[i].call, "the run was ended");
}

void drive_cancel(drive *d)
{
    rt_on_strand(d->rt, cancel_now, d);
}

typedef struct looking {
    drive *drive;
    void (*fn)(void *arg, const drive_view *view);
    void *arg;
} looking;

static void look_now(void *arg)
{
    looking   *l = arg;
    drive_view view = {.tally = l->drive->tally,
                       .began_ns = l->drive->began,
                       .now_ns = rt_now(l->drive->rt),
                       .connected = l->drive->connected};

    l->fn(l->arg, &view);
}

void drive_look(drive *d, void (*fn)(void *arg, const drive_view *view), void *arg)
{
    looking l = {.drive = d, .fn = fn, .arg = arg};

    rt_on_strand(d->rt, look_now, &l);
}

typedef struct taking {
    drive *drive;
    tally *taken;
} taking;

static void take_now(void *arg)
{
    taking *t = arg;

    t->taken = t->drive->tally;
    t->drive->tally = NULL;
}

tally *drive_take_tally(drive *d)
{
    taking t = {.drive = d};

    rt_on_strand(d->rt, take_now, &t);
    return t.taken;
}

maru_status drive_trouble(const drive *d, maru_error *error)
{
    if (d->trouble.code != MARU_OK)
        *error = d->trouble;
    return d->trouble.code;
}

drive *drive_new(maru_runtime *runtime, const drive_options *options)
{
    drive *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    *d = (drive){.o = *options, .rt = runtime, .method = maru_method_id(options->path), .trouble = {.code = MARU_OK}};
    d->slot_count = options->open ? options->in_flight_max : plan_most(options->plan);
    d->go.run = on_go;
    schedule_init(&d->schedule, options->plan, options->open, options->calls_max, options->poisson, options->seed);
    d->tally = tally_new(options->plan, options->warm_ns);
    d->slots = calloc(d->slot_count, sizeof *d->slots);
    d->lanes = calloc(options->client_count, sizeof *d->lanes);
    for (size_t i = 0; d->lanes != NULL && i < options->client_count; i++)
        d->lanes[i].drive = d;
    if (d->tally != NULL && d->slots != NULL && d->lanes != NULL)
        return d;
    drive_free(d);
    return NULL;
}

void drive_free(drive *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; d->started && i < d->o.client_count; i++)
        maru_client_watch(d->o.clients[i], NULL, NULL);
    for (size_t i = 0; i < d->slots_used; i++)
        free(d->slots[i].bytes);
    tally_free(d->tally);
    free(d->slots);
    free(d->lanes);
    free(d);
}
