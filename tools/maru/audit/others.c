/* others.c: asks the services that the book does not know for what their inboxes hold, all at once. */
#include "audit/others.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit/atonce.h"
#include "maru/events.maru.h"

enum { CALL_MS = 5000 };

/* One that does not answer is said with what is not seen. */
static maru_status reach_other(other_services *o, maru_runtime *runtime, const char *data, const char *name,
                               maru_error *error)
{
    other_service *other = &o->list[o->count++];
    char           url[LOCK_WORDS_MAX];
    int64_t        now = 0;
    maru_status    status;

    snprintf(other->name, sizeof other->name, "%s", name);
    if ((other->call = maru_call_begin(runtime, 0)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
    if ((status = running_target(data, name, &now, url, &other->missing)) != MARU_OK)
        return status == MARU_UNAVAILABLE ? MARU_OK : maru_error_set(error, status, "%s", other->missing.text);
    return maru_client_new(runtime, url, NULL, &other->client, error);
}

/* A service that came later consumes too, and nobody had to tell the audit of it. */
maru_status others_open(other_services *o, maru_runtime *runtime, const char *data, maru_error *error)
{
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0;
    rundir      dir;
    maru_status status = running_folder(data, &dir, error);

    *o = (other_services){.list = calloc(RUNNING_MAX, sizeof *o->list)};
    if (status == MARU_OK && (list == NULL || o->list == NULL))
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, error);
    for (size_t i = 0; i < count && status == MARU_OK; i++)
        if (book_service_of(list[i].name) == BOOK_SERVICE_COUNT)
            status = reach_other(o, runtime, data, list[i].name, error);
    free(list);
    return status;
}

void others_close(other_services *o)
{
    for (size_t i = 0; i < o->count; i++) {
        if (o->list[i].call != NULL)
            maru_call_end(o->list[i].call);
        if (o->list[i].client != NULL)
            maru_client_free(o->list[i].client);
    }
    free(o->list);
}

static void ask_other(void *arg, size_t index)
{
    other_service                   *from = &((other_services *)arg)->list[index];
    MaruEvents__ListConsumersRequest request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;

    if (from->client != NULL)
        from->status =
            maru_event_inbox_list_consumers(from->client, maru_within(from->call, CALL_MS), &request, &from->answer);
}

/* A service without a store has no inbox. */
static void take_other(const other_service *from, book *b, book_other *other)
{
    *other = (book_other){.name = from->name};
    if (from->client == NULL) {
        other->unseen = from->missing.text;
    } else if (from->status == MARU_OK) {
        other->consumers = from->answer->consumers;
        other->consumer_count = from->answer->n_consumers;
    } else if (from->status != MARU_UNIMPLEMENTED) {
        other->unseen = maru_arena_printf(b->arena, "%s: %s (%s)", from->name,
                                          maru_status_words(from->status, maru_call_message(from->call)),
                                          maru_status_name(from->status));
        b->out_of_memory = b->out_of_memory || other->unseen == NULL;
    }
}

maru_status others_ask(other_services *o, book *b, maru_error *error)
{
    b->others = maru_arena_zalloc(b->arena, (o->count + 1) * sizeof *b->others);
    if (b->others == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
    at_once(o->count, ask_other, o);
    for (; b->other_count < o->count; b->other_count++)
        take_other(&o->list[b->other_count], b, &b->others[b->other_count]);
    return MARU_OK;
}
