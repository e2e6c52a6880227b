/* relay.c: a service that calls another and has a store, for the tests of the command line. CLITEST_RELAY=slow has it
 * pause before it does anything, =/PATH, where a FIFO is, say what its settings are once that has been read to its end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clitest/echo.maru.h"
#include "maru/app.h"
#include "maru/store.h"

struct relay_service {
    maru_client *echo;
    maru_store  *store;
};

static const maru_table        sums = {.number = 1, .name = "sums", .record = &clitest__sum__descriptor};
static const maru_table *const tables[] = {&sums, NULL};
static const char *const       peers[] = {"echo", NULL};

static maru_status on_relay(struct relay_service *svc, maru_call *call, const Clitest__EchoRequest *request,
                            Clitest__EchoResponse *response)
{
    Clitest__EchoResponse *answer;
    maru_status            status = echo_echo(svc->echo, call, request, &answer);

    if (status == MARU_OK)
        *response = *answer;
    return status;
}

typedef struct adding {
    const Clitest__AddRequest *request;
    Clitest__Sum              *response;
} adding;

static maru_status add(maru_txn *txn, void *arg)
{
    adding           *a = arg;
    ProtobufCMessage *record;
    maru_status       status = maru_get(txn, &sums, maru_key_text("sum"), &record);

    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    a->response->sum = a->request->number + (status == MARU_OK ? ((Clitest__Sum *)record)->sum : 0);
    return maru_put(txn, &sums, maru_key_text("sum"), &a->response->base);
}

static maru_status on_add(struct relay_service *svc, maru_call *call, const Clitest__AddRequest *request,
                          Clitest__Sum *response)
{
    adding a = {request, response};

    return maru_store_write(svc->store, call, add, &a);
}

static const relay_handlers handlers = {.relay = on_relay, .add = on_add};

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct relay_service *svc = user;

    *svc = (struct relay_service){.echo = maru_app_peer(context, "echo"), .store = context->store};
    return relay_serve(context->server, &handlers, svc, error);
}

/* As one that a stop meets before it takes signals as wishes: it never comes to that. SIGUSR1 has it end with status 1.
 */
static bool is_slow(int argc, char **argv)
{
    const char *how = getenv("CLITEST_RELAY");

    return how != NULL && strcmp(how, "slow") == 0 && argc > 1 && strcmp(argv[1], "--probe") != 0 &&
           strcmp(argv[1], "--print-config") != 0;
}

static void await(const char *fifo)
{
    char byte;
    int  fd = open(fifo, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    while (read(fd, &byte, 1) > 0)
        ;
    close(fd);
}

static void refuse(int number)
{
    (void)number;
    _exit(1);
}

static const maru_app_flag flags[] = {{"pace-ms", "MS", NULL, "is nearly one of echo's", NULL}, {0}};

int main(int argc, char **argv)
{
    const char          *how = getenv("CLITEST_RELAY");
    struct relay_service svc;
    maru_app             app = {.name = "relay",
                                .version = "1.0.0",
                                .summary = "asks echo, and adds up",
                                .tables = tables,
                                .store_version = 1,
                                .peers = peers,
                                .flags = flags,
                                .start = start,
                                .user = &svc};

    if (is_slow(argc, argv)) {
        signal(SIGUSR1, refuse);
        fprintf(stderr, "pauses\n");
        for (;;)
            pause();
    }
    if (how != NULL && how[0] == '/' && argc > 1 && strcmp(argv[1], "--print-config") == 0)
        await(how);
    return maru_app_main(&app, argc, argv);
}
