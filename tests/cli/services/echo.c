/* echo.c: the service that the tests of the command line call. CLITEST_ECHO=refuse makes its start fail, =crash ends it
 * by a signal, =stuck lets its stop wait for ever, =begin its start, =tab says that it is ready where it is not, =deaf
 * gives it a timer and no store. Fail with a code of 256 and more ends it with that status. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clitest/echo.maru.h"
#include "maru/app.h"

static maru_status on_echo(struct echo_service *svc, maru_call *call, const Clitest__EchoRequest *request,
                           Clitest__EchoResponse *response)
{
    const char *tag = maru_call_metadata(call, "tag");

    response->text = request->text;
    response->number = request->number;
    response->request_id = maru_strdup(call, maru_call_request_id(call));
    response->tag = maru_strdup(call, tag != NULL ? tag : "");
    response->left_ms = maru_call_left_ms(call);
    return MARU_OK;
}

static maru_status on_fail(struct echo_service *svc, maru_call *call, const Clitest__FailRequest *request,
                           Clitest__EchoResponse *response)
{
    if (request->code >= 256)
        _exit(request->code - 256);
    return maru_fail(call, (maru_status)request->code, "%s", request->message);
}

static maru_status on_wait(struct echo_service *svc, maru_call *call, const Clitest__WaitRequest *request,
                           Clitest__EchoResponse *response)
{
    maru_status status;

    fprintf(stderr, "waits\n");
    if ((status = maru_sleep(call, request->ms)) == MARU_OK)
        response->text = maru_strdup(call, "waited");
    return status;
}

static maru_status on_log(struct echo_service *svc, maru_call *call, const Clitest__LogRequest *request,
                          Clitest__EchoResponse *response)
{
    for (int i = 0; i < request->lines; i++)
        fprintf(stderr, "%d %s\n", i, request->text);
    return MARU_OK;
}

static const echo_handlers handlers = {.echo = on_echo, .fail = on_fail, .wait = on_wait, .log = on_log};

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    const char *wish = getenv("CLITEST_ECHO"), *bind = maru_app_setting(context, "bind");

    if (bind != NULL)
        fprintf(stderr, "binds %s at %s ms\n", bind, maru_app_setting(context, "pack-ms"));
    if (wish != NULL && strcmp(wish, "crash") == 0)
        raise(SIGKILL);
    while (wish != NULL && strcmp(wish, "begin") == 0)
        fprintf(stderr, "begins\n"), pause();
    if (wish != NULL && strcmp(wish, "refuse") == 0)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "was told to refuse");
    if (wish != NULL && strcmp(wish, "tab") == 0)
        printf("ready echo ipc:///a\tb\n");
    return echo_serve(context->server, &handlers, NULL, error);
}

static void stop(void *user)
{
    const char *wish = getenv("CLITEST_ECHO");

    while (wish != NULL && strcmp(wish, "stuck") == 0)
        pause();
}

static const maru_app_flag flags[] = {
    {"bind", "TEXT", NULL, "is said at the start", NULL},
    {"pack-ms", "MS", "1", "too", NULL},
    {0},
};

static const maru_app echo_app = {
    .name = "echo", .version = "1.0.0", .summary = "answers what it got", .flags = flags, .start = start, .stop = stop};

static maru_status on_timer(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return MARU_OK;
}

static const maru_timer timers[] = {{"wake", &clitest__echo_request__descriptor, on_timer}, {0}};

int main(int argc, char **argv)
{
    const char *wish = getenv("CLITEST_ECHO");
    maru_app    app = echo_app;

    if (wish != NULL && strcmp(wish, "deaf") == 0)
        app.timers = timers;
    return maru_app_main(&app, argc, argv);
}
