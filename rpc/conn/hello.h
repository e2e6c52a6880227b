/* hello.h: what the two sides of a connection tell each other first. */
#ifndef MARU_HELLO_H
#define MARU_HELLO_H

#include "conn/conn.h"
#include "maru/service.h"

enum { WIRE_VERSION = 1, HELLO_SCHEMAS_MAX = 256 };

typedef struct hello {
    uint32_t    version;
    const char *service, *instance;
    uint64_t    max_message;
    uint32_t    max_calls;
    /* Sent: the services whose fingerprints are told. */
    const maru_service *const *services;
    size_t                     service_count;
} hello;

/* hello_name is what such a peer is called in words: "cart/4711". Of each part at most 40 bytes, whole characters. */
enum { HELLO_NAME_SIZE = 96 };
void hello_name(const char *service, const char *instance, char out[static HELLO_NAME_SIZE]);

/* hello_send sends it. false where memory is out or the connection is closing. */
bool hello_send(conn *c, const hello *h);

#endif
