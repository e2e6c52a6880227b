/* conn_send.c: the output of a connection. What calls say in a turn is collected, and sent in one write at its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn/conn_impl.h"

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
    conn_transport(c)->send(c->stream, c->going.bytes + c->gone, c->going.size - c->gone, on_sent_thread, c);
}

static void relieve(conn *c)
{
    if (!c->full || conn_unsent(c) > c->options.max_output / 4)
        return;
    c->full = false;
    if (c->options.pause && !c->receiving && !c->wants_more && !c->closing)
        conn_receive(c);
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

void conn_on_sent(strand_event *event)
{
    conn *c = (conn *)((char *)event - offsetof(conn, send_event));

    c->sending = false;
    if (c->send_error != 0 && !c->closing)
        conn_close(c, strerror(c->send_error));
    if (c->closing) {
        conn_close_if_still(c);
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
        int64_t n = conn_transport(c)->send_now(c->stream, c->going.bytes + c->gone, c->going.size - c->gone);

        if (n < 0)
            conn_close(c, strerror((int)-n));
        if (n <= 0)
            return;
        c->gone += (size_t)n;
    }
}

static void flush_output(conn *c)
{
    buffer empty = c->going;

    if (c->sending || c->out.size == 0)
        return;
    c->going = c->out;
    c->out = empty;
    c->gone = 0;
    if (conn_transport(c)->send_now != NULL)
        send_now(c);
    if (c->closing)
        return;
    if (c->gone < c->going.size)
        send_more(c);
    else
        sent_all(c);
}

/* The end of the turn: what was said is sent, and the next read begins. */
void conn_flush(rt_output *output)
{
    conn *c = (conn *)output;

    if (!c->closing)
        flush_output(c);
    if (c->wants_more && !c->closing)
        conn_read_again(c);
}

void conn_slow_fired(wheel_timer *timer)
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
        rt_timer_set(c->rt, &c->slow, conn_later(c, c->options.slow_ms));
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
