/* handle.c: one request: its route, its headers, the call, and what comes of it. */
#include "edge.h"

#include <string.h>

#include "headers.h"
#include "hide.h"
#include "maru/client.h"

enum { WORDS_MAX = 2048 };

static const char all_methods[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/* One request, on its way. */
typedef struct asked {
    edge                    *e;
    maru_call               *call;   /* the server's */
    maru_call               *within; /* and with the time that the request gives it */
    const maru_http_request *request;
    maru_http_response      *response;
    transcode_match          match;
    maru_text                key; /* its Idempotency-Key; at NULL: none */
} asked;

static void fail(asked *a, int http, maru_status status, const char *message)
{
    maru_http_fail(a->call, a->response, http, status, message, "");
}

static void fail_unavailable(asked *a, const char *message)
{
    maru_http_add_header(a->response, "Retry-After", "1");
    fail(a, 0, MARU_UNAVAILABLE, message);
}

static const char *text_of(asked *a, maru_text text)
{
    return maru_printf(a->call, "%.*s", (int)text.size, text.at);
}

/* Routes. */

/* Whose routes are not known: of those that are connected, or that never were; "" where all are. */
static const char *not_known(asked *a, bool connected, const char *words)
{
    const char *names = "";

    for (size_t i = 0; i < a->e->peer_count; i++) {
        const edge_peer *p = &a->e->peers[i];

        if (p->connected == connected && (connected ? !p->told : p->contract == NULL))
            names = maru_printf(a->call, "%s%s%s", names, *names == 0 ? words : ", ", p->name);
    }
    return names;
}

static void no_route(asked *a, const char *allowed)
{
    const maru_http_request *request = a->request;
    const char              *path = text_of(a, request->path);
    const char              *away = not_known(a, false, ": not reached so far: ");
    const char              *silent = not_known(a, true, ": still asked what they serve: ");

    if (allowed != NULL) {
        maru_http_add_header(a->response, "Allow", allowed);
        fail(a, 405, MARU_UNIMPLEMENTED, maru_printf(a->call, "%s %s: want %s", request->method, path, allowed));
    } else if (*away != 0 || *silent != 0) {
        fail_unavailable(a, maru_printf(a->call, "%s: no such path yet%s%s", path, away, silent));
    } else {
        fail(a, 0, MARU_NOT_FOUND, maru_printf(a->call, "%s: no such path", path));
    }
}

static void answer_options(asked *a, const char *allowed)
{
    a->response->status = 204;
    maru_http_add_header(a->response, "Allow", allowed);
}

static bool find_route(asked *a, const edge_table *table)
{
    const maru_http_request *request = a->request;
    const char              *allowed;

    if (strcmp(request->method, "OPTIONS") == 0 && maru_text_is(request->path, "*")) {
        answer_options(a, all_methods);
        return false;
    }
    if (table != NULL &&
        (transcode_find(table->routes, request->method, request->path, &a->match) ||
         (strcmp(request->method, "HEAD") == 0 && transcode_find(table->routes, "GET", request->path, &a->match))))
        return true;
    allowed = table == NULL ? NULL : transcode_methods(table->routes, request->path, maru_call_arena(a->call));
    if (allowed != NULL && strcmp(request->method, "OPTIONS") == 0)
        answer_options(a, allowed);
    else
        no_route(a, allowed);
    return false;
}

/* Headers. */

/* One that may stand there once. Of several none is known to be meant, and the next server might take another. */
static bool take_one(asked *a, const char *name, maru_text *value)
{
    if (maru_http_one(a->request, name, value))
        return true;
    fail(a, 400, MARU_INVALID_ARGUMENT, maru_printf(a->call, "%s: want one, got more", name));
    return false;
}

/* Nothing is unpacked here: a few bytes may become as many as one likes. */
static bool check_coding(asked *a)
{
    maru_text coding = maru_http_list(a->call, a->request, "Content-Encoding");

    if (coding.at == NULL || headers_is_identity(coding))
        return true;
    maru_http_add_header(a->response, "Accept-Encoding", "identity");
    fail(a, 415, MARU_INVALID_ARGUMENT, "Content-Encoding: want the body as it is: identity, or no such header");
    return false;
}

/* Whether there is a body, or is to be one. In chunks it may be empty. */
static bool has_body(const maru_http_request *request)
{
    return request->body.size > 0 || (request->follows > 0 && request->follows != SIZE_MAX);
}

static bool check_media(asked *a)
{
    maru_text type;

    if (!take_one(a, "Content-Type", &type))
        return false;
    if (!headers_accepts_json(maru_http_list(a->call, a->request, "Accept"))) {
        fail(a, 406, MARU_INVALID_ARGUMENT, "Accept: there is application/json, and nothing else");
        return false;
    }
    if (!has_body(a->request))
        return true;
    if (!transcode_takes_body(&a->match)) {
        fail(a, 400, MARU_INVALID_ARGUMENT, "this method takes no body");
        return false;
    }
    if (!check_coding(a))
        return false;
    if (type.at == NULL || headers_is_json(type))
        return true;
    fail(a, 415, MARU_INVALID_ARGUMENT, "Content-Type: want application/json in UTF-8");
    return false;
}

static bool take_timeout(asked *a)
{
    maru_text text;
    int64_t   ms;

    if (!take_one(a, "Request-Timeout", &text))
        return false;
    ms = text.at == NULL ? EDGE_TIMEOUT_MS : headers_timeout(text);
    if (ms < 0) {
        fail(a, 400, MARU_INVALID_ARGUMENT, "Request-Timeout: want a time such as 1500ms, 2s or 1m, and more than 0");
        return false;
    }
    a->within = maru_within(a->call, ms < EDGE_TIMEOUT_MAX_MS ? ms : EDGE_TIMEOUT_MAX_MS);
    return true;
}

/* Whether a repeat of it does what the first did, or has a key of its own that tells. What can do neither refuses a
 * key: who sends one would rely on it. */
static bool can_repeat(const asked *a)
{
    return (a->match.method->flags & (MARU_METHOD_EXACTLY_ONCE | MARU_METHOD_IDEMPOTENT)) != 0 ||
           transcode_takes_request_id(&a->match);
}

static bool take_key(asked *a)
{
    maru_text text;

    if (!take_one(a, "Idempotency-Key", &text))
        return false;
    if (text.at == NULL)
        return true;
    if (!can_repeat(a)) {
        fail(a, 400, MARU_INVALID_ARGUMENT,
             maru_printf(a->call,
                         "Idempotency-Key: %s does anew what it is asked again, with a key or without; want none",
                         a->match.method->name));
        return false;
    }
    if (headers_key(text, &a->key) && maru_call_set_request_id(a->call, text_of(a, a->key)) == MARU_OK)
        return true;
    fail(a, 400, MARU_INVALID_ARGUMENT,
         "Idempotency-Key: want 1..128 characters of printable ASCII, and between quotes no quote and no backslash");
    return false;
}

/* What only helps those who look at logs is no reason to refuse anything: of several, none is taken. */
static void take_trace(asked *a)
{
    maru_text id, trace;

    if (maru_http_one(a->request, "X-Request-Id", &id) && id.size > 0 && id.size <= 128 &&
        maru_call_add_metadata(a->call, "x-request-id", text_of(a, id)) == MARU_OK)
        maru_http_add_header(a->response, "X-Request-Id", text_of(a, id));
    if (maru_http_one(a->request, "traceparent", &trace) && trace.at != NULL)
        maru_call_set_traceparent(a->call, text_of(a, trace));
    maru_call_begin_trace(a->call); /* where it brought none */
}

/* The call. */

/* Who operates the shop reads where it was, if the log is asked for it: anybody can have as many of these as of
 * requests. The public reads who it was, and of what is wrong inside it no more than that. */
static void fail_call(asked *a, maru_status status)
{
    const edge_peer *called = a->match.owner;
    const char      *words = maru_call_message(a->call), *origin = maru_call_origin(a->call);
    const char      *address = maru_client_target(called->client);
    char             shown[WORDS_MAX];
    bool             ours = hide_ours(status, words, origin, address), hidden;

    if (status == MARU_UNIMPLEMENTED && !called->told) { /* by a route of what it was before it was connected anew */
        fail_unavailable(a, maru_printf(a->call, "%s: what it serves now is not known yet", called->name));
        return;
    }
    if (status == MARU_UNAVAILABLE)
        maru_http_add_header(a->response, "Retry-After", "1");
    hidden = ours ? hide_address(words, address, called->name, shown, sizeof shown)
                  : hide_inside(status, words, shown, sizeof shown) || hide_behind(status, words, shown, sizeof shown);
    if (hidden)
        maru_log_write(a->call, MARU_LOG_DEBUG, "%s: %s%s%s%s", maru_status_name(status),
                       maru_status_words(status, words), *origin == 0 ? "" : " (from ", origin,
                       *origin == 0 ? "" : ")");
    maru_http_fail(a->call, a->response, 0, status, shown, origin);
}

/* The request's message, with the key in it where that has a place there. */
static maru_status make_request(asked *a, const uint8_t **request, size_t *size, maru_error *error)
{
    maru_arena *arena = maru_call_arena(a->call);
    maru_status status = transcode_request(&a->match, a->request->query, a->request->body, arena, request, size, error);

    if (status == MARU_OK && a->key.at != NULL && transcode_takes_request_id(&a->match))
        status = transcode_put_request_id(&a->match, a->key, arena, request, size, error);
    return status;
}

/* A body within the edge's own limit may be more than the service takes: to try it again is of no use, as it would be
 * where a service has too much to do. */
static bool check_size(asked *a, size_t size)
{
    const edge_peer *peer = a->match.owner;
    size_t           most = maru_client_max_request(peer->client);

    if (size > most)
        fail(a, 413, MARU_RESOURCE_EXHAUSTED,
             maru_printf(a->call, "the request is %zu bytes as a message: limit %zu (max_message of %s)", size, most,
                         peer->name));
    return size <= most;
}

static void make_call(asked *a)
{
    const schema_method *method = a->match.method;
    const edge_peer     *peer = a->match.owner;
    maru_arena          *arena = maru_call_arena(a->call);
    const uint8_t       *request, *reply;
    size_t               size;
    maru_error           error;
    maru_status          status;

    if ((status = make_request(a, &request, &size, &error)) != MARU_OK) {
        fail(a, status == MARU_INVALID_ARGUMENT ? 400 : 413, status, error.text);
        return;
    }
    if (!check_size(a, size))
        return;
    status = maru_unary_bytes(peer->client, a->within, method->path, method->flags, request, size, &reply, &size);
    if (status != MARU_OK) {
        fail_call(a, status);
        return;
    }
    if ((status = transcode_reply(&a->match, reply, size, arena, &a->response->body, &error)) != MARU_OK)
        fail(a, 500, MARU_INTERNAL, maru_printf(a->call, "the reply of %s has no JSON: %s", method->path, error.text));
    else
        a->response->type = "application/json";
}

static bool check_head(asked *a)
{
    const edge_peer *peer = a->match.owner;

    a->response->route = a->match.method->path;
    if (!check_media(a) || !take_timeout(a) || !take_key(a))
        return false;
    if (!peer->connected)
        fail_unavailable(a, maru_printf(a->call, "%s is down", peer->name));
    return peer->connected;
}

static void answer_health(asked *a)
{
    static const char allowed[] = "GET, HEAD, OPTIONS";
    const char       *method = a->request->method;

    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        edge_health(a->e, a->call, a->response);
    else if (strcmp(method, "OPTIONS") == 0)
        answer_options(a, allowed);
    else
        no_route(a, allowed);
}

static void release_table(void *table)
{
    edge_table_unref(table);
}

/* Whether it is to be a call; else it is answered. */
static bool begin(asked *a)
{
    edge_table *table = a->e->table;

    take_trace(a); /* also where there is no route: who looks for it in the log may look for why */
    if (maru_text_is(a->request->path, "/healthz")) {
        answer_health(a);
        return false;
    }
    if (table != NULL) {
        table->refs++;
        a->response->release = release_table;
        a->response->held = table;
    }
    return find_route(a, table) && check_head(a);
}

void edge_handle(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    asked a = {.e = arg, .call = call, .request = request, .response = response};

    if (begin(&a))
        make_call(&a);
}

bool edge_screen(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    asked a = {.e = arg, .call = call, .request = request, .response = response};

    return begin(&a);
}
