/* main.c: checkout as a program: its store, whom it asks and whom it hears, and its methods, put together. */
#include "maru/app.h"

#include "checkout.h"
#include "events.h"
#include "naming.h"
#include "tables.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct checkout_service *svc = user;

    *svc = (struct checkout_service){.store = context->store,
                                     .cart = maru_app_peer(context, "cart"),
                                     .catalog = maru_app_peer(context, "catalog"),
                                     .quote_ms = CHECKOUT_QUOTE_MS,
                                     .stock_ms = CHECKOUT_STOCK_MS,
                                     .answer_ms = CHECKOUT_ANSWER_MS};
    naming_begin(context->runtime, context->store);
    return checkout_serve(context->server, &checkout_methods, svc, error);
}

int main(int argc, char **argv)
{
    static const char *const peers[] = {"cart", "catalog", NULL};
    struct checkout_service  svc;
    const maru_app           app = {
                  .name = "checkout",
                  .version = "1.0.0",
                  .summary = "what a cart costs, and orders",
                  .tables = checkout_tables,
                  .store_version = STORE_VERSION,
                  .peers = peers,
                  .consumers = checkout_consumers,
                  .timers = checkout_timers,
                  .start = start,
                  .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
