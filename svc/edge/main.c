/* main.c: the edge as a program: the services that it is told of, and HTTP, put together. */
#include "edge.h"

#include <stdlib.h>

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    edge_options options = {.runtime = context->runtime,
                            .server = context->server,
                            .host_port = maru_app_setting(context, "http"),
                            .http = maru_app_http_options(context)};
    const char  *name;
    maru_client *client;
    maru_status  status = MARU_OK;

    for (size_t i = 0; status == MARU_OK && (client = maru_app_peer_at(context, i, &name)) != NULL; i++)
        status = edge_add(user, name, client, error);
    return status == MARU_OK ? edge_open(user, &options, error) : status;
}

static void stop(void *user)
{
    edge_close(user);
}

static const char *address(void *user, size_t index)
{
    return maru_http_url(((const edge *)user)->http, index);
}

int main(int argc, char **argv)
{
    static const maru_app_flag flags[] = {
        {"http", "HOST:PORT", "127.0.0.1:8080", "serve HTTP there; port 0 takes a free one", maru_http_check_address},
        {0},
    };
    edge          *e = calloc(1, sizeof *e);
    int            result;
    const maru_app app = {
        .name = "edge",
        .version = "1.0.0",
        .summary = "HTTP and JSON for the public methods of the services that --peer names",
        .any_peers = true,
        .http = true,
        .flags = flags,
        .start = start,
        .stop = stop,
        .address = address,
        .user = e,
    };

    if (e == NULL)
        return 1;
    result = maru_app_main(&app, argc, argv);
    free(e);
    return result;
}
