/* late.c: a service that runs and is not of use, until it is called with "serve". */
#include <string.h>

#include "clitest/echo.maru.h"
#include "maru/app.h"

struct echo_service {
    maru_server *server;
};

static maru_status on_echo(struct echo_service *svc, maru_call *call, const Clitest__EchoRequest *request,
                           Clitest__EchoResponse *response)
{
    if (strcmp(request->text, "serve") != 0)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "text: want \"serve\", got \"%s\"", request->text);
    maru_server_serving(svc->server, true);
    response->text = request->text;
    return MARU_OK;
}

static const echo_handlers handlers = {.echo = on_echo};

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct echo_service *svc = user;

    svc->server = context->server;
    maru_server_serving(svc->server, false);
    return echo_serve(context->server, &handlers, svc, error);
}

int main(int argc, char **argv)
{
    struct echo_service svc = {.server = NULL};
    const maru_app      app = {
             .name = "late", .version = "1.0.0", .summary = "serves when it is told to", .start = start, .user = &svc};

    return maru_app_main(&app, argc, argv);
}
