/* session.c: one HTTP connection: its requests one after the other, and how long each part of one may take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http_impl.h"

static http_session *session_of(duct *d)
{
    return (http_session *)d;
}

/* Time. The timer is moved only to an earlier time: a later one is found out when it fires. */

static void due_in(http_session *s, int64_t ms)
{
    s->due = rt_now(s->duct.rt) + ms * MARU_NS_PER_MS;
    if (s->due >= s->armed)
        return;
    s->armed = s->due;
    rt_timer_set(s->duct.rt, &s->timer, s->due);
}

static void enter(http_session *s, session_state state, int64_t ms)
{
    s->state = state;
    if (ms > 0)
        due_in(s, ms);
    else
        s->due = INT64_MAX;
}

/* The state is over in ms, where it would not be before. */
static void hurry(http_session *s, int64_t ms)
{
    if (rt_now(s->duct.rt) + ms * MARU_NS_PER_MS < s->due)
        due_in(s, ms);
}

static void time_is_over(http_session *s)
{
    switch (s->state) {
    case SESSION_HEAD:
        http_refuse(s, 408,
                    s->server->draining ? "the server is stopping, and had not got the whole head of the request"
                                        : "the head of the request did not come in time");
        break;
    case SESSION_BODY:
        http_refuse(s, 408, "the body of the request did not come in time");
        break;
    default:
        duct_close(&s->duct, "idle, or a peer that does not read");
    }
}

static void on_timer(wheel_timer *timer)
{
    http_session *s = (http_session *)((char *)timer - offsetof(http_session, timer));

    s->armed = INT64_MAX;
    if (s->due == INT64_MAX || s->duct.closing)
        return;
    if (rt_now(s->duct.rt) >= s->due) {
        time_is_over(s);
        return;
    }
    s->armed = s->due;
    rt_timer_set(s->duct.rt, &s->timer, s->due);
}

/* Output. */

static const char *date_now(maru_http_server *server)
{
    int64_t wall = rt_wall(server->rt), second = wall / 1000000000;

    if (second != server->date_second) {
        server->date_second = second;
        reply_date(server->date, wall);
    }
    return server->date;
}

void http_session_answer(http_session *s, const maru_http_response *response, bool close)
{
    reply    r = {.response = response,
                  .date = date_now(s->server),
                  .head = s->parse.head_done && strcmp(s->parse.method, "HEAD") == 0,
                  .close = close,
                  .http_1_0 = s->parse.head_done && s->parse.minor == 0};
    size_t   most = reply_size(&r);
    uint8_t *at = duct_room(&s->duct, most);

    if (at != NULL)
        s->duct.out.size -= most - reply_write(&r, at);
}

static void say_continue(http_session *s)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uint8_t          *at = duct_room(&s->duct, sizeof line - 1);

    s->continued = true;
    if (at != NULL)
        memcpy(at, line, sizeof line - 1);
}

/* Input. */

/* A whole request, or the head of one that is asked for: it keeps the session until it is answered. */
static void wait_for_turn(http_session *s, session_state state)
{
    s->began = rt_seen(s->duct.rt);
    s->asked = true;
    duct_ref(&s->duct);
    s->duct.pinned = true;
    enter(s, state, 0);
    rt_source_wake(s->duct.rt, &s->source);
}

/* The client waits: whatever has to be said about the head is said before it sends the body. */
static void asked(http_session *s)
{
    if (s->server->options.screen != NULL)
        wait_for_turn(s, SESSION_ASKED);
    else
        say_continue(s);
}

static void want_more(http_session *s)
{
    const http_parse *p = &s->parse;

    if (s->state == SESSION_HEAD && p->head_done)
        enter(s, SESSION_BODY, s->server->options.body_ms);
    if (p->head_done && p->expects_continue && !s->continued && p->body_size == 0)
        asked(s);
}

static void begin_request(http_session *s)
{
    http_parse_begin(&s->parse, &s->server->limits);
    s->continued = false;
    enter(s, SESSION_HEAD, s->server->options.head_ms);
    if (s->server->draining)
        hurry(s, DRAIN_HEAD_MS);
}

/* Whether all that is left is empty lines, of which there may be some between requests. */
static bool is_blank(const http_session *s)
{
    const duct *d = &s->duct;

    for (size_t i = s->start; i < d->in.size; i++)
        if (d->in.bytes[i] != '\r' && d->in.bytes[i] != '\n')
            return false;
    return true;
}

/* Nothing more comes, and there is no whole request. */
static void end_of_requests(http_session *s)
{
    if (s->state == SESSION_IDLE || is_blank(s))
        duct_finish(&s->duct, "closed by the peer");
    else
        http_refuse(s, 400, "the request ended before all of it had come");
}

/* Looks at the bytes at hand, while no request is being answered. */
static void look(http_session *s)
{
    duct  *d = &s->duct;
    size_t size;

    if (s->start > 0 && !d->receiving) {
        duct_took(d, s->start);
        s->start = 0;
    }
    if (d->in.size == s->start) {
        if (d->ended)
            end_of_requests(s);
        return;
    }
    if (s->state == SESSION_IDLE)
        begin_request(s);
    size = d->in.size - s->start;
    switch (http_parse_more(&s->parse, d->in.bytes + s->start, &size, !d->receiving)) {
    case HTTP_COMPLETE:
        wait_for_turn(s, SESSION_READY);
        break;
    case HTTP_REFUSED:
        http_refuse(s, s->parse.status, s->parse.why);
        break;
    case HTTP_MORE:
        d->in.size = s->start + size;
        if (d->ended)
            end_of_requests(s);
        else
            want_more(s);
        break;
    }
}

void http_session_go_on(http_session *s)
{
    s->duct.pinned = false;
    if (s->duct.in.size == s->start + s->parse.seen)
        say_continue(s);
    s->continued = true;
    enter(s, SESSION_BODY, s->server->options.body_ms);
    look(s); /* what it has sent unasked meanwhile, or that it ended */
    duct_read(&s->duct);
}

static void drop_input(http_session *s, size_t bytes)
{
    s->lingered += bytes;
    duct_took(&s->duct, s->duct.in.size);
    if (s->lingered > LINGER_BYTES)
        duct_close(&s->duct, "refused, and sends on");
}

static void on_input(duct *d, size_t bytes)
{
    http_session *s = session_of(d);

    rt_look(d->rt);
    if (s->state == SESSION_LINGER)
        drop_input(s, bytes);
    else if (s->state <= SESSION_BODY)
        look(s);
}

/* The client says no more, and still reads: what it asked is answered, and then the connection ends. */
static void on_ended(duct *d)
{
    http_session *s = session_of(d);

    rt_look(d->rt);
    if (s->state <= SESSION_BODY)
        end_of_requests(s);
    else if (s->state == SESSION_LINGER)
        duct_finish(d, "closed by the peer");
}

bool http_session_is_last(const http_session *s)
{
    return s->duct.ended && s->duct.in.size == s->start + s->parse.seen;
}

static void become_idle(http_session *s)
{
    enter(s, SESSION_IDLE, duct_unsent(&s->duct) > 0 ? s->server->options.send_ms : s->server->options.idle_ms);
    look(s);
}

void http_session_next(http_session *s, bool close)
{
    duct *d = &s->duct;

    s->start += s->parse.seen;
    d->pinned = false;
    if (close && s->parse.keep_alive) {
        http_session_linger(s); /* it does not know yet: another request may be on its way */
    } else if (close) {
        enter(s, SESSION_LINGER, s->server->options.send_ms);
        duct_finish(d, "answered, and closed");
        return;
    } else if (d->full) {
        enter(s, SESSION_FULL, 0);
    } else {
        become_idle(s);
    }
    duct_read(d);
}

void http_session_linger(http_session *s)
{
    s->duct.pinned = false;
    s->start = 0;
    enter(s, SESSION_LINGER, s->server->options.send_ms);
    if (s->duct.ended)
        duct_finish(&s->duct, "answered, and closed");
    else
        duct_read(&s->duct);
}

static void on_relieved(duct *d)
{
    http_session *s = session_of(d);

    if (s->state != SESSION_FULL)
        return;
    if (s->server->draining && is_blank(s)) {
        http_session_linger(s); /* it was not told that this was the last answer */
        if (duct_unsent(d) == 0)
            due_in(s, LINGER_MS);
        return;
    }
    become_idle(s);
}

static void on_sent(duct *d)
{
    http_session *s = session_of(d);

    if (s->state == SESSION_IDLE)
        due_in(s, s->server->options.idle_ms);
    else if (s->state == SESSION_LINGER)
        due_in(s, LINGER_MS);
}

/* Life and death. */

static void on_closed(duct *d, const char *why)
{
    http_session *s = session_of(d);

    (void)why;
    rt_timer_clear(d->rt, &s->timer);
    if (s->state == SESSION_RUNNING)
        call_cancel(&s->call, "the client went away");
    if (s->state != SESSION_READY && s->state != SESSION_ASKED)
        return;
    rt_source_sleep(d->rt, &s->source);
    duct_unref(d); /* nobody begins it */
}

static void on_gone(duct *d)
{
    http_session *s = session_of(d);

    http_session_gone(s->server, s);
}

static const duct_calls calls = {.input = on_input,
                                 .relieved = on_relieved,
                                 .sent = on_sent,
                                 .ended = on_ended,
                                 .closed = on_closed,
                                 .gone = on_gone};

void http_session_drain(http_session *s)
{
    if (s->state == SESSION_IDLE || (s->state == SESSION_HEAD && is_blank(s)))
        duct_finish(&s->duct, "stopping");
    else if (s->state == SESSION_HEAD)
        hurry(s, DRAIN_HEAD_MS);
}

void http_session_open(maru_http_server *server, maru_stream *stream)
{
    const maru_http_options *o = &server->options;
    duct_options             options = {.transport = server->acceptors.transport,
                                        .max_output = o->max_output,
                                        .pause = true,
                                        .slow_ms = o->send_ms,
                                        .memory = &server->buffers};
    http_session            *s = malloc(sizeof *s);
    maru_peer                peer;

    if (s == NULL) {
        acceptors_refuse(&server->acceptors, stream);
        return;
    }
    options.transport->peer(stream, &peer);
    s->source = (rt_source){.run_one = http_run_one};
    s->server = server;
    s->start = s->lingered = 0;
    s->asked = false;
    s->armed = INT64_MAX;
    s->timer = (wheel_timer){.fire = on_timer};
    snprintf(s->caller, sizeof s->caller, "%s", peer.address);
    http_parse_begin(&s->parse, &server->limits);
    duct_open(&s->duct, server->rt, stream, &options, &calls);
    enter(s, SESSION_IDLE, o->head_ms);
    s->next = server->sessions;
    s->link = &server->sessions;
    if (s->next != NULL)
        s->next->link = &s->next;
    server->sessions = s;
    server->session_count++;
    count_up(&server->counts.connections, 1);
    duct_read(&s->duct);
}
