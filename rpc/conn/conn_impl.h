/* conn_impl.h: the inside of a connection, for the files of this room. All of it belongs to the strand.
 *
 *   conn.c        life and death, signs of life, output
 *   conn_recv.c   input: bytes become frames
 */
#ifndef MARU_CONN_IMPL_H
#define MARU_CONN_IMPL_H

#include "conn/conn.h"
#include "duct/duct.h"

enum {
    BUSY_FRAMES = 4,    /* a read that brought so many comes from a busy peer */
    HELLO_MS = 10000,   /* a peer says its SP hello within */
    MESSAGE_MS = 60000, /* a message that began to arrive is whole within */
};

struct conn {
    duct              duct; /* first: found from it */
    conn_options      options;
    const conn_owner *owner;
    void             *arg;

    bool        ready;  /* the peer's SP hello came */
    bool        maru;   /* and Maru's own */
    bool        pinged; /* and no byte came since */
    wheel_timer life;   /* hello, silence, a message that does not end */
    int64_t     heard;  /* when bytes came last */
    int64_t     message_since;
};

/* conn.c */
/* conn_watch looks for signs of life from now on: the SP hello came. */
void conn_watch(conn *c);

/* conn_recv.c */
void conn_input(duct *d, size_t bytes);

#endif
