/* health_test.c: what the health check of a server says, of the whole and of one service: what its services said. */
#include "test.h"

#include "grpc/health/v1/health.maru.h"
#include "rpc/echo.h"

enum {
    SERVING = GRPC_HEALTH__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING,
    NOT_SERVING = GRPC_HEALTH__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING,
    WAIT_MS = 20000,
};

/* What it says of a service, "": of all; below 0: the status that it failed with. */
static int health_of(const echo_node *node, maru_client *client, const char *service)
{
    maru_call                       *call = maru_call_begin(node->rt, WAIT_MS);
    GrpcHealth__HealthCheckRequest   request = GRPC_HEALTH__HEALTH_CHECK_REQUEST__INIT;
    GrpcHealth__HealthCheckResponse *response;
    maru_status                      status;
    int                              said;

    request.service = (char *)service;
    status = maru_health_check(client, call, &request, &response);
    said = status == MARU_OK ? (int)response->status : -(int)status;
    maru_call_end(call);
    return said;
}

static void check_says(const echo_node *node, maru_client *client, int want)
{
    CHECK_INT(health_of(node, client, ""), want);
    CHECK_INT(health_of(node, client, "maru.test.v1.EchoService"), want);
    CHECK_INT(health_of(node, client, "maru.test.v1.NoService"), -MARU_NOT_FOUND);
}

int main(void)
{
    echo_node    node;
    maru_client *client;

    test_begin("a server says SERVING from the start, of all and of each service, and NOT_FOUND of none of its own");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    client = echo_client(node.rt, node.url);
    check_says(&node, client, SERVING);
    test_begin("it says NOT_SERVING while its service is not of use yet");
    maru_server_serving(node.server, false);
    check_says(&node, client, NOT_SERVING);
    test_begin("and SERVING again once it is");
    maru_server_serving(node.server, true);
    check_says(&node, client, SERVING);
    maru_client_free(client);
    echo_stop(&node);
    return test_end();
}
