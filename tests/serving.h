/* tests/serving.h: a service in a test: runtime, store in a folder of its own, server on an ipc socket there, and a
 * client. Header only; used where a service's handlers are tested over real calls.
 *
 *   struct serving s;
 *   if (!serving_open(&s, "cart", cart_tables, 1)) return 1;      prints why
 *   cart_serve(s.server, &cart_methods, &svc, &s.error);
 *   serving_listen(&s);                                           s.client calls it
 *   call = serving_call(&s); ... maru_call_end(call);
 *   serving_close(&s);                                            removes the folder
 *
 * serving_restart closes all and opens the same store again; handlers are then served anew. serving_open_in does it in
 * the world of a seam (maru/sim.h).
 */
#ifndef MARU_TEST_SERVING_H
#define MARU_TEST_SERVING_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "maru/client.h"
#include "maru/runtime.h"
#include "maru/seam.h"
#include "maru/server.h"
#include "maru/store.h"

struct serving {
    maru_runtime            *runtime;
    maru_store              *store; /* NULL where there are no tables */
    maru_server             *server;
    maru_client             *client;
    maru_error               error;
    char                     folder[64];
    char                     path[96]; /* of the store */
    char                     url[128];
    const char              *name;
    const maru_table *const *tables;
    uint32_t                 version;
    const maru_seam         *seam;
};

enum { SERVING_CALL_MS = 60000 };

static inline bool serving_fail(const struct serving *s, const char *doing)
{
    fprintf(stderr, "%s: %s: %s\n", s->name, doing, s->error.text);
    return false;
}

static inline bool serving_start(struct serving *s)
{
    maru_store_options   store = {.path = s->path, .service = s->name, .version = s->version, .tables = s->tables};
    maru_server_options  server = {.name = s->name};
    maru_runtime_options runtime = {.seam = s->seam};

    if (maru_runtime_new(&runtime, &s->runtime, &s->error) != MARU_OK)
        return serving_fail(s, "runtime");
    if (s->tables != NULL && maru_store_open(s->runtime, &store, &s->store, &s->error) != MARU_OK)
        return serving_fail(s, "store");
    if (maru_server_new(s->runtime, &server, &s->server, &s->error) != MARU_OK)
        return serving_fail(s, "server");
    if (s->store != NULL)
        maru_server_keep_replies(s->server, s->store);
    return true;
}

static inline bool serving_open_in(struct serving *s, const maru_seam *seam, const char *name,
                                   const maru_table *const *tables, uint32_t version)
{
    *s = (struct serving){
        .name = name, .tables = tables, .version = version, .seam = seam, .folder = "/tmp/maru-serving-XXXXXX"};
    if (mkdtemp(s->folder) == NULL)
        return serving_fail(s, s->folder);
    snprintf(s->path, sizeof s->path, "%s/store", s->folder);
    snprintf(s->url, sizeof s->url, "ipc://%s/sock", s->folder);
    return serving_start(s);
}

static inline bool serving_open(struct serving *s, const char *name, const maru_table *const *tables, uint32_t version)
{
    return serving_open_in(s, NULL, name, tables, version);
}

static inline bool serving_listen(struct serving *s)
{
    if (maru_server_listen(s->server, s->url, &s->error) != MARU_OK)
        return serving_fail(s, "listen");
    if (maru_client_new(s->runtime, s->url, NULL, &s->client, &s->error) != MARU_OK)
        return serving_fail(s, "client");
    return true;
}

static inline maru_call *serving_call(const struct serving *s)
{
    return maru_call_begin(s->runtime, SERVING_CALL_MS);
}

static inline void serving_stop(struct serving *s)
{
    if (s->client != NULL)
        maru_client_free(s->client);
    if (s->server != NULL)
        maru_server_free(s->server);
    if (s->store != NULL)
        maru_store_close(s->store);
    if (s->runtime != NULL)
        maru_runtime_free(s->runtime);
    s->client = NULL;
    s->server = NULL;
    s->store = NULL;
    s->runtime = NULL;
}

static inline bool serving_restart(struct serving *s)
{
    serving_stop(s);
    return serving_start(s);
}

static inline int serving_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static inline void serving_close(struct serving *s)
{
    serving_stop(s);
    nftw(s->folder, serving_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
