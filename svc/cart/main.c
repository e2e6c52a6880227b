/* main.c: the cart as a program: its store, the catalogue that it asks, checkout that it hears, and its methods. */
#include "maru/app.h"

#include "cart.h"
#include "events.h"
#include "store.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct cart_service *svc = user;

    *svc = (struct cart_service){.store = context->store, .catalog = maru_app_peer(context, "catalog")};
    return cart_serve(context->server, &cart_methods, svc, error);
}

int main(int argc, char **argv)
{
    static const char *const peers[] = {"catalog", NULL};
    struct cart_service      svc;
    const maru_app           app = {
                  .name = "cart",
                  .version = "1.0.0",
                  .summary = "what a customer is about to buy",
                  .tables = cart_tables,
                  .store_version = STORE_VERSION,
                  .peers = peers,
                  .consumers = cart_consumers,
                  .start = start,
                  .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
