/* session.c: one connection of a server: frames become calls, and calls wait here for their turn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena_impl.h"
#include "base/utf8.h"
#include "maru/wire.pb-c.h"
#include "server/server_impl.h"
#include "wire/unpack.h"

enum { BUCKETS_FIRST = 16, SPARE_KEPT = 4096, REFUSALS_A_TURN = 64 };

static bool answerable(const session *s)
{
    return s->conn != NULL && conn_open(s->conn);
}

/* Calls in flight, by request id: for cancels, and to know a plain peer's resend. */

static served **bucket_of(session *s, uint32_t id)
{
    return &s->calls[id & (s->buckets - 1)];
}

static served *find_call(session *s, const frame *f)
{
    served *call = *bucket_of(s, f->id);

    while (call != NULL &&
           (call->id != f->id || call->hops_size != f->hops_size || memcmp(call->hops, f->hops, f->hops_size) != 0))
        call = call->chain;
    return call;
}

static bool more_buckets(session *s)
{
    size_t   old = s->buckets, size = old == 0 ? BUCKETS_FIRST : old * 2;
    served **chains = s->calls, **fresh;

    if (s->count < old)
        return true;
    if ((fresh = calloc(size, sizeof *fresh)) == NULL)
        return old > 0;
    s->calls = fresh;
    s->buckets = size;
    for (size_t i = 0; i < old; i++)
        for (served *call = chains[i], *next; call != NULL; call = next) {
            next = call->chain;
            call->chain = *bucket_of(s, call->id);
            *bucket_of(s, call->id) = call;
        }
    free(chains);
    return true;
}

static void session_count_in(const session *s)
{
    maru_server *server = s->server;

    server->session_count++;
    server->refused_count += *s->refusal != 0;
    server->remote_count += *s->refusal == 0 && !s->ipc;
}

static void session_count_out(const session *s)
{
    maru_server *server = s->server;

    server->session_count--;
    server->refused_count -= *s->refusal != 0;
    server->remote_count -= *s->refusal == 0 && !s->ipc;
}

static void session_free_if_over(session *s)
{
    maru_server *server = s->server;

    if (s->conn != NULL || s->count > 0)
        return;
    *s->link = s->next;
    if (s->next != NULL)
        s->next->link = s->link;
    session_count_out(s);
    rt_source_sleep(server->rt, &s->source);
    free(s->calls);
    free(s);
    server_session_gone(server);
}

static void session_unlink(session *s, served *call)
{
    served **at = bucket_of(s, call->id);

    while (*at != call)
        at = &(*at)->chain;
    *at = call->chain;
}

/* Making a call of a frame. */

static served *served_take(maru_server *server)
{
    served *call = server->spare;

    if (call == NULL)
        return malloc(sizeof *call);
    server->spare = call->next;
    server->spare_count--;
    return call;
}

void serve_end(served *call)
{
    session     *s = call->session;
    maru_server *server = s->server;

    rt_arena_give(server->rt, call->call.arena);
    session_unlink(s, call);
    if (server->spare_count >= SPARE_KEPT) {
        free(call);
    } else {
        call->next = server->spare;
        server->spare = call;
        server->spare_count++;
    }
    server_call_ended(server);
    s->count--;
    session_free_if_over(s); /* last: a server that is being freed may go with its last session */
}

/* The extension's words belong to the call; what it claims about the caller's name does not count (maru_call_caller),
 * and for whom it is made only from one who could as well read our memory. */
static maru_status take_extension(served *call, const frame *f, maru_error *error)
{
    maru_call         *c = &call->call;
    ProtobufCMessage  *message;
    MaruPb__Extension *ext;
    maru_status        status;

    if (f->extension_size == 0)
        return MARU_OK;
    status =
        unpack_message(&maru_pb__extension__descriptor, f->extension, f->extension_size, c->arena, &message, error);
    if (status != MARU_OK)
        return status;
    ext = (MaruPb__Extension *)message;
    if (call_traceparent_fits(ext->traceparent)) /* else its trace begins here */
        c->traceparent = ext->traceparent;
    if (call->session->trusted)
        c->subject = ext->subject;
    c->attempt = ext->attempt;
    for (size_t i = 0; i < ext->n_metadata; i++)
        if ((status = maru_call_add_metadata(c, ext->metadata[i]->key, ext->metadata[i]->value)) != MARU_OK)
            return maru_error_set(error, status, "%s", c->message);
    if (*ext->request_id != 0 && (status = maru_call_set_request_id(c, ext->request_id)) != MARU_OK)
        return maru_error_set(error, status, "%s", c->message);
    return MARU_OK;
}

static maru_status take_payload(served *call, const frame *f, maru_error *error)
{
    size_t   most = call->session->server->options.max_message;
    uint8_t *copy = call->small;
    char     why[ARENA_WHY_MAX];

    if (f->payload_size > most) /* by less than the room that a message has for its head: else it is closed */
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "request: %zu bytes, limit %zu (max_message)",
                              f->payload_size, most);
    if (call->call.arena != NULL)
        copy = maru_arena_memdup(call->call.arena, f->payload, f->payload_size);
    else if (f->payload_size > 0)
        memcpy(copy, f->payload, f->payload_size);
    if (copy == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "request: %zu bytes, %s", f->payload_size,
                              arena_why_not(call->call.arena, why));
    call->call.request = copy;
    call->call.request_size = f->payload_size;
    return MARU_OK;
}

maru_arena *session_arena(maru_server *server)
{
    maru_arena *arena = rt_arena_take(server->rt, server->options.max_memory);

    if (arena != NULL)
        arena_join(arena, &server->memory);
    return arena;
}

static bool needs_arena(const frame *f)
{
    return f->payload_size > REQUEST_SMALL || f->extension_size > 0;
}

static served *make_call(session *s, const frame *f)
{
    maru_server *server = s->server;
    served      *call = served_take(server);
    bool         needs = call != NULL && needs_arena(f);
    maru_arena  *arena = needs ? session_arena(server) : NULL;
    int64_t      now = rt_seen(server->rt);

    if (call == NULL || (needs && arena == NULL) || !more_buckets(s)) {
        free(call);
        rt_arena_give(server->rt, arena);
        return NULL;
    }
    call_init(&call->call, server->rt, arena,
              f->time_ms == 0 ? MARU_NO_DEADLINE : now + (int64_t)f->time_ms * MARU_NS_PER_MS);
    call->session = s;
    call->next = NULL;
    call->entry = method_table_find(&server->methods, f->method);
    call->arrived = call->started = now;
    call->id = f->id;
    call->hops_size = f->hops_size;
    memcpy(call->hops, f->hops, f->hops_size);
    call->call.caller = s->caller;
    call->chain = *bucket_of(s, call->id);
    *bucket_of(s, call->id) = call;
    s->count++;
    return call;
}

/* A plain nng socket resends on its own and cannot be told apart from one that means it. */
static bool repeatable(const served *call)
{
    return (call->entry->method->flags & MARU_METHOD_IDEMPOTENT) != 0 || *call->call.request_id != 0;
}

static void enqueue(session *s, served *call)
{
    maru_server *server = s->server;

    if (server->queued == 0)
        admission_empty(&server->admission, call->arrived);
    s->used = call->arrived;
    *s->queue_end = call;
    s->queue_end = &call->next;
    server->queued++;
    rt_waiting(server->rt, 1);
    if (!conn_full(s->conn))
        rt_source_wake(server->rt, &s->source);
}

static void refuse_unknown(served *call, uint64_t id)
{
    char words[256];

    count_up(&call->session->server->counts.refused[REFUSED_METHOD], 1);
    snprintf(words, sizeof words,
             "no method with the id %016llx here; maru.reflection.v1.Reflection/ListServices says which there are",
             (unsigned long long)id);
    serve_refuse(call, MARU_UNIMPLEMENTED, words);
}

static void on_call(session *s, const frame *f)
{
    maru_error    error;
    served       *call;
    char          words[160];
    maru_status   status;
    refuse_reason why;

    if (s->count > 0 && find_call(s, f) != NULL)
        return; /* REQ0's resend of what is being served */
    if ((status = room_for_call(s, &why, words)) != MARU_OK) {
        serve_answer_fault(s, f, why, status, words);
        return;
    }
    if ((call = make_call(s, f)) == NULL) {
        serve_answer_fault(s, f, REFUSED_MEMORY, MARU_RESOURCE_EXHAUSTED, "out of memory for a call");
        return;
    }
    if (call->entry == NULL)
        refuse_unknown(call, f->method);
    else if ((status = take_extension(call, f, &error)) != MARU_OK ||
             (status = take_payload(call, f, &error)) != MARU_OK)
        serve_refuse(call, status, error.text);
    else if (!s->maru && !repeatable(call))
        serve_refuse(
            call, MARU_FAILED_PRECONDITION,
            "a plain nng socket may call idempotent methods only, or give a request id: it resends on its own");
    else
        enqueue(s, call);
}

/* The reason lies in the call itself: its arena may be in a scratch scope of the handler's. */
static void take_reason(served *call, const frame *f)
{
    maru_arena       *arena = rt_arena_take(call->session->server->rt, 1 << 20);
    ProtobufCMessage *message;
    const char       *why = "";
    char              words[sizeof call->why];
    maru_error        error;

    if (arena != NULL &&
        unpack_message(&maru_pb__reason__descriptor, f->payload, f->payload_size, arena, &message, &error) == MARU_OK)
        why = ((MaruPb__Reason *)message)->why;
    snprintf(words, sizeof words, "its caller gave up%s%.*s", *why == 0 ? "" : ": ",
             (int)(sizeof words - sizeof "its caller gave up: "), why);
    utf8_clean(call->why, sizeof call->why, words);
    rt_arena_give(call->session->server->rt, arena);
}

static void on_cancel(session *s, const frame *f)
{
    served *call = s->count == 0 ? NULL : find_call(s, f);

    if (call == NULL || call->call.cancelled)
        return;
    take_reason(call, f);
    call_cancel(&call->call, call->why);
}

void session_going_away(session *s, const char *why)
{
    if (s->maru && answerable(s))
        greet_farewell(s, why);
}

static void on_frame(void *arg, conn *c, const frame *f, frame_fault fault)
{
    session *s = arg;

    (void)c;
    if (*s->refusal != 0)
        return; /* it is told already */
    if (fault != FRAME_FINE)
        serve_answer_fault(s, f, REFUSED_FRAME, MARU_INVALID_ARGUMENT, frame_fault_text(fault));
    else if (f->kind == FRAME_CALL)
        on_call(s, f);
    else if (f->kind == FRAME_CANCEL)
        on_cancel(s, f);
    else if (f->kind == FRAME_HELLO)
        greet_heard(s, f);
    /* DATA, END and CREDIT of streams that are not served; REPLY and GOING_AWAY say nothing to a server. */
}

static void on_ready(void *arg, conn *c)
{
    session *s = arg;

    s->used = rt_now(s->server->rt);
    if (*s->refusal == 0)
        return;
    greet_farewell(s, s->refusal);
    conn_finish(c, s->refusal);
}

/* A call that waits or runs is a use. */
static int64_t used(void *arg)
{
    const session *s = arg;

    return s->count > 0 ? rt_now(s->server->rt) : s->used;
}

static void on_relieved(void *arg, conn *c)
{
    session *s = arg;

    (void)c;
    if (s->queue != NULL)
        rt_source_wake(s->server->rt, &s->source);
}

/* Those that wait are dropped, those that run are cancelled. */
static void on_closed(void *arg, conn *c, const char *why)
{
    session *s = arg;

    if (conn_blamed(c))
        tell_closed(s, why);
    s->conn = NULL;
    s->count++; /* held while we walk */
    while (s->queue != NULL) {
        served *call = s->queue;
        if ((s->queue = call->next) == NULL)
            s->queue_end = &s->queue;
        s->server->queued--;
        rt_waiting(s->server->rt, -1);
        serve_end(call);
    }
    for (size_t i = 0; i < s->buckets; i++)
        for (served *call = s->calls[i]; call != NULL; call = call->chain)
            call_cancel(&call->call, "its caller's connection closed");
    s->count--;
    session_free_if_over(s);
}

static const conn_owner owner = {
    .ready = on_ready, .frame = on_frame, .relieved = on_relieved, .closed = on_closed, .used = used};

static served *next_queued(session *s)
{
    served *call = s->queue;

    if (call == NULL || s->conn == NULL || conn_full(s->conn))
        return NULL;
    if ((s->queue = call->next) == NULL)
        s->queue_end = &s->queue;
    s->server->queued--;
    rt_waiting(s->server->rt, -1);
    return call;
}

/* A turn is a call that is started: those that are refused cost nearly nothing, and a connection whose oldest calls
 * are too late would get nothing but refusals if each took its turn. */
static bool run_one(rt_source *source)
{
    session *s = (session *)source;
    served  *call;

    s->count++; /* held: the call may be the last of a closed session */
    for (int i = 0; i < REFUSALS_A_TURN && (call = next_queued(s)) != NULL; i++)
        if (serve_start(call))
            break;
    s->count--;
    if (s->conn == NULL && s->count == 0) {
        session_free_if_over(s);
        return false;
    }
    return s->queue != NULL && s->conn != NULL && !conn_full(s->conn);
}

void session_new(maru_server *server, maru_stream *stream, bool ipc, const char *refusal)
{
    const maru_server_options *o = &server->options;
    conn_options               options = {.protocol = SP_REP,
                                          .ipc = ipc,
                                          .max_message = o->max_message + FRAME_EXTENSION_MAX + FRAME_HEAD_MAX,
                                          .max_output = o->max_output,
                                          .pause = true,
                                          .slow_ms = o->slow_peer_ms,
                                          .ping_ms = 30000,
                                          .idle_ms = o->idle_peer_ms,
                                          .memory = &server->buffers};
    session                   *s = calloc(1, sizeof *s);
    maru_peer                  peer;

    rt_seam(server->rt)->transport->peer(stream, &peer);
    if (s != NULL) {
        *s = (session){.source = {.run_one = run_one}, .server = server, .ipc = ipc, .max_reply = SIZE_MAX};
        s->trusted = peer.local && (peer.uid == 0 || peer.uid == (int64_t)geteuid());
        snprintf(s->refusal, sizeof s->refusal, "%s", refusal);
        s->queue_end = &s->queue;
        snprintf(s->caller, sizeof s->caller, "%s", peer.address);
        s->conn = conn_new(server->rt, stream, &options, &owner, s);
    } else {
        rt_seam(server->rt)->transport->close(stream);
        rt_seam(server->rt)->transport->release(stream);
    }
    if (s == NULL || s->conn == NULL) {
        free(s);
        return;
    }
    s->next = server->sessions;
    s->link = &server->sessions;
    if (s->next != NULL)
        s->next->link = &s->next;
    server->sessions = s;
    session_count_in(s);
    if (*refusal == 0)
        greet(s);
}
