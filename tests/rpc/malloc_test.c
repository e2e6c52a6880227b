/* malloc_test.c: in steady state a call takes no memory from the system: not on the client, not on the server, not in a
 * handler that calls on. Over real sockets; nng's own allocations are nng's.
 */
#include "test.h"

#include <semaphore.h>
#include <stdlib.h>

#include "rpc/echo.h"
#include "rpc/wrapped.h"
#include "runtime/rt.h"
#include "runtime/wait.h"

enum { CALLS = 100000, WARM_UP = 20000, IN_FLIGHT = 64 };

typedef struct flood flood;

typedef void (*async_call)(maru_client *client, maru_call *call, const Echo__Message *request, maru_done done,
                           void *arg);

/* Calls by callback, so many at once, until the number is reached. */
struct flood {
    maru_client *client;
    maru_call   *call;
    async_call   begin;
    int          left, under_way, bad;
    sem_t        over;
};

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response);

static void one_more(flood *f)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.text = (char *)"an apple and a pear";
    f->under_way++;
    f->left--;
    f->begin(f->client, f->call, &request, on_end, f);
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    flood *f = arg;

    (void)message;
    f->bad += status != MARU_OK || response == NULL;
    f->under_way--;
    if (f->left > 0)
        one_more(f);
    else if (f->under_way == 0)
        sem_post(&f->over);
}

/* The first ones are begun on the strand too: on_end may run on another thread meanwhile. */
static void begin_flood(void *arg)
{
    flood *f = arg;

    for (int i = 0; i < IN_FLIGHT; i++)
        one_more(f);
}

static void run_flood(flood *f, maru_runtime *rt, int calls)
{
    f->left = calls;
    rt_on_strand(rt, begin_flood, f);
    sem_wait(&f->over);
}

/* The warm-up has to have seen the most that can be under way at once, or the pools still grow later: the first
 * handlers wait until all of that many are there. */
typedef struct gathering {
    wait *waits[IN_FLIGHT];
    int   count;
} gathering;

static void gather(struct echo_service *svc, maru_call *call)
{
    gathering *g = svc->visitor;
    wait       here;

    if (g->count == IN_FLIGHT)
        return;
    wait_begin(&here, call);
    g->waits[g->count++] = &here;
    for (int i = 0; g->count == IN_FLIGHT && i < IN_FLIGHT; i++)
        wait_wake(g->waits[i]);
    wait_block(&here);
}

static void warm_up(flood *f, echo_node *node, maru_runtime *rt)
{
    gathering g = {.count = 0};

    node->svc.visitor = &g;
    node->svc.visit = gather;
    run_flood(f, rt, WARM_UP);
    CHECK_INT(g.count, IN_FLIGHT);
    node->svc.visit = NULL;
}

static void test_flood(const char *url, async_call begin)
{
    echo_node node;
    flood     f = {.begin = begin};
    long      taken;

    echo_start(&node, url, NULL, NULL);
    f.client = echo_client(node.rt, node.url);
    f.call = maru_call_begin(node.rt, 0);
    sem_init(&f.over, 0, 0);
    warm_up(&f, &node, node.rt);
    wrapped_reset(0, 0);
    run_flood(&f, node.rt, CALLS);
    taken = wrapped_count();
    CHECK_INT(f.bad, 0);
    CHECK_INT(taken, 0);
    maru_call_end(f.call);
    maru_client_free(f.client);
    echo_stop(&node);
}

static void test_relay(void)
{
    echo_node back, front;
    flood     f = {.begin = echo_relay_async};
    long      taken = 1;

    test_begin("20,000 calls of a handler that calls another service take no memory from the system");
    echo_start(&back, "tcp://127.0.0.1:0", NULL, NULL);
    echo_start(&front, "tcp://127.0.0.1:0", NULL, NULL);
    front.svc.next = echo_client(front.rt, back.url);
    f.client = echo_client(back.rt, front.url);
    f.call = maru_call_begin(back.rt, 0);
    sem_init(&f.over, 0, 0);
    warm_up(&f, &back, back.rt);
    wrapped_reset(0, 0);
    run_flood(&f, back.rt, CALLS / 5);
    taken = wrapped_count();
    CHECK_INT(f.bad, 0);
    CHECK_INT(taken, 0);
    maru_call_end(f.call);
    maru_client_free(f.client);
    maru_client_free(front.svc.next);
    echo_stop(&front);
    echo_stop(&back);
}

/* A plain thread that waits for each answer; its call's arena is its own, so it begins one for each. */
static void test_blocking(void)
{
    enum { BLOCKING = 2000 };
    echo_node     node;
    maru_client  *client;
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    maru_call    *call;
    long          taken = 0;

    test_begin("a plain thread's calls take what maru_call_begin takes, and no more");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    client = echo_client(node.rt, node.url);
    for (int i = 0; i < 2 * BLOCKING; i++) {
        if (i == BLOCKING)
            wrapped_reset(0, 0);
        call = maru_call_begin(node.rt, 0);
        CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK);
        maru_call_end(call);
    }
    taken = wrapped_count();
    CHECK_INT(taken, 2 * BLOCKING); /* the call, and its arena */
    maru_client_free(client);
    echo_stop(&node);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "malloc");
    test_begin("100,000 echo calls over tcp take no memory from the system");
    test_flood("tcp://127.0.0.1:0", echo_echo_async);
    test_begin("nor do as many over ipc");
    test_flood(url, echo_echo_async);
    test_relay();
    test_blocking();
    return test_end();
}
