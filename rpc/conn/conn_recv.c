/* conn_recv.c: the input of a connection. Bytes become whole frames, which go to the owner as views. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn/conn_impl.h"

/* One that asks and does not read its answers sees that this side lives by what is unsent. */
static void answer_ping(conn *c, const frame *f)
{
    if (f->payload_size <= 16 && !conn_full(c))
        conn_control(c, FRAME_PONG, f->payload, f->payload_size);
}

static void take_frame(conn *c, const frame *f, frame_fault fault)
{
    if (fault == FRAME_FINE && f->kind == FRAME_PING)
        answer_ping(c, f);
    else if (fault != FRAME_FINE || f->kind != FRAME_PONG)
        c->owner->frame(c->arg, c, f, fault);
}

static void blame(conn *c, frame_fault fault)
{
    char why[160];

    if (fault != FRAME_TOO_LARGE) {
        conn_blame(c, frame_fault_text(fault));
        return;
    }
    snprintf(why, sizeof why, "%s: %zu bytes (max_message, and its head)", frame_fault_text(fault),
             c->options.max_message);
    conn_blame(c, why);
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
        blame(c, fault);
        return 0;
    }
    take_frame(c, &f, fault);
    return total;
}

static size_t take_hello(conn *c)
{
    frame_fault fault;

    if (c->duct.in.size < SP_HELLO_SIZE)
        return 0;
    fault = sp_hello_read(c->duct.in.bytes, c->options.protocol == SP_REQ ? SP_REP : SP_REQ);
    if (fault != FRAME_FINE) {
        blame(c, fault);
        return 0;
    }
    c->ready = true;
    conn_watch(c);
    c->owner->ready(c->arg, c);
    return SP_HELLO_SIZE;
}

static void take_input(conn *c)
{
    const buffer *in = &c->duct.in;
    size_t        at = 0, took = c->ready ? 0 : take_hello(c);
    unsigned      frames = 0;

    at += took;
    while (c->ready && !c->duct.closing && at < in->size) {
        if ((took = take_message(c, in->bytes + at, in->size - at)) == 0)
            break;
        at += took;
        frames++;
    }
    c->duct.eager = frames >= BUSY_FRAMES;
    if (at == 0)
        return;
    c->message_since = c->heard;
    duct_took(&c->duct, at);
}

void conn_input(duct *d, size_t bytes)
{
    conn *c = (conn *)d;

    c->heard = rt_look(d->rt);
    c->pinged = false;
    if (d->in.size == bytes)
        c->message_since = c->heard;
    take_input(c);
}
