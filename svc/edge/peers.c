/* peers.c: the services behind the edge. Whenever one is connected it is asked what it serves: first for the names and
 * fingerprints of its services, and where these are new, for its files. One that does not say (it is busy, or hangs, or
 * memory is out) is asked again, after waits that grow, as long as it is connected. */
#include "edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maru/reflection.maru.h"

enum { ASK_MS = 10000, WAIT_FIRST_MS = 1000, WAIT_MOST_MS = 10000, CONTRACT_MEMORY = 32 << 20 };

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

static maru_status ask_files(edge_peer *p, maru_call *call)
{
    MaruReflection__GetFilesRequest   all = MARU_REFLECTION__GET_FILES_REQUEST__INIT;
    MaruReflection__GetFilesResponse *files;
    maru_status                       status = maru_reflection_get_files(p->client, call, &all, &files);

    if (status == MARU_OK && !take_files(p->fresh, files))
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "its files: out of memory");
    return status;
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

static maru_status ask_services(edge_peer *p, maru_call *call)
{
    MaruReflection__ListServicesRequest   all = MARU_REFLECTION__LIST_SERVICES_REQUEST__INIT;
    MaruReflection__ListServicesResponse *list;
    maru_status                           status = maru_reflection_list_services(p->client, call, &all, &list);

    if (status == MARU_OK && !take_services(p->fresh, list))
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "its services: out of memory");
    return status;
}

/* Its routes are those of fresh from now on, or all are as before. */
static maru_status adopt(edge_peer *p, maru_call *call)
{
    edge_contract *before = p->contract;
    maru_error     error;
    maru_status    status;

    p->contract = p->fresh;
    if ((status = edge_route(p->edge, &error)) != MARU_OK) {
        p->contract = before;
        return maru_fail(call, status, "its routes, and those of before stay: %s", error.text);
    }
    p->fresh = before;
    return MARU_OK;
}

static maru_status ask(edge_peer *p, maru_call *call)
{
    maru_status status;

    if ((p->fresh = contract_new()) == NULL)
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if ((status = ask_services(p, call)) != MARU_OK || same_services(p->contract, p->fresh))
        return status;
    status = ask_files(p, call);
    return status == MARU_OK ? adopt(p, call) : status;
}

static void forget_fresh(edge_peer *p)
{
    contract_free(p->fresh);
    p->fresh = NULL;
}

static void said(edge_peer *p)
{
    if (*p->trouble != 0)
        maru_runtime_log(p->edge->runtime, MARU_LOG_INFO, "%s: what it serves: it said so now", p->name);
    *p->trouble = 0;
    p->wait_ms = 0;
    p->told = true;
    look_if_ready(p->edge);
}

/* The same trouble is told once, however often it is met. */
static void said_nothing(edge_peer *p, maru_status status, const char *message)
{
    char trouble[sizeof p->trouble];

    snprintf(trouble, sizeof trouble, "%s: %.200s", maru_status_name(status), maru_status_words(status, message));
    if (strcmp(trouble, p->trouble) != 0)
        maru_runtime_log(p->edge->runtime, MARU_LOG_WARN, "%s: what it serves: %s", p->name, trouble);
    memcpy(p->trouble, trouble, sizeof trouble);
    p->wait_ms = p->wait_ms == 0 ? WAIT_FIRST_MS : 2 * p->wait_ms;
    if (p->wait_ms > WAIT_MOST_MS)
        p->wait_ms = WAIT_MOST_MS;
}

/* A job's run. That of before may have been ended while it asked, where its memory was out. */
static int64_t look(maru_call *call, void *arg)
{
    edge_peer  *p = arg;
    maru_status status;

    forget_fresh(p);
    if (!p->connected)
        return MARU_JOB_IDLE;
    status = ask(p, maru_within(call, ASK_MS));
    forget_fresh(p);
    if (status == MARU_OK)
        said(p);
    else if (p->connected && status != MARU_CANCELLED)
        said_nothing(p, status, maru_call_message(call));
    return status == MARU_OK || !p->connected ? MARU_JOB_IDLE : p->wait_ms;
}

static void on_changed(void *arg, bool connected)
{
    edge_peer *p = arg;

    p->connected = connected;
    p->told = false;
    p->wait_ms = 0;
    *p->trouble = 0;
    if (connected)
        maru_job_wake(p->job);
}

/* Opening and closing. */

maru_status edge_add(edge *e, const char *name, maru_client *client, maru_error *error)
{
    if (e->peer_count == EDGE_PEERS_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "--peer: want at most %d services", EDGE_PEERS_MAX);
    e->peers[e->peer_count++] = (edge_peer){.edge = e, .name = name, .client = client};
    return MARU_OK;
}

static void stop_looking(edge *e)
{
    for (size_t i = 0; i < e->peer_count; i++)
        maru_client_watch(e->peers[i].client, NULL, NULL);
    for (size_t i = 0; i < e->peer_count; i++) {
        maru_job_stop(e->peers[i].job);
        forget_fresh(&e->peers[i]);
        contract_free(e->peers[i].contract);
    }
    if (e->table != NULL)
        edge_table_unref(e->table);
}

static maru_status start_looking(edge *e, maru_error *error)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < e->peer_count && status == MARU_OK; i++)
        status = maru_job_start(e->runtime, e->peers[i].name, look, &e->peers[i], &e->peers[i].job, error);
    for (size_t i = 0; i < e->peer_count && status == MARU_OK; i++)
        maru_client_watch(e->peers[i].client, on_changed, &e->peers[i]);
    return status;
}

maru_status edge_open(edge *e, const edge_options *options, maru_error *error)
{
    maru_http_options http = options->http;
    maru_status       status;

    http.name = "edge";
    http.screen = edge_screen;
    e->server = options->server;
    e->runtime = options->runtime;
    maru_server_serving(e->server, false);
    if (e->peer_count == 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "want --peer NAME=URL for each service that it shall serve");
    if ((status = maru_http_new(e->runtime, &http, edge_handle, e, &e->http, error)) != MARU_OK)
        return status;
    if ((status = maru_http_listen(e->http, options->host_port, error)) != MARU_OK ||
        (status = start_looking(e, error)) != MARU_OK) {
        maru_http_free(e->http);
        e->http = NULL;
        stop_looking(e);
    }
    return status;
}

void edge_close(edge *e)
{
    if (!maru_http_drain(e->http))
        maru_runtime_log(e->runtime, MARU_LOG_WARN, "some requests were not answered in time and were cut off");
    maru_http_free(e->http);
    stop_looking(e);
}
