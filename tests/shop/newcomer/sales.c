/* sales.c: a service that came later: it counts the orders that checkout tells of, from the first on. That it is there
 * changes nothing in checkout, which does not know of it.
 */
#include "maru/app.h"
#include "sales/sales.maru.h"
#include "shop/checkout.pb-c.h"

struct sales_service {
    maru_store *store;
};

static const maru_table        counts = {.number = 1, .name = "counts", .record = &sales__sales__descriptor};
static const maru_table *const tables[] = {&counts, NULL};

static maru_status load(maru_txn *txn, Sales__Sales **sales)
{
    maru_status status = maru_get(txn, &counts, maru_key_text("all"), (ProtobufCMessage **)sales);

    if (status != MARU_NOT_FOUND)
        return status;
    *sales = maru_txn_alloc(txn, sizeof **sales);
    sales__sales__init(*sales);
    return MARU_OK;
}

static maru_status count(maru_txn *txn, const maru_event *event)
{
    Sales__Sales *sales;
    maru_status   status = load(txn, &sales);

    if (status != MARU_OK)
        return status;
    if (event->payload->descriptor == &checkout__order_submitted__descriptor)
        sales->submitted++;
    else
        sales->completed++;
    return maru_put(txn, &counts, maru_key_text("all"), &sales->base);
}

static const maru_consumer consumers[] = {
    {"checkout", &checkout__order_submitted__descriptor, count},
    {"checkout", &checkout__order_completed__descriptor, count},
    {NULL, NULL, NULL},
};

static maru_status read_sales(maru_txn *txn, void *arg)
{
    Sales__Sales *response = arg, *sales;
    maru_status   status = load(txn, &sales);

    if (status == MARU_OK)
        *response = *sales;
    return status;
}

static maru_status get_sales(struct sales_service *svc, maru_call *call, const Sales__GetSalesRequest *request,
                             Sales__Sales *response)
{
    return maru_store_read(svc->store, call, read_sales, response);
}

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    static const sales_handlers methods = {.get_sales = get_sales};
    struct sales_service       *svc = user;

    svc->store = context->store;
    return sales_serve(context->server, &methods, svc, error);
}

int main(int argc, char **argv)
{
    struct sales_service svc;
    const maru_app       app = {
              .name = "sales",
              .version = "1.0.0",
              .summary = "counts orders",
              .tables = tables,
              .store_version = 1,
              .consumers = consumers,
              .start = start,
              .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
