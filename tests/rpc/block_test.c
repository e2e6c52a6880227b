/* block_test.c: what would keep the strand from all others: it is refused, or lets them run. */
#include "test.h"

#include <stdlib.h>

#include "rpc/simworld.h"

/* ---- waiting where nothing could end it ---- */

typedef struct refused {
    maru_status called, slept, called_back;
    char        words[3][256];
    int         ended;
} refused;

static maru_status ask(maru_client *client, maru_call *call)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    return echo_count(client, call, &request, &response);
}

static void keep_words(refused *r, int at, const maru_call *call)
{
    snprintf(r->words[at], sizeof r->words[at], "%s", maru_call_message(call));
}

/* Visits Echo, that calls Count of its own service. */
static void call_by_root(struct echo_service *svc, maru_call *call)
{
    refused   *r = svc->visitor;
    maru_call *root = maru_call_begin(maru_call_runtime(call), 0);

    r->called = ask(svc->next, root);
    keep_words(r, 0, root);
    r->slept = maru_sleep(root, 1);
    keep_words(r, 1, root);
    maru_call_end(root);
}

typedef struct answered {
    refused     *r;
    maru_client *client;
    maru_call   *call;
} answered;

static void call_in_done(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    answered *a = arg;

    (void)message;
    (void)response;
    CHECK_INT(status, MARU_OK);
    a->r->called_back = ask(a->client, a->call);
    keep_words(a->r, 2, a->call);
    a->r->ended++;
}

static void call_by_callback(struct echo_service *svc, maru_call *call)
{
    answered      a = {.r = svc->visitor, .client = svc->next, .call = call};
    Echo__Message request = ECHO__MESSAGE__INIT;

    echo_count_async(svc->next, call, &request, call_in_done, &a);
    while (a.r->ended == 0 && maru_sleep(call, 1) == MARU_OK)
        ;
}

static void test_refused(const char *url, const maru_seam *seam)
{
    static const char words[] = "it would block the strand: inside a handler, wait with the handler's own call";
    echo_node         node;
    maru_client      *client;
    maru_call        *call;
    Echo__Message     request = ECHO__MESSAGE__INIT, *response;
    refused           r = {.ended = 0};

    test_begin("a handler that waits with a root call is refused, and told what to do instead");
    echo_start(&node, url, NULL, seam);
    client = node.svc.next = echo_client(node.rt, node.url);
    call = maru_call_begin(node.rt, 20000);
    node.svc.visitor = &r;
    node.svc.visit = call_by_root;
    CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK);
    CHECK_INT(r.called, MARU_INTERNAL);
    CHECK_CONTAINS(r.words[0], "/maru.test.v1.EchoService/Count: it would block the strand: inside a handler, ");
    CHECK_INT(r.slept, MARU_INTERNAL);
    CHECK_CONTAINS(r.words[1], words);
    test_begin("so is a callback that waits, with whatever call");
    node.svc.visit = call_by_callback;
    CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK);
    CHECK_INT(r.ended, 1);
    CHECK_INT(r.called_back, MARU_INTERNAL);
    CHECK_CONTAINS(r.words[2], words);
    test_begin("and the same thread may wait with a root call when it is in none of them");
    node.svc.visit = NULL;
    CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK);
    CHECK_INT(maru_sleep(call, 1), MARU_OK);
    CHECK_INT(node.svc.counted, 1);
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
}

/* ---- going on and on ---- */

enum { ROUNDS_MOST = 1000000 };

typedef struct stubborn {
    maru_status (*once)(struct echo_service *svc, maru_call *call);
    bool released;
    int  rounds;
} stubborn;

static maru_status sleep_once(struct echo_service *svc, maru_call *call)
{
    (void)svc;
    return maru_sleep(call, 60000);
}

static maru_status call_once(struct echo_service *svc, maru_call *call)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    request.millis = 60000;
    return echo_sleep(svc->next, call, &request, &response);
}

/* The first of Echo's handlers goes on, whatever it is told, until the second has begun. */
static void go_on(struct echo_service *svc, maru_call *call)
{
    stubborn *s = svc->visitor;

    if (svc->started > 1)
        s->released = true;
    for (; !s->released && s->rounds < ROUNDS_MOST; s->rounds++)
        s->once(svc, call);
}

static void test_stubborn(const char *sentence, maru_status (*once)(struct echo_service *svc, maru_call *call))
{
    world         w;
    echo_node     back;
    maru_client  *client;
    maru_call    *call;
    stubborn      s = {.once = once};
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    test_begin(sentence);
    world_start(&w, 0, NULL);
    echo_start(&back, "tcp://back:1", NULL, maru_sim_seam(w.sim));
    client = echo_client(back.rt, URL);
    call = maru_call_begin(back.rt, 0);
    w.node.svc.visitor = &s;
    w.node.svc.visit = go_on;
    w.node.svc.next = echo_client(w.node.rt, back.url);
    CHECK_INT(echo_echo(client, maru_within(call, 50), &request, &response), MARU_DEADLINE_EXCEEDED);
    pass(w.sim, 100 * MS);
    CHECK(!s.released);
    CHECK_INT(echo_echo(client, maru_within(call, 50), &request, &response), MARU_OK);
    pass(w.sim, 10 * MS);
    CHECK(s.released);
    CHECK(s.rounds > 10 && s.rounds < 200);
    maru_call_end(call);
    maru_client_free(client);
    maru_client_free(w.node.svc.next);
    echo_stop(&back);
    world_stop(&w);
}

int main(void)
{
    maru_sim *sim = maru_sim_new(&(maru_sim_options){.seed = 1});

    test_refused("tcp://127.0.0.1:0", NULL);
    test_refused(URL, maru_sim_seam(sim));
    maru_sim_free(sim);
    test_stubborn("a handler that sleeps again and again though its call is over lets others run", sleep_once);
    test_stubborn("and one that calls again and again", call_once);
    return test_end();
}
