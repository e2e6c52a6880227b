/* async_test.c: calls by callback outlive neither the handler that makes them nor their client: both end when all of
 * them were told. On virtual time, and over real threads.
 */
#include "test.h"

#include <semaphore.h>
#include <stdlib.h>

#include "client/client_impl.h"
#include "maru/job.h"
#include "rpc/simworld.h"
#include "runtime/call_impl.h"
#include "runtime/rt.h"

enum { UNDER_WAY = 3, CALLS = UNDER_WAY + 1, MARK = 0x6d617275 };

typedef struct stage stage;

/* One call by callback, as it lies in the frame of the handler that makes it. */
typedef struct asked {
    int          mark; /* of a frame that is there still */
    stage       *of;
    maru_client *client;
    maru_call   *call;
    bool         once_more; /* another is begun when it ends */
} asked;

/* What became of them. */
struct stage {
    world        front;
    echo_node    back;
    maru_client *client; /* of front */
    maru_call   *call;   /* of whoever calls it */
    int          ended[MARU_STATUS_COUNT], ends, spoilt, given, runs;
};

static void ask(asked *a, maru_done done)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.millis = 60000;
    echo_sleep_async(a->client, a->call, &request, done, a);
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    asked *a = arg;
    stage *s = a->of;

    (void)message;
    (void)response;
    s->ends++;
    s->ended[status]++;
    s->spoilt += a->mark != MARK;
    s->given += maru_alloc(a->call, 1 << 30) != NULL;
    if (a->once_more) {
        a->once_more = false;
        ask(a, on_end);
    }
}

static void eat(maru_call *call)
{
    for (;;)
        maru_alloc(call, 1 << 20);
}

/* Three under way, of which one goes on when it ends, and one that is not sent yet. */
static void begin_all(stage *s, maru_client *client, maru_call *call, asked all[static CALLS])
{
    for (int i = 0; i < CALLS; i++)
        all[i] = (asked){.mark = MARK, .of = s, .client = client, .call = call, .once_more = i == 0};
    for (int i = 0; i < UNDER_WAY; i++)
        ask(&all[i], on_end);
    maru_sleep(call, 20);
    ask(&all[UNDER_WAY], on_end);
}

static void stage_start(stage *s)
{
    *s = (stage){0};
    world_start(&s->front, 0, NULL);
    echo_start(&s->back, "tcp://back:1", NULL, maru_sim_seam(s->front.sim));
    s->front.node.svc.visitor = s;
    s->front.node.svc.next = echo_client(s->front.node.rt, s->back.url);
    s->client = echo_client(s->back.rt, URL);
    s->call = maru_call_begin(s->back.rt, 0);
}

static void stage_stop(stage *s)
{
    maru_call_end(s->call);
    maru_client_free(s->client);
    maru_client_free(s->front.node.svc.next);
    echo_stop(&s->back);
    world_stop(&s->front);
}

static maru_status call_front(stage *s)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    return echo_echo(s->client, s->call, &request, &response);
}

static void check_all_told(const stage *s)
{
    CHECK_INT(s->ends, CALLS + 1);
    CHECK_INT(s->ended[MARU_CANCELLED], CALLS + 1);
    CHECK_INT(s->spoilt, 0);
    CHECK_INT(s->given, 0);
}

/* ---- a handler ---- */

static void begin_and_eat(struct echo_service *svc, maru_call *call)
{
    asked all[CALLS];

    begin_all(svc->visitor, svc->next, call, all);
    eat(call);
}

static void test_handler(void)
{
    stage s;

    test_begin("a handler that runs out of memory ends when its calls by callback were told that they are cancelled");
    stage_start(&s);
    s.front.node.svc.visit = begin_and_eat;
    CHECK_INT(call_front(&s), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(s.call), "max_memory");
    check_all_told(&s);
    test_begin("they do not go on below, and the next handler is served");
    pass(s.front.sim, SECOND);
    CHECK_INT(s.back.svc.cancelled, UNDER_WAY);
    CHECK_CONTAINS(s.back.svc.why, "its handler ran out of memory");
    s.front.node.svc.visit = NULL;
    CHECK_INT(call_front(&s), MARU_OK);
    CHECK_INT(s.ends, CALLS + 1);
    stage_stop(&s);
}

/* ---- one whose caller gave up already ---- */

static void begin_and_eat_late(struct echo_service *svc, maru_call *call)
{
    asked all[CALLS];

    begin_all(svc->visitor, svc->next, call, all);
    call_cancel(call->base, "the test says so");
    ask(&all[1], on_end);
    eat(call);
}

static void test_cancelled(void)
{
    stage s;

    test_begin("also where they were cancelled before, and one is begun after that");
    stage_start(&s);
    s.front.node.svc.visit = begin_and_eat_late;
    CHECK_INT(call_front(&s), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(s.ends, CALLS + 2);
    CHECK_INT(s.ended[MARU_CANCELLED], CALLS + 2);
    CHECK_INT(s.spoilt, 0);
    stage_stop(&s);
}

/* ---- a done that wants more than there is ---- */

static void begin_and_cancel(struct echo_service *svc, maru_call *call)
{
    stage *s = svc->visitor;
    asked  a = {.mark = MARK, .of = s, .client = svc->next, .call = call};

    ask(&a, on_end);
    maru_sleep(call, 20);
    call_cancel(call->base, "the test says so"); /* its done runs on this fiber */
    CHECK_INT(s->ends, 1);
}

static void test_done(void)
{
    stage s;

    test_begin("a done whose memory is out ends no handler, not even the one that it is told on the fiber of");
    stage_start(&s);
    s.front.node.svc.visit = begin_and_cancel;
    CHECK_INT(call_front(&s), MARU_OK);
    CHECK_INT(s.ends, 1);
    CHECK_INT(s.given, 0);
    stage_stop(&s);
}

/* ---- a job ---- */

static int64_t run(maru_call *call, void *arg)
{
    stage *s = arg;
    asked  all[CALLS];

    if (s->runs++ == 0) {
        begin_all(s, s->front.node.svc.next, call, all);
        eat(call);
    }
    check_all_told(s);
    return MARU_JOB_IDLE;
}

static void test_job(void)
{
    stage      s;
    maru_job  *job;
    maru_error error;

    test_begin("a job's run, too, and the next one begins after it");
    stage_start(&s);
    CHECK_INT(maru_job_start(s.front.node.rt, "a job", run, &s, &job, &error), MARU_OK);
    pass(s.front.sim, 500 * MS);
    check_all_told(&s);
    pass(s.front.sim, 10 * SECOND);
    CHECK_INT(s.runs, 2);
    maru_job_stop(job);
    stage_stop(&s);
}

/* ---- a client that is freed ---- */

/* Calls by callback, each of which begins another when it ends: always where it was answered, and so often where not.
 */
typedef struct chain {
    maru_client *client;
    maru_call   *call;
    int64_t      millis; /* of each */
    size_t       size;   /* of a further one's request */
    int          tries;  /* left, after failures */
    long         begun, ended, enough;
    sem_t        many; /* that enough of them have ended */
    maru_status  last;
    char         words[160]; /* of the last */
} chain;

static void on_link_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response);

static void chain_more(chain *c, size_t size)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.millis = c->millis;
    request.body = (ProtobufCBinaryData){.len = size, .data = size == 0 ? NULL : calloc(1, size)};
    c->begun++;
    echo_sleep_async(c->client, c->call, &request, on_link_end, c);
    free(request.body.data);
}

static void on_link_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    chain *c = arg;

    (void)response;
    c->last = status;
    snprintf(c->words, sizeof c->words, "%s", message);
    if (++c->ended == c->enough)
        sem_post(&c->many);
    if (status == MARU_OK || c->tries-- > 0)
        chain_more(c, c->size);
}

static void begin_chains(void *arg)
{
    for (int i = 0; i < 8; i++)
        chain_more(arg, 0);
}

static void test_freed(size_t size, maru_status last, const char *words)
{
    world w;
    chain c = {.millis = 60000, .size = size, .tries = 2};

    world_start(&w, 0, NULL);
    c.client = echo_client(w.node.rt, URL);
    c.call = maru_call_begin(w.node.rt, 0);
    begin_chains(&c);
    pass(w.sim, 20 * MS);
    CHECK_INT(c.ended, 0);
    maru_client_free(c.client);
    CHECK_INT(c.begun, 10);
    CHECK_INT(c.ended, 10);
    CHECK_INT(c.last, last);
    CHECK_CONTAINS(c.words, words);
    maru_call_end(c.call);
    world_stop(&w);
}

static void test_freed_by_a_thread(void)
{
    echo_node node;

    test_begin("at any moment, while they are answered on another thread");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    for (int i = 0; i < 50; i++) {
        chain c = {.client = echo_client(node.rt, node.url), .tries = 9, .enough = 40 + i};

        c.call = maru_call_begin(node.rt, 0);
        sem_init(&c.many, 0, 0);
        rt_on_strand(node.rt, begin_chains, &c);
        while (sem_wait(&c.many) != 0)
            ;
        maru_client_free(c.client);
        CHECK_INT(c.ended, c.begun);
        CHECK(c.tries < 0);
        CHECK_INT(c.last, MARU_CANCELLED);
        maru_call_end(c.call);
        sem_destroy(&c.many);
    }
    echo_stop(&node);
}

/* ---- a burst ---- */

static void test_burst(void)
{
    enum { BURST = 1500, KEPT = 1024 };
    world w;
    chain c = {.tries = 0};

    test_begin("what a burst of calls took is given back when they were told, but for some that are kept");
    world_start(&w, 0, NULL);
    c.client = echo_client(w.node.rt, "tcp://nobody:1"); /* they wait for a connection */
    c.call = maru_call_begin(w.node.rt, 500);
    for (int i = 0; i < BURST; i++)
        chain_more(&c, 0);
    pass(w.sim, SECOND / 10);
    CHECK_INT(c.client->asyncs, BURST);
    CHECK_INT(c.client->spare_count, 0);
    pass(w.sim, SECOND);
    CHECK_INT(c.ended, BURST);
    CHECK_INT(c.client->asyncs, 0);
    CHECK_INT(c.client->spare_count, KEPT);
    maru_client_free(c.client);
    maru_call_end(c.call);
    world_stop(&w);
}

int main(void)
{
    test_handler();
    test_cancelled();
    test_done();
    test_job();
    test_begin("a client that is freed waits for what is begun when its calls end, and refuses it");
    test_freed(0, MARU_CANCELLED, "the client is closed");
    test_begin("and for what is refused anyway");
    test_freed(70 << 20, MARU_RESOURCE_EXHAUSTED, "limit 67108864");
    test_freed_by_a_thread();
    test_burst();
    return test_end();
}
