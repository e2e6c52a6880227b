/* later_tasks.c: tasks that are due run here, each on a fiber with a root call, TASKS_MOST at once.
 *
 * A place is a job that sleeps until it is given a task. By its stamp a run is told from what is set, or cleared, while
 * it runs: it is cancelled then, so that it keeps its place no longer from others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/later.h"
#include "runtime/call_impl.h"
#include "runtime/call_log.h"
#include "runtime/rt.h"
#include "wire/unpack.h"

enum { TASKS_MOST = 64, TIMEOUT_MS = 10000, WAIT_MOST_MS = 30000, STORE_AGAIN_MS = 1000 };

struct running {
    maru_events     *events;
    maru_job        *job;
    const maru_task *task;
    bool             busy;
    maru_call       *call;  /* of the run; NULL: none is under way */
    uint64_t         stamp; /* of what runs */
    bool             over;  /* that was cleared, or set again */
    char             name[MARU_LATER_MAX + 1];
};

bool task_busy(const maru_events *events, const char *name)
{
    for (size_t i = 0; i < events->running_count; i++)
        if (events->running[i]->busy && strcmp(events->running[i]->name, name) == 0)
            return true;
    return false;
}

size_t tasks_free(const maru_events *events)
{
    size_t free_places = TASKS_MOST;

    for (size_t i = 0; i < events->running_count; i++)
        free_places -= events->running[i]->busy;
    return free_places;
}

/* ---- those that are not wanted any more ---- */

/* One that can't be read now is none of them. */
static bool is_over(maru_txn *txn, const running *r)
{
    MaruEvents__Later *later;
    maru_status        status = later_get(txn, r->name, &later);

    return status == MARU_NOT_FOUND || (status == MARU_OK && later->stamp != r->stamp);
}

static maru_status find_over(maru_txn *txn, void *arg)
{
    const maru_events *events = arg;

    for (size_t i = 0; i < events->running_count; i++) {
        running *r = events->running[i];

        r->over = r->call != NULL && is_over(txn, r);
    }
    return MARU_OK;
}

bool tasks_end_over(maru_events *events, maru_call *call)
{
    if (maru_store_read(events->options.store, call, find_over, events) != MARU_OK)
        return false;
    events->over = false;
    for (size_t i = 0; i < events->running_count; i++) {
        running *r = events->running[i];

        if (r->over && r->call != NULL)
            call_cancel(r->call, "its task was cleared, or set again");
        r->over = false;
    }
    return true;
}

/* ---- one run ---- */

typedef struct task_end {
    const running *r;
    maru_status    status;
    const char    *words;
    bool           news; /* out: it is the first try that failed so */
} task_end;

static maru_status read_later(maru_txn *txn, void *arg)
{
    const char         *name = ((void **)arg)[0];
    MaruEvents__Later **later = ((void **)arg)[1];

    return later_get(txn, name, later);
}

static bool failed_so(const MaruEvents__Later *later, maru_status status)
{
    const char *name = maru_status_name(status);
    size_t      size = strlen(name);

    return later->tries > 0 && strncmp(later->error, name, size) == 0 && later->error[size] == ':';
}

static maru_status end_task(maru_txn *txn, void *arg)
{
    task_end          *e = arg;
    MaruEvents__Later *later;
    int64_t            most = e->r->task->max_wait_ms > 0 ? e->r->task->max_wait_ms : WAIT_MOST_MS;
    maru_status        status = later_get(txn, e->r->name, &later);

    if (status != MARU_OK || later->stamp != e->r->stamp) /* cleared, or set again: it runs again */
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    if (e->status == MARU_OK)
        return later_remove(txn, e->r->name, later);
    e->news = !failed_so(later, e->status);
    return later_again(txn, e->r->name, later, most, e->status, e->words);
}

static maru_status call_task(const running *r, maru_call *call, const MaruEvents__Later *later)
{
    int64_t           ms = r->task->timeout_ms > 0 ? r->task->timeout_ms : TIMEOUT_MS;
    ProtobufCMessage *payload;
    maru_error        error;

    if (unpack_message(r->task->payload, later->payload.data, later->payload.len, maru_call_arena(call), &payload,
                       &error) != MARU_OK)
        return maru_fail(call, MARU_INTERNAL, "payload: %s", error.text);
    call->cause.causation = maru_printf(call, "task %s", r->name);
    if (call_traceparent_fits(later->traceparent))
        call->traceparent = later->traceparent; /* what it calls belongs to that trace, too */
    call->cause.correlation = later->correlation_id[0] != '\0' ? later->correlation_id : NULL;
    return r->task->fn(r->events->options.svc, maru_within(call, ms), later_name(r->name), payload);
}

/* Not each try: a task that fails is tried for ever. */
static void say_failed(const maru_call *call, const task_end *end)
{
    log_field fields[CALL_LOG_IDS + 1] = {0};
    call_ids  ids;

    call_log_ids(call, &ids, fields);
    log_write(rt_log(call->rt), LOG_EVENTS, MARU_LOG_WARN, fields, "task %s: %s: %s; it is tried again", end->r->name,
              maru_status_name(end->status), end->words);
}

/* False where the store could not be read or written now. */
static bool run_once(running *r, maru_call *call)
{
    maru_store        *store = r->events->options.store;
    MaruEvents__Later *later = NULL;
    void              *ask[] = {r->name, &later};
    task_end           end = {.r = r};
    maru_status        status = maru_store_read(store, call, read_later, ask);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND;
    r->stamp = later->stamp;
    r->call = call;
    end.status = call_task(r, call, later);
    end.words = maru_status_words(end.status, maru_call_message(call));
    if (maru_call_check(call) != MARU_OK)
        return true; /* stopping: the task stays, and is run at the next start; or there is nothing to end any more */
    status = maru_store_write(store, call, end_task, &end);
    if (status == MARU_OK && end.news)
        say_failed(call, &end);
    return status == MARU_OK;
}

static int64_t run(maru_call *call, void *arg)
{
    running *r = arg;
    bool     ended;

    if (!r->busy)
        return MARU_JOB_IDLE;
    ended = run_once(r, call);
    r->call = NULL;
    if (!ended && maru_call_check(call) == MARU_OK)
        return STORE_AGAIN_MS;
    r->busy = false;
    if (!r->events->resting)
        maru_job_wake(r->events->later);
    return MARU_JOB_IDLE;
}

/* ---- places ---- */

static running *make_place(maru_events *events)
{
    running   *r = calloc(1, sizeof *r);
    maru_error error;
    char       name[128];

    if (r == NULL)
        return NULL;
    r->events = events;
    snprintf(name, sizeof name, "%s: tasks", events->options.service);
    if (maru_job_start(events->options.runtime, name, run, r, &r->job, &error) != MARU_OK) {
        free(r);
        return NULL;
    }
    events->running[events->running_count++] = r;
    return r;
}

static running *find_place(maru_events *events)
{
    for (size_t i = 0; i < events->running_count; i++)
        if (!events->running[i]->busy)
            return events->running[i];
    if (events->running == NULL && (events->running = calloc(TASKS_MOST, sizeof *events->running)) == NULL)
        return NULL;
    return events->running_count < TASKS_MOST ? make_place(events) : NULL;
}

bool task_start(maru_events *events, const maru_task *task, const char *name)
{
    running *r = events->resting ? NULL : find_place(events);

    if (r == NULL)
        return false;
    r->task = task;
    r->busy = true;
    snprintf(r->name, sizeof r->name, "%s", name);
    maru_job_wake(r->job);
    return true;
}

void tasks_stop(maru_events *events)
{
    for (size_t i = 0; i < events->running_count; i++) {
        maru_job_stop(events->running[i]->job);
        free(events->running[i]);
    }
    free(events->running);
    events->running = NULL;
    events->running_count = 0;
}
