/* contract_test.c: two versions of one service meet: what still fits is called, what breaks is refused by name, and
 * nothing waits. */
#include "test.h"

#include "maru/client.h"
#include "maru/server.h"
#include "rpc/echo.h"
#include "v1/stock.maru.h"
#include "v2/stock.maru.h"

static maru_status get(struct stock_new_service *svc, maru_call *call, const StockNew__Item *request,
                       StockNew__Item *response)
{
    (void)svc;
    (void)call;
    response->name = request->name;
    response->quantity = 7;
    response->shelf = "A3";
    return MARU_OK;
}

static maru_status move(struct stock_new_service *svc, maru_call *call, const StockNew__Movement *request,
                        StockNew__Item *response)
{
    (void)svc;
    (void)call;
    response->name = request->name;
    return MARU_OK;
}

static const stock_new_handlers handlers = {.get = get, .move = move};

/* The comparison comes while calls go on: call until it is there, or the call's deadline has passed. */
static maru_status move_until_refused(maru_client *client, maru_call *call)
{
    StockOld__Movement request = STOCK_OLD__MOVEMENT__INIT;
    StockOld__Item    *response;
    maru_status        status;

    do
        status = stock_old_move(client, call, &request, &response);
    while (status == MARU_OK && maru_call_check(call) == MARU_OK);
    return status;
}

int main(void)
{
    maru_server_options options = {.name = "stock"};
    maru_runtime       *rt;
    maru_server        *server;
    maru_client        *client;
    maru_call          *call;
    maru_error          error;
    StockOld__Item      request = STOCK_OLD__ITEM__INIT, *response;

    test_begin("a client of version 1 calls a server of version 2");
    CHECK_INT(maru_runtime_new(NULL, &rt, &error), MARU_OK);
    CHECK_INT(maru_server_new(rt, &options, &server, &error), MARU_OK);
    CHECK_INT(stock_new_serve(server, &handlers, NULL, &error), MARU_OK);
    CHECK_INT(maru_server_listen(server, "tcp://127.0.0.1:0", &error), MARU_OK);
    client = echo_client(rt, maru_server_url(server, 0));
    call = maru_call_begin(rt, 10000);
    CHECK(stock_old_maru_service.fingerprint != stock_new_maru_service.fingerprint);
    CHECK_INT(stock_old_get(client, call, &request, &response), MARU_OK);
    CHECK_INT(response == NULL ? 0 : response->quantity, 7);

    test_begin("the method that breaks is refused by name, once the schemas were compared");
    CHECK_INT(move_until_refused(client, call), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(maru_call_message(call), "/maru.test.stock.StockService/Move");
    CHECK_CONTAINS(maru_call_message(call), "by");

    test_begin("and the method that fits is called as before");
    CHECK_INT(stock_old_get(client, call, &request, &response), MARU_OK);

    maru_call_end(call);
    maru_client_free(client);
    maru_server_free(server);
    maru_runtime_free(rt);
    return test_end();
}
