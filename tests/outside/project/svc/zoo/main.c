/* main.c: the zoo as a program. */
#include "maru/app.h"

#include "zoo.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct zoo_service *svc = user;

    svc->store = context->store;
    return zoo_serve(context->server, &zoo_methods, svc, error);
}

int main(int argc, char **argv)
{
    struct zoo_service svc;
    const maru_app     app = {.name = "zoo",
                              .version = "2.1.0",
                              .summary = "keeps animals",
                              .tables = zoo_tables,
                              .store_version = 1,
                              .start = start,
                              .user = &svc};

    return maru_app_main(&app, argc, argv);
}
