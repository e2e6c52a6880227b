/* node.h: one service of a test: a runtime, a store in a folder of its own, a server and an event log, on an ipc socket
 * or in a simulation. Header only: its checks are those of the test that includes it.
 */
#ifndef TESTS_PAYMENT_NODE_H
#define TESTS_PAYMENT_NODE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maru/events.h"
#include "maru/seam.h"
#include "maru/server.h"
#include "maru/store.h"

/* One service of the test. */
struct node {
    const char              *name;
    const maru_table *const *tables;
    const maru_seam         *seam; /* NULL: the real one */
    maru_runtime            *runtime;
    maru_store              *store;
    maru_server             *server;
    maru_client             *client; /* to itself */
    maru_events             *events;
    char                     folder[64];
    char                     url[128];
    maru_error               error;
};

static const maru_client_options node_client = {.backoff_first_ms = 5, .backoff_max_ms = 50};

static inline bool node_fail(const struct node *node, const char *doing)
{
    fprintf(stderr, "%s: %s: %s\n", node->name, doing, node->error.text);
    return false;
}

static inline bool node_make(struct node *node, const char *name, const maru_table *const *tables,
                             const maru_seam *seam)
{
    *node = (struct node){.name = name, .tables = tables, .seam = seam, .folder = "/tmp/maru-payment-XXXXXX"};
    if (mkdtemp(node->folder) == NULL)
        return node_fail(node, node->folder);
    if (seam != NULL)
        snprintf(node->url, sizeof node->url, "ipc:///%s", name);
    else
        snprintf(node->url, sizeof node->url, "ipc://%s/sock", node->folder);
    return true;
}

static inline bool node_start(struct node *node, uint32_t version)
{
    char                 path[96];
    maru_runtime_options runtime = {.seam = node->seam};
    maru_store_options   store = {.path = path, .service = node->name, .version = version, .tables = node->tables};
    maru_server_options  server = {.name = node->name};

    snprintf(path, sizeof path, "%s/store", node->folder);
    if (maru_runtime_new(&runtime, &node->runtime, &node->error) != MARU_OK)
        return node_fail(node, "runtime");
    if (maru_store_open(node->runtime, &store, &node->store, &node->error) != MARU_OK)
        return node_fail(node, "store");
    if (maru_server_new(node->runtime, &server, &node->server, &node->error) != MARU_OK)
        return node_fail(node, "server");
    maru_server_keep_replies(node->server, node->store);
    return true;
}

static inline bool node_serve(struct node *node, maru_events_options options)
{
    options.runtime = node->runtime;
    options.server = node->server;
    options.store = node->store;
    options.service = node->name;
    if (maru_events_open(&options, &node->events, &node->error) != MARU_OK)
        return node_fail(node, "events");
    if (maru_server_listen(node->server, node->url, &node->error) != MARU_OK)
        return node_fail(node, "listen");
    if (maru_client_new(node->runtime, node->url, &node_client, &node->client, &node->error) != MARU_OK)
        return node_fail(node, "client");
    return true;
}

/* The same order as a service's own end; clients that its handlers use are freed between by more. */
static inline void node_stop(struct node *node, void (*more)(void *arg), void *arg)
{
    maru_events_rest(node->events);
    if (node->client != NULL)
        maru_client_free(node->client);
    if (node->server != NULL)
        maru_server_free(node->server);
    maru_events_free(node->events);
    if (more != NULL)
        more(arg);
    if (node->store != NULL)
        maru_store_close(node->store);
    if (node->runtime != NULL)
        maru_runtime_free(node->runtime);
    node->client = NULL;
    node->server = NULL;
    node->events = NULL;
    node->store = NULL;
    node->runtime = NULL;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static inline void node_end(struct node *node)
{
    node_stop(node, NULL, NULL);
    if (node->folder[0] != '\0')
        nftw(node->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
