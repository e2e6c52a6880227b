/* nng_peer.h: unmodified nng sockets as peers of ours: a message's body is the header of docs/wire.md and a protobuf
 * message; nng puts the rest around it.
 */
#ifndef MARU_TESTS_NNG_PEER_H
#define MARU_TESTS_NNG_PEER_H

#include <nng/nng.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/service.h"
#include "wire/frame.h"

/* nng_peer_call makes the body of a call. request_id may be NULL. The caller owns the message. */
nng_msg *nng_peer_call(const maru_method *method, const char *request_id, const ProtobufCMessage *request);
/* nng_peer_reply makes the body of an answer. */
nng_msg *nng_peer_reply(int status, const ProtobufCMessage *response);

/* A body as a frame; its views are of memory that nng_peer_free gives back. */
typedef struct nng_peer_body {
    frame    f;
    uint8_t *bytes;
} nng_peer_body;

/* nng_peer_read takes the message over; false where its body is no frame. */
bool nng_peer_read(nng_msg *message, nng_peer_body *out);
void nng_peer_free(nng_peer_body *body);

/* Ends the test where result is not 0. */
void nng_must(int result, const char *what);

#endif
