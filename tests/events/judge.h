/* tests/events/judge.h: a service with timers, tasks and a producer (kit.h's teller), for the tests of what waits until
 * that one's log was read. A timer of the kind judge writes down what was heard by then. On a simulation's clock, or on
 * the real one. Header only.
 *
 *   struct scene s;
 *   scene_open(&s, true);                    in a simulation; no judge runs yet
 *   judge_start(&s, s.teller.s.url);         or NOBODY
 *   judge_sleep(&s, "verdict/a", 2200);      sets a timer, and is off until it is late by so much
 *   judge_wait(&s, "verdict/a")              how much was heard when it fired; -1: nothing; INT64_MIN: it did not
 */
#ifndef MARU_TEST_EVENTS_JUDGE_H
#define MARU_TEST_EVENTS_JUDGE_H

#include <time.h>

#include "events/events_impl.h"
#include "kit.h"
#include "maru/job.h"
#include "maru/sim.h"
#include "store/care.h"
#include "test.h"

#define NOBODY "ipc:///tmp/maru-nobody-listens-here"

enum {
    LATE_BY_MS = 2200, /* beyond what is taken for ordinary lateness (rpc/events/hold.c) */
    DUE_MS = 300,      /* after it was set */
    LITTLE_MS = 50,
    AWAY_MS = 4000, /* longer than a producer is waited for */
    BATCH = 500,    /* events that are read at once */
};

struct scene {
    maru_sim      *sim; /* NULL: the real world */
    struct teller  teller;
    struct serving judge;
    maru_client   *client; /* of the teller */
    maru_events   *events;
    int            backups;
    int64_t        said;     /* by the teller, about sums/news */
    atomic_int     heard;    /* versions of it */
    int64_t        slow_ms;  /* so long the first of all takes */
    bool           faint;    /* every second event can't be taken in now */
    atomic_int     faints;   /* events that were tried meanwhile */
    atomic_int     begun;    /* tasks */
    atomic_int     toil;     /* tasks that ended */
    atomic_bool    was_late; /* meanwhile all was read anew */
};

/* What the timer found: how much was heard by then; -1: nothing. */
static inline maru_status judge_judge(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    Tell__Sum  *heard, verdict = TELL__SUM__INIT;
    maru_status status = maru_get(txn, &kit_sums, maru_key_text("sums/news"), (ProtobufCMessage **)&heard);

    verdict.count = 1;
    verdict.total = status == MARU_OK ? heard->count : -1;
    return maru_put(txn, &kit_sums, maru_key_text(name), &verdict.base);
}

static inline maru_status judge_toil(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload)
{
    struct scene *s = svc;
    maru_status   status;

    atomic_fetch_add(&s->begun, 1);
    status = maru_sleep(call, LATE_BY_MS + LITTLE_MS);
    atomic_fetch_add(&s->toil, status == MARU_OK);
    return status;
}

static inline void judge_work(int64_t ms)
{
    struct timespec now;
    int64_t         until = 0, at;

    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        at = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
        until = until == 0 ? at + ms : until;
    } while (at < until);
}

static inline maru_status judge_hear(maru_txn *txn, const maru_event *event)
{
    struct scene *s = (struct scene *)(uintptr_t)maru_txn_settings(txn); /* the test's own */
    Tell__Sum     heard = TELL__SUM__INIT;

    if (event->sequence == 1)
        judge_work(s->slow_ms);
    if (s->faint && atomic_fetch_add(&s->faints, 1) % 2 == 1)
        return maru_txn_fail(txn, MARU_UNAVAILABLE, "not now, as the test wants it");
    heard.count = (int64_t)event->version;
    atomic_store(&s->heard, (int)event->version);
    return maru_put(txn, &kit_sums, maru_key_text(event->aggregate), &heard.base);
}

static const maru_consumer judge_consumers[] = {{"teller", &tell__added__descriptor, judge_hear}, {NULL, NULL, NULL}};
static const maru_timer    judge_timers[] = {{"judge", &tell__added__descriptor, judge_judge}, {NULL, NULL, NULL}};
static const maru_task     judge_tasks[] = {{"toil", &tell__added__descriptor, AWAY_MS, 0, judge_toil},
                                            {NULL, NULL, 0, 0, NULL}};

/* ---- the scene ---- */

static inline bool judge_begin(struct scene *s, const char *url)
{
    maru_client_options client = {.backoff_first_ms = 20, .backoff_max_ms = 1000}; /* as services do it */
    maru_events_options options = {.runtime = s->judge.runtime,
                                   .server = s->judge.server,
                                   .store = s->judge.store,
                                   .service = "judge",
                                   .consumers = judge_consumers,
                                   .timers = judge_timers,
                                   .tasks = judge_tasks,
                                   .svc = s,
                                   .settings = s,
                                   .producer = kit_producer};

    if (maru_client_new(s->judge.runtime, url, &client, &s->client, &s->judge.error) != MARU_OK)
        return false;
    options.arg = s->client;
    return maru_events_open(&options, &s->events, &s->judge.error) == MARU_OK && serving_listen(&s->judge);
}

static inline bool judge_start(struct scene *s, const char *url)
{
    return CHECK((s->judge.runtime != NULL || serving_start(&s->judge)) && judge_begin(s, url));
}

static inline void judge_stop(struct scene *s)
{
    if (s->events != NULL)
        maru_events_rest(s->events);
    if (s->judge.client != NULL)
        maru_client_free(s->judge.client);
    if (s->judge.server != NULL)
        maru_server_free(s->judge.server);
    s->judge.client = NULL;
    s->judge.server = NULL;
    if (s->events != NULL)
        maru_events_free(s->events);
    if (s->client != NULL)
        maru_client_free(s->client);
    s->events = NULL;
    s->client = NULL;
    serving_stop(&s->judge);
}

static inline bool teller_again(struct scene *s)
{
    return CHECK(serving_start(&s->teller.s) && teller_start(&s->teller));
}

static inline bool scene_open(struct scene *s, bool simulated)
{
    const maru_sim_options options = {.seed = 11};
    const maru_seam       *seam = NULL;

    *s = (struct scene){.sim = simulated ? maru_sim_new(&options) : NULL};
    if (simulated && s->sim == NULL)
        return false;
    seam = simulated ? maru_sim_seam(s->sim) : NULL;
    return serving_open_in(&s->teller.s, seam, "teller", kit_tables, 1) && teller_start(&s->teller) &&
           serving_open_in(&s->judge, seam, "judge", kit_tables, 1);
}

static inline void scene_close(struct scene *s)
{
    judge_stop(s);
    serving_close(&s->judge);
    teller_close(&s->teller);
    if (s->sim != NULL)
        maru_sim_free(s->sim);
}

static inline void scene_pass(struct scene *s, int64_t ms)
{
    maru_call *call;

    if (s->sim != NULL)
        return maru_sim_run(s->sim, maru_sim_now(s->sim) + ms * MARU_NS_PER_MS);
    call = serving_call(&s->teller.s);
    maru_sleep(call, ms);
    maru_call_end(call);
}

static inline int64_t scene_ms(const struct scene *s)
{
    return maru_sim_now(s->sim) / MARU_NS_PER_MS;
}

static inline void say_news(struct scene *s, int times)
{
    s->said += times;
    CHECK_INT(teller_write(&s->teller, (struct kit_add){.aggregate = "sums/news", .times = times}), MARU_OK);
}

/* ---- the judge's store ---- */

static inline void judge_write(struct scene *s, maru_txn_fn fn, void *arg)
{
    maru_call *call = serving_call(&s->judge);

    CHECK_INT(maru_store_write(s->judge.store, call, fn, arg), MARU_OK);
    maru_call_end(call);
}

static inline maru_status set_judge(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;

    return maru_timer_set(txn, "judge", arg, maru_txn_wall_clock(txn) + DUE_MS * MARU_NS_PER_MS, &nothing.base);
}

static inline void judge_set(struct scene *s, const char *name)
{
    judge_write(s, set_judge, (void *)name);
}

/* Off from before a timer is due until it is late by so much. The clock is the wall's. */
static inline void judge_sleep(struct scene *s, const char *name, int64_t late_ms)
{
    judge_set(s, name);
    judge_stop(s);
    scene_pass(s, DUE_MS + late_ms);
}

static inline Tell__Sum *judge_look(struct scene *s, maru_call *call, const char *name)
{
    struct kit_look look = {.aggregate = name};

    return maru_store_read(s->judge.store, call, kit_read_sum, &look) == MARU_OK ? look.sum : NULL;
}

static inline bool judge_has(struct scene *s, const char *name)
{
    maru_call *call = serving_call(&s->judge);
    bool       found = judge_look(s, call, name) != NULL;

    maru_call_end(call);
    return found;
}

/* For 20 s. */
static inline int64_t judge_wait(struct scene *s, const char *name)
{
    maru_call *call = serving_call(&s->judge);
    Tell__Sum *verdict;
    int64_t    total;

    while ((verdict = judge_look(s, call, name)) == NULL && maru_sleep(call, 5) == MARU_OK)
        ;
    total = verdict != NULL ? verdict->total : INT64_MIN;
    maru_call_end(call);
    return total;
}

/* The store as it is now, in a new epoch. Nobody has it open. */
static inline void judge_go_back(struct scene *s)
{
    char       backup[128], away[128];
    care      *c;
    maru_error error;

    snprintf(backup, sizeof backup, "%s/backup%d", s->judge.folder, s->backups);
    snprintf(away, sizeof away, "%s/away%d", s->judge.folder, s->backups++);
    if (!CHECK_INT(care_open(s->judge.path, true, &c, &error), MARU_OK))
        return;
    CHECK_INT(care_backup(c, backup, &error), MARU_OK);
    care_close(c);
    CHECK_INT(rename(s->judge.path, away), 0);
    CHECK_INT(care_restore(backup, s->judge.path, "judge", &error), MARU_OK);
}

#endif
