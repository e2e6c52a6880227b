/* bench_one.c: the catalogue and the cart as one program: the handlers and stores that bin/catalog and bin/cart have,
 * on one runtime; the cart asks the catalogue through memory (memory_transport.h). What a split costs is the
 * difference.
 *
 *   bench_one CART-URL CATALOG-URL FOLDER
 *
 * Prints `ready cart URL` and serves both until SIGTERM or SIGINT. Exit status: 0 a clean stop, 1 could not run, 2
 * wrong usage.
 */
#include <signal.h>
#include <stdio.h>

#include "cart/cart.h"
#include "catalog/catalog.h"
#include "maru/runtime.h"
#include "maru/server.h"
#include "maru/store.h"
#include "memory_transport.h"

static const char between[] = MEMORY_URL "catalog";

/* Of the two services' own files, which are linked so that only this is seen of each: both have a store.c. */
extern const maru_table *const cart_tables[], *const catalog_tables[];

typedef struct program {
    maru_runtime          *runtime;
    maru_server           *cart_server, *catalog_server;
    struct cart_service    cart;
    struct catalog_service catalog;
} program;

static maru_status open_store(const program *p, const char *folder, const char *service,
                              const maru_table *const *tables, maru_store **store, maru_error *error)
{
    char                     path[4096];
    const maru_store_options options = {.path = path, .service = service, .version = 1, .tables = tables};

    snprintf(path, sizeof path, "%s-%s", folder, service);
    return maru_store_open(p->runtime, &options, store, error);
}

static maru_status open_server(const program *p, const char *name, maru_store *store, maru_server **server,
                               maru_error *error)
{
    maru_server_options options = {.name = name};
    maru_status         status = maru_server_new(p->runtime, &options, server, error);

    if (status == MARU_OK)
        maru_server_keep_replies(*server, store);
    return status;
}

static maru_status open_all(program *p, const char *folder, maru_error *error)
{
    const maru_runtime_options options = {.seam = memory_seam(), .service = "one"};
    maru_status                status = maru_runtime_new(&options, &p->runtime, error);

    if (status == MARU_OK)
        status = open_store(p, folder, "catalog", catalog_tables, &p->catalog.store, error);
    if (status == MARU_OK)
        status = open_store(p, folder, "cart", cart_tables, &p->cart.store, error);
    if (status == MARU_OK)
        status = open_server(p, "catalog", p->catalog.store, &p->catalog_server, error);
    if (status == MARU_OK)
        status = open_server(p, "cart", p->cart.store, &p->cart_server, error);
    return status;
}

static maru_status serve(program *p, const char *cart_url, const char *catalog_url, maru_error *error)
{
    maru_status status = catalog_serve(p->catalog_server, &catalog_methods, &p->catalog, error);

    if (status == MARU_OK)
        status = cart_serve(p->cart_server, &cart_methods, &p->cart, error);
    if (status == MARU_OK)
        status = maru_server_listen(p->catalog_server, between, error);
    if (status == MARU_OK) /* which connects at once */
        status = maru_client_new(p->runtime, between, NULL, &p->cart.catalog, error);
    if (status == MARU_OK)
        status = maru_server_listen(p->catalog_server, catalog_url, error);
    if (status == MARU_OK)
        status = maru_server_listen(p->cart_server, cart_url, error);
    return status;
}

static void close_all(program *p)
{
    if (p->cart_server != NULL)
        maru_server_free(p->cart_server);
    if (p->cart.catalog != NULL)
        maru_client_free(p->cart.catalog);
    if (p->catalog_server != NULL)
        maru_server_free(p->catalog_server);
    if (p->cart.store != NULL)
        maru_store_close(p->cart.store);
    if (p->catalog.store != NULL)
        maru_store_close(p->catalog.store);
    if (p->runtime != NULL)
        maru_runtime_free(p->runtime);
}

int main(int argc, char **argv)
{
    program    p = {.runtime = NULL};
    maru_error error = {.code = MARU_OK};
    sigset_t   ends;
    int        number;

    if (argc != 4) {
        fprintf(stderr, "usage: bench_one CART-URL CATALOG-URL FOLDER\n");
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before the runtime's threads, which inherit it */
    if (open_all(&p, argv[3], &error) == MARU_OK && serve(&p, argv[1], argv[2], &error) == MARU_OK) {
        printf("ready cart %s\n", maru_server_url(p.cart_server, 0));
        fflush(stdout);
        sigwait(&ends, &number);
    } else {
        fprintf(stderr, "bench_one: %s\n", error.text);
    }
    close_all(&p);
    return error.code == MARU_OK ? 0 : 1;
}
