/* app.c: see maru/app.h. What a service opens, in order, and how all of it is put down again. Main thread. */
#include "maru/app.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/buserror.h"
#include "app/faults.h"
#include "app/listen.h"
#include "app/opening.h"
#include "app/paths.h"
#include "app/peers.h"
#include "app/process_meter.h"
#include "app/rundir.h"
#include "app/scrape.h"
#include "app/settings.h"
#include "app/stdfds.h"
#include "app/stop.h"
#include "app/sweep.h"
#include "base/log.h"
#include "runtime/rt.h"

enum {
    STOP_MORE_MS = 5000,                  /* beyond the server's drain */
    STOP_LIMIT_MS = 10000 + STOP_MORE_MS, /* by default */
    PATIENCE_MS = STOP_LIMIT_MS + 1000,   /* with one before us that is stopping */
    OTHER_FIBERS = 256,                   /* of jobs, and of requests for metrics */
};

/* The supervisor finds services by this note in their files, and starts nothing else to ask what it is. */
__asm__(".pushsection .note.maru,\"a\",%note\n"
        ".balign 4\n"
        ".long 5, 8, 1\n"
        ".asciz \"Maru\"\n"
        ".balign 4\n"
        ".asciz \"service\"\n"
        ".balign 4\n"
        ".popsection\n");

typedef struct held_lock {
    struct held_lock *next;
    lock              lock;
} held_lock;

typedef struct app_run {
    maru_app_context  context; /* first: maru_app_peer goes from it to the rest */
    const maru_app   *app;
    const char       *name; /* for words: "catalog" */
    config            config;
    rundir            dir;
    lock              self;  /* NAME.lock: no second one of this name and instance */
    held_lock        *locks; /* of further sockets */
    maru_client     **clients;
    const char      **client_names;
    size_t            client_count;
    bool              started;
    maru_events      *events;
    faults            faults;
    int64_t           drain_ms;
    process_meter     process;
    maru_http_server *scrape; /* NULL: nobody asked for it */
} app_run;

static size_t find_client(const app_run *run, const char *name)
{
    size_t i = 0;

    while (i < run->client_count && strcmp(run->client_names[i], name) != 0)
        i++;
    return i;
}

maru_client *maru_app_peer(const maru_app_context *context, const char *name)
{
    const app_run *run = (const app_run *)context;
    size_t         i = find_client(run, name);

    if (i < run->client_count)
        return run->clients[i];
    fprintf(stderr, "%s: maru_app_peer: \"%s\" is not among the service's peers\n", run->name, name);
    abort(); /* a mistake in the service's own tables, seen at its first start */
}

maru_client *maru_app_peer_at(const maru_app_context *context, size_t index, const char **name)
{
    const app_run *run = (const app_run *)context;

    if (index >= run->client_count)
        return NULL;
    *name = run->client_names[index];
    return run->clients[index];
}

const char *maru_app_setting(const maru_app_context *context, const char *name)
{
    const app_run *run = (const app_run *)context;
    config_key     key = config_find(&run->config, name);

    return (int)key == run->config.keys ? NULL : config_get(&run->config, key);
}

maru_http_options maru_app_http_options(const maru_app_context *context)
{
    maru_http_options options = {0};

    config_take_limits(&((const app_run *)context)->config, LIMITS_HTTP, &options);
    return options;
}

static maru_status open_self(app_run *run, maru_error *error)
{
    const char *instance = config_get(&run->config, CONFIG_INSTANCE);
    char        path[PATH_MAX];
    maru_status status = paths_in_run(run->dir.run, run->name, instance, ".lock", path, error);

    return status == MARU_OK ? lock_take_patiently(&run->self, path, run->dir.data, PATIENCE_MS, error) : status;
}

/* Enough for all that the limits of servers let run: those are settings, and have words of their own; and calls,
 * however many, leave some for the service's own jobs. */
static size_t fibers_wanted(const app_run *run)
{
    maru_server_options server = {0};
    maru_http_options   http = {0};

    config_take_limits(&run->config, LIMITS_SERVER, &server);
    config_take_limits(&run->config, LIMITS_HTTP, &http);
    return server.max_calls_total + http.max_connections + OTHER_FIBERS;
}

static maru_status open_runtime(app_run *run, maru_error *error)
{
    maru_runtime_options options = {.service = run->name,
                                    .max_fibers = fibers_wanted(run),
                                    .log = config_get(&run->config, CONFIG_LOG_LEVEL),
                                    .log_json = strcmp(config_get(&run->config, CONFIG_LOG_FORMAT), "json") == 0};

    if (faults_read(&run->faults, getenv("MARU_FAULTS"), run->app->name, error))
        options.seam = &run->faults.seam;
    if (error->code == MARU_OK && maru_runtime_new(&options, &run->context.runtime, error) == MARU_OK)
        rt_prepare_transport(run->context.runtime, error); /* before the store takes what address space there is */
    return error->code;
}

static maru_status open_process(app_run *run, maru_error *error)
{
    const char *instance = config_get(&run->config, CONFIG_INSTANCE);

    run->process = (process_meter){
        .service = run->name, .instance = instance != NULL ? instance : "", .version = run->app->version};
    process_meter_open(&run->process, run->context.runtime);
    (void)error;
    return MARU_OK;
}

/* What they need is in the store: without one it would never be told, or forgotten. */
static maru_status check_no_events(const maru_app *app, maru_error *error)
{
    if ((app->consumers == NULL || app->consumers->producer == NULL) &&
        (app->timers == NULL || app->timers->kind == NULL) && (app->tasks == NULL || app->tasks->kind == NULL))
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "consumers, timers and tasks need tables, and there are none");
}

static maru_status open_store(app_run *run, maru_error *error)
{
    const maru_app    *app = run->app;
    char               path[PATH_MAX + CONFIG_NAME_MAX + 2];
    maru_store_options options = {.path = path,
                                  .service = app->name,
                                  .version = app->store_version,
                                  .migrate = app->migrate,
                                  .tables = app->tables,
                                  .shared = config_is_set(&run->config, CONFIG_SHARED)};

    if (app->tables == NULL)
        return check_no_events(app, error);
    config_take_limits(&run->config, LIMITS_STORE, &options);
    snprintf(path, sizeof path, "%s/%s", run->dir.data, app->name);
    return maru_store_open(run->context.runtime, &options, &run->context.store, error);
}

static maru_status open_server(app_run *run, maru_error *error)
{
    maru_server_options options = {.name = run->name, .instance = config_get(&run->config, CONFIG_INSTANCE)};
    maru_status         status;

    config_take_limits(&run->config, LIMITS_SERVER, &options);
    run->drain_ms = options.drain_ms;
    status = maru_server_new(run->context.runtime, &options, &run->context.server, error);
    if (status == MARU_OK && run->context.store != NULL)
        maru_server_keep_replies(run->context.server, run->context.store);
    return status;
}

/* Services of one application come and go together: their peers are tried again soon. */
static const maru_client_options peer_options = {.backoff_first_ms = 20, .backoff_max_ms = 1000};

static size_t count_peers(const app_run *run)
{
    size_t count = 0;

    while (peers_at(run->app, count) != NULL)
        count++;
    for (const config_value *v = run->config.values[CONFIG_PEER]; run->app->any_peers && v != NULL; v = v->next)
        count++;
    return count;
}

static maru_status open_peer(app_run *run, const char *name, maru_error *error)
{
    size_t      i = run->client_count;
    maru_status status =
        maru_client_new(run->context.runtime, config_peer(&run->config, name), &peer_options, &run->clients[i], error);

    run->client_names[i] = name;
    run->client_count += status == MARU_OK;
    return status;
}

/* Those that --peer names beside the service's own. */
static maru_status open_named_peers(app_run *run, maru_error *error)
{
    maru_status status = MARU_OK;

    for (const config_value *v = run->config.values[CONFIG_PEER]; v != NULL && status == MARU_OK; v = v->next) {
        const char *name = maru_arena_printf(run->config.arena, "%.*s", (int)strcspn(v->text, "="), v->text);

        if (name == NULL)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "peers: out of memory");
        if (find_client(run, name) == run->client_count)
            status = open_peer(run, name, error);
    }
    return status;
}

static maru_status open_peers(app_run *run, maru_error *error)
{
    size_t      count = count_peers(run);
    maru_status status = MARU_OK;

    run->clients = maru_arena_zalloc(run->config.arena, (count + 1) * sizeof *run->clients);
    run->client_names = maru_arena_zalloc(run->config.arena, (count + 1) * sizeof *run->client_names);
    if (run->clients == NULL || run->client_names == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "peers: out of memory");
    for (size_t i = 0; peers_at(run->app, i) != NULL && status == MARU_OK; i++)
        status = open_peer(run, peers_at(run->app, i), error);
    return status == MARU_OK && run->app->any_peers ? open_named_peers(run, error) : status;
}

static maru_status open_service(app_run *run, maru_error *error)
{
    maru_status status = MARU_OK;

    if (run->app->start != NULL)
        status = run->app->start(&run->context, run->app->user, error);
    run->started = status == MARU_OK;
    return status;
}

static maru_client *producer_of(void *arg, const char *name)
{
    return maru_app_peer(arg, name);
}

/* After the service's own start, which makes what tasks and transactions look at. */
static maru_status open_events(app_run *run, maru_error *error)
{
    const maru_app     *app = run->app;
    maru_events_options options = {.runtime = run->context.runtime,
                                   .server = run->context.server,
                                   .store = run->context.store,
                                   .service = app->name,
                                   .consumers = app->consumers,
                                   .timers = app->timers,
                                   .tasks = app->tasks,
                                   .svc = app->user,
                                   .settings = app->user,
                                   .producer = producer_of,
                                   .arg = &run->context};

    return app->tables == NULL ? MARU_OK : maru_events_open(&options, &run->events, error);
}

static maru_status open_listeners(app_run *run, maru_error *error)
{
    for (const config_value *v = run->config.values[CONFIG_LISTEN]; v != NULL; v = v->next) {
        held_lock  *held = maru_arena_alloc(run->config.arena, sizeof *held);
        maru_status status;

        if (held == NULL)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", v->text);
        status = listen_on(run->context.server, v->text, &run->self, &held->lock, error);
        held->next = run->locks;
        run->locks = held;
        if (status != MARU_OK)
            return status;
    }
    return MARU_OK;
}

static maru_status open_scrape(app_run *run, maru_error *error)
{
    const char *address = config_get(&run->config, CONFIG_METRICS);
    maru_status status;

    if (address == NULL)
        return MARU_OK;
    if ((status = scrape_open(run->context.runtime, address, &run->scrape, error)) == MARU_OK)
        log_write(rt_log(run->context.runtime), LOG_APP, MARU_LOG_INFO,
                  LOG_FIELDS({"url", maru_http_url(run->scrape, 0), 0}), "metrics are at url, as /metrics");
    return status;
}

/* In this order, and none before those above it stand. */
static maru_status (*const app_steps[])(app_run *run, maru_error *error) = {
    open_self,  open_runtime, open_process, open_store,     open_server,
    open_peers, open_service, open_events,  open_listeners, open_scrape,
};

/* No handler runs any more when the server is gone; only then its service's own things, the clients and the store go.
 */
static void app_close(void *arg)
{
    app_run *run = arg;

    if (run->self.fd >= 0)
        lock_say(&run->self, LOCK_STOPPING, NULL);
    if (run->scrape != NULL)
        maru_http_free(run->scrape);
    maru_events_rest(run->events);
    if (run->context.server != NULL && !maru_server_drain(run->context.server))
        log_write(rt_log(run->context.runtime), LOG_APP, MARU_LOG_WARN, NULL,
                  "some calls did not end in time and were cut off");
    if (run->context.server != NULL)
        maru_server_free(run->context.server);
    maru_events_free(run->events);
    if (run->started && run->app->stop != NULL)
        run->app->stop(run->app->user);
    for (size_t i = 0; i < run->client_count; i++)
        maru_client_free(run->clients[i]);
    if (run->context.store != NULL)
        maru_store_close(run->context.store);
    if (run->process.meter.collect != NULL)
        process_meter_close(&run->process, run->context.runtime);
    if (run->context.runtime != NULL)
        maru_runtime_free(run->context.runtime);
    for (held_lock *held = run->locks; held != NULL; held = held->next)
        lock_drop(&held->lock);
    lock_drop(&run->self);
    sweep_leave(&run->dir);
}

/* "URL URL": what the ready line and the lock file say. */
static void join_urls(const app_run *run, char out[static LOCK_WORDS_MAX])
{
    const char *url;
    size_t      used = 0;

    out[0] = '\0';
    for (size_t i = 0; (url = maru_server_url(run->context.server, i)) != NULL && used < LOCK_WORDS_MAX; i++)
        used += (size_t)snprintf(out + used, LOCK_WORDS_MAX - used, "%s%s", i > 0 ? " " : "", url);
    for (size_t i = 0;
         run->app->address != NULL && (url = run->app->address(run->app->user, i)) != NULL && used < LOCK_WORDS_MAX;
         i++)
        used += (size_t)snprintf(out + used, LOCK_WORDS_MAX - used, " %s", url);
}

/* Who is ready with no file left lets nobody in, and can tell nobody. */
static maru_status has_room(maru_error *error)
{
    struct rlimit files;
    int           fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        close(fd);
        return MARU_OK;
    }
    getrlimit(RLIMIT_NOFILE, &files);
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED,
                          "no file is left for a connection: %s: %llu files may be open (ulimit -Hn)", strerror(errno),
                          (unsigned long long)files.rlim_cur);
}

static maru_status app_announce(void *arg, maru_error *error)
{
    app_run    *run = arg;
    char        urls[LOCK_WORDS_MAX];
    maru_status status;

    if ((status = has_room(error)) != MARU_OK)
        return status;
    join_urls(run, urls);
    if ((status = lock_say(&run->self, urls, error)) == MARU_OK) {
        printf("ready %s %s\n", run->name, urls);
        fflush(stdout);
    }
    return status;
}

static maru_status app_open(app_run *run, maru_error *error)
{
    maru_status status = rundir_make(config_get(&run->config, CONFIG_DATA), &run->dir, error);

    if (status == MARU_OK)
        status = settings_defaults(&run->config, run->app, &run->dir, error);
    for (size_t i = 0; i < sizeof app_steps / sizeof *app_steps && status == MARU_OK; i++)
        status = app_steps[i](run, error);
    return status;
}

/* A connection is a file; shells start programs with room for 1024 of them, and let them have more that ask. */
static void allow_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* LMDB takes 2 MiB and 1 MiB for each nested transaction, which all writes are: mapped for it alone and unmapped after
 * it, these cost more than the write (docs/performance.md). So malloc keeps that much, as deep as they nest, and what
 * is bigger goes back to the system; so does what a call has that is big (base/mapped.h). Left to itself, malloc would
 * keep anything up to 32 MiB that was needed once. */
static void keep_for_writes(void)
{
    enum { LISTS = 3 << 20, BIGGER = (2 << 20) + (64 << 10), DEEP = 3 };

    mallopt(M_MMAP_THRESHOLD, BIGGER);
    mallopt(M_TRIM_THRESHOLD, DEEP * LISTS);
}

static int app_serve(app_run *run)
{
    stop_plan   plan = {.name = run->name, .begin = app_announce, .stop = app_close, .arg = run};
    opening     open;
    maru_error  error = {0};
    maru_status status;
    int         result = 1;

    umask(077); /* data and sockets are the user's alone */
    signals_hold();
    bus_errors_say();
    allow_files();
    keep_for_writes();
    if ((status = opening_begin(&open, run->name, STOP_LIMIT_MS, &error)) == MARU_OK) {
        status = app_open(run, &error);
        opening_end(&open);
    }
    if (status != MARU_OK) {
        app_close(run);
    } else {
        plan.limit_ms = run->drain_ms + STOP_MORE_MS;
        if ((result = stop_wait(&plan, &error)) != 0)
            app_close(run);
    }
    if (error.code != MARU_OK)
        fprintf(stderr, "%s: %s\n", run->name, error.text);
    return error.code == MARU_CANCELLED ? EXIT_RAN : result; /* stopped as told, before it served */
}

int maru_app_main(const maru_app *app, int argc, char **argv)
{
    app_run    run = {.app = app, .name = app->name, .dir.held = -1, .self = {.fd = -1}};
    maru_error error = {0};
    int        result;

    stdfds_open();
    if (config_open(&run.config, &error) != MARU_OK) {
        fprintf(stderr, "%s: %s\n", app->name, error.text);
        return EXIT_CANNOT_RUN;
    }
    result = settings_read(&run.config, app, argc, argv);
    if (result == SETTINGS_SERVE)
        result = app_serve(&run);
    config_close(&run.config);
    return result;
}
