/* edge.h: the edge: HTTP and JSON outside, calls inside, by the descriptors that the services themselves give.
 *
 *   peers.c    the services: connected or not, and what they serve
 *   table.c    the routes of all of them
 *   handle.c   one request
 *   headers.c  what its headers ask for (pure)
 *   hide.c     what the public is not told (pure)
 *   health.c   /healthz
 *
 * Everything here belongs to the strand, but for edge_open and edge_close.
 */
#ifndef SHOP_EDGE_H
#define SHOP_EDGE_H

#include "maru/app.h"
#include "maru/http.h"
#include "maru/job.h"
#include "maru/log.h"
#include "maru/transcode.h"

enum { EDGE_PEERS_MAX = 64, EDGE_TIMEOUT_MS = 15000, EDGE_TIMEOUT_MAX_MS = 60000 };

typedef struct edge       edge;
typedef struct edge_table edge_table;

/* What a service said of itself: the names of its services, and its files. */
typedef struct edge_contract {
    maru_arena          *arena;
    const char         **services;
    uint64_t            *fingerprints;
    size_t               service_count;
    ProtobufCBinaryData *files;
    size_t               file_count;
} edge_contract;

typedef struct edge_peer {
    edge          *edge;
    const char    *name;
    maru_client   *client;
    maru_job      *job; /* asks what it serves */
    bool           connected;
    bool           told;         /* what it serves, since it was connected */
    edge_contract *contract;     /* NULL: it never said */
    edge_contract *fresh;        /* being asked for */
    int64_t        wait_ms;      /* before it was asked once more; 0: it was not */
    char           trouble[256]; /* why it did not say, when it was asked last; "" where that is not so */
} edge_peer;

struct edge {
    maru_server      *server;
    maru_runtime     *runtime;
    maru_http_server *http;
    edge_peer         peers[EDGE_PEERS_MAX];
    size_t            peer_count;
    edge_table       *table; /* NULL: memory was out when it was made first */
    bool              ready; /* every service was reached once */
};

typedef struct edge_options {
    maru_runtime     *runtime;
    maru_server      *server; /* whose health says whether the edge is of use */
    const char       *host_port;
    maru_http_options http;
} edge_options;

/* peers.c. edge_add is told of a service, before edge_open: its name and client live until after edge_close.
 * INVALID_ARGUMENT where it is one too many. */
maru_status edge_add(edge *e, const char *name, maru_client *client, maru_error *error);
/* edge_open begins to look for the services, and to listen for HTTP. */
maru_status edge_open(edge *e, const edge_options *options, maru_error *error);
/* edge_close waits for requests in flight, and forgets the services; their clients may be freed then. */
void edge_close(edge *e);

/* table.c. A table is kept as long as requests are looking at it. */
struct edge_table {
    unsigned    refs;
    maru_arena *arena;
    transcode  *routes;
};
/* edge_route makes a new table of what all peers say, and tells in the log what cannot be routed. RESOURCE_EXHAUSTED
 * where memory is out: the table of before stays. */
maru_status edge_route(edge *e, maru_error *error);
void        edge_table_unref(edge_table *t);

/* handle.c: the HTTP server's handler, and its screen: what edge_handle would refuse by the head alone. */
void edge_handle(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response);
bool edge_screen(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response);

/* health.c */
void edge_health(const edge *e, maru_call *call, maru_http_response *response);

#endif
