/* fleet.c: see fleet.h. */
#include "fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_MS = 60000, LINE = 512, PACK_MS = 20, ENVIRONMENT = 8 };

/* A free port. */
#define FIRST_HTTP "127.0.0.1:0"

static const struct ship_row {
    const char *name;
    bool        store;
} ships[SHIP_COUNT] = {
#define X(id, name, store) {name, store},
    FLEET_TABLE(X)
#undef X
};

const char *fleet_ship_name(fleet_ship ship)
{
    return ships[ship].name;
}

const char *fleet_step_name(fleet_step step)
{
    static const char *const names[] = {
#define X(id, name) name,
        FLEET_STEPS(X)
#undef X
            "any moment",
    };

    return names[step];
}

const char *fleet_url(const fleet *f, fleet_ship ship, char url[static 256])
{
    snprintf(url, 256, "ipc://%s/%s.sock", f->data, ships[ship].name);
    return url;
}

/* ---- starting ---- */

enum { WORDS_MAX = 64 };

typedef struct words {
    char  text[WORDS_MAX][512];
    char *argv[WORDS_MAX + 1];
    int   count;
} words;

static void add(words *w, const char *format, const char *a, const char *b)
{
    snprintf(w->text[w->count], sizeof w->text[0], format, a, b);
    w->argv[w->count] = w->text[w->count];
    w->argv[++w->count] = NULL;
}

/* Every process is told where every other is; a service takes only those that it calls. */
static const struct needs {
    fleet_ship  ship;
    const char *peers[8];
} needs[] = {
    {SHIP_CART, {"catalog", "checkout"}},
    {SHIP_CHECKOUT, {"cart", "catalog", "inventory", "payment", "shipping"}},
    {SHIP_INVENTORY, {"checkout", "shipping"}},
    {SHIP_PAYMENT, {"checkout", "inventory", "shipping", "provider"}},
    {SHIP_SHIPPING, {"checkout", "inventory", "payment"}},
    {SHIP_EDGE, {"catalog", "cart", "checkout", "inventory", "payment", "shipping"}},
};

static void command_line(const fleet *f, fleet_ship ship, words *w)
{
    char url[256], pack_ms[16];

    *w = (words){.count = 0};
    add(w, "%s/%s", f->bin, ships[ship].name);
    add(w, "--data%s%s", "", "");
    add(w, "%s%s", f->data, "");
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        for (int j = 0; needs[i].ship == ship && j < 8 && needs[i].peers[j] != NULL; j++) {
            char peer[400];

            for (int k = 0; k < SHIP_COUNT; k++)
                if (strcmp(ships[k].name, needs[i].peers[j]) == 0) {
                    snprintf(peer, sizeof peer, "%s=%s", needs[i].peers[j], fleet_url(f, (fleet_ship)k, url));
                    add(w, "--peer%s%s", "", "");
                    add(w, "%s%s", peer, "");
                }
        }
    add(w, "--listen%s%s", "", "");
    add(w, "%s%s", fleet_url(f, ship, url), "");
    if (ship == SHIP_SHIPPING) {
        snprintf(pack_ms, sizeof pack_ms, "%d", f->pack_ms);
        add(w, "--pack-ms%s%s", "", ""), add(w, "%s%s", pack_ms, "");
        add(w, "--deliver-ms%s%s", "", ""), add(w, "20%s%s", "", "");
    }
    if (ship == SHIP_EDGE)
        add(w, "--http%s%s", "", ""), add(w, "%s%s", f->http, "");
}

/* Waits for its line; the pipe stays open for as long as it runs, and its other output is its own business. */
static bool wait_ready(fleet *f, fleet_ship ship, int fd)
{
    char          line[LINE];
    size_t        size = 0;
    struct pollfd in = {.fd = fd, .events = POLLIN};

    while (size < sizeof line - 1 && poll(&in, 1, READY_MS) == 1) {
        ssize_t got = read(fd, line + size, 1);

        if (got <= 0)
            return false;
        if (line[size++] != '\n')
            continue;
        line[size] = '\0';
        if (strncmp(line, "ready ", 6) == 0) {
            const char *http = strstr(line, "http://");

            /* The first time; it gets the same again, and shoppers read it. */
            if (ship == SHIP_EDGE && http != NULL && strcmp(f->http, FIRST_HTTP) == 0)
                snprintf(f->http, sizeof f->http, "%.*s", (int)strcspn(http + 7, " \n/"), http + 7);
            return true;
        }
        size = 0;
    }
    return false;
}

/* What tells sanitizers how to run. */
static void pass_on(char *environment[static ENVIRONMENT])
{
    int count = 2;

    for (char **at = environ; *at != NULL && count < ENVIRONMENT - 1; at++)
        if (strstr(*at, "SAN_OPTIONS=") != NULL)
            environment[count++] = *at;
    environment[count] = NULL;
}

static bool spawn_ship(fleet *f, fleet_ship ship, const char *faults)
{
    posix_spawn_file_actions_t actions;
    char                       variable[5000], log[512];
    char                      *environment[ENVIRONMENT] = {(char *)"PATH=/usr/bin:/bin", variable};
    words                      w;
    int                        out[2], failed;

    if (pipe2(out, O_CLOEXEC) != 0)
        return false;
    snprintf(variable, sizeof variable, "MARU_FAULTS=%s", faults);
    snprintf(log, sizeof log, "%s/%s.log", f->data, ships[ship].name);
    command_line(f, ship, &w);
    pass_on(environment);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    failed = posix_spawn(&f->pids[ship], w.argv[0], &actions, NULL, w.argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    if (failed) {
        fprintf(stderr, "soak: %s: %s\n", w.argv[0], strerror(failed));
        close(out[0]);
        f->pids[ship] = 0;
        return false;
    }
    if (wait_ready(f, ship, out[0])) {
        f->has_run[ship] = true;
        close(out[0]); /* it says no more on stdout */
        return true;
    }
    close(out[0]);
    return false;
}

static void forget(fleet *f, fleet_ship ship, fleet_step step)
{
    f->kills[ship][step]++;
    f->pids[ship] = 0;
    f->doomed[ship] = false;
}

static bool was_killed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool complain(const fleet *f, fleet_ship ship, int status)
{
    fprintf(stderr, "soak: %s ended with %s %d; its words are in %s/%s.log\n", ships[ship].name,
            WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
            f->data, ships[ship].name);
    return false;
}

/* One that is doomed may die before it is ready: then it is started again without its doom. */
static bool start_ship(fleet *f, fleet_ship ship, const char *faults, fleet_step step)
{
    int status;

    if (spawn_ship(f, ship, faults)) {
        f->doomed[ship] = *faults != '\0';
        return true;
    }
    if (f->pids[ship] == 0 || waitpid(f->pids[ship], &status, 0) < 0)
        return false;
    if (!was_killed(status) || *faults == '\0')
        return complain(f, ship, status);
    forget(f, ship, step);
    return start_ship(f, ship, "", STEP_NONE);
}

bool fleet_start(fleet *f, const char *bin, const char *data)
{
    *f = (fleet){.bin = bin, .data = data, .http = FIRST_HTTP, .pack_ms = PACK_MS};
    for (int i = 0; i < SHIP_COUNT; i++)
        if (!start_ship(f, (fleet_ship)i, "", STEP_NONE))
            return false;
    return true;
}

/* ---- dying ---- */

/* Signals one and waits for its end. False where it does not run: process 0 would be all of the test's own. */
static bool end_by(const fleet *f, fleet_ship ship, int signal, int *status)
{
    if (f->pids[ship] > 0)
        return kill(f->pids[ship], signal) == 0 && waitpid(f->pids[ship], status, 0) >= 0;
    fprintf(stderr, "%s does not run, and shall end\n", ships[ship].name);
    return false;
}

static bool end_now(fleet *f, fleet_ship ship)
{
    int status;

    if (!end_by(f, ship, SIGKILL, &status))
        return false;
    if (!was_killed(status))
        return complain(f, ship, status);
    forget(f, ship, STEP_NONE);
    return true;
}

bool fleet_kill(fleet *f, fleet_ship ship)
{
    return end_now(f, ship) && start_ship(f, ship, "", STEP_NONE);
}

/* Which step it dies at is in the name of the file that it leaves. */
bool fleet_doom(fleet *f, fleet_ship ship, fleet_step step, long count)
{
    char faults[4600];

    if (!ships[ship].store)
        return fleet_kill(f, ship);
    snprintf(faults, sizeof faults, "%s %s %ld %s/fault.%s.%s.%u", ships[ship].name, fleet_step_name(step), count,
             f->data, ships[ship].name, fleet_step_name(step), f->fault_files++);
    return end_now(f, ship) && start_ship(f, ship, faults, step);
}

/* The newest fault file of this ship tells. */
static fleet_step died_at(const fleet *f, fleet_ship ship)
{
    for (unsigned i = f->fault_files; i > 0; i--)
        for (int step = 0; step < STEP_COUNT; step++) {
            char path[4600];

            snprintf(path, sizeof path, "%s/fault.%s.%s.%u", f->data, ships[ship].name,
                     fleet_step_name((fleet_step)step), i - 1);
            if (access(path, F_OK) == 0)
                return (fleet_step)step;
        }
    return STEP_NONE;
}

bool fleet_fell(fleet *f, fleet_ship ship)
{
    int status;

    if (!end_by(f, ship, SIGTERM, &status))
        return false;
    if (was_killed(status))
        forget(f, ship, died_at(f, ship));
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return complain(f, ship, status);
    return start_ship(f, ship, "", STEP_NONE);
}

bool fleet_tend(fleet *f)
{
    for (int i = 0; i < SHIP_COUNT; i++) {
        int   status;
        pid_t ended = waitpid(f->pids[i], &status, WNOHANG);

        if (ended == 0)
            continue;
        if (ended < 0 || !was_killed(status))
            return complain(f, (fleet_ship)i, status);
        forget(f, (fleet_ship)i, died_at(f, (fleet_ship)i));
        if (!start_ship(f, (fleet_ship)i, "", STEP_NONE))
            return false;
    }
    return true;
}

bool fleet_calm(fleet *f)
{
    for (int i = 0; i < SHIP_COUNT; i++)
        if (!fleet_kill(f, (fleet_ship)i))
            return false;
    return fleet_tend(f);
}

bool fleet_launch(fleet *f, fleet_ship ship)
{
    return start_ship(f, ship, "", STEP_NONE);
}

bool fleet_halt(fleet *f, fleet_ship ship)
{
    int status;

    if (!end_by(f, ship, SIGTERM, &status))
        return false;
    f->pids[ship] = 0;
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) || complain(f, ship, status);
}

/* The edge first: nothing comes in any more. */
bool fleet_stop(fleet *f)
{
    bool clean = true;

    for (int i = SHIP_COUNT - 1; i >= 0; i--)
        if (f->pids[i] > 0)
            kill(f->pids[i], SIGTERM);
    for (int i = 0; i < SHIP_COUNT; i++) {
        int status;

        if (f->pids[i] > 0 && waitpid(f->pids[i], &status, 0) > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
            clean = complain(f, (fleet_ship)i, status);
        f->pids[i] = 0;
    }
    return clean;
}
