/* conn_recv.c: the input of a connection. Bytes become whole frames, which go to the owner as views. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn/conn_impl.h"

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

static bool make_room(conn *c)
{
    if (!buffer_room(&c->in, room_wanted(c, c->recv_room))) {
        conn_close(c, "out of memory for input");
        return false;
    }
    c->recv_room = c->in.room - c->in.size;
    c->receiving = true;
    return true;
}

void conn_receive(conn *c)
{
    if (make_room(c))
        conn_transport(c)->recv(c->stream, c->in.bytes + c->in.size, c->recv_room, on_received_thread, c);
}

/* A busy peer's next bytes are often there by the time the turn ends: taken at once they cost no wake-up of nng's
 * threads, of which a read by callback takes two. An idle connection's never are, and the attempt would cost two system
 * calls for nothing. */
void conn_read_again(conn *c)
{
    int64_t n;

    c->wants_more = false;
    if (c->frames < BUSY_FRAMES || conn_transport(c)->recv_now == NULL) {
        conn_receive(c);
        return;
    }
    if (!make_room(c))
        return;
    if ((n = conn_transport(c)->recv_now(c->stream, c->in.bytes + c->in.size, c->recv_room)) == 0)
        conn_transport(c)->recv(c->stream, c->in.bytes + c->in.size, c->recv_room, on_received_thread, c);
    else
        on_received_thread(c, n < 0 ? (int)-n : 0, n < 0 ? 0 : (size_t)n);
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
    rt_timer_set(c->rt, &c->life, conn_later(c, MESSAGE_MS));
    c->owner->ready(c->arg, c);
    return SP_HELLO_SIZE;
}

static void take_input(conn *c)
{
    size_t at = 0, took = c->ready ? 0 : take_hello(c);

    c->frames = 0;
    at += took;
    while (c->ready && !c->closing && at < c->in.size) {
        if ((took = take_message(c, c->in.bytes + at, c->in.size - at)) == 0)
            break;
        at += took;
        c->frames++;
    }
    if (at == 0)
        return;
    c->message_since = c->heard;
    memmove(c->in.bytes, c->in.bytes + at, c->in.size - at);
    c->in.size -= at;
    if (c->in.size == 0)
        buffer_empty(&c->in);
}

void conn_on_received(strand_event *event)
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
        conn_close_if_still(c);
    else if (!c->full || !c->options.pause) {
        c->wants_more = true;
        rt_output_want(c->rt, &c->output);
    }
}
