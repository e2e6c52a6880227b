/* world.c: see world.h. */
#include "load/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 8 };

typedef struct world {
    const world_options *options;
    maru_sim            *sim;
    echo_node            node;
    maru_runtime        *rt;
    maru_client         *clients[CONNECTIONS];
    size_t               client_count;
    requests            *requests;
    maru_call           *like;
    int                  tagged;
    plan                 plan;
    drive               *drive;
    int64_t              began;
    bool                 over;
} world;

static void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "world: %s\n", what);
    exit(1);
}

static void look(void *arg, const drive_view *view)
{
    *(int64_t *)arg = view->began_ns;
}

/* The run begins once its connections are there, which takes no stall; so its own clock is known then. */
static int64_t since(const world *w)
{
    return w->began == 0 ? 0 : maru_sim_now(w->sim) - w->began;
}

static void stall(struct echo_service *svc, maru_call *call)
{
    world               *w = svc->visitor;
    const world_options *o = w->options;
    const char          *tag = maru_call_metadata(call, "tag");
    int64_t              now = since(w);

    w->tagged += o->tag != NULL && tag != NULL && strcmp(tag, o->tag) == 0;
    if (now < o->stall_from || now >= o->stall_to)
        return;
    maru_sleep(call, o->stall_to == NEVER ? 24 * 60 * 60 * 1000 : (o->stall_to - now + MS - 1) / MS);
}

/* What was asked for may come after the end. */
static void wake(void *arg)
{
    world *w = arg;

    if (w->drive != NULL)
        drive_wake(w->drive);
}

static void arm(void *armed, int64_t at_ns)
{
    world *w = armed;

    maru_sim_at(w->sim, at_ns + w->options->late_ns, wake, w);
}

static void ended(void *arg)
{
    ((world *)arg)->over = true;
}

static void read_plan(world *w)
{
    const world_options *o = w->options;
    maru_error           error;
    maru_status          status = o->rate != NULL ? plan_rate(&w->plan, o->rate, 0, 10000, &error)
                                                  : plan_in_flight(&w->plan, o->in_flight, 0, 10000, &error);

    must(status == MARU_OK, "the plan");
}

static void begin(world *w)
{
    const world_options *o = w->options;
    maru_server_options  server = {.name = "echo", .max_calls = 200000, .max_calls_total = 200000, .max_queue = 200000};
    maru_runtime_options runtime = {0};

    w->sim = maru_sim_new(&(maru_sim_options){.seed = 1, .latency_ns = o->latency_ns});
    runtime.seam = maru_sim_seam(w->sim);
    echo_start(&w->node, "tcp://server:1", &server, runtime.seam);
    w->node.svc.visit = stall;
    w->node.svc.visitor = w;
    must(maru_runtime_new(&runtime, &w->rt, NULL) == MARU_OK, "a runtime");
    w->client_count = o->connections == 0 ? 1 : o->connections;
    for (size_t i = 0; i < w->client_count; i++)
        w->clients[i] = echo_client(w->rt, w->node.url);
    must((w->requests = requests_of_bytes("", 0)) != NULL, "memory");
    must((w->like = maru_call_begin(w->rt, 0)) != NULL, "memory");
    if (o->tag != NULL)
        must(maru_call_add_metadata(w->like, "tag", o->tag) == MARU_OK, "metadata");
    read_plan(w);
}

static void begin_drive(world *w)
{
    const world_options *o = w->options;
    drive_options        options = {.plan = &w->plan,
                                    .open = o->rate != NULL,
                                    .clients = w->clients,
                                    .client_count = w->client_count,
                                    .path = echo_maru_service.methods[0].path,
                                    .requests = w->requests,
                                    .like = w->like,
                                    .timeout_ns = o->timeout_ns == 0 ? 3600 * SECOND : o->timeout_ns,
                                    .in_flight_max = o->limit == 0 ? 100000 : o->limit,
                                    .calls_max = o->calls_max,
                                    .warm_ns = o->warm_ns,
                                    .poisson = o->poisson,
                                    .seed = o->seed,
                                    .arm = arm,
                                    .armed = w,
                                    .ended = ended,
                                    .arg = w};

    must((w->drive = drive_new(w->rt, &options)) != NULL, "memory");
    drive_start(w->drive);
    while (w->began == 0 && maru_sim_step(w->sim))
        drive_look(w->drive, look, &w->began);
}

world_result world_run(const world_options *options)
{
    world        w = {.options = options};
    world_result r = {0};

    begin(&w);
    begin_drive(&w);
    if (options->cut_ns > 0) {
        maru_sim_run(w.sim, w.began + options->cut_ns);
        maru_sim_cut(w.sim);
    }
    if (options->stop_ns > 0) {
        maru_sim_run(w.sim, w.began + options->stop_ns);
        drive_stop(w.drive);
    }
    if (options->cancel_ns > 0) {
        maru_sim_run(w.sim, w.began + options->cancel_ns);
        drive_cancel(w.drive);
    }
    while (!w.over && maru_sim_step(w.sim))
        ;
    must(w.over, "the run has no end");
    r.took_ns = since(&w);
    r.started = w.node.svc.started;
    r.tagged = w.tagged;
    r.tally = drive_take_tally(w.drive);
    r.all = tally_all(r.tally);
    drive_free(w.drive);
    w.drive = NULL;
    for (size_t i = 0; i < w.client_count; i++)
        maru_client_free(w.clients[i]);
    maru_call_end(w.like);
    requests_free(w.requests);
    maru_runtime_free(w.rt);
    echo_stop(&w.node);
    maru_sim_free(w.sim);
    return r;
}

void world_free(world_result *r)
{
    tally_free(r->tally);
    free(r->all);
}
