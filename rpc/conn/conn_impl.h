/* conn_impl.h: the inside of a connection, for the files of this room. All of it belongs to the strand.
 *
 *   conn.c        life and death, and signs of life
 *   conn_send.c   output: collected, bounded, sent at the end of a turn
 *   conn_recv.c   input: bytes become frames
 */
#ifndef MARU_CONN_IMPL_H
#define MARU_CONN_IMPL_H

#include "base/buffer.h"
#include "conn/conn.h"

enum {
    BUSY_FRAMES = 4,    /* a read that brought so many comes from a busy peer */
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
    bool         wants_more; /* what came was taken; the next read begins when the turn ends */
    unsigned     frames;     /* that the last read brought */
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

static inline const maru_transport *conn_transport(const conn *c)
{
    return rt_seam(c->rt)->transport;
}

static inline int64_t conn_later(const conn *c, int64_t ms)
{
    return rt_now(c->rt) + ms * INT64_C(1000000);
}

/* conn.c */
/* conn_close_if_still ends a connection that is closing, once nothing is under way. */
void conn_close_if_still(conn *c);

/* conn_send.c */
void conn_on_sent(strand_event *event);
void conn_flush(rt_output *output);
void conn_slow_fired(wheel_timer *timer);

/* conn_recv.c */
void conn_on_received(strand_event *event);
/* conn_receive begins a read; conn_read_again too, where bytes are likely to be there already. */
void conn_receive(conn *c);
void conn_read_again(conn *c);

#endif
