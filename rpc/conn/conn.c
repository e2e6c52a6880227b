/* conn.c: life and death of a connection, its signs of life, and its output. See conn.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn/conn_impl.h"

/* Life and death. */

conn *conn_ref(conn *c)
{
    duct_ref(&c->duct);
    return c;
}

void conn_unref(conn *c)
{
    duct_unref(&c->duct);
}

bool conn_open(const conn *c)
{
    return duct_is_open(&c->duct);
}

size_t conn_unsent(const conn *c)
{
    return duct_unsent(&c->duct);
}

bool conn_full(const conn *c)
{
    return c->duct.full;
}

void conn_peer(const conn *c, maru_peer *peer)
{
    duct_transport(&c->duct)->peer(c->duct.stream, peer);
}

void conn_close(conn *c, const char *why)
{
    duct_close(&c->duct, why);
}

void conn_blame(conn *c, const char *why)
{
    duct_blame(&c->duct, why);
}

bool conn_blamed(const conn *c)
{
    return c->duct.blamed;
}

void conn_finish_within(conn *c, const char *why, int64_t ms)
{
    duct_finish_within(&c->duct, why, ms);
}

void conn_finish(conn *c, const char *why)
{
    duct_finish(&c->duct, why);
}

static void on_relieved(duct *d)
{
    conn *c = (conn *)d;

    c->owner->relieved(c->arg, c);
}

static void on_closed(duct *d, const char *why)
{
    conn *c = (conn *)d;

    rt_timer_clear(d->rt, &c->life);
    c->owner->closed(c->arg, c, why);
}

static void on_gone(duct *d)
{
    free(d);
}

static const duct_calls calls = {.input = conn_input, .relieved = on_relieved, .closed = on_closed, .gone = on_gone};

/* Signs of life. */

/* When a message that is under way has to be whole; one that begins now, where none is. */
static int64_t message_due(const conn *c)
{
    return (c->duct.in.size > 0 ? c->message_since : rt_now(c->duct.rt)) + MESSAGE_MS * INT64_C(1000000);
}

/* Looks again at that time, or earlier for a message's sake. */
static void look_again(conn *c, int64_t at)
{
    int64_t due = message_due(c);

    rt_timer_set(c->duct.rt, &c->life, at < due ? at : due);
}

void conn_watch(conn *c)
{
    look_again(c, c->options.idle_ms > 0 ? duct_later(&c->duct, c->options.idle_ms) : INT64_MAX);
}

static void ping_or_close(conn *c)
{
    int64_t silence = rt_now(c->duct.rt) - c->heard, patience = c->options.ping_ms * INT64_C(1000000);
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
        conn_blame(c, why);
    }
}

/* A plain socket cannot be asked for a sign of life, and may be one of thousands that take places from others. Bytes
 * that are no call are none: but what it began in time may be one, and has the time of a message. */
static void idle_or_close(conn *c)
{
    int64_t due = c->owner->used(c->arg) + c->options.idle_ms * INT64_C(1000000);
    char    why[160];

    if (rt_now(c->duct.rt) < due) {
        look_again(c, due);
    } else if (c->duct.in.size > 0 && c->message_since < due) {
        look_again(c, message_due(c));
    } else if (conn_open(c)) {
        snprintf(why, sizeof why, "a plain nng socket without a call for %lld ms (idle_peer_ms)",
                 (long long)c->options.idle_ms);
        c->duct.blamed = true;
        conn_finish(c, why);
    }
}

static void life_fired(wheel_timer *timer)
{
    conn *c = (conn *)((char *)timer - offsetof(conn, life));

    if (!c->ready)
        conn_blame(c, "no SP hello within 10 s");
    else if (c->duct.in.size > 0 && rt_now(c->duct.rt) >= message_due(c))
        conn_blame(c, "a message was begun and not ended within 60 s");
    else if (c->maru && c->options.ping_ms > 0)
        ping_or_close(c);
    else if (!c->maru && c->options.idle_ms > 0)
        idle_or_close(c);
    else
        look_again(c, INT64_MAX);
}

void conn_peer_is_maru(conn *c)
{
    c->maru = true;
    if (c->ready && !c->duct.closing && c->options.ping_ms > 0)
        look_again(c, duct_later(&c->duct, c->options.ping_ms));
}

conn *conn_new(maru_runtime *rt, maru_stream *stream, const conn_options *options, const conn_owner *owner, void *arg)
{
    duct_options plain = {.max_output = options->max_output,
                          .pause = options->pause,
                          .slow_ms = options->slow_ms,
                          .memory = options->memory};
    conn        *c = malloc(sizeof *c);
    uint8_t     *hello = NULL;

    if (c != NULL) {
        *c = (conn){.options = *options, .owner = owner, .arg = arg, .life = {.fire = life_fired}};
        duct_open(&c->duct, rt, stream, &plain, &calls);
        if (buffer_room(&c->duct.out, SP_HELLO_SIZE))
            hello = duct_room(&c->duct, SP_HELLO_SIZE);
    }
    if (hello == NULL) {
        free(c);
        rt_seam(rt)->transport->close(stream);
        rt_seam(rt)->transport->release(stream);
        return NULL;
    }
    c->heard = c->message_since = rt_now(rt);
    sp_hello_write(hello, options->protocol);
    rt_timer_set(rt, &c->life, duct_later(&c->duct, HELLO_MS));
    duct_read(&c->duct);
    return c;
}

/* Output. */

uint8_t *conn_begin(conn *c, const frame *head, size_t payload_size)
{
    size_t   head_size = frame_head_size(head, c->options.ipc);
    uint8_t *at = duct_room(&c->duct, head_size + payload_size);

    if (at == NULL)
        return NULL;
    frame_write_head(at, head, c->options.ipc);
    return at + head_size;
}

void conn_control(conn *c, frame_kind kind, const void *payload, size_t size)
{
    frame    head = {.kind = (uint8_t)kind, .id = FRAME_CONTROL_ID, .payload_size = size};
    uint8_t *at = conn_begin(c, &head, size);

    if (at != NULL && size > 0)
        memcpy(at, payload, size);
}
