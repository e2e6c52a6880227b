/* outgoing.h: one call on its way out, as a client's rooms hand it to each other. Strand only, but for
 * outgoing_prepare.
 *
 *   unary.c     makes one (on a fiber's stack, a thread's stack, or from a pool) and is told how it ended
 *   client.c    the channel: lets it wait for a connection, its deadline and its cancel
 *   link.c      one connection: gives it a request id, sends it, finds it again when the reply comes
 */
#ifndef MARU_OUTGOING_H
#define MARU_OUTGOING_H

#include "maru/client.h"
#include "runtime/call_impl.h"
#include "runtime/request_id.h"
#include "runtime/rt.h"
#include "wire/frame.h"

typedef struct outgoing outgoing;
struct link;

struct outgoing {
    outgoing          *next, **at; /* the channel's waiting list; at NULL: not in it */
    maru_client       *client;
    maru_call         *call;  /* of whoever calls; a view perhaps */
    const maru_method *known; /* whose contract is compared with the peer's; NULL: bytes */
    const char        *path;
    uint64_t           method;
    uint32_t           flags; /* MARU_METHOD_* */

    /* The request: a message, or bytes. Valid until finish. */
    const ProtobufCMessage *message;
    const uint8_t          *bytes;
    size_t                  size;

    const char *request_id; /* "" none */
    char        made_id[REQUEST_ID_SIZE];

    struct link *link; /* that it was sent on; NULL: not yet */
    uint32_t     id;
    wheel_timer  timer;
    call_child   child;

    /* Told once. reply has the payload of an OK one, valid until finish returns; message and origin are for the others.
     */
    void (*finish)(outgoing *o, maru_status status, const char *message, const char *origin, const frame *reply);
};

/* client.c */
/* client_submit sends it, or lets it wait; finish may run before this returns. */
void client_submit(outgoing *o);
/* client_ended ends it: takes it off timer, list and link, and tells it. */
void client_ended(outgoing *o, maru_status status, const char *message, const char *origin, const frame *reply);

#endif
