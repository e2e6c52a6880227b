/* conn.c: life and death of a connection, and its signs of life. See conn.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn/conn_impl.h"

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
    conn_transport(c)->peer(c->stream, peer);
}

void conn_close_if_still(conn *c)
{
    if (!c->closing || c->closed || c->receiving || c->sending)
        return;
    c->closed = true;
    rt_timer_clear(c->rt, &c->life);
    rt_timer_clear(c->rt, &c->slow);
    rt_output_forget(c->rt, &c->output);
    conn_transport(c)->release(c->stream);
    c->stream = NULL;
    c->owner->closed(c->arg, c, c->why);
    conn_unref(c);
}

static void on_close(strand_event *event)
{
    conn *c = (conn *)((char *)event - offsetof(conn, close_event));

    conn_close_if_still(c);
    conn_unref(c);
}

/* `closed` never runs from within: the last callback brings it, or this event where none is under way. */
void conn_close(conn *c, const char *why)
{
    if (c->closing)
        return;
    c->closing = true;
    snprintf(c->why, sizeof c->why, "%s", why);
    conn_transport(c)->close(c->stream);
    if (!c->receiving && !c->sending)
        strand_post(rt_strand(c->rt), &conn_ref(c)->close_event);
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
    rt_timer_set(c->rt, &c->slow, conn_later(c, c->options.slow_ms));
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
        look_again(c, conn_later(c, c->options.ping_ms));
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
                    .recv_event = {.run = conn_on_received},
                    .send_event = {.run = conn_on_sent},
                    .close_event = {.run = on_close},
                    .life = {.fire = life_fired},
                    .slow = {.fire = conn_slow_fired}};
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
    rt_timer_set(rt, &c->life, conn_later(c, HELLO_MS));
    conn_receive(c);
    return c;
}
