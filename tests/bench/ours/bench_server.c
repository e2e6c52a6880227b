/* bench_server.c: the service that the benchmark loads: echo, and durable writes of records.
 *
 *   bench_server URL [FOLDER]     FOLDER: where its store is; without it, writes answer UNIMPLEMENTED
 *
 * Prints `ready bench URL` with the real port and serves until SIGTERM or SIGINT. Exit status: 0 a clean stop, 1 could
 * not run, 2 wrong usage.
 */
#include <signal.h>
#include <stdio.h>

#include "bench/echo.maru.h"
#include "bench/table.maru.h"
#include "maru/runtime.h"
#include "maru/server.h"
#include "maru/store.h"

struct table_service {
    maru_store *store;
};

static const maru_table records = {.number = 1, .name = "records", .record = &bench__put_request__descriptor};

static maru_status echo(struct echo_service *svc, maru_call *call, const Bench__Payload *request,
                        Bench__Payload *response)
{
    response->body = request->body;
    return MARU_OK;
}

static maru_status put_record(maru_txn *txn, void *arg)
{
    const Bench__PutRequest *request = arg;
    uint64_t                 big_endian = __builtin_bswap64(request->key);

    return maru_put(txn, &records, (maru_key){.data = &big_endian, .size = sizeof big_endian}, &request->base);
}

static maru_status put(struct table_service *svc, maru_call *call, const Bench__PutRequest *request,
                       Bench__PutReply *response)
{
    return maru_store_write(svc->store, call, put_record, (void *)request);
}

static const echo_handlers  echo_methods = {.call = echo};
static const table_handlers table_methods = {.put = put, .put_once = put};
static const table_handlers no_methods = {.put = NULL};

static maru_status open_store(maru_runtime *runtime, const char *folder, maru_store **store, maru_error *error)
{
    const maru_table *const  tables[] = {&records, NULL};
    const maru_store_options options = {.path = folder, .service = "bench", .version = 1, .tables = tables};

    return maru_store_open(runtime, &options, store, error);
}

static maru_status serve(maru_server *server, const char *url, struct table_service *table, maru_error *error)
{
    maru_status status = echo_serve(server, &echo_methods, NULL, error);

    if (status == MARU_OK)
        status = table_serve(server, table->store ? &table_methods : &no_methods, table, error);
    if (status == MARU_OK)
        status = maru_server_listen(server, url, error);
    return status;
}

static void wait_for_end(const sigset_t *ends)
{
    int number;

    sigwait(ends, &number);
}

int main(int argc, char **argv)
{
    maru_server_options  options = {.name = "bench", .max_calls = 4096, .max_connections = 16384};
    maru_runtime        *runtime = NULL;
    maru_server         *server = NULL;
    struct table_service table = {.store = NULL};
    maru_error           error = {.code = MARU_OK};
    sigset_t             ends;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: bench_server URL [FOLDER]\n");
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before the runtime's threads, which inherit it */
    if (maru_runtime_new(NULL, &runtime, &error) == MARU_OK &&
        (argc < 3 || open_store(runtime, argv[2], &table.store, &error) == MARU_OK) &&
        maru_server_new(runtime, &options, &server, &error) == MARU_OK &&
        serve(server, argv[1], &table, &error) == MARU_OK) {
        printf("ready bench %s\n", maru_server_url(server, 0));
        fflush(stdout);
        wait_for_end(&ends);
    } else {
        fprintf(stderr, "bench_server: %s\n", error.text);
    }
    if (server)
        maru_server_free(server);
    if (table.store)
        maru_store_close(table.store);
    if (runtime)
        maru_runtime_free(runtime);
    return error.code == MARU_OK ? 0 : 1;
}
