/* run.c: sets up connections and pacer, drives the load until it is over, and tears them down. */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "app/wishes.h"
#include "drive.h"
#include "method.h"
#include "pacer.h"
#include "progress.h"
#include "requests.h"
#include "session.h"

enum {
    LOOK_MS = 1000,
    OTHER_FILES = 64, /* that are no connection: the session, pollers, what the shell left open */
};

typedef struct run {
    const load_options  *options;
    session              session;
    const schema_method *method;
    requests            *requests;
    maru_client        **clients;
    size_t               client_count;
    maru_call           *like; /* has the metadata */
    pacer               *pacer;
    drive               *drive;
    int                  over, signals; /* an eventfd, a signalfd */
    sigset_t             ends, blocked_before;
    wishes               wishes;
    progress             progress;
    bool                 shows;
    run_result          *result;
} run;

static maru_status out_of(maru_error *error, const char *what)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of %s", what);
}

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double cpu_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Setting up. */

/* SIGINT and SIGTERM come by a descriptor while calls are made, since they end them in order. Threads inherit that they
 * are blocked; while nothing but this thread has begun anything, they may end the process at once. */
static void hold_ends(const run *r, bool hold)
{
    if (hold)
        pthread_sigmask(SIG_BLOCK, &r->ends, NULL);
    else
        pthread_sigmask(SIG_SETMASK, &r->blocked_before, NULL);
}

static maru_status open_ends(run *r, maru_error *error)
{
    sigemptyset(&r->ends);
    sigaddset(&r->ends, SIGINT);
    sigaddset(&r->ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &r->ends, &r->blocked_before);
    r->signals = signalfd(-1, &r->ends, SFD_CLOEXEC | SFD_NONBLOCK);
    r->over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return r->signals >= 0 && r->over >= 0 ? MARU_OK : out_of(error, "file descriptors");
}

static maru_status make_requests(run *r, maru_error *error)
{
    const load_options *o = r->options;
    requests_options    options = {.type = r->method->request,
                                   .template = o->template,
                                   .rows = o->rows.column_count > 0 ? &o->rows : NULL,
                                   .seed = o->seed};

    return requests_new(&options, &r->requests, error);
}

/* A connection is a file; shells let a program have more of them than it starts with. */
static maru_status allow_files(size_t connections, maru_error *error)
{
    struct rlimit files;
    rlim_t        wanted = connections + OTHER_FILES;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return MARU_OK;
    if (files.rlim_max < wanted)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED,
                              "--connections: %zu want %llu files, and this process may open %llu (ulimit -Hn)",
                              connections, (unsigned long long)wanted, (unsigned long long)files.rlim_max);
    files.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 ? MARU_OK : out_of(error, "files");
}

static maru_status connect_all(run *r, maru_error *error)
{
    maru_client_options options = {.backoff_first_ms = 50,
                                   .backoff_max_ms = 1000,
                                   .max_message = SESSION_ARENA / 4,
                                   .max_calls = PLAN_IN_FLIGHT_MAX + 1};
    maru_status         status = allow_files(r->options->connections, error);

    if (status != MARU_OK)
        return status;
    if ((r->clients = calloc(r->options->connections, sizeof(maru_client *))) == NULL)
        return out_of(error, "memory");
    while (status == MARU_OK && r->client_count < r->options->connections) {
        status = maru_client_new(r->session.runtime, r->session.url, &options, &r->clients[r->client_count], error);
        r->client_count += status == MARU_OK;
    }
    return status;
}

static maru_status make_like(run *r, maru_error *error)
{
    if ((r->like = maru_call_begin(r->session.runtime, 0)) == NULL)
        return out_of(error, "memory");
    return metadata_add(&r->options->metadata, r->like, error);
}

static void on_ended(void *arg)
{
    run     *r = arg;
    uint64_t one = 1;

    if (write(r->over, &one, sizeof one) != sizeof one)
        abort(); /* nobody would ever know */
}

static void arm_pacer(void *arg, int64_t at_ns)
{
    const run *r = arg;

    pacer_arm(r->pacer, at_ns);
}

static maru_status make_drive(run *r, maru_error *error)
{
    const load_options *o = r->options;
    drive_options       options = {.plan = &o->plan,
                                   .open = o->open,
                                   .clients = r->clients,
                                   .client_count = r->client_count,
                                   .path = r->method->path,
                                   .flags = r->method->flags,
                                   .requests = r->requests,
                                   .like = r->like,
                                   .timeout_ns = o->timeout_ms * MARU_NS_PER_MS,
                                   .in_flight_max = o->in_flight_max,
                                   .calls_max = o->calls_max,
                                   .warm_ns = o->warm_ms * MARU_NS_PER_MS,
                                   .poisson = o->poisson,
                                   .seed = o->seed,
                                   .arm = arm_pacer,
                                   .armed = r,
                                   .ended = on_ended,
                                   .arg = r};

    if ((r->drive = drive_new(r->session.runtime, &options)) == NULL)
        return out_of(error, "memory");
    if ((r->pacer = pacer_new(drive_wake, r->drive)) == NULL)
        return out_of(error, "memory, files or threads");
    return MARU_OK;
}

static maru_status prepare(run *r, maru_error *error)
{
    const load_options *o = r->options;
    maru_status         status = method_find(&r->session, o->target, o->method, &r->method, error);

    return status == MARU_OK ? make_requests(r, error) : status;
}

static maru_status set_up(run *r, maru_error *error)
{
    const load_options *o = r->options;
    maru_status         status;

    if ((status = open_ends(r, error)) != MARU_OK ||
        (status = session_open(&r->session, o->data, o->target, o->timeout_ms, error)) != MARU_OK)
        return status;
    hold_ends(r, false);
    status = prepare(r, error);
    hold_ends(r, true);
    if (status != MARU_OK || (status = connect_all(r, error)) != MARU_OK || (status = make_like(r, error)) != MARU_OK)
        return status;
    return make_drive(r, error);
}

/* The run. */

typedef struct state {
    bool   began;
    size_t connected;
} state;

static void look(void *arg, const drive_view *view)
{
    state *s = arg;

    s->began = view->began_ns != 0;
    s->connected = view->connected;
}

/* Calls that are under way have their time, or the figures would lack the slowest. Who asks twice has none for that. */
static void take_signal(run *r)
{
    struct signalfd_siginfo info;

    if (read(r->signals, &info, sizeof info) != sizeof info)
        return;
    switch (wishes_take(&r->wishes, (int)info.ssi_signo, r->result->signal != 0, now_ns() / MARU_NS_PER_MS)) {
    case WISH_FIRST:
        drive_stop(r->drive);
        break;
    case WISH_SECOND:
        drive_cancel(r->drive);
        break;
    case WISH_SAME:
        return;
    }
    r->result->signal = (int)info.ssi_signo;
}

/* Until it is over; a look now and then, for the line, and for connections that do not come. */
static maru_status wait_for_end(run *r, maru_error *error)
{
    struct pollfd fds[] = {{.fd = r->over, .events = POLLIN}, {.fd = r->signals, .events = POLLIN}};
    int64_t       latest = now_ns() + r->options->timeout_ms * MARU_NS_PER_MS;
    maru_status   status = MARU_OK;

    for (;;) {
        state s = {0};

        poll(fds, 2, LOOK_MS);
        if (fds[0].revents != 0)
            return status;
        if (fds[1].revents != 0)
            take_signal(r);
        drive_look(r->drive, look, &s);
        if (!s.began && now_ns() > latest && status == MARU_OK) {
            status =
                maru_error_set(error, MARU_UNAVAILABLE, "%s: %zu of %zu connections within %.10g s", r->options->target,
                               s.connected, r->client_count, (double)r->options->timeout_ms / 1e3);
            drive_stop(r->drive);
        }
        if (r->shows)
            progress_print(&r->progress, r->drive, stderr);
    }
}

static maru_status go(run *r, maru_error *error)
{
    double      cpu = cpu_seconds();
    int64_t     began = now_ns();
    maru_status status;

    drive_start(r->drive);
    status = wait_for_end(r, error);
    r->result->cores = (cpu_seconds() - cpu) / ((double)(now_ns() - began) / 1e9);
    r->result->tally = drive_take_tally(r->drive);
    if (status == MARU_OK)
        status = drive_trouble(r->drive, error);
    if (status == MARU_OK && (r->result->all = tally_all(r->result->tally)) == NULL)
        status = out_of(error, "memory");
    return status;
}

/* The pacer first: it wakes the drive, which watches the clients. */
static void tear_down(run *r)
{
    pacer_free(r->pacer);
    drive_free(r->drive);
    for (size_t i = 0; i < r->client_count; i++)
        maru_client_free(r->clients[i]);
    free(r->clients);
    maru_call_end(r->like);
    requests_free(r->requests);
    session_close(&r->session);
    if (r->over >= 0)
        close(r->over);
    if (r->signals >= 0)
        close(r->signals);
    if (r->result->signal == 0) /* else it ends soon, and one signal more would take away what it prints then */
        hold_ends(r, false);
}

maru_status run_load(const load_options *options, bool shows, run_result *result, maru_error *error)
{
    run         r = {.options = options, .over = -1, .signals = -1, .result = result, .shows = shows};
    maru_status status;

    *result = (run_result){0};
    if (shows && !progress_begin(&r.progress, &options->plan, options->open)) {
        progress_end(&r.progress, NULL);
        return out_of(error, "memory");
    }
    if ((status = set_up(&r, error)) == MARU_OK)
        status = go(&r, error);
    if (shows)
        progress_end(&r.progress, r.drive != NULL ? stderr : NULL);
    tear_down(&r);
    return status;
}

void run_result_free(run_result *result)
{
    tally_free(result->tally);
    free(result->all);
    *result = (run_result){0};
}
