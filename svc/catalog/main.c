/* main.c: the catalogue as a program: its store and its methods, put together. */
#include "maru/app.h"

#include "catalog.h"
#include "store.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct catalog_service *svc = user;

    *svc = (struct catalog_service){.store = context->store};
    return catalog_serve(context->server, &catalog_methods, svc, error);
}

int main(int argc, char **argv)
{
    struct catalog_service svc;
    const maru_app         app = {
                .name = "catalog",
                .version = "1.0.0",
                .summary = "what the shop sells, and for how much",
                .tables = catalog_tables,
                .store_version = STORE_VERSION,
                .start = start,
                .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
