/* unary.c: a unary call, from a handler, a plain thread, or by callback. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/inlining.h"
#include "client/client_impl.h"
#include "runtime/fiber.h"
#include "runtime/wait.h"
#include "wire/unpack.h"

/* What a handler's callee gets as its id: the same where the same call is made again, by the same one. Who that is, is
 * what the store of exactly-once replies takes for it: below, all are this process where no subject goes along. */
static uint64_t derived(const outgoing *o)
{
    const maru_call *base = o->call->base;
    bool             named = *base->subject != 0;
    const char      *parts[] = {named ? "s" : "c", named ? base->subject : base->caller, base->request_id, o->path,
                           o->call->key};
    uint64_t         hash = FNV1A64_START;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        hash = fnv1a64_more(hash, parts[i], strlen(parts[i]) + 1);
    return hash;
}

/* The id of an exactly-once call: what a root call was given; derived where the author of a handler named a key, so
 * that the handler's own retry gives the same; else made up. A derived id keeps the time of its parent's. Any other
 * call that may have effects carries what a root call was given, so that their cause names it; none is made up. */
static void name_call(outgoing *o)
{
    const maru_call *base = o->call->base;
    uint64_t         random;
    int64_t          made_ms;

    o->request_id = "";
    if ((o->flags & MARU_METHOD_NO_SIDE_EFFECTS) != 0)
        return;
    if (base->method == NULL && *base->request_id != 0) {
        o->request_id = base->request_id;
        return;
    }
    if ((o->flags & MARU_METHOD_EXACTLY_ONCE) == 0)
        return;
    if (o->call->key != NULL && *base->request_id != 0) {
        random = derived(o);
        if (request_id_parse(base->request_id, &made_ms) == REQUEST_ID_OURS)
            request_id_make(o->made_id, made_ms * MARU_NS_PER_MS, random);
        else
            snprintf(o->made_id, sizeof o->made_id, "d1-%016llx", (unsigned long long)random);
    } else {
        rt_random(base->rt, &random, sizeof random);
        request_id_make(o->made_id, rt_wall(base->rt), random);
    }
    o->request_id = o->made_id;
}

/* Strand, timers and clock of a call are its runtime's: one of another has nothing here. */
#define FOREIGN_WORDS "%s: the client belongs to another runtime than the call"

static bool is_foreign(const maru_client *client, const maru_call *call)
{
    return client->rt != maru_call_runtime(call);
}

/* A call that someone waits for. */

typedef struct waited {
    outgoing     o; /* first: found from it */
    strand_event begin;
    wait         wait;
    maru_status  status;
    /* One of the two. */
    const ProtobufCMessageDescriptor *type;
    ProtobufCMessage                 *response;
    const uint8_t                    *bytes;
    size_t                            size;
} waited;

static void take_message(waited *w, const frame *reply)
{
    maru_call *call = w->o.call;
    maru_error error;

    w->status =
        unpack_message(w->type, reply->payload, reply->payload_size, maru_call_arena(call), &w->response, &error);
    if (w->status != MARU_OK) {
        char words[640];

        snprintf(words, sizeof words, "%s: reply: %s", w->o.path, error.text);
        w->status = w->status == MARU_INVALID_ARGUMENT ? MARU_INTERNAL : w->status;
        call_say(call, words, NULL);
    }
}

static void take_bytes(waited *w, const frame *reply)
{
    w->bytes = maru_arena_memdup(maru_call_arena(w->o.call), reply->payload, reply->payload_size);
    w->size = reply->payload_size;
    if (w->bytes == NULL) {
        w->status = MARU_RESOURCE_EXHAUSTED;
        call_say(w->o.call, "out of memory for the reply: the budget of the call's arena is used up", NULL);
    }
}

static void waited_finish(outgoing *o, maru_status status, const char *message, const char *origin, const frame *reply)
{
    waited *w = (waited *)o;

    w->status = status;
    if (status != MARU_OK)
        call_say(o->call, message, origin);
    else if (w->type != NULL)
        take_message(w, reply);
    else
        take_bytes(w, reply);
    wait_wake(&w->wait);
}

static void waited_begin(strand_event *event)
{
    client_submit(&((waited *)((char *)event - offsetof(waited, begin)))->o);
}

/* A handler whose call is over: it may be going on regardless. */
static bool refused_at_once(const waited *w)
{
    return (w->status == MARU_CANCELLED || w->status == MARU_DEADLINE_EXCEEDED) && !w->wait.blocked;
}

static maru_status wait_for(waited *w)
{
    if (is_foreign(w->o.client, w->o.call))
        return w->status = maru_fail(w->o.call, MARU_INTERNAL, FOREIGN_WORDS, w->o.path);
    if (!wait_may_block(w->o.call))
        return w->status = maru_fail(w->o.call, MARU_INTERNAL, "%s: %s", w->o.path, WAIT_MAY_NOT);
    w->begin.run = waited_begin;
    w->o.finish = waited_finish;
    name_call(&w->o);
    wait_begin(&w->wait, w->o.call);
    wait_on_strand(&w->wait, &w->begin);
    wait_block(&w->wait);
    if (UNLIKELY(refused_at_once(w)))
        call_pause(w->o.call);
    return w->status;
}

maru_status maru_unary(maru_client *client, maru_call *call, const maru_method *method, const ProtobufCMessage *request,
                       ProtobufCMessage **response)
{
    waited w = {.o = {.client = client,
                      .call = call,
                      .known = method,
                      .path = method->path,
                      .method = method->id,
                      .flags = method->flags,
                      .message = request},
                .type = method->response};

    *response = NULL;
    if (wait_for(&w) == MARU_OK)
        *response = w.response;
    return w.status;
}

maru_status maru_unary_bytes(maru_client *client, maru_call *call, const char *path, uint32_t flags,
                             const void *request, size_t size, const uint8_t **reply, size_t *reply_size)
{
    waited w = {.o = {.client = client,
                      .call = call,
                      .path = path,
                      .method = maru_method_id(path),
                      .flags = flags,
                      .bytes = request,
                      .size = size}};

    *reply = NULL;
    *reply_size = 0;
    if (wait_for(&w) == MARU_OK) {
        *reply = w.bytes;
        *reply_size = w.size;
    }
    return w.status;
}

/* A call that nobody waits for. Pooled: it keeps its arena, which holds the packed request. */

enum {
    ASYNC_BUDGET = 64 << 20, /* of its request, and of its reply */
    ASYNCS_KEPT = 1024,      /* beyond the moment's need: what a burst took is given back */
};

typedef struct async_call {
    outgoing                          o; /* first: found from it */
    strand_event                      begin;
    struct async_call                *next;
    maru_arena                       *arena;
    const ProtobufCMessageDescriptor *type;
    maru_done                         done;
    void                             *arg;
    maru_call                        *handler; /* whose call it is made with; NULL: a root one */
    maru_error                        refusal; /* of one that cannot begin */
} async_call;

static async_call *async_make(void)
{
    async_call *a = malloc(sizeof *a);

    if (a != NULL && (a->arena = maru_arena_new(ASYNC_BUDGET)) == NULL) {
        free(a);
        a = NULL;
    }
    return a;
}

static void async_free(async_call *a)
{
    maru_arena_free(a->arena);
    free(a);
}

/* Counted from here on: the client is there until it is given back. NULL, and not counted, where memory is out. */
static async_call *async_take(maru_client *client)
{
    async_call *a;

    pthread_mutex_lock(&client->async_mutex);
    if ((a = client->spare) != NULL) {
        client->spare = a->next;
        client->spare_count--;
    } else {
        a = async_make();
    }
    client->asyncs += a != NULL;
    pthread_mutex_unlock(&client->async_mutex);
    return a;
}

static void async_give(maru_client *client, async_call *a)
{
    bool keep;

    maru_arena_reset(a->arena);
    pthread_mutex_lock(&client->async_mutex);
    client->asyncs--;
    if ((keep = client->spare_count < ASYNCS_KEPT)) {
        a->next = client->spare;
        client->spare = a;
        client->spare_count++;
    }
    pthread_mutex_unlock(&client->async_mutex);
    if (!keep)
        async_free(a);
}

bool unary_all_told(maru_client *client)
{
    bool all;

    pthread_mutex_lock(&client->async_mutex);
    all = client->asyncs == 0;
    pthread_mutex_unlock(&client->async_mutex);
    return all;
}

void unary_free_spares(maru_client *client)
{
    while (client->spare != NULL) {
        async_call *a = client->spare;

        client->spare = a->next;
        async_free(a);
    }
}

/* Into an arena that the reply before was in, most likely: that of the call was last touched when it was sent. */
static maru_status async_unpack(const async_call *a, const frame *reply, maru_arena *arena, ProtobufCMessage **response,
                                maru_error *error)
{
    maru_status status;

    if (arena == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory for the reply", a->o.path);
    status = unpack_message(a->type, reply->payload, reply->payload_size, arena, response, error);
    return status == MARU_INVALID_ARGUMENT ? MARU_INTERNAL : status;
}

/* Beside whatever handler's fiber this may be on. A handler's call is there still; a root one may have been ended. */
static void async_tell(async_call *a, maru_status status, const char *message, const ProtobufCMessage *response)
{
    fiber_pool *fibers = rt_fibers(a->o.client->rt);
    fiber      *outer = fiber_step_out(fibers);

    a->done(a->arg, status, message, response);
    fiber_step_in(fibers, outer);
    if (a->handler != NULL)
        call_callback_over(a->handler);
}

static void async_finish(outgoing *o, maru_status status, const char *message, const char *origin, const frame *reply)
{
    async_call       *a = (async_call *)o;
    maru_arena       *arena = NULL;
    ProtobufCMessage *response = NULL;
    maru_error        error;

    (void)origin;
    if (status == MARU_OK) {
        arena = rt_arena_take(o->client->rt, ASYNC_BUDGET);
        status = async_unpack(a, reply, arena, &response, &error);
        message = status == MARU_OK ? message : error.text;
    }
    async_tell(a, status, message, response);
    rt_arena_give(o->client->rt, arena);
    async_give(o->client, a);
}

static void async_begin(strand_event *event)
{
    client_submit(&((async_call *)((char *)event - offsetof(async_call, begin)))->o);
}

static void async_refuse(strand_event *event)
{
    async_call  *a = (async_call *)((char *)event - offsetof(async_call, begin));
    maru_client *client = a->o.client;

    async_tell(a, a->refusal.code, a->refusal.text, NULL);
    async_give(client, a);
    client_look_over(client);
}

/* A call of another runtime is on another strand, which counts nothing for ours. */
static void async_count(async_call *a)
{
    maru_call *base = a->o.call->base;

    a->handler = base->fiber != NULL && !is_foreign(a->o.client, base) ? base : NULL;
    if (a->handler != NULL)
        call_callback_begun(a->handler);
}

/* Whether it may begin, with its request packed; else refusal says why not. */
static bool async_prepare(async_call *a, const ProtobufCMessage *request)
{
    outgoing *o = &a->o;
    uint8_t  *bytes;

    if (is_foreign(o->client, o->call))
        return maru_error_set(&a->refusal, MARU_INTERNAL, FOREIGN_WORDS, o->path), false;
    if (pack_message(request, a->arena, &bytes, &o->size, &a->refusal) == MARU_OK)
        return o->bytes = bytes, true;
    if (o->size > ASYNC_BUDGET)
        maru_error_set(&a->refusal, MARU_RESOURCE_EXHAUSTED, "%s: request: %zu bytes, limit %d (of a call by callback)",
                       o->path, o->size, ASYNC_BUDGET);
    return false;
}

/* Within the handler or the callback that asks, and no part of it all the same. */
static void tell_no_memory(maru_client *client, maru_call *call, maru_done done, void *arg)
{
    bool   beside = call->base->fiber != NULL && !is_foreign(client, call);
    fiber *outer = beside ? fiber_step_out(rt_fibers(client->rt)) : NULL;

    done(arg, MARU_RESOURCE_EXHAUSTED, "out of memory for the request", NULL);
    if (beside)
        fiber_step_in(rt_fibers(client->rt), outer);
}

void maru_unary_async(maru_client *client, maru_call *call, const maru_method *method, const ProtobufCMessage *request,
                      maru_done done, void *arg)
{
    async_call *a = async_take(client);

    if (a == NULL) {
        tell_no_memory(client, call, done, arg);
        return;
    }
    a->o = (outgoing){.client = client,
                      .call = call,
                      .known = method,
                      .path = method->path,
                      .method = method->id,
                      .flags = method->flags,
                      .finish = async_finish};
    a->type = method->response;
    a->done = done;
    a->arg = arg;
    a->begin.run = async_refuse;
    if (async_prepare(a, request)) {
        a->begin.run = async_begin;
        name_call(&a->o);
    }
    async_count(a);
    strand_post(rt_strand(client->rt), &a->begin);
}
