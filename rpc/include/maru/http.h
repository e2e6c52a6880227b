/* maru/http.h: an HTTP/1.1 server whose handler reads like straight code. Knows no service.
 *
 * It runs on a runtime's strand, over the seam's transport, as calls do. A request is given to the handler when all of
 * it has come, on a fiber of its own, with a root call: the handler may call services, sleep, and take memory. The
 * requests of one connection are handled one after the other, in order (pipelining is a queue in the connection's input
 * buffer); those of different connections beside each other.
 *
 * What the server itself refuses (a request that is none, a limit) is answered as maru_http_fail answers: with
 * google.rpc.Status as JSON. docs/edge.md lists what is refused.
 */
#ifndef MARU_HTTP_H
#define MARU_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "maru/call.h"
#include "maru/decls.h"
#include "maru/limits.h"

MARU_BEGIN_DECLS

typedef struct maru_http_server maru_http_server;

/* Bytes of the request: a view, not NUL-terminated, valid until the handler returns. */
typedef struct maru_text {
    const char *at;
    size_t      size;
} maru_text;

typedef struct maru_http_header {
    maru_text name, value;
} maru_http_header;

typedef struct maru_http_request {
    const char *method; /* "GET"; static. HEAD is given as HEAD; what the handler says as body is not sent */
    maru_text   path;   /* "/v1/products/85123A", as it came: escaped; "*" of OPTIONS * */
    maru_text   query;  /* behind the "?", as it came; empty where there is none */
    const maru_http_header *headers;
    size_t                  header_count;
    maru_text               body; /* whole, without its chunks */
    size_t follows; /* 0 but for a maru_http_screen: bytes of the body that are to come; SIZE_MAX: it is not known */
} maru_http_request;

enum { MARU_HTTP_HEADERS_MAX = 8 }; /* that a handler adds */

/* What the handler fills. It comes as 200 without a body. Texts live at least as long as the call: static, or in its
 * arena. Content-Length, Date and Connection are the server's. */
typedef struct maru_http_response {
    int         status;
    const char *type; /* Content-Type; NULL: none */
    maru_text   body;
    struct {
        const char *name, *value; /* a value with control characters is left out */
    } headers[MARU_HTTP_HEADERS_MAX];
    size_t      header_count;
    const char *route; /* what the request was for, in the log: "/shop.cart.v1.Cart/Get". NULL: is left out */
    /* Runs when the answer has been taken, also where the handler ended because memory was out: for what a handler
     * holds in spite of server.h. NULL: nothing. */
    void (*release)(void *held);
    void *held;
} maru_http_response;

/* Runs on a fiber of the strand. call is a root call with the server's time-out; it is cancelled where the client's
 * connection breaks; not where the client only says no more: it may wait for its answer. Where memory is out, that is
 * 503. */
typedef void (*maru_http_handler)(void *arg, maru_call *call, const maru_http_request *request,
                                  maru_http_response *response);

/* Runs as a handler does, where a client has said the head of its request and waits to be told to send the body
 * (Expect: 100-continue): true, and it is told so, and the handler gets the whole request. False: what response says is
 * the answer, and the connection ends with it, since the client may send the body in spite of it. */
typedef bool (*maru_http_screen)(void *arg, maru_call *call, const maru_http_request *request,
                                 maru_http_response *response);

/* maru/limits.h says what each limit is, and its default, which 0 means. */
typedef struct maru_http_options {
    const char      *name;   /* NULL: it is neither measured nor told in the log */
    maru_http_screen screen; /* NULL: who waits is told to go on. Its arg is the handler's */
    /* Where all max_connections are taken, one that waits is closed for a new one: that which is idle after an answer
     * for longest, else the first that came of those that asked nothing yet. Without it the new one is closed. */
    bool makes_room;
    MARU_HTTP_LIMITS(MARU_LIMIT_FIELD)
} maru_http_options;

/* options may be NULL. handler must outlive the server. */
maru_status maru_http_new(maru_runtime *runtime, const maru_http_options *options, maru_http_handler handler, void *arg,
                          maru_http_server **server, maru_error *error);

/* maru_http_listen serves on host_port: "127.0.0.1:8080", "[::1]:0", "localhost:80". Port 0 takes a free one.
 * INVALID_ARGUMENT where it is no such address, ALREADY_EXISTS where it is in use, and error says by whom. */
maru_status maru_http_listen(maru_http_server *server, const char *host_port, maru_error *error);
/* maru_http_check_address is whether it can be such an address at all: NULL, or what was wanted. Pure. */
const char *maru_http_check_address(const char *host_port);
/* "http://127.0.0.1:8080"; NULL past the last. Until the server is drained. */
const char *maru_http_url(const maru_http_server *server, size_t index);

/* maru_http_drain stops accepting, closes what is idle, and waits until every request whose head has come is answered
 * (with Connection: close), drain_ms at most; true where all were. A head that has begun has a second to come whole in,
 * then it is refused with 408. maru_http_free drains first. Block the thread; not from a handler. */
bool maru_http_drain(maru_http_server *server);
void maru_http_free(maru_http_server *server);

/* From any thread: whether a drain has begun. */
bool maru_http_draining(const maru_http_server *server);

/* The value of a header, its name in any case; at is NULL where there is none. maru_http_one is for one that may stand
 * there once: false where it does several times, since none of them is known to be meant. maru_http_list is for one
 * that is a list: several lines are one, with commas between (RFC 9110, 5.3), in call's arena. */
bool      maru_http_one(const maru_http_request *request, const char *name, maru_text *value);
maru_text maru_http_list(maru_call *call, const maru_http_request *request, const char *name);
bool      maru_text_is(maru_text text, const char *word);
bool      maru_text_is_nocase(maru_text text, const char *word);

/* maru_http_status is how gRPC's codes are told in HTTP: NOT_FOUND is 404. */
int maru_http_status(maru_status status);

/* maru_http_fail answers with an error: {"code":5,"message":"...","details":[]} and, where origin is not "", which
 * process failed: "origin":"catalog/4711". http 0: as the status says. */
void maru_http_fail(maru_call *call, maru_http_response *response, int http, maru_status status, const char *message,
                    const char *origin);
/* maru_http_add_header adds one; what is more than MARU_HTTP_HEADERS_MAX is left out. */
void maru_http_add_header(maru_http_response *response, const char *name, const char *value);

MARU_END_DECLS

#endif
