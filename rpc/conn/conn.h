/* conn.h: one connection: a stream of bytes as whole frames, both ways.
 *
 * Says the SP hello, reads frames into one buffer and gives views of them to its owner, collects output and sends it at
 * the end of the strand's turn in one write (that is the batching), answers pings and asks for signs of life, and
 * closes in one place. Client and server are its owners. Everything here belongs to the strand.
 *
 * Life: conn_new holds one reference for the stream, given back after `closed` ran, which happens exactly once, when
 * neither read nor write is under way any more. Others (a handler that is running) take references of their own.
 */
#ifndef MARU_CONN_H
#define MARU_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory_share.h"
#include "maru/seam.h"
#include "runtime/rt.h"
#include "wire/frame.h"

typedef struct conn conn;

typedef struct conn_owner {
    /* The peer's SP hello came and was right: frames may be sent. */
    void (*ready)(void *owner, conn *c);
    /* One frame that is not PING or PONG; its views are valid until this returns. A fault other than FINE has a request
     * id that can be answered. */
    void (*frame)(void *owner, conn *c, const frame *f, frame_fault fault);
    /* Output went below a quarter of max_output after it was above: more calls may be started. */
    void (*relieved)(void *owner, conn *c);
    void (*closed)(void *owner, conn *c, const char *why);
    /* When a call of the peer's was last begun or ended; now, where one is in flight. NULL where idle_ms is 0. */
    int64_t (*used)(void *owner);
} conn_owner;

typedef struct conn_options {
    int     protocol; /* what this side speaks: SP_REQ (a client) or SP_REP */
    bool    ipc;
    size_t  max_message; /* of one message's body that comes in */
    size_t  max_output;  /* unsent bytes above which conn_full is true */
    bool    pause;       /* while output is above max_output nothing is read: what comes in makes more of it */
    int64_t slow_ms;     /* how long it may stay so before the peer is given up; 0 for ever */
    int64_t ping_ms;     /* silence after which the peer is asked, and again as long for its answer; 0 never */
    int64_t idle_ms; /* without a call, after which one that cannot be asked, a plain nng socket, is closed; 0 never */
    memory_share *memory; /* of the buffers (duct.h); NULL: no limit */
} conn_options;

/* conn_new takes over stream (also where it fails: NULL, memory is out) and starts reading. */
conn *conn_new(maru_runtime *rt, maru_stream *stream, const conn_options *options, const conn_owner *owner, void *arg);
conn *conn_ref(conn *c);
void  conn_unref(conn *c);

/* conn_begin makes room for a frame whose payload has payload_size bytes, writes all before the payload, and returns
 * where the payload goes; it must be filled before anything else is done with c. NULL where c is closing or memory is
 * out. */
uint8_t *conn_begin(conn *c, const frame *head, size_t payload_size);
/* conn_control sends a frame that belongs to no call. */
void conn_control(conn *c, frame_kind kind, const void *payload, size_t size);

bool   conn_open(const conn *c);   /* neither closed nor closing */
bool   conn_full(const conn *c);   /* unsent output is above max_output */
size_t conn_unsent(const conn *c); /* bytes */
void   conn_peer(const conn *c, maru_peer *peer);

/* The peer said Maru's hello: it may be pinged. */
void conn_peer_is_maru(conn *c);

/* conn_close closes at once; `closed` runs later, never from within. why is copied. conn_finish sends what is left
 * first, and waits at most slow_ms for that (0: not at all). */
void conn_close(conn *c, const char *why);
void conn_finish(conn *c, const char *why);
/* The same, but waits at most ms. */
void conn_finish_within(conn *c, const char *why, int64_t ms);
/* conn_blame closes at once, for what the peer did or did not do; conn_blamed is whether it was closed so. */
void conn_blame(conn *c, const char *why);
bool conn_blamed(const conn *c);

#endif
