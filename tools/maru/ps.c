/* ps.c: maru ps: which services run on a data folder, and how they are. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app/procfs.h"
#include "base/utf8.h"
#include "commands.h"
#include "duration.h"
#include "health.h"
#include "running.h"
#include "state.h"

enum { FLAG_PS_DATA = 1, FLAG_PS_JSON, ROWS_MAX = STATE_MAX + RUNNING_MAX };

/* One line: what the supervisor wrote, or else the lock of a service. A lock is always true; what the supervisor wrote
 * is not where the disk was full since, and then its children's locks say better. */
typedef struct ps_row {
    state_row state;
    bool      by_hand;
    bool      unseen; /* the supervisor, which started it, has not written of it yet */
    char      health[HEALTH_WORD_MAX], why[HEALTH_WHY_MAX];
} ps_row;

typedef struct ps_view {
    rundir      dir;
    lock_holder up; /* pid 0: no maru up runs */
    ps_row     *rows;
    size_t      count;
    bool        strange; /* who holds a lock is not known; it was said */
} ps_view;

static ps_row *row_with(const ps_view *view, int64_t pid)
{
    for (size_t i = 0; i < view->count; i++)
        if (view->rows[i].state.pid == pid)
            return &view->rows[i];
    return NULL;
}

static ps_row *row_named(const ps_view *view, const char *name)
{
    for (size_t i = 0; i < view->count; i++)
        if (strcmp(view->rows[i].state.name, name) == 0)
            return &view->rows[i];
    return NULL;
}

static ps_row row_of(const running *r)
{
    bool   serves = strchr(r->holder.words, ':') != NULL;
    ps_row row = {.by_hand = true,
                  .state = {.pid = r->holder.pid,
                            .started_ms = r->holder.since_ms,
                            .state = serves                       ? CHILD_READY
                                     : r->holder.words[0] != '\0' ? CHILD_STOPPING
                                                                  : CHILD_STARTING}};

    snprintf(row.state.name, sizeof row.state.name, "%.*s", STATE_NAME_MAX, r->name);
    snprintf(row.state.urls, sizeof row.state.urls, "%.*s", STATE_URLS_MAX - 1, serves ? r->holder.words : "");
    return row;
}

static maru_status read_supervised(ps_view *view, maru_error *error)
{
    char        path[PATH_MAX + 16];
    state_row  *rows = calloc(STATE_MAX, sizeof *rows);
    maru_status status;

    if (rows == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    snprintf(path, sizeof path, "%s/up.state", view->dir.data);
    if ((status = state_read(path, rows, STATE_MAX, &view->count, error)) == MARU_NOT_FOUND)
        status = MARU_OK; /* it has only just started */
    for (size_t i = 0; i < view->count; i++)
        view->rows[i] = (ps_row){.state = rows[i]};
    free(rows);
    return status;
}

/* Its row, where it has one that is of this process. */
static void read_lock(const command *self, ps_view *view, const running *r)
{
    ps_row     row = row_of(r), *old;
    int64_t    up = view->up.pid;
    maru_error error;

    if (r->holder.strange) {
        running_strange(&view->dir, r, &error);
        complain(self, "%s: %s", r->name, error.text);
        view->strange = true;
        return;
    }
    if (row_with(view, row.state.pid) != NULL)
        return;
    row.by_hand = up == 0 || procfs_parent(row.state.pid) != up;
    row.unseen = !row.by_hand;
    if (row.by_hand || (old = row_named(view, row.state.name)) == NULL) {
        view->rows[view->count++] = row;
        return;
    }
    row.state.restarts = old->state.restarts;
    *old = row;
}

/* What was written of a process that has ended since: that it runs no more is all that is known. */
static void strike_dead(ps_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        state_row *row = &view->rows[i].state;

        if (row->pid == 0 || procfs_start(row->pid) != 0)
            continue;
        row->pid = row->started_ms = 0;
        row->state = CHILD_WAITING;
        row->urls[0] = '\0';
    }
}

static maru_status read_locks(const command *self, ps_view *view, maru_error *error)
{
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0;
    maru_status status;

    if (list == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    status = running_list(&view->dir, list, RUNNING_MAX, &count, error);
    for (size_t i = 0; i < count; i++)
        read_lock(self, view, &list[i]);
    free(list);
    strike_dead(view);
    return status;
}

static maru_status view_open(const command *self, ps_view *view, const char *data, maru_error *error)
{
    char        path[PATH_MAX + 16];
    maru_status status = running_folder(data, &view->dir, error);

    if (status != MARU_OK)
        return status;
    if ((view->rows = calloc(ROWS_MAX, sizeof *view->rows)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    snprintf(path, sizeof path, "%s/up.lock", view->dir.data);
    status = lock_look(path, &view->up, error);
    if (status == MARU_OK)
        status = read_supervised(view, error);
    else if (status == MARU_NOT_FOUND)
        status = MARU_OK;
    return status == MARU_OK ? read_locks(self, view, error) : status;
}

/* Asks all that have an address, at once. */
static maru_status view_health(ps_view *view, maru_error *error)
{
    health_check *checks = calloc(view->count + 1, sizeof *checks);
    maru_status   status;

    if (checks == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    for (size_t i = 0; i < view->count; i++)
        snprintf(checks[i].url, sizeof checks[i].url, "%.*s", (int)strcspn(view->rows[i].state.urls, " "),
                 view->rows[i].state.urls);
    status = health_ask(checks, view->count, error);
    for (size_t i = 0; i < view->count; i++) {
        memcpy(view->rows[i].health, checks[i].word, sizeof checks[i].word);
        memcpy(view->rows[i].why, checks[i].why, sizeof checks[i].why);
        if (view->rows[i].unseen && strcmp(view->rows[i].health, "NOT_SERVING") == 0)
            view->rows[i].state.state = CHILD_STARTING; /* as maru up takes it */
    }
    free(checks);
    return status;
}

static const char *uptime(const ps_row *row, char out[static 32])
{
    return row->state.started_ms > 0 ? duration_format(clock_wall_ms() - row->state.started_ms, out) : "-";
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* Of what runs: 0 is no process, and to kill it, one's own group. */
static const char *pid_or_dash(const ps_row *row, char out[static 24])
{
    snprintf(out, 24, "%" PRId64, row->state.pid);
    return row->state.pid > 0 ? out : "-";
}

static void print_table(const ps_view *view, FILE *out)
{
    char age[32], pid[24];

    fprintf(out, "%-16s %8s %-9s %-12s %-10s %8s  %s\n", "NAME", "PID", "STATE", "HEALTH", "UPTIME", "RESTARTS",
            "ADDRESS");
    for (size_t i = 0; i < view->count; i++) {
        const ps_row *r = &view->rows[i];

        fprintf(out, "%-16s %8s %-9s %-12s %-10s ", r->state.name, pid_or_dash(r, pid),
                child_state_name(r->state.state), or_dash(r->health), uptime(r, age));
        if (r->by_hand)
            fprintf(out, "%8s  %s\n", "by hand", or_dash(r->state.urls));
        else
            fprintf(out, "%8u  %s\n", r->state.restarts, or_dash(r->state.urls));
    }
}

enum { STRING_MAX = PATH_MAX > STATE_URLS_MAX ? PATH_MAX : STATE_URLS_MAX };

/* A path may have any bytes, JSON is UTF-8. */
static void print_string(const char *bytes, FILE *out)
{
    char        clean[STRING_MAX];
    const char *text = utf8_clean(clean, sizeof clean, bytes);

    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned char)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_urls(const char *urls, FILE *out)
{
    char        copy[STATE_URLS_MAX], *rest = copy, *url;
    const char *between = "";

    snprintf(copy, sizeof copy, "%s", urls);
    fputc('[', out);
    while ((url = strsep(&rest, " ")) != NULL) {
        if (url[0] == '\0')
            continue;
        fputs(between, out);
        print_string(url, out);
        between = ",";
    }
    fputc(']', out);
}

static void print_json(const ps_view *view, FILE *out)
{
    fprintf(out, "{\"data\":");
    print_string(view->dir.data, out);
    fprintf(out, ",\"up_pid\":%" PRId64 ",\"services\":[", view->up.pid);
    for (size_t i = 0; i < view->count; i++) {
        const ps_row *r = &view->rows[i];

        fprintf(out, "%s\n  {\"name\":", i > 0 ? "," : "");
        print_string(r->state.name, out);
        fprintf(out, ",\"pid\":%" PRId64 ",\"state\":\"%s\",\"health\":\"%s\",\"uptime_ms\":%" PRId64, r->state.pid,
                child_state_name(r->state.state), r->health,
                r->state.started_ms > 0 ? clock_wall_ms() - r->state.started_ms : 0);
        fprintf(out, ",\"restarts\":%u,\"by_hand\":%s,\"urls\":", r->state.restarts, r->by_hand ? "true" : "false");
        print_urls(r->state.urls, out);
        fputc('}', out);
    }
    fprintf(out, "%s]}\n", view->count > 0 ? "\n" : "");
}

static int show(const command *self, const ps_view *view, bool json)
{
    output out;

    if (view->count == 0 && !view->strange)
        complain(self, "nothing runs on %s", view->dir.data);
    for (size_t i = 0; i < view->count; i++)
        if (view->rows[i].why[0] != '\0')
            complain(self, "%s: %s", view->rows[i].state.name, view->rows[i].why);
    output_open(&out);
    if (json)
        print_json(view, out.file);
    else if (view->count > 0)
        print_table(view, out.file);
    return output_finish(&out, self);
}

static int parse(const command *self, int argc, char **argv, const char **data, bool *json)
{
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_PS_DATA)
            *data = value;
        else if (which == FLAG_PS_JSON)
            *json = true;
        else
            return complain_usage(self, "\"%s\": want flags only", value);
    }
    return a.exit;
}

static int run(const command *self, int argc, char **argv)
{
    const char *data = NULL;
    bool        json = false;
    int         result = parse(self, argc, argv, &data, &json);
    ps_view     view = {0};
    maru_error  error;

    if (result >= 0)
        return result;
    if (view_open(self, &view, data, &error) == MARU_OK && view_health(&view, &error) == MARU_OK) {
        result = show(self, &view, json);
    } else {
        complain(self, "%s", error.text);
        result = EXIT_CANNOT;
    }
    free(view.rows);
    return result;
}

static const flag ps_flags[] = {
    FLAG_HELP,
    [FLAG_PS_DATA] = FLAG_DATA,
    [FLAG_PS_JSON] = {"json", 0, NULL, "print it as JSON"},
};

const command ps_command = {
    .name = "ps",
    .operands = "",
    .summary = "print which services run, and how they are",
    .more = "HEALTH is what each service answers right now; UNREACHABLE where it does not within a second, with why on "
            "stderr.\n"
            "Services that were started by hand on the same data folder are shown too.\n",
    .flags = ps_flags,
    .flag_count = sizeof ps_flags / sizeof *ps_flags,
    .run = run,
};
