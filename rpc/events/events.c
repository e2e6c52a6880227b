/* events.c: wires log, inbox, timers and tasks of a service together (contract: maru/events.h). */
#include "events/events_impl.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/rt.h"

/* ---- tables ---- */

const maru_timer *find_timer(const maru_events *events, const char *kind, size_t size)
{
    for (const maru_timer *row = events->options.timers; row != NULL && row->kind != NULL; row++)
        if (strlen(row->kind) == size && memcmp(row->kind, kind, size) == 0)
            return row;
    return NULL;
}

const maru_task *find_task(const maru_events *events, const char *kind, size_t size)
{
    for (const maru_task *row = events->options.tasks; row != NULL && row->kind != NULL; row++)
        if (strlen(row->kind) == size && memcmp(row->kind, kind, size) == 0)
            return row;
    return NULL;
}

const maru_consumer *find_consumer(const maru_events *events, const char *producer, const char *type)
{
    for (const maru_consumer *row = events->options.consumers; row != NULL && row->producer != NULL; row++)
        if (strcmp(row->type->name, type) == 0 && strcmp(row->producer, producer) == 0)
            return row;
    return NULL;
}

static bool is_kind(const char *kind)
{
    return *kind != '\0' && strchr(kind, '/') == NULL && strlen(kind) < MARU_LATER_MAX / 2;
}

static maru_status check_kinds(const maru_events *events, maru_error *error)
{
    for (const maru_timer *row = events->options.timers; row != NULL && row->kind != NULL; row++)
        if (!is_kind(row->kind) || find_timer(events, row->kind, strlen(row->kind)) != row ||
            find_task(events, row->kind, strlen(row->kind)) != NULL)
            return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                  "timers: kind \"%s\": want a name without /, of one row of timers and tasks",
                                  row->kind);
    for (const maru_task *row = events->options.tasks; row != NULL && row->kind != NULL; row++)
        if (!is_kind(row->kind) || find_task(events, row->kind, strlen(row->kind)) != row)
            return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                  "tasks: kind \"%s\": want a name without /, of one row of timers and tasks",
                                  row->kind);
    return MARU_OK;
}

static maru_status check_consumers(const maru_events *events, maru_error *error)
{
    for (const maru_consumer *row = events->options.consumers; row != NULL && row->producer != NULL; row++)
        if (find_consumer(events, row->producer, row->type->name) != row)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "consumers: %s of %s stands in two rows",
                                  row->type->name, row->producer);
    return MARU_OK;
}

/* ---- beginning ---- */

static void on_commit(void *arg, unsigned marks)
{
    maru_events *events = arg;

    if (marks & STORE_MARK_EMITTED)
        bell_ring(&events->emitted);
    if (marks & STORE_MARK_OVER && events->running_count > 0)
        events->over = true;
    if ((marks & STORE_MARK_LATER || events->over) && events->later != NULL)
        maru_job_wake(events->later);
    if (marks & STORE_MARK_PENDING && events->retry != NULL)
        maru_job_wake(events->retry);
}

static bool is_consumed(const maru_events *events, const char *producer)
{
    for (size_t i = 0; i < events->consuming_count; i++)
        if (strcmp(consuming_look(events->consuming[i]).producer, producer) == 0)
            return true;
    return false;
}

static maru_status start_consuming(maru_events *events, maru_error *error)
{
    size_t      rows = 0;
    maru_status status = MARU_OK;

    for (const maru_consumer *row = events->options.consumers; row != NULL && row->producer != NULL; row++)
        rows++;
    if ((events->consuming = calloc(rows + 1, sizeof *events->consuming)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "events: out of memory");
    for (size_t i = 0; i < rows && status == MARU_OK; i++) {
        const char *producer = events->options.consumers[i].producer;

        if (is_consumed(events, producer))
            continue;
        status = consuming_start(events, producer, &events->consuming[events->consuming_count], error);
        events->consuming_count += events->consuming[events->consuming_count] != NULL;
    }
    return status;
}

static maru_status start_jobs(maru_events *events, maru_error *error)
{
    const maru_events_options *o = &events->options;
    maru_status                status = MARU_OK;

    if (o->timers != NULL || o->tasks != NULL)
        status = maru_job_start(o->runtime, "timers and tasks", later_run, events, &events->later, error);
    if (status == MARU_OK && o->consumers != NULL)
        status = maru_job_start(o->runtime, "pending events", retry_run, events, &events->retry, error);
    return status == MARU_OK ? start_consuming(events, error) : status;
}

typedef struct starting {
    maru_events *events;
    maru_error  *error;
    maru_status  status;
} starting;

static void start_here(void *arg)
{
    starting *s = arg;

    s->events->started_at = rt_now(s->events->options.runtime);
    store_on_commit(s->events->options.store, on_commit, s->events);
    s->status = start_jobs(s->events, s->error);
}

/* On the strand: jobs that run already look at those that are not started yet. */
static maru_status start(maru_events *events, maru_error *error)
{
    starting s = {.events = events, .error = error};

    rt_on_strand(events->options.runtime, start_here, &s);
    return s.status;
}

static maru_status serve(maru_events *events, maru_error *error)
{
    maru_status status;

    if (events->options.server == NULL)
        return MARU_OK;
    status = log_service_add(events, error);
    return status == MARU_OK ? inbox_service_add(events, error) : status;
}

static void rest_here(void *arg)
{
    maru_events *events = arg;

    store_on_commit(events->options.store, NULL, NULL);
    events->resting = true;
    bell_ring(&events->emitted);
}

maru_status maru_events_open(const maru_events_options *options, maru_events **out, maru_error *error)
{
    maru_events *events = calloc(1, sizeof *events);
    maru_status  status;

    *out = NULL;
    if (events == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "events: out of memory");
    events->options = *options;
    events->retry_next = INT64_MAX;
    tables_add(options->store);
    store_set_settings(options->store, options->settings);
    status = check_kinds(events, error);
    if (status == MARU_OK)
        status = check_consumers(events, error);
    if (status == MARU_OK)
        status = serve(events, error);
    if (status == MARU_OK)
        status = start(events, error);
    if (status == MARU_OK) {
        events_meter_open(events);
        *out = events;
        return MARU_OK;
    }
    maru_events_rest(events);
    maru_events_free(events);
    return status;
}

/* ---- ending ---- */

void maru_events_rest(maru_events *events)
{
    if (events == NULL || events->resting)
        return;
    events_meter_close(events);
    for (size_t i = 0; i < events->consuming_count; i++)
        consuming_stop(events->consuming[i]);
    maru_job_stop(events->retry);
    rt_on_strand(events->options.runtime, rest_here,
                 events); /* from here on no task starts, and none wakes the job below */
    tasks_stop(events);
    maru_job_stop(events->later);
}

void maru_events_free(maru_events *events)
{
    if (events == NULL)
        return;
    for (size_t i = 0; i < events->consuming_count; i++)
        consuming_free(events->consuming[i]);
    free(events->consuming);
    free(events);
}
