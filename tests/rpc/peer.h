/* peer.h: the other end of a connection as a plain blocking socket, which says whatever a test wants: well-formed
 * frames, half of one, or garbage. One thread.
 *
 * Everything that waits gives up after PEER_WAIT_MS, so that a test fails instead of hanging.
 */
#ifndef MARU_TESTS_PEER_H
#define MARU_TESTS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/service.h"
#include "wire/frame.h"

enum { PEER_WAIT_MS = 20000 };

typedef struct peer {
    int      fd; /* -1: not connected */
    bool     ipc;
    uint8_t *in; /* what came and was not taken yet; frames are views of it */
    size_t   size, room, taken;
} peer;

/* Sides. url is one of ours: tcp://127.0.0.1:PORT or ipc:///PATH. */
bool peer_connect(peer *p, const char *url);
void peer_close(peer *p); /* gives back its memory too */
void peer_reset(peer *p); /* as peer_close, but tcp says RST */

typedef struct peer_listener {
    int  fd;
    bool ipc;
    char url[128];
} peer_listener;

/* Takes a free port for tcp://127.0.0.1:0. */
bool peer_listen(peer_listener *l, const char *url);
bool peer_accept(peer_listener *l, peer *p);
void peer_listener_close(peer_listener *l);

/* Bytes. */
bool peer_write(peer *p, const void *bytes, size_t size);
/* peer_is_closed reads until the other side closed: true where it did in time. */
bool peer_is_closed(peer *p);

/* SP. peer_hello says one protocol, and is true where the other side said want. */
bool peer_hello(peer *p, int protocol, int want);

/* Frames. peer_next waits for one; its views are valid until the next peer_next. */
bool peer_next(peer *p, frame *f);
/* peer_expect skips to the next frame of a kind. */
bool peer_expect(peer *p, frame_kind kind, frame *f);
bool peer_frame(peer *p, const frame *head, const void *payload);
bool peer_call(peer *p, uint32_t id, const maru_method *method, uint32_t time_ms, const ProtobufCMessage *request);
bool peer_reply(peer *p, const frame *call, int status, const ProtobufCMessage *response);
/* A HELLO of Maru's own; max_message 0 and max_calls 0 say nothing. */
bool peer_maru_hello(peer *p, uint64_t max_message, uint32_t max_calls);
bool peer_cancel(peer *p, uint32_t id, const char *why);

/* Both hellos, as a client of a server of ours: ready for calls. */
bool peer_dial(peer *p, const char *url);

/* The words of a REPLY whose status is not OK, into out. */
void peer_words(const frame *reply, char *out, size_t size);

#endif
