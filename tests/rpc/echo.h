/* echo.h: the test service, and a pair of runtimes that call each other with it. */
#ifndef MARU_TESTS_ECHO_H
#define MARU_TESTS_ECHO_H

#include <stdatomic.h>

#include "echo.maru.h"
#include "maru/client.h"
#include "maru/runtime.h"
#include "maru/seam.h"
#include "maru/server.h"

struct echo_service {
    maru_client *next;      /* of Relay; NULL: none */
    atomic_int   counted;   /* by Count */
    atomic_int   started;   /* handlers that began */
    atomic_int   cancelled; /* Sleeps that were cancelled */
    char         why[256];  /* of the last of them: its words */
    /* Called where a handler begins, on its fiber; NULL: not. */
    void (*visit)(struct echo_service *svc, maru_call *call);
    void *visitor;
};

extern const echo_handlers echo_table;

/* A server with its runtime, and its address. */
typedef struct echo_node {
    struct echo_service svc;
    maru_runtime       *rt;
    maru_server        *server;
    char                url[128];
} echo_node;

/* Ends the test where it cannot be started. options and seam may be NULL. */
void echo_start(echo_node *node, const char *url, const maru_server_options *options, const maru_seam *seam);
void echo_stop(echo_node *node);

maru_client *echo_client(maru_runtime *rt, const char *url);

/* A fresh ipc URL in a temporary folder of this process. */
void echo_ipc_url(char out[static 128], const char *name);

#endif
