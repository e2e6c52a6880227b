/* server.c: listeners, the list of sessions, and the way to a clean stop. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/once.h"
#include "server/server_impl.h"

enum { ACCEPT_AGAIN_MS = 100 };

/* One listening address. */
struct acceptor {
    maru_server   *server;
    acceptor      *next;
    maru_listener *listener;
    bool           ipc;
    bool           accepting; /* an accept is under way */
    /* A callback leaves its result here and posts. */
    int          error;
    maru_stream *stream;
    strand_event event;
    strand_event begin;
    wheel_timer  again; /* after a shortage of descriptors */
};

static const maru_transport *transport(const maru_server *server)
{
    return rt_seam(server->rt)->transport;
}

/* Settings. */

static void set_defaults(maru_server_options *o)
{
#define DEFAULT(field, value)                                                                                          \
    if (o->field == 0)                                                                                                 \
    o->field = (value)
    DEFAULT(max_message, 4u << 20);
    DEFAULT(max_memory, 64u << 20);
    DEFAULT(max_calls, 1024);
    DEFAULT(max_calls_total, 10000);
    DEFAULT(max_output, 8u << 20);
    DEFAULT(max_connections, 10000);
    DEFAULT(slow_peer_ms, 10000);
    DEFAULT(drain_ms, 10000);
#undef DEFAULT
}

static void drain_timed_out(wheel_timer *timer);

maru_status maru_server_new(maru_runtime *rt, const maru_server_options *options, maru_server **out, maru_error *error)
{
    maru_server *server = calloc(1, sizeof *server);
    char         pid[16];
    const char  *name = options == NULL || options->name == NULL ? "service" : options->name;
    maru_status  status;

    if (server == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "server: out of memory");
    *server = (maru_server){.rt = rt, .options = options == NULL ? (maru_server_options){0} : *options};
    server->drain_timer.fire = drain_timed_out;
    set_defaults(&server->options);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    server->options.name = strdup(name);
    server->options.instance = strdup(server->options.instance == NULL ? pid : server->options.instance);
    if (server->options.name == NULL || server->options.instance == NULL) {
        maru_server_free(server);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "server: out of memory");
    }
    snprintf(server->origin, sizeof server->origin, "%.40s/%.40s", server->options.name, server->options.instance);
    if ((status = builtin_add(server, error)) != MARU_OK) {
        maru_server_free(server);
        return status;
    }
    *out = server;
    return MARU_OK;
}

maru_status maru_server_add(maru_server *server, const maru_service *service, const maru_dispatch *dispatch,
                            const void *handlers, void *svc, maru_error *error)
{
    return method_table_add(&server->methods, service, dispatch, handlers, svc, error);
}

void maru_server_keep_replies(maru_server *server, maru_store *store)
{
    server->store = store;
}

const char *maru_server_url(const maru_server *server, size_t index)
{
    const acceptor *a = server->acceptors;

    while (a != NULL && index-- > 0)
        a = a->next;
    return a == NULL ? NULL : transport(server)->listener_url(a->listener);
}

/* Accepting. */

static void on_accepted_thread(void *arg, int error, maru_stream *stream)
{
    acceptor *a = arg;

    a->error = error;
    a->stream = stream;
    strand_post(rt_strand(a->server->rt), &a->event);
}

static void accept_next(acceptor *a)
{
    a->accepting = true;
    transport(a->server)->accept(a->listener, on_accepted_thread, a);
}

static void accept_begin(strand_event *event)
{
    accept_next((acceptor *)((char *)event - offsetof(acceptor, begin)));
}

static void accept_again(wheel_timer *timer)
{
    acceptor *a = (acceptor *)((char *)timer - offsetof(acceptor, again));

    if (!a->server->draining)
        accept_next(a);
}

static void refuse_stream(maru_server *server, maru_stream *stream)
{
    transport(server)->close(stream);
    transport(server)->release(stream);
}

static void acceptor_free(acceptor *a)
{
    maru_server *server = a->server;
    acceptor   **at = &server->acceptors;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    server->acceptor_count--;
    rt_timer_clear(server->rt, &a->again);
    transport(server)->listener_release(a->listener);
    free(a);
    server_session_gone(server);
}

static void on_accepted(strand_event *event)
{
    acceptor    *a = (acceptor *)((char *)event - offsetof(acceptor, event));
    maru_server *server = a->server;

    a->accepting = false;
    if (a->error == 0) {
        if (server->draining || server->session_count >= server->options.max_connections)
            refuse_stream(server, a->stream);
        else
            session_new(server, a->stream, a->ipc);
    }
    if (server->draining)
        acceptor_free(a);
    else if (a->error == 0 || a->error == ECONNABORTED || a->error == ECONNRESET)
        accept_next(a);
    else
        rt_timer_set(server->rt, &a->again, rt_now(server->rt) + ACCEPT_AGAIN_MS * (int64_t)MARU_NS_PER_MS);
}

maru_status maru_server_listen(maru_server *server, const char *url, maru_error *error)
{
    acceptor   *a = calloc(1, sizeof *a), **end = &server->acceptors;
    maru_status status;

    if (a == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
    *a = (acceptor){.server = server,
                    .ipc = strncmp(url, "ipc:", 4) == 0,
                    .event = {.run = on_accepted},
                    .begin = {.run = accept_begin},
                    .again = {.fire = accept_again}};
    if ((status = transport(server)->listen(rt_seam(server->rt)->self, url, &a->listener, error)) != MARU_OK) {
        free(a);
        return status;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = a;
    server->acceptor_count++;
    strand_post(rt_strand(server->rt), &a->begin);
    return MARU_OK;
}

/* Stopping: no new connection, no new call; what is in flight ends, or drain_ms passes. */

static void settle_drain(maru_server *server, bool in_time)
{
    gate *g = server->drain_gate;

    if (g == NULL)
        return;
    rt_timer_clear(server->rt, &server->drain_timer);
    server->drain_gate = NULL;
    server->drained = in_time;
    gate_open(g);
}

static bool quiet(const maru_server *server)
{
    return server->queued == 0 && server->running == 0;
}

void server_call_ended(maru_server *server)
{
    if (server->draining && quiet(server))
        settle_drain(server, true);
}

static void drain_timed_out(wheel_timer *timer)
{
    settle_drain((maru_server *)((char *)timer - offsetof(maru_server, drain_timer)), false);
}

static void stop_accepting(maru_server *server)
{
    for (acceptor *a = server->acceptors, *next; a != NULL; a = next) {
        next = a->next;
        transport(server)->listener_close(a->listener);
        if (!a->accepting)
            acceptor_free(a);
    }
}

/* What a plain thread brings to the strand when it wants to wait for something there. */
typedef struct stopping {
    maru_server *server;
    gate         gate;
} stopping;

static void drain_begin(void *arg)
{
    stopping    *stop = arg;
    maru_server *server = stop->server;

    server->drain_gate = &stop->gate;
    if (!server->draining) {
        server->draining = true;
        for (session *s = server->sessions; s != NULL; s = s->next)
            session_going_away(s, "stopping");
        stop_accepting(server);
    }
    rt_timer_set(server->rt, &server->drain_timer, rt_now(server->rt) + server->options.drain_ms * MARU_NS_PER_MS);
    server_call_ended(server);
}

bool maru_server_drain(maru_server *server)
{
    stopping stop = {.server = server};

    gate_init(&stop.gate, server->rt);
    rt_on_strand(server->rt, drain_begin, &stop);
    gate_wait(&stop.gate);
    return server->drained;
}

static bool gone(const maru_server *server)
{
    return server->session_count == 0 && server->acceptor_count == 0;
}

void server_session_gone(maru_server *server)
{
    gate *g = server->closed_gate;

    if (!server->closing || g == NULL || !gone(server))
        return;
    server->closed_gate = NULL;
    gate_open(g);
}

/* What has an answer to send sends it; the rest is closed. A session whose handlers still run stays until they end. */
static void close_begin(void *arg)
{
    stopping    *stop = arg;
    maru_server *server = stop->server;

    server->closed_gate = &stop->gate;
    server->closing = true;
    for (session *s = server->sessions, *next; s != NULL; s = next) {
        next = s->next;
        if (s->conn != NULL)
            conn_finish(s->conn, "the server stopped");
    }
    server_session_gone(server);
}

static void close_all(maru_server *server)
{
    stopping stop = {.server = server};

    if (!server->draining) /* else it has had its time */
        maru_server_drain(server);
    gate_init(&stop.gate, server->rt);
    rt_on_strand(server->rt, close_begin, &stop);
    gate_wait(&stop.gate);
}

void maru_server_free(maru_server *server)
{
    if (server == NULL)
        return;
    if (server->acceptors != NULL || server->sessions != NULL)
        close_all(server);
    while (server->spare != NULL) {
        served *call = server->spare;
        server->spare = call->next;
        free(call);
    }
    method_table_free(&server->methods);
    free((char *)server->options.name);
    free((char *)server->options.instance);
    free(server);
}
