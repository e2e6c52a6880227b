/* async_test.c: calls by callback whose handler ends before they do: it is ended when all of them were told. On virtual
 * time.
 */
#include "test.h"

#include <stdlib.h>

#include "maru/job.h"
#include "rpc/simworld.h"
#include "runtime/call_impl.h"

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
    int          ended[MARU_STATUS_COUNT], ends, spoilt, given;
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
        memset(maru_alloc(call, 1 << 20), 1, 1 << 20);
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

    if (s->ends == 0) {
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
    maru_job_stop(job);
    stage_stop(&s);
}

int main(void)
{
    test_handler();
    test_cancelled();
    test_done();
    test_job();
    return test_end();
}
