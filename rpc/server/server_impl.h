/* server_impl.h: the inside of a server, for the files of this room.
 *
 *   server.c    listeners, sessions, drain
 *   room.c      how many connections there may be, and calls on them
 *   tell.c      what operators are told of connections
 *   session.c   one connection: frames become calls, calls wait for their turn
 *   greet.c     hellos and farewells
 *   serve.c     one call: unpack, handler, reply
 *   account.c   what came of calls: counted, and told in the log
 *   builtin.c   health and reflection
 *   operate.c   metrics, and levels of the log: what operators ask for
 *
 * All of it belongs to the strand but what a plain thread does before the first listen.
 */
#ifndef MARU_SERVER_IMPL_H
#define MARU_SERVER_IMPL_H

#include <stdatomic.h>

#include "base/arena_impl.h"
#include "base/log.h"
#include "conn/conn.h"
#include "duct/acceptor.h"
#include "maru/server.h"
#include "runtime/call_impl.h"
#include "runtime/gate.h"
#include "runtime/meter.h"
#include "runtime/rt.h"
#include "server/admission.h"
#include "server/methods.h"
#include "wire/frame.h"

typedef struct session session;
typedef struct served  served;

/* What was said of connections, so that a flood of them is not one of lines. */
typedef struct told_log {
    maru_server *server;
    size_t       since;  /* of them, since the last line */
    int64_t      due_at; /* of the next */
    wheel_timer  timer;  /* for it, where it waits for no further one */
    bool         waits;
    char         peer[140], why[160]; /* of the last; peer "": it was refused */
} told_log;

/* Why a call was not begun, or a connection not taken. */
#define REFUSAL_TABLE(X)                                                                                               \
    X(EXPIRED, "deadline")    /* it passed in the queue */                                                             \
    X(OVERLOADED, "overload") /* it waited for more than half of its time, with more work than time */                 \
    X(CALLS, "max_calls")     /* of its connection */                                                                  \
    X(QUEUE, "max_queue")                                                                                              \
    X(CALLS_TOTAL, "max_calls_total")                                                                                  \
    X(MEMORY, "memory")                                                                                                \
    X(STOPPING, "stopping")                                                                                            \
    X(METHOD, "unknown_method")                                                                                        \
    X(FRAME, "malformed")

typedef enum refuse_reason {
#define X(name, text) REFUSED_##name,
    REFUSAL_TABLE(X)
#undef X
        REFUSALS
} refuse_reason;

/* What the server counts beside its methods. Written on the strand. */
typedef struct server_counts {
    _Atomic uint64_t refused[REFUSALS];
    _Atomic uint64_t connections, connections_refused;
    histogram        waited; /* in the queue */
} server_counts;

struct maru_server {
    maru_runtime       *rt;
    maru_log           *log;
    meter               meter;
    server_counts       counts;
    maru_server_options options;
    char                origin[96]; /* "cart/4711" */
    method_table        methods;
    struct maru_store  *store; /* of exactly-once replies; NULL: none */
    admission           admission;
    memory_share        memory;  /* of all calls */
    memory_share        buffers; /* of all connections */
    session            *sessions;
    size_t              session_count;
    size_t              remote_count;    /* of them, not on ipc */
    size_t              refused_count;   /* of them, those that are only told why not */
    size_t              told_at_once;    /* of those at most */
    size_t              files_limit;     /* of the process, where that is why max_connections is less; else 0 */
    told_log            refused, closed; /* connections */
    size_t              queued, running; /* calls, of all sessions */
    acceptors           acceptors;
    served             *spare; /* pooled */
    size_t              spare_count;

    atomic_bool not_serving; /* it says so of itself */
    bool        listened;    /* or tried to; of the plain thread that owns the server */
    bool        draining;
    bool        closing;
    bool        drained; /* what drain waited for happened in time */
    gate       *drain_gate;
    gate       *closed_gate;
    wheel_timer drain_timer;
    wheel_timer farewell_timer; /* for peers that close by themselves */
    int64_t     stop_by;        /* of a stop that has begun: all of it */
};

/* One connection. Lives until it is closed and its last call has ended. */
struct session {
    rt_source    source; /* first: found from it */
    maru_server *server;
    session     *next, **link;
    conn        *conn; /* NULL: closed */
    bool         maru; /* its hello came; else a plain nng socket */
    bool         ipc;
    bool         trusted;      /* runs here, as our user or as root: its word for whom it calls is believed */
    char         refusal[120]; /* why it may not stay, which it is told; "": it may */
    size_t       max_reply;
    int64_t      used; /* when a call was last taken, or its handler ended */
    char         caller[140];
    served      *queue, **queue_end;
    served     **calls; /* in flight, by id: chains */
    size_t       buckets, count;
};

enum { REQUEST_SMALL = 256 };

/* One call being served. Pooled; its arena too, which it gets when its turn comes where its request is small: so those
 * that wait are few bytes, and those that run use the arena that the one before them had. */
struct served {
    maru_call            call; /* first: found from it */
    session             *session;
    served              *next;  /* queue, pool */
    served              *chain; /* of its bucket */
    const served_method *entry;
    int64_t              arrived, started; /* started: its turn */
    uint32_t             id;
    uint8_t              hops_size;
    uint8_t              hops[4 * SP_MAX_HOPS];
    uint8_t              small[REQUEST_SMALL]; /* the request's bytes, where they fit */
    char                 why[200];             /* it was cancelled */
};

/* session.c */
/* refusal "": it is served; else it is told so once it has said its SP hello, and closed. */
void session_new(maru_server *server, maru_stream *stream, bool ipc, const char *refusal);
/* An arena for a call: all of a server share what they may take together. NULL where memory is out. */
maru_arena *session_arena(maru_server *server);
void        session_going_away(session *s, const char *why);

/* greet.c */
/* greet says the HELLO of this server; greet_heard takes that of the peer; greet_farewell sends a GOING_AWAY. */
void greet(const session *s);
void greet_heard(session *s, const frame *f);
void greet_farewell(session *s, const char *why);

/* serve.c */
/* serve_start runs a call that has its turn, or answers why not: then it is false. */
bool serve_start(served *call);
/* serve_refuse answers a call whose handler did not run, and ends it. */
void serve_refuse(served *call, maru_status status, const char *message);
/* serve_answer_fault answers a frame that made no call. */
void serve_answer_fault(session *s, const frame *f, refuse_reason why, maru_status status, const char *message);
void serve_end(served *call);

/* account.c: a call was answered with status now. Its handler may have failed, or never run. */
void account_answer(served *call, maru_status status, int64_t now);
void account_collect(void *server, maru_call *call, exposition *e);

/* room.c */
/* room_fit_files makes max_connections no more than the process may have descriptors for, and sets how many may be told
 * at once. */
void room_fit_files(maru_server *server);
/* room_take makes a session of a stream that was accepted, or refuses it: in words where few are being refused. */
void room_take(maru_server *server, maru_stream *stream, bool ipc);
/* room_for_call is OK where a connection may have one more call; else why not. */
maru_status room_for_call(const session *s, refuse_reason *why, char words[static 160]);

/* tell.c */
/* A connection was not taken; one was closed for what its peer did. */
void tell_begin(maru_server *server);
void tell_end(maru_server *server); /* says what was not said yet */
void tell_refused(maru_server *server, const char *why);
void tell_closed(const session *s, const char *why);

/* server.c */
void server_session_gone(maru_server *server);
void server_call_ended(maru_server *server);

/* builtin.c */
maru_status builtin_add(maru_server *server, maru_error *error);

/* operate.c */
maru_status operate_add(maru_server *server, maru_error *error);

#endif
