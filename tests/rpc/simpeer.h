/* simpeer.h: a raw peer in a simulated world: it says what a test wants, reads or does not, and notes when it was
 * closed. As peer.h, on virtual time. One thread, as all of a simulation.
 */
#ifndef MARU_TESTS_SIMPEER_H
#define MARU_TESTS_SIMPEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/service.h"
#include "maru/sim.h"
#include "wire/frame.h"

typedef struct simpeer_chunk simpeer_chunk;

typedef struct simpeer {
    maru_sim      *sim;
    maru_stream   *stream; /* NULL: not connected */
    maru_listener *listener;
    void          *dial;
    bool           deaf;      /* reads nothing */
    bool           receiving; /* a recv, a send is under way */
    bool           sending;
    int64_t        connected_at, closed_at; /* by the other side; 0: not */
    uint8_t        chunk[4096];
    uint8_t       *in;
    size_t         in_size, in_room, taken;
    simpeer_chunk *out, **out_end; /* to be sent; the first is perhaps under way */
    unsigned       accepted;       /* connections, one after the other, that a listening peer took */
} simpeer;

/* A client: connects, which takes a while. */
void simpeer_dial(simpeer *p, maru_sim *sim, const char *url);
/* A server that has one connection at a time: while there is one, others are closed. */
void simpeer_listen(simpeer *p, maru_sim *sim, const char *url);
/* Closes this side. */
void simpeer_close(simpeer *p);
/* Says no more, and still reads; breaks the connection off. Not while bytes wait to be sent. */
void simpeer_shut(simpeer *p);
void simpeer_reset(simpeer *p);
/* Gives everything back; runs the world until that is done. */
void simpeer_free(simpeer *p);

/* Bytes are copied, and sent as the network takes them. */
void simpeer_write(simpeer *p, const void *bytes, size_t size);
void simpeer_hello(simpeer *p, int protocol);
void simpeer_maru_hello(simpeer *p, uint32_t max_calls);
void simpeer_frame(simpeer *p, const frame *head, const void *payload);
void simpeer_call(simpeer *p, uint32_t id, const maru_method *method, uint32_t time_ms,
                  const ProtobufCMessage *request);
void simpeer_cancel(simpeer *p, uint32_t id, const char *why);
/* Both hellos of a client. */
void simpeer_greet(simpeer *p);
/* Goes on reading. */
void simpeer_listen_up(simpeer *p);

/* simpeer_next takes the next whole frame that came (after the SP hello, which it skips); false where there is none. */
bool simpeer_next(simpeer *p, frame *f);
/* How many of a kind have come; takes all. */
size_t simpeer_count(simpeer *p, frame_kind kind);

#endif
