/* maru/client.h: calling a service.
 *
 * A client is a channel to one target: it connects on its own, reconnects with jittered exponential backoff
 * (gRPC's connection-backoff.md: 1 s, factor 1.6, jitter 0.2, at most 120 s; the first try is at once), and
 * carries any number of calls at once on one connection. A call waits for a connection within its deadline.
 *
 * The generated stubs are made of the functions below; a caller has the choice of three ways:
 *   from a handler       the fiber is suspended, the next line runs when the answer is there
 *   from a plain thread  with a root call: the thread is blocked
 *   by callback          maru_unary_async: nothing waits
 */
#ifndef MARU_CLIENT_H
#define MARU_CLIENT_H

#include "maru/call.h"
#include "maru/decls.h"
#include "maru/service.h"

MARU_BEGIN_DECLS

typedef struct maru_client maru_client;

typedef struct maru_client_options {
    size_t  max_message;      /* of a reply, bytes; 0: 4 MiB */
    size_t  max_calls;        /* in flight and waiting; 0: 65536 */
    int64_t backoff_first_ms; /* 0: 1000 */
    int64_t backoff_max_ms;   /* 0: 120000 */
    int64_t ping_ms;          /* idle time after which the peer is asked; 0: 10000, -1: never */
} maru_client_options;

/* maru_client_new makes a channel to target, an nng URL (tcp://HOST:PORT, ipc:///PATH). It does not block and
 * does not fail because nobody listens yet, or nobody knows HOST. Of a HOST that is a name the first address is tried,
 * then the first of IPv4 and of IPv6, of "localhost" 127.0.0.1 and ::1: that is found whichever of the two its server
 * listens at, also where no network is up; a third address is not. It is looked up anew with each attempt to connect.
 * options may be NULL. INVALID_ARGUMENT for a URL that is none, or to which no connection can be: port 0, a socket's
 * path of more than 107 bytes. */
maru_status maru_client_new(maru_runtime *runtime, const char *target, const maru_client_options *options,
                            maru_client **client, maru_error *error);

/* maru_client_target is where it calls, as it was given; as long as the client. */
const char *maru_client_target(const maru_client *client);

/* maru_client_max_request is how many bytes of a request its server takes, as that said when it was connected; SIZE_MAX
 * where it did not, or is not. A call with more fails with RESOURCE_EXHAUSTED. On the strand. */
size_t maru_client_max_request(const maru_client *client);

/* maru_client_free closes the connection; calls in flight end with CANCELLED, and what their callbacks begin with it
 * then. Blocks until they did: for ever, where each of them begins another. Not from a handler or a callback. */
void maru_client_free(maru_client *client);

/* maru_client_watch tells of the connection: changed(arg, true) when calls can be sent, again after every reconnect,
 * and false when it is lost. On the strand; first with how it stands now, before this returns. Not from the strand. One
 * watcher a client: NULL ends it, and when that returns changed runs no more. */
typedef void (*maru_client_changed)(void *arg, bool connected);
void maru_client_watch(maru_client *client, maru_client_changed changed, void *arg);

/* maru_unary makes one call. On OK *response is in the arena of call. Else the status of the callee or of the
 * way to it, with words in maru_call_message(call). INTERNAL where call is of another runtime than client, as by
 * callback, and where waiting would block the strand: with a root call inside a handler, and in a callback. Blocks the
 * fiber or, for a root call, the thread. */
maru_status maru_unary(maru_client *client, maru_call *call, const maru_method *method, const ProtobufCMessage *request,
                       ProtobufCMessage **response);

/* How a call by callback ended. Runs on the strand of the client's runtime: it may not block; it may make further calls
 * by callback. response and message are valid until it returns; response is NULL unless status is OK.
 *
 * It is no handler, though a handler made the call: where memory of that one's call is out, maru_alloc returns NULL
 * here. A handler that runs out of memory itself is ended only when its calls by callback were told: they end with
 * CANCELLED, as does what a done begins with that call then; what lies in the handler's frames is valid until they
 * were. */
typedef void (*maru_done)(void *arg, maru_status status, const char *message, const ProtobufCMessage *response);

/* maru_unary_async begins one call; the request is packed before it returns. done runs exactly once: on the strand,
 * and where this was called there (by a handler or another callback) after it returned; from a plain thread perhaps
 * before. The exception: where memory for the call is out, done runs within this.
 * call gives deadline, trace and request id, and must not end before done ran. A request of more than 64 MiB fails with
 * RESOURCE_EXHAUSTED. */
void maru_unary_async(maru_client *client, maru_call *call, const maru_method *method, const ProtobufCMessage *request,
                      maru_done done, void *arg);

/* maru_unary_bytes is maru_unary for those who know the method by its descriptor only (the command line, the
 * edge): payloads are serialized messages. flags are MARU_METHOD_*. The reply is in the arena of call. */
maru_status maru_unary_bytes(maru_client *client, maru_call *call, const char *path, uint32_t flags,
                             const void *request, size_t size, const uint8_t **reply, size_t *reply_size);

MARU_END_DECLS

#endif
