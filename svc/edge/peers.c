/* peers.c: the services behind the edge. Whenever one is connected it is asked what it serves: first for the names and
 * fingerprints of its services, and where these are new, for its files. */
#include "edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maru/reflection.maru.h"

enum { ASK_MS = 10000, CONTRACT_MEMORY = 32 << 20 };

static void ask(edge_peer *p);

static void contract_free(edge_contract *c)
{
    if (c != NULL)
        maru_arena_free(c->arena);
}

static edge_contract *contract_new(void)
{
    maru_arena    *arena = maru_arena_new(CONTRACT_MEMORY);
    edge_contract *c = arena == NULL ? NULL : maru_arena_zalloc(arena, sizeof *c);

    if (c != NULL)
        c->arena = arena;
    else if (arena != NULL)
        maru_arena_free(arena);
    return c;
}

static bool same_services(const edge_contract *a, const edge_contract *b)
{
    if (a == NULL || b == NULL || a->service_count != b->service_count)
        return false;
    for (size_t i = 0; i < a->service_count; i++)
        if (strcmp(a->services[i], b->services[i]) != 0 || a->fingerprints[i] != b->fingerprints[i])
            return false;
    return true;
}

/* Every service was reached once: from now on the edge is of use, whatever comes and goes. */
static void look_if_ready(edge *e)
{
    if (e->ready)
        return;
    for (size_t i = 0; i < e->peer_count; i++)
        if (e->peers[i].contract == NULL)
            return;
    e->ready = true;
    maru_server_serving(e->server, true);
}

/* The end of asking, well or not. */
static void asked(edge_peer *p, maru_status status, const char *message)
{
    bool lost = status == MARU_UNAVAILABLE || status == MARU_CANCELLED;

    maru_call_end(p->asking);
    p->asking = NULL;
    contract_free(p->fresh);
    p->fresh = NULL;
    *p->trouble = 0;
    if (status != MARU_OK) {
        snprintf(p->trouble, sizeof p->trouble, "%s: %.200s", maru_status_name(status), message);
        maru_runtime_log(p->edge->runtime, MARU_LOG_WARN, "%s: what it serves: %s", p->name, p->trouble);
    }
    if (p->edge->stopped)
        return;
    look_if_ready(p->edge);
    if (p->connected && (p->again || status == MARU_DEADLINE_EXCEEDED) && !lost)
        ask(p);
}

static bool take_files(edge_contract *c, const MaruReflection__GetFilesResponse *files)
{
    if ((c->files = maru_arena_alloc(c->arena, (files->n_files + 1) * sizeof *c->files)) == NULL)
        return false;
    for (; c->file_count < files->n_files; c->file_count++) {
        const ProtobufCBinaryData *from = &files->files[c->file_count];
        void                      *copy = maru_arena_memdup(c->arena, from->data, from->len);

        if (copy == NULL)
            return false;
        c->files[c->file_count] = (ProtobufCBinaryData){.data = copy, .len = from->len};
    }
    return true;
}

static void on_files(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    edge_peer *p = arg;

    if (status == MARU_OK && !take_files(p->fresh, (const MaruReflection__GetFilesResponse *)response)) {
        status = MARU_RESOURCE_EXHAUSTED;
        message = "its files: out of memory";
    }
    if (status == MARU_OK && !p->edge->stopped) {
        contract_free(p->contract);
        p->contract = p->fresh;
        p->fresh = NULL;
        edge_route(p->edge);
    }
    asked(p, status, message);
}

static bool take_services(edge_contract *c, const MaruReflection__ListServicesResponse *list)
{
    c->services = maru_arena_alloc(c->arena, (list->n_services + 1) * sizeof *c->services);
    c->fingerprints = maru_arena_alloc(c->arena, (list->n_services + 1) * sizeof *c->fingerprints);
    if (c->services == NULL || c->fingerprints == NULL)
        return false;
    for (; c->service_count < list->n_services; c->service_count++) {
        c->fingerprints[c->service_count] = list->services[c->service_count]->fingerprint;
        c->services[c->service_count] = maru_arena_strdup(c->arena, list->services[c->service_count]->name);
        if (c->services[c->service_count] == NULL)
            return false;
    }
    return true;
}

static void on_services(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    MaruReflection__GetFilesRequest all = MARU_REFLECTION__GET_FILES_REQUEST__INIT;
    edge_peer                      *p = arg;

    if (status == MARU_OK && !take_services(p->fresh, (const MaruReflection__ListServicesResponse *)response)) {
        status = MARU_RESOURCE_EXHAUSTED;
        message = "its services: out of memory";
    }
    if (status != MARU_OK || p->edge->stopped || same_services(p->contract, p->fresh))
        asked(p, status, message);
    else
        maru_reflection_get_files_async(p->client, p->asking, &all, on_files, p);
}

static void ask(edge_peer *p)
{
    MaruReflection__ListServicesRequest all = MARU_REFLECTION__LIST_SERVICES_REQUEST__INIT;

    p->again = p->asking != NULL;
    if (p->asking != NULL)
        return;
    p->fresh = contract_new();
    p->asking = p->fresh == NULL ? NULL : maru_call_begin(p->edge->runtime, ASK_MS);
    if (p->asking == NULL) {
        contract_free(p->fresh);
        p->fresh = NULL;
        snprintf(p->trouble, sizeof p->trouble, "out of memory");
        return;
    }
    maru_reflection_list_services_async(p->client, p->asking, &all, on_services, p);
}

static void on_changed(void *arg, bool connected)
{
    edge_peer *p = arg;

    p->connected = connected;
    if (connected)
        ask(p);
}

/* Opening and closing. */

static maru_status find_peers(edge *e, const maru_app_context *context, maru_error *error)
{
    const char  *name;
    maru_client *client;

    for (size_t i = 0; (client = maru_app_peer_at(context, i, &name)) != NULL; i++) {
        if (i == EDGE_PEERS_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "--peer: want at most %d services", EDGE_PEERS_MAX);
        e->peers[e->peer_count++] = (edge_peer){.edge = e, .name = name, .client = client};
    }
    return e->peer_count > 0 ? MARU_OK
                             : maru_error_set(error, MARU_INVALID_ARGUMENT,
                                              "want --peer NAME=URL for each service that it shall serve");
}

maru_status edge_open(edge *e, const maru_app_context *context, const char *host_port, maru_error *error)
{
    maru_http_options options = maru_app_http_options(context);
    maru_status       status;

    options.name = "edge";
    e->server = context->server;
    e->runtime = context->runtime;
    maru_server_serving(e->server, false);
    if ((status = find_peers(e, context, error)) != MARU_OK ||
        (status = maru_http_new(e->runtime, &options, edge_handle, e, &e->http, error)) != MARU_OK)
        return status;
    if ((status = maru_http_listen(e->http, host_port, error)) != MARU_OK) {
        maru_http_free(e->http);
        e->http = NULL;
        return status;
    }
    for (size_t i = 0; i < e->peer_count; i++)
        maru_client_watch(e->peers[i].client, on_changed, &e->peers[i]);
    return MARU_OK;
}

void edge_close(edge *e)
{
    if (!maru_http_drain(e->http))
        maru_runtime_log(e->runtime, MARU_LOG_WARN, "some requests were not answered in time and were cut off");
    maru_http_free(e->http);
    for (size_t i = 0; i < e->peer_count; i++)
        maru_client_watch(e->peers[i].client, NULL, NULL);
    e->stopped = true; /* what is being asked still ends, with its client */
    for (size_t i = 0; i < e->peer_count; i++)
        contract_free(e->peers[i].contract);
    if (e->table != NULL)
        edge_table_unref(e->table);
}
