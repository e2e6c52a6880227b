/* http_impl.h: the inside of an HTTP server, for the files of this room.
 *
 *   parse.c    bytes become requests (pure); lines.c is stricter than the library
 *   reply.c    answers become bytes (pure)
 *   session.c  one connection: its requests one after the other, and how long it may take over each part
 *   serve.c    one request: handler and answer
 *   account.c  what came of requests: metrics, and the log
 *   server.c   listening, the list of sessions, drain
 *
 * All of it belongs to the strand but what a plain thread does before the first listen.
 */
#ifndef MARU_HTTP_IMPL_H
#define MARU_HTTP_IMPL_H

#include <stdatomic.h>

#include "base/arena_impl.h"
#include "base/histogram.h"
#include "duct/acceptor.h"
#include "duct/duct.h"
#include "http/parse.h"
#include "http/reply.h"
#include "maru/http.h"
#include "runtime/call_impl.h"
#include "runtime/gate.h"
#include "runtime/meter.h"

typedef struct http_session http_session;

enum { HTTP_CODE_LEAST = 100, HTTP_CODES = 500 };

/* Written on the strand. */
typedef struct http_counts {
    _Atomic uint64_t answered[HTTP_CODES]; /* by code */
    _Atomic uint64_t connections;
    histogram        time;
} http_counts;

enum {
    HTTP_LISTENERS_MAX = 8,
    LINGER_MS = 2000,
    LINGER_BYTES = 256 * 1024,
    /* What a head that has begun to come gets to come whole in while the server stops: a round trip and a packet sent
     * again. One that takes longer is no request yet, and nothing is lost with it; else one client could hold up a stop
     * for all of its time. */
    DRAIN_HEAD_MS = 1000
};

struct maru_http_server {
    maru_runtime     *rt;
    maru_http_options options;
    http_limits       limits;
    maru_http_handler handler;
    void             *arg;
    acceptors         acceptors;
    memory_share      memory;  /* of all calls */
    memory_share      buffers; /* of all connections */
    char              urls[HTTP_LISTENERS_MAX][128];
    size_t            url_count;
    http_session     *sessions;
    size_t            session_count;
    char              date[REPLY_DATE_SIZE];
    int64_t           date_second; /* that date is of */

    atomic_bool  draining;
    bool         drained; /* what drain waited for happened in time */
    meter        meter;
    http_counts  counts;
    gate        *gone_gate;
    void        *poll; /* the seam's poll, started; NULL: there is none */
    strand_event polled;
    wheel_timer  drain_timer;
};

typedef enum session_state {
    SESSION_IDLE,    /* no byte of a request */
    SESSION_HEAD,    /* a head has begun */
    SESSION_BODY,    /* and ended; its body comes */
    SESSION_ASKED,   /* the client waits to be told to send it; the screen is to say whether it may */
    SESSION_READY,   /* a whole request waits for its turn */
    SESSION_RUNNING, /* its handler runs, or the screen */
    SESSION_FULL,    /* the next request waits until output has gone */
    SESSION_LINGER,  /* refused: what else comes is dropped, until the peer has read why */
} session_state;

/* One connection. The bytes of its request lie at start of duct.in, and do not move while it is ASKED, READY or
 * RUNNING. */
struct http_session {
    duct              duct; /* first: found from it */
    rt_source         source;
    maru_http_server *server;
    http_session     *next, **link;
    session_state     state;
    size_t            start;
    http_parse        parse;
    bool              asked;     /* a request came, or the head of one that waits for an answer */
    bool              continued; /* 100 was said */
    size_t            lingered;  /* bytes dropped */

    int64_t     due, armed; /* when the state is over; when the timer fires. INT64_MAX: never */
    wheel_timer timer;

    int64_t            began; /* when the request was whole, asked for, or refused */
    maru_call          call;
    maru_http_request  request;
    maru_http_response response;
    char               caller[140];
};

/* session.c */
void http_session_open(maru_http_server *server, maru_stream *stream);
/* http_session_answer writes an answer. close: the connection ends with it. */
void http_session_answer(http_session *s, const maru_http_response *response, bool close);
/* http_session_is_last: whether nothing can follow the request that is answered: the client said so. */
bool http_session_is_last(const http_session *s);
/* http_session_next goes on after an answer. */
void http_session_next(http_session *s, bool close);
/* http_session_go_on tells a client that waits for it to send its body. */
void http_session_go_on(http_session *s);
/* http_session_linger, where the server ends what the client thought would go on: what else comes is dropped, until the
 * peer has had time to read the answer. A connection that is closed with bytes unread is reset, and the answer lost
 * with it. */
void http_session_linger(http_session *s);
/* http_session_drain: no further request; one whose head has begun to come must come soon. */
void http_session_drain(http_session *s);

/* serve.c */
bool http_run_one(rt_source *source);
/* http_refuse answers what is no request: its connection ends. */
void http_refuse(http_session *s, int status, const char *why);

/* account.c: the request that has its answer is counted and told. Nothing where the server has no name. */
void http_account(http_session *s);
void http_account_open(maru_http_server *server);

/* server.c */
void http_session_gone(maru_http_server *server, http_session *s);

#endif
