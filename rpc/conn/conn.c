/* conn.c: see conn.h. */
#include "conn/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

enum {
    HELLO_MS = 10000,   /* a peer says its SP hello within */
    MESSAGE_MS = 60000, /* a message that began to arrive is whole within */
};

struct conn {
    rt_output         output; /* first: found from it */
    maru_runtime     *rt;
    maru_stream      *stream;
    conn_options      options;
    const conn_owner *owner;
    void             *arg;
    unsigned          refs;

    bool ready;   /* the peer's SP hello came */
    bool maru;    /* and Maru's own */
    bool closing; /* the stream was closed */
    bool finishing;
    bool closed; /* the owner was told */
    bool full;   /* output passed max_output and has not gone below a quarter since */
    bool pinged; /* and no byte came since */
    char why[160];

    /* Reading. A callback leaves its result here and posts. */
    buffer       in;
    bool         receiving;
    int          recv_error;
    size_t       recv_bytes, recv_room;
    strand_event recv_event;

    /* Writing: out collects while sent is under way. */
    buffer       out, going;
    size_t       gone; /* of going */
    bool         sending;
    int          send_error;
    size_t       send_bytes;
    strand_event send_event;

    strand_event close_event;
    wheel_timer  life;  /* hello, silence, a message that does not end */
    wheel_timer  slow;  /* output above the limit */
    int64_t      heard; /* when bytes came last */
    int64_t      message_since;
};

static const maru_transport *transport(const conn *c)
{
    return rt_seam(c->rt)->transport;
}

/* Life and death. */

conn *conn_ref(conn *c)
{
    c->refs++;
    return c;
}

void conn_unref(conn *c)
{
    if (--c->refs > 0)
        return;
    buffer_drop(&c->in);
    buffer_drop(&c->out);
    buffer_drop(&c->going);
    free(c);
}

bool conn_open(const conn *c)
{
    return !c->closing && !c->finishing;
}

size_t conn_unsent(const conn *c)
{
    return c->out.size + c->going.size - c->gone;
}

bool conn_full(const conn *c)
{
    return c->full;
}

void conn_peer(const conn *c, maru_peer *peer)
{
    transport(c)->peer(c->stream, peer);
}

static void close_if_still(conn *c)
{
    if (!c->closing || c->closed || c->receiving || c->sending)
        return;
    c->closed = true;
    rt_timer_clear(c->rt, &c->life);
    rt_timer_clear(c->rt, &c->slow);
    rt_output_forget(c->rt, &c->output);
    transport(c)->release(c->stream);
    c->stream = NULL;
    c->owner->closed(c->arg, c, c->why);
    conn_unref(c);
}

static void on_close(strand_event *event)
{
    conn *c = (conn *)((char *)event - offsetof(conn, close_event));

    close_if_still(c);
    conn_unref(c);
}

/* `closed` never runs from within: the last callback brings it, or this event where none is under way. */
void conn_close(conn *c, const char *why)
{
    if (c->closing)
        return;
    c->closing = true;
    snprintf(c->why, sizeof c->why, "%s", why);
    transport(c)->close(c->stream);
    if (!c->receiving && !c->sending)
        strand_post(rt_strand(c->rt), &conn_ref(c)->close_event);
}

static int64_t later(const conn *c, int64_t ms)
{
    return rt_now(c->rt) + ms * INT64_C(1000000);
}

void conn_finish(conn *c, const char *why)
{
    if (c->closing)
        return;
    if (conn_unsent(c) == 0) {
        conn_close(c, why);
        return;
    }
    c->finishing = true;
    snprintf(c->why, sizeof c->why, "%s", why);
    rt_timer_set(c->rt, &c->slow, later(c, c->options.slow_ms));
}

/* Sending. */

static void on_sent_thread(void *arg, int error, size_t bytes)
{
    conn *c = arg;

    c->send_error = error;
    c->send_bytes = bytes;
    strand_post(rt_strand(c->rt), &c->send_event);
}

static void send_more(conn *c)
{
    c->sending = true;
    transport(c)->send(c->stream, c->going.bytes + c->gone, c->going.size - c->gone, on_sent_thread, c);
}

static void receive_more(conn *c);

static void relieve(conn *c)
{
    if (!c->full || conn_unsent(c) > c->options.max_output / 4)
        return;
    c->full = false;
    if (c->options.pause && !c->receiving && !c->closing)
        receive_more(c);
    if (!c->finishing)
        rt_timer_clear(c->rt, &c->slow);
    c->owner->relieved(c->arg, c);
}

/* All that was going has gone. */
static void sent_all(conn *c)
{
    buffer_empty(&c->going);
    c->gone = 0;
    if (c->out.size > 0)
        rt_output_want(c->rt, &c->output);
    else if (c->finishing)
        conn_close(c, c->why);
    relieve(c);
}

static void on_sent(strand_event *event)
{
    conn *c = (conn *)((char *)event - offsetof(conn, send_event));

    c->sending = false;
    if (c->send_error != 0 && !c->closing)
        conn_close(c, strerror(c->send_error));
    if (c->closing) {
        close_if_still(c);
        return;
    }
    c->gone += c->send_bytes;
    if (c->gone < c->going.size)
        send_more(c);
    else
        sent_all(c);
}

/* What the socket takes at once needs no callback. */
static void send_now(conn *c)
{
    while (c->gone < c->going.size) {
        int64_t n = transport(c)->send_now(c->stream, c->going.bytes + c->gone, c->going.size - c->gone);

        if (n < 0)
            conn_close(c, strerror((int)-n));
        if (n <= 0)
            return;
        c->gone += (size_t)n;
    }
}

static void conn_flush(rt_output *output)
{
    conn  *c = (conn *)output;
    buffer empty = c->going;

    if (c->sending || c->closing || c->out.size == 0)
        return;
    c->going = c->out;
    c->out = empty;
    c->gone = 0;
    if (transport(c)->send_now != NULL)
        send_now(c);
    if (c->closing)
        return;
    if (c->gone < c->going.size)
        send_more(c);
    else
        sent_all(c);
}

static void slow_fired(wheel_timer *timer)
{
    conn *c = (conn *)((char *)timer - offsetof(conn, slow));
    char  why[160];

    snprintf(why, sizeof why, "the peer reads too slowly: %zu bytes unsent, limit %zu for %lld ms", conn_unsent(c),
             c->options.max_output, (long long)c->options.slow_ms);
    conn_close(c, why);
}

static void watch_output(conn *c)
{
    if (c->full || conn_unsent(c) <= c->options.max_output)
        return;
    c->full = true;
    if (c->options.slow_ms > 0 && !c->finishing)
        rt_timer_set(c->rt, &c->slow, later(c, c->options.slow_ms));
}

uint8_t *conn_begin(conn *c, const frame *head, size_t payload_size)
{
    size_t   head_size = frame_head_size(head, c->options.ipc);
    uint8_t *at;

    if (c->closing)
        return NULL;
    if (!buffer_room(&c->out, head_size + payload_size)) {
        conn_close(c, "out of memory for output");
        return NULL;
    }
    at = c->out.bytes + c->out.size;
    frame_write_head(at, head, c->options.ipc);
    c->out.size += head_size + payload_size;
    rt_output_want(c->rt, &c->output);
    watch_output(c);
    return at + head_size;
}

void conn_control(conn *c, frame_kind kind, const void *payload, size_t size)
{
    frame    head = {.kind = (uint8_t)kind, .id = FRAME_CONTROL_ID, .payload_size = size};
    uint8_t *at = conn_begin(c, &head, size);

    if (at != NULL && size > 0)
        memcpy(at, payload, size);
}

/* Receiving. */

static void on_received_thread(void *arg, int error, size_t bytes)
{
    conn *c = arg;

    c->recv_error = error;
    c->recv_bytes = bytes;
    strand_post(rt_strand(c->rt), &c->recv_event);
}

/* A read that filled all its room says that more was there: the next gets twice the room, up to BUFFER_KEPT. */
static size_t room_wanted(const conn *c, size_t last_room)
{
    if (c->in.size == c->in.room)
        return c->in.room + 1;
    return c->recv_bytes == last_room && c->in.room < BUFFER_KEPT ? 2 * c->in.room - c->in.size : 1;
}

static void receive_more(conn *c)
{
    size_t least = room_wanted(c, c->recv_room);

    if (!buffer_room(&c->in, least)) {
        conn_close(c, "out of memory for input");
        return;
    }
    c->receiving = true;
    c->recv_room = c->in.room - c->in.size;
    transport(c)->recv(c->stream, c->in.bytes + c->in.size, c->in.room - c->in.size, on_received_thread, c);
}

static void take_frame(conn *c, const frame *f, frame_fault fault)
{
    if (fault == FRAME_FINE && f->kind == FRAME_PING && f->payload_size <= 16)
        conn_control(c, FRAME_PONG, f->payload, f->payload_size);
    else if (fault != FRAME_FINE || (f->kind != FRAME_PONG && f->kind != FRAME_PING))
        c->owner->frame(c->arg, c, f, fault);
}

/* One message from the bytes at hand: its size, 0 where it is not whole yet; closes where it is none. */
static size_t take_message(conn *c, const uint8_t *at, size_t size)
{
    frame       f;
    size_t      total;
    frame_fault fault = sp_message_size(at, size, c->options.ipc, c->options.max_message, &total);

    if (fault == FRAME_SHORT || (fault == FRAME_FINE && total > size))
        return 0;
    if (fault == FRAME_FINE)
        fault = frame_read(at, total, c->options.ipc, &f);
    if (fault != FRAME_FINE && fault != FRAME_BAD_HEADER && fault != FRAME_BAD_EXTENSION) {
        conn_close(c, frame_fault_text(fault));
        return 0;
    }
    take_frame(c, &f, fault);
    return total;
}

static size_t take_hello(conn *c)
{
    frame_fault fault;

    if (c->in.size < SP_HELLO_SIZE)
        return 0;
    fault = sp_hello_read(c->in.bytes, c->options.protocol == SP_REQ ? SP_REP : SP_REQ);
    if (fault != FRAME_FINE) {
        conn_close(c, frame_fault_text(fault));
        return 0;
    }
    c->ready = true;
    rt_timer_set(c->rt, &c->life, later(c, MESSAGE_MS));
    c->owner->ready(c->arg, c);
    return SP_HELLO_SIZE;
}

static void take_input(conn *c)
{
    size_t at = 0, took = c->ready ? 0 : take_hello(c);

    at += took;
    while (c->ready && !c->closing && at < c->in.size) {
        if ((took = take_message(c, c->in.bytes + at, c->in.size - at)) == 0)
            break;
        at += took;
    }
    if (at == 0)
        return;
    c->message_since = c->heard;
    memmove(c->in.bytes, c->in.bytes + at, c->in.size - at);
    c->in.size -= at;
    if (c->in.size == 0)
        buffer_empty(&c->in);
}

static void on_received(strand_event *event)
{
    conn *c = (conn *)((char *)event - offsetof(conn, recv_event));

    c->receiving = false;
    if (!c->closing && (c->recv_error != 0 || c->recv_bytes == 0))
        conn_close(c, c->recv_error == 0 || c->recv_error == EPIPE ? "closed by the peer" : strerror(c->recv_error));
    if (!c->closing) {
        c->heard = rt_look(c->rt);
        c->pinged = false;
        if (c->in.size == 0)
            c->message_since = c->heard;
        c->in.size += c->recv_bytes;
        take_input(c);
    }
    if (c->closing)
        close_if_still(c);
    else if (!c->full || !c->options.pause)
        receive_more(c);
}

/* Signs of life. */

/* When a message that is under way has to be whole; one that begins now, where none is. */
static int64_t message_due(const conn *c)
{
    return (c->in.size > 0 ? c->message_since : rt_now(c->rt)) + MESSAGE_MS * INT64_C(1000000);
}

/* Looks again at that time, or earlier for a message's sake. */
static void look_again(conn *c, int64_t at)
{
    int64_t due = message_due(c);

    rt_timer_set(c->rt, &c->life, at < due ? at : due);
}

static void ping_or_close(conn *c)
{
    int64_t silence = rt_now(c->rt) - c->heard, patience = c->options.ping_ms * INT64_C(1000000);
    char    why[160];

    if (silence < patience) {
        look_again(c, c->heard + patience);
    } else if (!c->pinged) {
        c->pinged = true;
        conn_control(c, FRAME_PING, NULL, 0);
        look_again(c, c->heard + 2 * patience);
    } else if (silence < 2 * patience) {
        look_again(c, c->heard + 2 * patience);
    } else {
        snprintf(why, sizeof why, "no sign of life for %lld ms, and no answer to a ping",
                 (long long)(silence / 1000000));
        conn_close(c, why);
    }
}

static void life_fired(wheel_timer *timer)
{
    conn *c = (conn *)((char *)timer - offsetof(conn, life));

    if (!c->ready)
        conn_close(c, "no SP hello within 10 s");
    else if (c->in.size > 0 && rt_now(c->rt) >= message_due(c))
        conn_close(c, "a message was begun and not ended within 60 s");
    else if (c->maru && c->options.ping_ms > 0)
        ping_or_close(c);
    else
        look_again(c, INT64_MAX);
}

void conn_peer_is_maru(conn *c)
{
    c->maru = true;
    if (c->ready && !c->closing && c->options.ping_ms > 0)
        look_again(c, later(c, c->options.ping_ms));
}

conn *conn_new(maru_runtime *rt, maru_stream *stream, const conn_options *options, const conn_owner *owner, void *arg)
{
    conn *c = malloc(sizeof *c);

    if (c != NULL)
        *c = (conn){.output = {.flush = conn_flush},
                    .rt = rt,
                    .stream = stream,
                    .options = *options,
                    .owner = owner,
                    .arg = arg,
                    .refs = 1,
                    .recv_event = {.run = on_received},
                    .send_event = {.run = on_sent},
                    .close_event = {.run = on_close},
                    .life = {.fire = life_fired},
                    .slow = {.fire = slow_fired}};
    if (c == NULL || !buffer_room(&c->out, SP_HELLO_SIZE)) {
        free(c);
        rt_seam(rt)->transport->close(stream);
        rt_seam(rt)->transport->release(stream);
        return NULL;
    }
    c->heard = c->message_since = rt_now(rt);
    sp_hello_write(c->out.bytes, options->protocol);
    c->out.size = SP_HELLO_SIZE;
    rt_output_want(rt, &c->output);
    rt_timer_set(rt, &c->life, later(c, HELLO_MS));
    receive_more(c);
    return c;
}
