/* serve.c: one call, from its turn to its reply. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "maru/status.pb-c.h"
#include "runtime/fiber.h"
#include "server/once.h"
#include "server/server_impl.h"
#include "wire/unpack.h"

enum { WORDS_MAX = 4096 }; /* of a failure: bytes */

/* Replies. */

/* Every answer of a call begins here. */
static frame reply_head(served *call, maru_status status, size_t size)
{
    int64_t  now = rt_glance(call->call.rt);
    uint64_t queued = (uint64_t)(call->started - call->arrived) / 1000,
             handled = (uint64_t)(now - call->started) / 1000;
    frame head = {.kind = FRAME_REPLY,
                  .status = (uint8_t)status,
                  .hops_size = call->hops_size,
                  .id = call->id,
                  .method = (queued & 0xffffffff) << 32 | (handled & 0xffffffff),
                  .payload_size = size};

    memcpy(head.hops, call->hops, call->hops_size);
    account_answer(call, status, now);
    return head;
}

static void send_status(session *s, const frame *head, const char *message, const char *origin)
{
    MaruPb__Status words = MARU_PB__STATUS__INIT;
    frame          h = *head;
    char           clean[WORDS_MAX];
    uint8_t       *at;

    words.code = head->status;
    words.message = (char *)utf8_clean(clean, sizeof clean, message);
    words.origin = (char *)(origin == NULL || *origin == 0 ? s->server->origin : origin);
    h.payload_size = maru_pb__status__get_packed_size(&words);
    if (s->conn != NULL && (at = conn_begin(s->conn, &h, h.payload_size)) != NULL)
        maru_pb__status__pack(&words, at);
}

void serve_answer_fault(session *s, const frame *f, refuse_reason why, maru_status status, const char *message)
{
    frame head = {.kind = FRAME_REPLY, .status = (uint8_t)status, .hops_size = f->hops_size, .id = f->id};

    count_up(&s->server->counts.refused[why], 1);
    memcpy(head.hops, f->hops, f->hops_size);
    send_status(s, &head, message, NULL);
}

static void send_failure(served *call, maru_status status, const char *message, const char *origin)
{
    frame head = reply_head(call, status, 0);

    send_status(call->session, &head, message, origin);
}

void serve_refuse(served *call, maru_status status, const char *message)
{
    send_failure(call, status, message, NULL);
    serve_end(call);
}

static void send_bytes(served *call, const uint8_t *bytes, size_t size)
{
    frame    head = reply_head(call, MARU_OK, size);
    uint8_t *at = conn_begin(call->session->conn, &head, size);

    if (at != NULL && size > 0)
        memcpy(at, bytes, size);
}

static void send_message(served *call, size_t size)
{
    frame    head = reply_head(call, MARU_OK, size);
    uint8_t *at = conn_begin(call->session->conn, &head, size);

    if (at != NULL)
        pack_into(call->call.response, at);
}

/* What this server sends, and this peer takes. */
static size_t reply_most(const session *s)
{
    return s->max_reply < s->server->options.max_message ? s->max_reply : s->server->options.max_message;
}

static void send_response(served *call)
{
    session *s = call->session;
    bool     stored = call->call.reply != NULL;
    size_t   size = stored ? call->call.reply_size : pack_size(call->call.response);
    size_t   limit = reply_most(s);
    char     words[128];

    if (size > limit) {
        snprintf(words, sizeof words, "reply: %zu bytes, limit %zu (max_message)", size, limit);
        send_failure(call, MARU_RESOURCE_EXHAUSTED, words, NULL);
    } else if (stored) {
        send_bytes(call, call->call.reply, size);
    } else {
        send_message(call, size);
    }
}

static void finish(served *call, maru_status status)
{
    maru_call *c = &call->call;

    call->session->server->running--;
    if (call->session->conn != NULL) {
        if (status == MARU_OK)
            send_response(call);
        else
            send_failure(call, status, c->message, c->origin);
    } else {
        account_answer(call, status, rt_glance(c->rt)); /* nobody is there to hear it */
    }
    call->session->used = rt_seen(c->rt); /* each of them has glanced */
    serve_end(call);
}

/* Running. */

static ProtobufCMessage *empty_response(maru_call *c, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *response = maru_alloc(c, type->sizeof_message);

    protobuf_c_message_init(type, response);
    return response;
}

/* An exactly-once call that was answered before gets that answer. */
static maru_status answered_before(served *call, const ProtobufCMessage *request)
{
    maru_server *server = call->session->server;

    if ((call->entry->method->flags & MARU_METHOD_EXACTLY_ONCE) == 0 || *call->call.request_id == 0)
        return MARU_NOT_FOUND;
    once_note(&call->call, request);
    return server->store == NULL ? MARU_NOT_FOUND : once_find(server->store, &call->call);
}

static void serve_fiber(void *arg)
{
    served              *call = arg;
    const served_method *entry = call->entry;
    maru_call           *c = &call->call;
    ProtobufCMessage    *request;
    maru_error           error;
    maru_status          status;

    c->fiber = rt_fiber(c->rt);
    c->method = entry->method;
    c->reply_most = reply_most(call->session);
    status = unpack_message(entry->method->request, c->request, c->request_size, c->arena, &request, &error);
    if (status != MARU_OK) {
        finish(call, maru_fail(c, status, "request: %s", error.text));
        return;
    }
    c->response = empty_response(c, entry->method->response);
    if ((status = answered_before(call, request)) == MARU_NOT_FOUND)
        status = entry->dispatch(entry->handlers, entry->svc, c, request, c->response);
    finish(call, (unsigned)status < MARU_STATUS_COUNT ? status : MARU_UNKNOWN);
}

static void serve_unwound(void *arg)
{
    finish(arg, MARU_RESOURCE_EXHAUSTED);
}

static void refuse_streaming(served *call)
{
    char words[256];

    snprintf(words, sizeof words, "%s: %s", call->entry->method->path,
             call->entry->method->flags & (MARU_METHOD_CLIENT_STREAM | MARU_METHOD_SERVER_STREAM)
                 ? "streams are not served yet"
                 : "not implemented");
    serve_refuse(call, MARU_UNIMPLEMENTED, words);
}

static void refuse_late(served *call, admission_verdict verdict)
{
    int64_t waited = (call->started - call->arrived) / MARU_NS_PER_MS;
    char    words[160];

    count_up(
        &call->session->server->counts.refused[verdict == ADMISSION_EXPIRED ? REFUSED_EXPIRED : REFUSED_OVERLOADED], 1);
    if (verdict == ADMISSION_EXPIRED) {
        snprintf(words, sizeof words, "the deadline passed in the queue, after %lld ms", (long long)waited);
        serve_refuse(call, MARU_DEADLINE_EXCEEDED, words);
    } else {
        snprintf(words, sizeof words, "overloaded: waited %lld ms in the queue, more than half of its time",
                 (long long)waited);
        serve_refuse(call, MARU_RESOURCE_EXHAUSTED, words);
    }
}

static bool has_arena(served *call)
{
    maru_server *server = call->session->server;

    if (call->call.arena == NULL)
        call->call.arena = session_arena(server);
    return call->call.arena != NULL;
}

static bool start_fiber(served *call)
{
    maru_server *server = call->session->server;
    char         words[128];

    if (!has_arena(call)) {
        count_up(&server->counts.refused[REFUSED_MEMORY], 1);
        serve_refuse(call, MARU_RESOURCE_EXHAUSTED, "out of memory for a call");
        return false;
    }
    if (server->running >= server->options.max_calls_total) {
        count_up(&server->counts.refused[REFUSED_CALLS_TOTAL], 1);
        snprintf(words, sizeof words, "calls running on this server: limit %zu (max_calls_total)",
                 server->options.max_calls_total);
        serve_refuse(call, MARU_RESOURCE_EXHAUSTED, words);
        return false;
    }
    server->running++;
    if (fiber_start(rt_fibers(server->rt), serve_fiber, serve_unwound, call) == 0)
        return true;
    server->running--;
    count_up(&server->counts.refused[REFUSED_MEMORY], 1);
    serve_refuse(call, MARU_RESOURCE_EXHAUSTED, "no more fibers: limit max_fibers, or memory");
    return false;
}

bool serve_start(served *call)
{
    maru_server      *server = call->session->server;
    int64_t           now = rt_seen(server->rt);
    admission_verdict verdict = admission_judge(&server->admission, now, call->arrived, call->call.deadline);

    call->started = now;
    histogram_time(&server->counts.waited, now - call->arrived);
    if (server->queued == 0)
        admission_empty(&server->admission, now);
    if (call->call.cancelled)
        serve_refuse(call, MARU_CANCELLED, "cancelled before it was started");
    else if (verdict != ADMISSION_START)
        refuse_late(call, verdict);
    else if (call->entry->dispatch == NULL)
        refuse_streaming(call);
    else
        return start_fiber(call);
    return false;
}
