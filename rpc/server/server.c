/* server.c: listeners, the list of sessions, and the way to a clean stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conn/hello.h"
#include "server/once.h"
#include "server/server_impl.h"

/* Settings. */

static void set_defaults(maru_server_options *o)
{
#define DEFAULT(field, type, unit, fallback, least, most, words)                                                       \
    if (o->field == 0)                                                                                                 \
        o->field = (type)(fallback);
    MARU_SERVER_LIMITS(DEFAULT)
#undef DEFAULT
}

enum { FAREWELL_MS = 2000 };

static void drain_timed_out(wheel_timer *timer);
static void farewell_over(wheel_timer *timer);
static void on_accepted(void *arg, maru_stream *stream, bool ipc);
static void on_acceptor_gone(void *arg);

maru_status maru_server_new(maru_runtime *rt, const maru_server_options *options, maru_server **out, maru_error *error)
{
    maru_server *server = calloc(1, sizeof *server);
    char         pid[16];
    const char  *name = options == NULL || options->name == NULL ? "service" : options->name;
    maru_status  status;

    if (server == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "server: out of memory");
    *server = (maru_server){.rt = rt, .options = options == NULL ? (maru_server_options){0} : *options};
    server->acceptors = (acceptors){.rt = rt, .accepted = on_accepted, .gone = on_acceptor_gone, .arg = server};
    server->drain_timer.fire = drain_timed_out;
    server->farewell_timer.fire = farewell_over;
    tell_begin(server);
    server->log = rt_log(rt);
    server->meter = (meter){.collect = account_collect, .arg = server};
    set_defaults(&server->options);
    room_fit_files(server);
    server->memory.limit = server->options.max_memory_total;
    server->buffers.limit = server->options.max_buffer_total;
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    server->options.name = strdup(name);
    server->options.instance = strdup(server->options.instance == NULL ? pid : server->options.instance);
    if (server->options.name == NULL || server->options.instance == NULL) {
        maru_server_free(server);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "server: out of memory");
    }
    hello_name(server->options.name, server->options.instance, server->origin);
    if ((status = builtin_add(server, error)) != MARU_OK || (status = operate_add(server, error)) != MARU_OK) {
        maru_server_free(server);
        return status;
    }
    meters_add(rt_meters(rt), &server->meter);
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

void maru_server_serving(maru_server *server, bool serving)
{
    server->not_serving = !serving;
}

/* Accepting. */

static void on_accepted(void *arg, maru_stream *stream, bool ipc)
{
    maru_server *server = arg;

    if (server->draining)
        acceptors_refuse(&server->acceptors, stream);
    else
        room_take(server, stream, ipc);
}

static void on_acceptor_gone(void *arg)
{
    server_session_gone(arg);
}

const char *maru_server_url(const maru_server *server, size_t index)
{
    return acceptors_url(&server->acceptors, index);
}

maru_status maru_server_listen(maru_server *server, const char *url, maru_error *error)
{
    server->listened = true;
    return acceptors_listen(&server->acceptors, url, error);
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
        server->stop_by = rt_now(server->rt) + server->options.drain_ms * MARU_NS_PER_MS;
        for (session *s = server->sessions; s != NULL; s = s->next)
            session_going_away(s, "stopping");
        acceptors_stop(&server->acceptors);
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
    return server->session_count == 0 && server->acceptors.first == NULL;
}

void server_session_gone(maru_server *server)
{
    gate *g = server->closed_gate;

    if (!server->closing || g == NULL || !gone(server))
        return;
    rt_timer_clear(server->rt, &server->farewell_timer);
    server->closed_gate = NULL;
    gate_open(g);
}

/* What has an answer to send sends it, in what is left of the time of the whole stop; the rest is closed. A session
 * whose handlers still run stays until they end. */
static void finish_sessions(maru_server *server, bool those_that_close_too)
{
    int64_t left = (server->stop_by - rt_now(server->rt)) / MARU_NS_PER_MS;

    for (session *s = server->sessions, *next; s != NULL; s = next) {
        next = s->next;
        if (s->conn != NULL && (those_that_close_too || !s->maru))
            conn_finish_within(s->conn, "the server stopped", left > 0 ? left : 0);
    }
}

static void farewell_over(wheel_timer *timer)
{
    finish_sessions((maru_server *)((char *)timer - offsetof(maru_server, farewell_timer)), true);
}

/* A peer that was told GOING_AWAY closes by itself once it has the answers to all of its calls, and is given a moment
 * to do so: where this side closes first, a peer that is just writing (a cancel, a call that crosses the GOING_AWAY)
 * is told of a broken pipe or a reset, and loses what it had not read. */
static void close_begin(void *arg)
{
    stopping    *stop = arg;
    maru_server *server = stop->server;
    int64_t      farewell_by = rt_now(server->rt) + FAREWELL_MS * (int64_t)MARU_NS_PER_MS;

    server->closed_gate = &stop->gate;
    server->closing = true;
    tell_end(server);
    finish_sessions(server, false);
    rt_timer_set(server->rt, &server->farewell_timer, farewell_by < server->stop_by ? farewell_by : server->stop_by);
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
    meters_remove(rt_meters(server->rt), &server->meter);
    if (server->listened) /* whether anything is left only the strand knows */
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
