/* main.c: inventory as a program: its store, its methods, and those whose events it follows, put together. */
#include "maru/app.h"

#include "inventory.h"
#include "store.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct inventory_service *svc = user;

    svc->store = context->store;
    return inventory_serve(context->server, &inventory_methods, svc, error);
}

int main(int argc, char **argv)
{
    struct inventory_service svc = {.reserve_ms = RESERVE_MS};
    const maru_app           app = {
                  .name = "inventory",
                  .version = "1.0.0",
                  .summary = "how much of what is there, and for whom it is kept",
                  .tables = inventory_tables,
                  .store_version = STORE_VERSION,
                  .consumers = inventory_consumers,
                  .timers = inventory_timers,
                  .start = start,
                  .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
