/* refused_test.c: each reason for which a server does not begin a call, or take a connection, counts, and no other with
 * it; and the limits that it keeps are told. On virtual time.
 */
#include <stdlib.h>

#include "maru/limits.h"
#include "rpc/echo.h"
#include "rpc/simpeer.h"
#include "watch/look.h"
#include "wire/bytes.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define URL    "tcp://server:1"

enum { COST_MS = 3, ECHO = 0, SLEEP = 1, MAGIC_AT = 8 + 4, CONNECTIONS = 16, LOCAL = 1, TOO_MANY = 2 };

typedef struct world {
    maru_sim *sim;
    echo_node node;
    simpeer   p;
} world;

static void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* Every handler takes COST_MS of processor. */
static void be_slow(struct echo_service *svc, maru_call *call)
{
    (void)call;
    maru_sim_spend(svc->visitor, COST_MS * MS);
}

static void begin(world *w, const maru_server_options *options, size_t fibers)
{
    maru_runtime_options runtime = {.max_fibers = fibers};
    maru_error           error;

    *w = (world){.sim = maru_sim_new(&(maru_sim_options){.seed = 1})};
    runtime.seam = maru_sim_seam(w->sim);
    must(maru_runtime_new(&runtime, &w->node.rt, &error) == MARU_OK, "a runtime");
    must(maru_server_new(w->node.rt, options, &w->node.server, &error) == MARU_OK, "a server");
    must(echo_serve(w->node.server, &echo_table, &w->node.svc, &error) == MARU_OK, "the echo service");
    must(maru_server_listen(w->node.server, URL, &error) == MARU_OK, "to listen");
    w->node.svc.visit = be_slow;
    w->node.svc.visitor = w->sim;
}

static void run(world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

static void end(world *w)
{
    echo_stop(&w->node);
    maru_sim_free(w->sim);
}

/* ---- calls ---- */

/* So many that arrive at once, each with so much time; 0: without end. */
static void call_at_once(simpeer *p, unsigned calls, uint32_t time_ms)
{
    bytes   all = {0};
    uint8_t head[FRAME_HEAD_MAX];

    for (unsigned i = 1; i <= calls; i++) {
        frame f = {.kind = FRAME_CALL, .id = i, .method = echo_maru_service.methods[ECHO].id, .time_ms = time_ms};

        put(&all, head, frame_write_head(head, &f, false));
    }
    simpeer_write(p, all.at, all.size);
    free(all.at);
}

static void sleep_at_once(simpeer *p, unsigned calls)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.millis = 1000;
    for (unsigned i = 1; i <= calls; i++)
        simpeer_call(p, i, &echo_maru_service.methods[SLEEP], 0, &request.base);
}

static void ask_late(world *w)
{
    call_at_once(&w->p, 2, COST_MS - 1);
}

/* The queue has work for more than 100 ms: then who waited for more than half of its time is refused, while some of it
 * is left. */
static void ask_much(world *w)
{
    call_at_once(&w->p, 150 / COST_MS, 200);
}

static void ask_two(world *w)
{
    call_at_once(&w->p, 2, 0);
}

static void ask_three(world *w)
{
    call_at_once(&w->p, 3, 0);
}

static void sleep_two(world *w)
{
    sleep_at_once(&w->p, 2);
}

static void ask_later(void *arg)
{
    world *w = arg;

    call_at_once(&w->p, 1, 0);
}

/* Its id is not that of the call that sleeps. */
static void ask_stopping(world *w)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.millis = 1000;
    simpeer_call(&w->p, 9, &echo_maru_service.methods[SLEEP], 0, &request.base);
    run(w, SECOND / 10);
    maru_sim_at(w->sim, maru_sim_now(w->sim) + SECOND / 10, ask_later, w);
    CHECK(maru_server_drain(w->node.server));
}

static void ask_unknown(world *w)
{
    simpeer_frame(&w->p, &(frame){.kind = FRAME_CALL, .id = 1, .method = 1}, NULL);
}

static void ask_malformed(world *w)
{
    uint8_t head[FRAME_HEAD_MAX];
    frame   f = {.kind = FRAME_CALL, .id = 1, .method = echo_maru_service.methods[ECHO].id};
    size_t  size = frame_write_head(head, &f, false);

    head[MAGIC_AT] = '?';
    simpeer_write(&w->p, head, size);
}

static const struct refusal {
    const char *reason;
    void (*ask)(world *w);
    maru_server_options options;
    size_t              fibers; /* 0: the default */
    maru_status         status; /* that who called is told */
    unsigned            least;  /* so many of them */
} refusals[] = {
    {"deadline", ask_late, {0}, 0, MARU_DEADLINE_EXCEEDED, 1},
    {"overload", ask_much, {0}, 0, MARU_RESOURCE_EXHAUSTED, 5},
    {"max_calls", ask_two, {.max_calls = 1}, 0, MARU_RESOURCE_EXHAUSTED, 1},
    {"max_queue", ask_three, {.max_queue = 1}, 0, MARU_RESOURCE_EXHAUSTED, 1},
    {"max_calls_total", sleep_two, {.max_calls_total = 1}, 0, MARU_RESOURCE_EXHAUSTED, 1},
    {"memory", sleep_two, {0}, 1, MARU_RESOURCE_EXHAUSTED, 1},
    {"stopping", ask_stopping, {0}, 0, MARU_UNAVAILABLE, 1},
    {"unknown_method", ask_unknown, {0}, 0, MARU_UNIMPLEMENTED, 1},
    {"malformed", ask_malformed, {0}, 0, MARU_INVALID_ARGUMENT, 1},
};

enum { REASONS = sizeof refusals / sizeof *refusals };

/* How many replies of that status came, and of all that are not OK. */
static void count_replies(simpeer *p, maru_status status, unsigned *of_it, unsigned *failed)
{
    frame f;

    *of_it = *failed = 0;
    while (simpeer_next(p, &f)) {
        *of_it += f.kind == FRAME_REPLY && f.status == status;
        *failed += f.kind == FRAME_REPLY && f.status != MARU_OK;
    }
}

static void check_refusal(const struct refusal *r)
{
    maru_server_options options = r->options;
    unsigned            told, failed;
    char                sample[80], *text;
    world               w;

    options.name = "echo";
    begin(&w, &options, r->fibers);
    simpeer_dial(&w.p, w.sim, URL);
    simpeer_greet(&w.p);
    run(&w, SECOND);
    r->ask(&w);
    run(&w, 2 * SECOND);
    count_replies(&w.p, r->status, &told, &failed);
    if (!CHECK(told >= r->least) || !CHECK_INT(failed, told))
        fprintf(stderr, "%s\n", r->reason);
    text = look_from_outside(w.node.rt);
    for (size_t i = 0; i < REASONS; i++) {
        snprintf(sample, sizeof sample, "maru_calls_refused_total{reason=\"%s\"}", refusals[i].reason);
        check_value(text, sample, &refusals[i] == r ? told : 0);
    }
    free(text);
    simpeer_free(&w.p);
    end(&w);
}

static void test_calls(void)
{
    test_begin("each reason not to begin a call counts as often as it was told, and no other does");
    for (size_t i = 0; i < REASONS; i++)
        check_refusal(&refusals[i]);
}

/* ---- connections ---- */

static void test_connections(void)
{
    static simpeer peers[CONNECTIONS - LOCAL + TOO_MANY];
    const size_t   count = sizeof peers / sizeof *peers;
    char          *text;
    world          w;

    test_begin("connections count that were taken, and those for which there was no room");
    begin(&w,
          &(maru_server_options){.name = "echo",
                                 .max_connections = CONNECTIONS,
                                 .max_memory_total = MARU_MIB(3),
                                 .max_buffer_total = MARU_MIB(5)},
          0);
    for (size_t i = 0; i < count; i++) {
        simpeer_dial(&peers[i], w.sim, URL);
        simpeer_greet(&peers[i]);
    }
    run(&w, SECOND);
    text = look_from_outside(w.node.rt);
    check_value(text, "maru_connections_opened_total", CONNECTIONS - LOCAL);
    check_value(text, "maru_connections_refused_total", TOO_MANY);
    test_begin("limits are told beside what is held");
    check_value(text, "maru_memory_limit_bytes{of=\"calls\"}", MARU_MIB(3));
    check_value(text, "maru_memory_limit_bytes{of=\"buffers\"}", MARU_MIB(5));
    free(text);
    for (size_t i = 0; i < count; i++)
        simpeer_free(&peers[i]);
    end(&w);
}

int main(void)
{
    test_calls();
    test_connections();
    return test_end();
}
