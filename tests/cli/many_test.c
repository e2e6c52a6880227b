/* many_test.c: as many calls run in a service as it is told, beyond what a runtime has by default. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>

#include "maru/service.h"
#include "maru/status.h"
#include "proc.h"
#include "rpc/peer.h"

enum { CALLS = 10020 };

/* A WaitRequest of a minute. */
static void wait_long(peer *p, uint32_t id)
{
    static const uint8_t bytes[] = {0x08, 0xe0, 0xd4, 0x03};
    frame                call = {.kind = FRAME_CALL,
                                 .id = id,
                                 .method = maru_method_id("/clitest.v1.EchoService/Wait"),
                                 .payload_size = sizeof bytes};

    CHECK(peer_frame(p, &call, bytes));
}

int main(int argc, char **argv)
{
#if defined(__SANITIZE_THREAD__)
    printf("# skipped: ThreadSanitizer has room for 8000 fibers\n");
    return 77;
#endif
    place       p = place_open(argc, argv);
    char        program[512], url[512], said[256];
    const char *words[] = {program, "--data", p.data, "--max-calls", "20000", "--max-calls-total", "10020", NULL};
    proc        echo;
    peer        caller;
    frame       reply;

    snprintf(program, sizeof program, "%s/echo", p.services);
    echo = proc_start(words, NULL);
    CHECK(proc_expect(&echo, PROC_OUT, 0, "ready echo ipc://"));
    CHECK(sscanf(echo.text[PROC_OUT], "ready echo %500s", url) == 1);
    test_begin("max-calls-total calls run, more than 10,000 of them too, and the next is refused by that name");
    CHECK(peer_dial(&caller, url));
    for (uint32_t id = 1; id <= CALLS + 1; id++)
        wait_long(&caller, id);
    CHECK(peer_expect(&caller, FRAME_REPLY, &reply));
    CHECK_INT(reply.id, CALLS + 1);
    CHECK_INT(reply.status, MARU_RESOURCE_EXHAUSTED);
    peer_words(&reply, said, sizeof said);
    CHECK_CONTAINS(said, "limit 10020 (max_calls_total)");
    peer_close(&caller);
    CHECK_INT(kill(echo.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&echo), 0);
    proc_free(&echo);
    place_close(&p);
    return test_end();
}
