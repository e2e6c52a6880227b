/* maru/server.h: serving calls.
 *
 * A handler reads like straight code: it may call another service, commit or sleep, and the next line runs
 * when the answer is there. Two handlers of one runtime never run at the same time, so a service needs no
 * lock; what was read before a suspension may have changed after it. A handler may not block its thread, and
 * holds no resource that must be given back (see maru_alloc).
 *
 * Its stack is 256 KiB (stack_bytes of maru_runtime_options). Who needs more ends the process by SIGSEGV in the guard
 * below: large buffers come from the call's arena.
 */
#ifndef MARU_SERVER_H
#define MARU_SERVER_H

#include "maru/call.h"
#include "maru/decls.h"
#include "maru/limits.h"
#include "maru/service.h"

MARU_BEGIN_DECLS

typedef struct maru_server maru_server;

typedef struct maru_server_options {
    const char *name;                    /* of the service, for errors and health: "cart" */
    const char *instance;                /* NULL: the process id */
    MARU_SERVER_LIMITS(MARU_LIMIT_FIELD) /* maru/limits.h */
} maru_server_options;

/* What the plugin's dispatch functions look like: they cast, and call the typed handler. */
typedef maru_status (*maru_dispatch)(const void *handlers, void *svc, maru_call *call, const ProtobufCMessage *request,
                                     ProtobufCMessage *response);

/* Health and reflection are served by every server without being asked for. */
maru_status maru_server_new(maru_runtime *runtime, const maru_server_options *options, maru_server **server,
                            maru_error *error);

/* maru_server_add serves a service; dispatch has one entry a method, NULL answers UNIMPLEMENTED. Before the
 * first listen. ALREADY_EXISTS where two methods have one id. Generated code calls it (PREFIX_serve). */
maru_status maru_server_add(maru_server *server, const maru_service *service, const maru_dispatch *dispatch,
                            const void *handlers, void *svc, maru_error *error);

/* maru_server_keep_replies names the store in which the replies of exactly-once methods are kept: the one that their
 * handlers write to. Before the first listen; the store outlives the server. */
struct maru_store;
void maru_server_keep_replies(maru_server *server, struct maru_store *store);

/* maru_server_listen serves on an nng URL. A tcp port 0 takes a free one; maru_server_url tells, until the server
 * is drained: then NULL, and what it said before is gone. ALREADY_EXISTS where another process serves there, and the
 * error names it. */
maru_status maru_server_listen(maru_server *server, const char *url, maru_error *error);
const char *maru_server_url(const maru_server *server, size_t index); /* NULL past the last */

/* maru_server_serving is what the health check says while the server is not being drained: true from the start. A
 * service that needs others before it is of use says false first. From any thread. */
void maru_server_serving(maru_server *server, bool serving);

/* maru_server_drain stops accepting, tells the peers, and waits until what is in flight has ended, drain_ms at
 * most; true where all ended. maru_server_free drains first, then waits 2 s at most for peers to close, which clients
 * do that have their answers, and gives what is still to be sent the rest of drain_ms: no stop takes longer, whether
 * its peers read or not. Both block the thread; not from a handler. */
bool maru_server_drain(maru_server *server);
void maru_server_free(maru_server *server);

MARU_END_DECLS

#endif
