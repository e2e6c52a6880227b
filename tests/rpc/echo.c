/* echo.c: see echo.h. */
#include "rpc/echo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void begin(struct echo_service *svc, maru_call *call)
{
    svc->started++;
    if (svc->visit != NULL)
        svc->visit(svc, call);
}

static maru_status echo(struct echo_service *svc, maru_call *call, const Echo__Message *request,
                        Echo__Message *response)
{
    begin(svc, call);
    response->text = request->text;
    response->body = request->body;
    response->millis = request->millis;
    return MARU_OK;
}

static maru_status sleep_a_while(struct echo_service *svc, maru_call *call, const Echo__Message *request,
                                 Echo__Message *response)
{
    maru_status status;

    begin(svc, call);
    status = maru_sleep(call, request->millis);
    if (status == MARU_CANCELLED) {
        svc->cancelled++;
        snprintf(svc->why, sizeof svc->why, "%s", maru_call_message(call));
    }
    response->text = request->text;
    return status;
}

static maru_status relay(struct echo_service *svc, maru_call *call, const Echo__Message *request,
                         Echo__Message *response)
{
    Echo__Message *answer;
    maru_status    status;

    begin(svc, call);
    status = echo_sleep(svc->next, call, request, &answer);
    if (status == MARU_OK)
        response->text = maru_printf(call, "relayed %s", answer->text);
    return status;
}

static maru_status fail(struct echo_service *svc, maru_call *call, const Echo__Message *request,
                        Echo__Message *response)
{
    (void)svc;
    (void)response;
    return maru_fail(call, (maru_status)request->code, "as asked: %s%.*s", request->text, (int)request->body.len,
                     (const char *)request->body.data);
}

static maru_status eat(struct echo_service *svc, maru_call *call, const Echo__Message *request, Echo__Message *response)
{
    (void)svc;
    (void)response;
    for (int64_t i = 0; i < request->millis; i++)
        memset(maru_alloc(call, 1024), 1, 1024);
    return MARU_OK;
}

static maru_status big(struct echo_service *svc, maru_call *call, const Echo__Message *request, Echo__Message *response)
{
    (void)svc;
    response->body.len = (size_t)request->millis;
    response->body.data = maru_alloc(call, response->body.len);
    memset(response->body.data, 7, response->body.len);
    return MARU_OK;
}

static maru_status count(struct echo_service *svc, maru_call *call, const Echo__Message *request,
                         Echo__Message *response)
{
    (void)request;
    response->millis = ++svc->counted;
    response->text = (char *)maru_call_request_id(call);
    return MARU_OK;
}

const echo_handlers echo_table = {
    .echo = echo, .sleep = sleep_a_while, .relay = relay, .fail = fail, .eat = eat, .big = big, .count = count};

static void must(maru_status status, const maru_error *error)
{
    if (status == MARU_OK)
        return;
    fprintf(stderr, "%s: %s\n", maru_status_name(status), error->text);
    exit(1);
}

void echo_start(echo_node *node, const char *url, const maru_server_options *options, const maru_seam *seam)
{
    maru_runtime_options ro = {.seam = seam};
    maru_server_options  so = {.name = "echo"};
    maru_error           error;

    *node = (echo_node){0};
    must(maru_runtime_new(&ro, &node->rt, &error), &error);
    must(maru_server_new(node->rt, options == NULL ? &so : options, &node->server, &error), &error);
    must(echo_serve(node->server, &echo_table, &node->svc, &error), &error);
    must(maru_server_listen(node->server, url, &error), &error);
    snprintf(node->url, sizeof node->url, "%s", maru_server_url(node->server, 0));
}

void echo_stop(echo_node *node)
{
    maru_server_free(node->server);
    maru_runtime_free(node->rt);
}

maru_client *echo_client(maru_runtime *rt, const char *url)
{
    maru_client_options options = {.backoff_first_ms = 10, .backoff_max_ms = 100};
    maru_client        *client;
    maru_error          error;

    must(maru_client_new(rt, url, &options, &client, &error), &error);
    return client;
}

void echo_ipc_url(char out[static 128], const char *name)
{
    snprintf(out, 128, "ipc:///tmp/maru-test-%d-%s.sock", (int)getpid(), name);
}
