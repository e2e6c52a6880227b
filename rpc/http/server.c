/* server.c: listening, the list of sessions, and the way to a clean stop. See maru/http.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duct/files.h"
#include "http/http_impl.h"

/* Settings. */

/* Services that are called and operators who ask are connected beside the clients: those may not have all files. */
static size_t fit_files(size_t wanted)
{
    enum { OTHER_FILES = 192, PARTS = 2 };

    return files_share(&(files_wish){.connections = wanted, .kept = OTHER_FILES, .parts = PARTS}).connections;
}

static void set_defaults(maru_http_options *o)
{
#define DEFAULT(field, type, unit, fallback, least, most, words)                                                       \
    if (o->field == 0)                                                                                                 \
        o->field = (type)(fallback);
    MARU_HTTP_LIMITS(DEFAULT)
#undef DEFAULT
    o->max_connections = fit_files(o->max_connections);
}

static void drain_timed_out(wheel_timer *timer);

/* What is due is when it will have been idle for as long as it may: of those the first is the longest idle. */
static bool is_idle(const http_session *s)
{
    return s->asked && s->state == SESSION_IDLE && duct_unsent(&s->duct) == 0;
}

static bool is_mute(const http_session *s)
{
    return !s->asked && s->state <= SESSION_BODY;
}

/* Who has an answer loses least: a mute one may be about to ask, as who was let in just now is. Newest first in the
 * list: the last that fits came first. NULL: all have something to wait for. */
static http_session *one_that_waits(const maru_http_server *server)
{
    http_session *mute = NULL, *idle = NULL;

    for (http_session *s = server->sessions; s != NULL; s = s->next) {
        if (!duct_is_open(&s->duct))
            continue;
        if (is_mute(s))
            mute = s;
        else if (is_idle(s) && (idle == NULL || s->due <= idle->due))
            idle = s;
    }
    return idle != NULL ? idle : mute;
}

/* What is closed is gone a little later: so long it is one more. */
static bool make_room(maru_http_server *server)
{
    size_t        most = server->options.max_connections;
    http_session *s = NULL;

    if (server->options.makes_room && server->session_count < 2 * most)
        s = one_that_waits(server);
    if (s != NULL)
        duct_close(&s->duct, "it waits, and another takes its place");
    return s != NULL;
}

static void on_accepted(void *arg, maru_stream *stream, bool ipc)
{
    maru_http_server *server = arg;

    (void)ipc;
    if (server->draining || (server->session_count >= server->options.max_connections && !make_room(server)))
        acceptors_refuse(&server->acceptors, stream);
    else
        http_session_open(server, stream);
}

static bool gone(const maru_http_server *server)
{
    return server->session_count == 0 && server->acceptors.first == NULL;
}

static void settle(maru_http_server *server, bool in_time)
{
    gate *g = server->gone_gate;

    if (g == NULL)
        return;
    rt_timer_clear(server->rt, &server->drain_timer);
    server->gone_gate = NULL;
    server->drained = in_time;
    gate_open(g);
}

static void settle_if_gone(void *arg)
{
    if (gone(arg))
        settle(arg, true);
}

void http_session_gone(maru_http_server *server, http_session *s)
{
    *s->link = s->next;
    if (s->next != NULL)
        s->next->link = s->link;
    server->session_count--;
    free(s);
    settle_if_gone(server);
}

/* What happened on connections is told by a thread of its own, all of it at once. */

static void on_polled(strand_event *event)
{
    maru_http_server *server = (maru_http_server *)((char *)event - offsetof(maru_http_server, polled));

    rt_seam(server->rt)->poll->deliver(server->poll);
}

static void poll_ready(void *arg)
{
    maru_http_server *server = arg;

    strand_post(rt_strand(server->rt), &server->polled);
}

static maru_status start_poll(maru_http_server *server, maru_error *error)
{
    const maru_poll *poll = rt_seam(server->rt)->poll;
    maru_status      status;

    server->polled.run = on_polled;
    server->acceptors.transport = rt_seam(server->rt)->transport;
    server->acceptors.self = rt_seam(server->rt)->self;
    if (poll == NULL)
        return MARU_OK;
    server->acceptors.transport = poll->transport;
    status = poll->start(poll_ready, server, &server->poll, error);
    server->acceptors.self = server->poll;
    return status;
}

maru_status maru_http_new(maru_runtime *rt, const maru_http_options *options, maru_http_handler handler, void *arg,
                          maru_http_server **out, maru_error *error)
{
    maru_http_server  *server = calloc(1, sizeof *server);
    maru_http_options *o;
    maru_status        status;

    if (server == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "http: out of memory");
    server->rt = rt;
    server->handler = handler;
    server->arg = arg;
    server->date_second = -1;
    server->acceptors = (acceptors){.rt = rt, .accepted = on_accepted, .gone = settle_if_gone, .arg = server};
    server->drain_timer.fire = drain_timed_out;
    o = &server->options;
    *o = options == NULL ? (maru_http_options){0} : *options;
    set_defaults(o);
    server->memory.limit = o->max_memory_total;
    server->buffers.limit = o->max_buffer_total;
    if (o->max_head > HTTP_HEAD_MOST || o->max_headers > HTTP_HEADERS_MOST) {
        free(server);
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "http: want max_head of at most %d and max_headers of %d",
                              HTTP_HEAD_MOST, HTTP_HEADERS_MOST);
    }
    server->limits = (http_limits){
        .max_head = o->max_head, .max_headers = o->max_headers, .max_target = o->max_target, .max_body = o->max_body};
    if ((status = start_poll(server, error)) != MARU_OK) {
        free(server);
        return status;
    }
    http_account_open(server);
    *out = server;
    return MARU_OK;
}

/* Listening. */

maru_status maru_http_listen(maru_http_server *server, const char *host_port, maru_error *error)
{
    char        url[128];
    maru_status status;

    if (server->url_count == HTTP_LISTENERS_MAX || snprintf(url, sizeof url, "tcp://%s", host_port) >= (int)sizeof url)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s: want HOST:PORT, and at most %d of them", host_port,
                              HTTP_LISTENERS_MAX);
    if ((status = acceptors_listen(&server->acceptors, url, error)) != MARU_OK)
        return status;
    snprintf(server->urls[server->url_count], sizeof server->urls[0], "http://%s",
             acceptors_url(&server->acceptors, server->url_count) + strlen("tcp://"));
    server->url_count++;
    return MARU_OK;
}

const char *maru_http_url(const maru_http_server *server, size_t index)
{
    return index < server->url_count && !server->draining ? server->urls[index] : NULL;
}

/* Stopping: no new connection, no request that has not begun; what has begun is answered, or drain_ms passes. */

bool maru_http_draining(const maru_http_server *server)
{
    return server->draining;
}

static void drain_timed_out(wheel_timer *timer)
{
    settle((maru_http_server *)((char *)timer - offsetof(maru_http_server, drain_timer)), false);
}

/* What a plain thread brings to the strand when it wants to wait for something there. */
typedef struct stopping {
    maru_http_server *server;
    gate              gate;
} stopping;

static void each_session(maru_http_server *server, void (*act)(http_session *s))
{
    for (http_session *s = server->sessions, *next; s != NULL; s = next) {
        next = s->next;
        act(s);
    }
}

static void drain_begin(void *arg)
{
    stopping         *stop = arg;
    maru_http_server *server = stop->server;

    server->gone_gate = &stop->gate;
    server->draining = true;
    each_session(server, http_session_drain);
    acceptors_stop(&server->acceptors);
    if (server->gone_gate == NULL)
        return;
    rt_timer_set(server->rt, &server->drain_timer, rt_now(server->rt) + server->options.drain_ms * MARU_NS_PER_MS);
    settle_if_gone(server);
}

bool maru_http_drain(maru_http_server *server)
{
    stopping stop = {.server = server};

    if (server->draining)
        return server->drained;
    gate_init(&stop.gate, server->rt);
    rt_on_strand(server->rt, drain_begin, &stop);
    gate_wait(&stop.gate);
    return server->drained;
}

static void cut_off(http_session *s)
{
    duct_close(&s->duct, "the server stopped");
}

/* A session whose handler still runs stays until it ends. */
static void close_begin(void *arg)
{
    stopping *stop = arg;

    stop->server->gone_gate = &stop->gate;
    each_session(stop->server, cut_off);
    settle_if_gone(stop->server);
}

void maru_http_free(maru_http_server *server)
{
    stopping stop = {.server = server};

    if (server == NULL)
        return;
    meters_remove(rt_meters(server->rt), &server->meter);
    maru_http_drain(server);
    gate_init(&stop.gate, server->rt);
    rt_on_strand(server->rt, close_begin, &stop);
    gate_wait(&stop.gate);
    if (server->poll != NULL)
        rt_seam(server->rt)->poll->stop(server->poll);
    free(server);
}
