/* up.c: maru up: runs services, and keeps them running. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config_check.h"
#include "app/lock.h"
#include "app/parent.h"
#include "app/stop.h"
#include "app/sweep.h"
#include "app/wishes.h"
#include "commands.h"
#include "crew.h"
#include "edge.h"
#include "maru/runtime.h"
#include "orphans.h"
#include "transport/nng_transport.h"
#include "up_settings.h"
#include "vet.h"

enum {
    FLAG_UP_DATA = 1,
    FLAG_UP_TCP,
    FLAG_UP_BIN,
    FLAG_UP_READY,
    FLAG_UP_EDGE,
    FLAG_UP_SUPERVISED,
    FLAG_UP_CONFIG,
    FLAG_UP_PRINT_CONFIG,
    SERVICES_MAX = STATE_MAX,
    LOG_FLUSH_MS = 1000
};

static const char own_name[] = "maru up";

typedef struct up_run {
    const command *self;
    up_settings    settings;
    const char    *parent; /* as given; NULL: not */
    const char   **names;  /* of argv; none: all */
    size_t         name_count;
    found_service *all, *found; /* all that stand there; those that are run */
    size_t         all_count, found_count;
    edge_plan      edge;
    rundir         dir;
    char           lock_path[PATH_MAX + 16], state_path[PATH_MAX + 16];
    lock           lock;
    uv_loop_t      loop;
    uv_signal_t    signals[3];
    wishes         wishes;
    workshop       shop;
    crew           crew;
} up_run;

/* The flags; what they say of settings goes to those. */
static int parse(up_run *run, int argc, char **argv)
{
    args        a = args_of(run->self, argc, argv);
    const char *value;
    maru_error  error;
    int         which;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_UP_SUPERVISED)
            run->parent = value;
        else if (which == FLAGS_WORD)
            run->names[run->name_count++] = value;
        else if (up_settings_flag(&run->settings, run->self->flags[which].name, value, &error) != MARU_OK)
            return complain_usage(run->self, "%s", error.text);
    }
    if (a.exit < 0 && run->parent != NULL && config_check_pid(run->parent) != NULL)
        return complain_usage(run->self, "--supervised: want %s, got \"%s\"", config_check_pid(run->parent),
                              run->parent);
    return a.exit;
}

/* What the command ends with, and says. */
static int cannot(const up_run *run, const maru_error *error)
{
    complain(run->self, "%s", error->text);
    return error->code == MARU_CANCELLED ? EXIT_FINE : EXIT_CANNOT; /* stopped as told */
}

static const char *setting(const up_run *run, const char *name)
{
    return up_settings_get(&run->settings, name);
}

/* Before anything begins: a service would find it out when all others run. */
static int check_edge(const up_run *run)
{
    const char *edge = setting(run, "edge"), *want = edge == NULL ? NULL : edge_check_address(edge);

    if (want == NULL)
        return -1;
    return complain_usage(run->self, "%s: want %s, got \"%s\"", up_settings_where(&run->settings, "edge"), want, edge);
}

static int read_settings(up_run *run)
{
    maru_error  error = {0};
    maru_status status = up_settings_read(&run->settings, &error);

    if (status == MARU_INVALID_ARGUMENT)
        return complain_usage(run->self, "%s", error.text);
    return status == MARU_OK ? check_edge(run) : cannot(run, &error);
}

static edge_plan plan_of(const up_run *run)
{
    return (edge_plan){.address = setting(run, "edge"),
                       .where = up_settings_where(&run->settings, "edge"),
                       .all = run->all,
                       .all_count = run->all_count,
                       .named = run->name_count > 0};
}

static const found_service *find(const up_run *run, const char *name)
{
    for (size_t i = 0; i < run->all_count; i++)
        if (strcmp(run->all[i].name, name) == 0)
            return &run->all[i];
    return NULL;
}

static int unknown_name(const up_run *run, const char *name)
{
    char words[DISCOVER_WORDS];

    return complain_usage(run->self, "%s: %s", name, discover_unknown(run->all, run->all_count, NULL, name, words));
}

static bool is_wanted(const up_run *run, const char *name)
{
    edge_plan plan = plan_of(run);

    if (strcmp(name, EDGE_NAME) == 0 && (edge_wanted(&plan) || edge_unwanted(&plan)))
        return edge_wanted(&plan);
    for (size_t i = 0; i < run->name_count; i++)
        if (strcmp(run->names[i], name) == 0)
            return true;
    return run->name_count == 0;
}

/* Puts into found those that were asked for. */
static int choose(up_run *run)
{
    for (size_t i = 0; i < run->name_count; i++)
        if (find(run, run->names[i]) == NULL)
            return unknown_name(run, run->names[i]);
    for (size_t i = 0; i < run->all_count; i++)
        if (is_wanted(run, run->all[i].name))
            run->found[run->found_count++] = run->all[i];
    if (run->found_count == 0)
        return complain_usage(run->self, "%s: none, and no other service is there or was named: nothing is left to run",
                              up_settings_where(&run->settings, "edge"));
    return -1;
}

static int discover(up_run *run)
{
    const char *bin = setting(run, "bin");
    maru_error  error;

    run->all = calloc(SERVICES_MAX, sizeof *run->all);
    run->found = calloc(SERVICES_MAX, sizeof *run->found);
    if (run->all == NULL || run->found == NULL) {
        complain(run->self, "out of memory");
        return EXIT_CANNOT;
    }
    if (discover_services(bin, run->all, SERVICES_MAX, &run->all_count, &error) != MARU_OK)
        return cannot(run, &error);
    if (run->all_count == 0) {
        complain(run->self, "no service stands %s%s", bin != NULL ? "in " : "beside maru", bin != NULL ? bin : "");
        return EXIT_CANNOT;
    }
    if (up_settings_check(&run->settings, run->all, run->all_count, &error) != MARU_OK)
        return complain_usage(run->self, "%s", error.text);
    return choose(run);
}

static void say_orphan(void *arg, const char *words)
{
    complain(arg, "%s", words);
}

static maru_status take_data(up_run *run, maru_error *error)
{
    static const orphans_times times = {.patience_ms = ORPHANS_PATIENCE_MS, .wait_ms = ORPHANS_PATIENCE_MS};
    maru_status                status = rundir_make(setting(run, "data"), &run->dir, error);

    if (status != MARU_OK)
        return status;
    sweep_runs(run->dir.run);
    snprintf(run->lock_path, sizeof run->lock_path, "%s/up.lock", run->dir.data);
    snprintf(run->state_path, sizeof run->state_path, "%s/up.state", run->dir.data);
    status = lock_take_patiently(&run->lock, run->lock_path, run->dir.data, ORPHANS_PATIENCE_MS, error);
    return status == MARU_OK ? orphans_end(&run->dir, &times, say_orphan, (void *)run->self, error) : status;
}

static maru_status settle_edge(up_run *run, maru_error *error)
{
    char        note[EDGE_WORDS];
    maru_status status;

    run->edge = plan_of(run);
    status = edge_settle(&run->edge, &run->dir, run->found, &run->found_count, note, error);

    if (*note != 0)
        complain(run->self, "%s", note);
    return status;
}

static void on_signal(uv_signal_t *handle, int number)
{
    up_run *run = handle->data;
    wish    told = wishes_take(&run->wishes, number, run->crew.stopping, shop_now());

    if (told == WISH_SAME)
        return;
    lock_say(&run->lock, LOCK_STOPPING, NULL);
    merge_say(run->shop.log, own_name, told == WISH_SECOND ? "%s again: kills all" : "%s: stops all",
              strsignal(number));
    crew_stop(&run->crew);
}

static void watch_signals(up_run *run)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uv_signal_init(&run->loop, &run->signals[i]);
        run->signals[i].data = run;
        if (numbers[i] != SIGHUP || !signals_leave_hangup())
            uv_signal_start(&run->signals[i], on_signal, numbers[i]);
    }
}

static void unwatch_signals(up_run *run)
{
    for (size_t i = 0; i < sizeof run->signals / sizeof *run->signals; i++)
        uv_close((uv_handle_t *)&run->signals[i], NULL);
}

static int name_width(const up_run *run)
{
    int width = (int)strlen(own_name);

    for (size_t i = 0; i < run->found_count; i++)
        width = (int)strlen(run->found[i].name) > width ? (int)strlen(run->found[i].name) : width;
    return width;
}

static void supervise(up_run *run, maru_error *error)
{
    run->shop.loop = &run->loop;
    run->shop.dir = run->dir;
    run->shop.tcp = up_settings_on(&run->settings, "tcp");
    run->shop.config = setting(run, "config");
    run->shop.edge = &run->edge;
    run->shop.all = run->all;
    run->shop.all_count = run->all_count;
    run->shop.ready_ms = up_settings_ready_ms(&run->settings);
    run->shop.held = &run->lock;
    merge_say(run->shop.log, own_name, "data %s; process %d; Ctrl-C stops all", run->dir.data, getpid());
    watch_signals(run);
    unlink(run->state_path); /* of one that was killed: where ours can't be written, it is not to be taken for ours */
    if (crew_open(&run->crew, &run->shop, run->state_path, run->found, run->found_count, error) == MARU_OK) {
        signals_release();
        uv_run(&run->loop, UV_RUN_DEFAULT);
        signals_hold(); /* what has stopped needs no telling, and has yet to put everything away */
    }
    unwatch_signals(run);
    crew_close(&run->crew);
    unlink(run->state_path);
}

static void serve_on_loop(up_run *run, maru_error *error)
{
    int fault;

    /* Its threads hold signals back as long as they live, since they are held now. */
    if (nng_transport_prepare(error) != MARU_OK)
        return;
    if ((fault = uv_loop_init(&run->loop)) != 0) {
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "loop: %s", uv_strerror(fault));
        return;
    }
    supervise(run, error);
    uv_loop_close(&run->loop);
}

/* Everything that stands is put down again, whatever came up. */
static int serve(up_run *run)
{
    maru_error error = {0};

    umask(077);
    if ((run->parent == NULL || parent_follow(run->parent, &error) == MARU_OK) && take_data(run, &error) == MARU_OK &&
        settle_edge(run, &error) == MARU_OK && maru_runtime_new(NULL, &run->shop.runtime, &error) == MARU_OK) {
        if ((run->shop.log = merge_new(STDERR_FILENO, name_width(run))) == NULL)
            maru_error_set(&error, MARU_RESOURCE_EXHAUSTED, "out of memory or threads");
        else
            serve_on_loop(run, &error);
    }
    if (run->shop.log != NULL)
        merge_finish(run->shop.log, LOG_FLUSH_MS);
    if (run->shop.runtime != NULL)
        maru_runtime_free(run->shop.runtime);
    lock_drop(&run->lock);
    sweep_leave(&run->dir);
    return error.code == MARU_OK ? run->crew.exit : cannot(run, &error);
}

/* What a service would say of its settings when it is started, before anything is started or made. */
static int vet_settings(const up_run *run)
{
    vet_plan    plan = {.found = run->found,
                        .count = run->found_count,
                        .all = run->all,
                        .all_count = run->all_count,
                        .data = setting(run, "data"),
                        .config = setting(run, "config")};
    maru_error  error;
    maru_status status = vet_services(&plan, &error);

    if (status == MARU_OK)
        return -1;
    return status == MARU_INVALID_ARGUMENT ? complain_usage(run->self, "%s", error.text) : cannot(run, &error);
}

/* Not those that a start would refuse. */
static int print_settings(up_run *run)
{
    int        result;
    maru_error error;
    rundir     dir;
    output     out;

    if ((result = discover(run)) >= 0 || (result = vet_settings(run)) >= 0)
        return result;
    output_open(&out);
    if (rundir_find(setting(run, "data"), &dir, &error) == MARU_OK &&
        up_settings_print(&run->settings, dir.data, out.file, &error) == MARU_OK)
        return output_finish(&out, run->self);
    output_discard(&out);
    return cannot(run, &error);
}

static int run_services(up_run *run)
{
    int result;

    signals_hold(); /* from here on there is something to put away: who waits looks for them, and gives up */
    result = discover(run);

    if (result < 0)
        result = vet_settings(run);
    return result < 0 ? serve(run) : result;
}

/* Nothing is begun while settings are read, or are printed, for which each service is asked. */
static void told_early(int number)
{
    static const char words[] = "maru up: told to stop before it had begun anything\n";
    struct pollfd     out = {.fd = STDERR_FILENO, .events = POLLOUT};
    ssize_t           said = 0;

    if (poll(&out, 1, 0) > 0)
        said = write(STDERR_FILENO, words, sizeof words - 1);
    _exit(said >= 0 ? EXIT_FINE : EXIT_CANNOT);
}

static int run(const command *self, int argc, char **argv)
{
    up_run    *up = calloc(1, sizeof *up);
    int        result = EXIT_CANNOT;
    maru_error error;

    signals_end(told_early);
    if (up == NULL || (up->names = calloc((size_t)argc + 1, sizeof *up->names)) == NULL) {
        complain(self, "out of memory");
    } else {
        up->self = self;
        up->lock.fd = up->dir.held = -1;
        if (up_settings_open(&up->settings, &error) != MARU_OK)
            complain(self, "%s", error.text);
        else if ((result = parse(up, argc, argv)) < 0 && (result = read_settings(up)) < 0)
            result = up_settings_on(&up->settings, "print-config") ? print_settings(up) : run_services(up);
        up_settings_close(&up->settings);
        if (up->found != NULL)
            edge_forget(up->found, up->found_count);
        free(up->all);
        free(up->found);
        free(up->names);
    }
    free(up);
    return result;
}

static const flag up_flags[] = {
    FLAG_HELP,
    [FLAG_UP_DATA] = FLAG_DATA,
    [FLAG_UP_TCP] = {"tcp", 0, NULL, "each service listens on a tcp port of 127.0.0.1 too"},
    [FLAG_UP_EDGE] = {"edge", 0, "HOST:PORT",
                      "where the edge serves HTTP; port 0 takes a free one; none: no edge (default: " EDGE_DEFAULT ")"},
    [FLAG_UP_BIN] = {"bin", 0, "DIR", "the folder of the services' programs (default: that of maru)"},
    [FLAG_UP_READY] = {"ready-timeout", 0, "TIME",
                       "how long all may take until they are ready, then all are stopped (default: " UP_READY_DEFAULT
                       ")"},
    [FLAG_UP_CONFIG] = {"config", 0, "FILE", "read settings from this file, and have the services read it"},
    [FLAG_UP_PRINT_CONFIG] =
        {"print-config", 0, NULL,
         "print its settings and where each came from, and end; what a start would refuse is refused"},
    [FLAG_UP_SUPERVISED] = {"supervised", 0, "PID", "stop when the parent process, which must be PID, ends"},
};

const command up_command = {
    .name = "up",
    .operands = "[NAME...]",
    .summary = "run all services, or those named, and keep them running",
    .more =
        "Prints `ready NAME=URL ...` on stdout when all of them serve; their logs, and its own words, go to stderr.\n"
        "The edge stands in that line by its HTTP address. Without --edge, where the default address is in use, it is "
        "not "
        "run,\n"
        "and it is said who has the address; the others run.\n"
        "Every 10 s it says of those that are not ready yet what they wait for; where that takes longer than\n"
        "--ready-timeout, all are stopped, and the status is 1. Until then one that recovers a large store has its "
        "time.\n"
        "One that dies is started again, after 0.1 s, doubling to 10 s. Ctrl-C or SIGTERM stops all, within 12 s;\n"
        "a second one, half a second later or more, kills them. They end with it however it ends.\n"
        "Services get its environment, and so their settings: MARU_PACK_MS=100 maru up is shipping's --pack-ms 100.\n"
        "In a file, key = value is for all services, what follows [shipping] for that one, what follows [up] for maru "
        "up.\n"
        "A flag wins over the environment (MARU_EDGE is --edge), and that over the file.\n",
    .flags = up_flags,
    .flag_count = sizeof up_flags / sizeof *up_flags,
    .run = run,
};
