/* main.c: shipping as a program: its store, its methods, and those whose events it follows, put together. */
#include "maru/app.h"

#include "shipping.h"
#include "store.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct shipping_service *svc = user;

    svc->store = context->store;
    return shipping_serve(context->server, &shipping_methods, svc, error);
}

int main(int argc, char **argv)
{
    struct shipping_service svc = {.pack_ms = PACK_MS, .dispatch_ms = DISPATCH_MS, .deliver_ms = DELIVER_MS};
    const maru_app          app = {
                 .name = "shipping",
                 .version = "1.0.0",
                 .summary = "packs, dispatches and delivers what is committed",
                 .tables = shipping_tables,
                 .store_version = STORE_VERSION,
                 .consumers = shipping_consumers,
                 .timers = shipping_timers,
                 .start = start,
                 .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
