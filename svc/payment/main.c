/* main.c: payment as a program: its store, those it hears, the provider that it asks, and its methods, put together. */
#include "maru/app.h"

#include "payment.h"
#include "store.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct payment_service *svc = user;

    svc->store = context->store;
    svc->provider = maru_app_peer(context, "provider");
    svc->checkout = maru_app_peer(context, "checkout");
    return payment_serve(context->server, &payment_methods, svc, error);
}

int main(int argc, char **argv)
{
    static const char *const peers[] = {"checkout", "inventory", "shipping", "provider", NULL};
    struct payment_service   svc = {.provider_ms = PAYMENT_PROVIDER_MS, .authorization_ms = PAYMENT_AUTHORIZATION_MS};
    const maru_app           app = {
                  .name = "payment",
                  .version = "1.0.0",
                  .summary = "an order's money: authorised, captured, given up and given back, each once",
                  .tables = payment_tables,
                  .store_version = PAYMENT_STORE_VERSION,
                  .peers = peers,
                  .consumers = payment_consumers,
                  .timers = payment_timers,
                  .tasks = payment_tasks,
                  .start = start,
                  .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
