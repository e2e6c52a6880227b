/* worker.c: spawns one service, reads its pipes, checks its health, and starts it again when it ends. */
#include "worker.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "duration.h"
#include "environment.h"
#include "lines.h"

enum { CHECK_AGAIN_MS = 100, TELL_MS = 10000, PIPES = 2, READ_SIZE = 16384 };

/* One process, from its start until its handles are closed; it outlives its time as the worker's own. */
typedef struct life {
    struct life *next; /* in workshop.lives */
    worker      *owner;
    uv_process_t process;
    uv_pipe_t    pipes[PIPES]; /* stdout, stderr */
    lines        lines[PIPES];
    int          open; /* handles that are not closed */
} life;

int64_t shop_now(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

static void on_closed(uv_handle_t *handle)
{
    life  *l = handle->data;
    life **at = &l->owner->shop->lives;

    if (--l->open > 0)
        return;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    l->owner->shop->changed(l->owner->shop->arg);
    free(l);
}

static void life_close(life *l, uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    buf->base = malloc(READ_SIZE);
    buf->len = buf->base != NULL ? READ_SIZE : 0;
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    life  *l = stream->data;
    lines *from = &l->lines[stream == (uv_stream_t *)&l->pipes[1]];

    if (size > 0)
        lines_put(from, buf->base, (size_t)size);
    free(buf->base);
    if (size < 0) {
        lines_end(from);
        life_close(l, (uv_handle_t *)stream);
    }
}

static void worker_ask(worker *w)
{
    maru_error error;
    char       url[STATE_URLS_MAX];

    snprintf(url, sizeof url, "%.*s", (int)strcspn(w->urls, " "), w->urls);
    w->check_ms = INT64_MAX;
    if (checkup_ask(&w->checkup, url, &error) == MARU_OK)
        return;
    snprintf(w->words, sizeof w->words, "%.255s", error.text);
    w->check_ms = shop_now() + CHECK_AGAIN_MS;
}

static void on_health(void *arg, bool serving, const char *words)
{
    worker *w = arg;

    if (serving) {
        checkup_forget(&w->checkup);
        child_ready(&w->child);
        w->tell_ms = INT64_MAX;
    } else {
        snprintf(w->words, sizeof w->words, "%s", words);
        w->check_ms = shop_now() + CHECK_AGAIN_MS;
    }
    w->shop->changed(w->shop->arg);
}

/* No address has any; in up.state a tab would end it. */
static bool has_controls(const char *line)
{
    while (*line != '\0' && (unsigned char)*line >= ' ' && *line != 0x7f)
        line++;
    return *line != '\0';
}

/* "ready NAME URL...": its addresses. */
static bool take_ready(worker *w, const char *line)
{
    char        head[STATE_NAME_MAX + 16];
    const char *tcp;

    snprintf(head, sizeof head, "ready %s ", w->found.name);
    if (w->urls[0] != '\0' || strncmp(line, head, strlen(head)) != 0 || has_controls(line))
        return false;
    snprintf(w->urls, sizeof w->urls, "%s", line + strlen(head));
    edge_stay(&w->found, w->urls);
    if ((tcp = strstr(w->urls, "tcp://")) != NULL)
        snprintf(w->tcp_url, sizeof w->tcp_url, "%.*s", (int)strcspn(tcp, " "), tcp);
    worker_ask(w);
    w->shop->changed(w->shop->arg);
    return true;
}

static void on_out_line(void *arg, const char *line, size_t size)
{
    life *l = arg;

    if (l->owner->life != l || !take_ready(l->owner, line))
        merge_line(l->owner->shop->log, l->owner->found.name, line, size);
}

static void on_err_line(void *arg, const char *line, size_t size)
{
    life *l = arg;

    merge_line(l->owner->shop->log, l->owner->found.name, line, size);
}

static void tell_end(const worker *w, int64_t status, int signal_number)
{
    char how[96];

    /* One that had no time yet to take the signal as a wish ends of it: we sent it. */
    if (w->child.state == CHILD_STOPPING && status == 0 &&
        (signal_number == 0 || (signal_number == SIGTERM && w->urls[0] == '\0')))
        return;
    if (signal_number != 0)
        snprintf(how, sizeof how, "was ended by signal %d (%s)", signal_number, strsignal(signal_number));
    else
        snprintf(how, sizeof how, "ended with status %" PRId64, status);
    merge_say(w->shop->log, "maru up", "%s %s", w->found.name, how);
}

bool worker_is_hopeless(const worker *w)
{
    return w->child.state == CHILD_WAITING && !w->child.was_ready && w->child.restarts > 0 && w->exit_status < 128;
}

void worker_leave_out(worker *w)
{
    w->left_out = true;
    worker_stop(w);
    w->shop->changed(w->shop->arg);
}

static void worker_ended(worker *w)
{
    checkup_forget(&w->checkup);
    child_ended(&w->child, shop_now());
    w->life = NULL;
    w->urls[0] = '\0';
    w->check_ms = w->tell_ms = INT64_MAX;
    w->started_wall_ms = 0;
    if (w->child.state == CHILD_WAITING && !worker_is_hopeless(w))
        merge_say(w->shop->log, "maru up", "%s starts again in %.1f s", w->found.name,
                  (double)(w->child.next_ms - shop_now()) / 1000);
    w->shop->changed(w->shop->arg);
}

static void on_process_exit(uv_process_t *process, int64_t status, int signal_number)
{
    life   *l = process->data;
    worker *w = l->owner;

    tell_end(w, status, signal_number);
    w->exit_status = signal_number != 0 ? 128 + signal_number : (int)status;
    life_close(l, (uv_handle_t *)process);
    worker_ended(w);
}

static life *life_new(worker *w)
{
    life *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->owner = w;
    l->open = 1 + PIPES;
    l->process.data = l;
    for (int i = 0; i < PIPES; i++) {
        uv_pipe_init(w->shop->loop, &l->pipes[i], 0);
        l->pipes[i].data = l;
    }
    l->lines[0] = (lines){.take = on_out_line, .arg = l};
    l->lines[1] = (lines){.take = on_err_line, .arg = l};
    l->next = w->shop->lives;
    w->shop->lives = l;
    return l;
}

static int life_spawn(life *l, char **argv, char **environment)
{
    const uv_stdio_flags made = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    uv_stdio_container_t stdio[] = {{.flags = UV_IGNORE},
                                    {.flags = made, .data.stream = (uv_stream_t *)&l->pipes[0]},
                                    {.flags = made, .data.stream = (uv_stream_t *)&l->pipes[1]}};
    uv_process_options_t options = {.file = argv[0],
                                    .args = argv,
                                    .env = environment,
                                    .exit_cb = on_process_exit,
                                    .stdio = stdio,
                                    .stdio_count = 3,
                                    .flags = UV_PROCESS_DETACHED}; /* a session of its own */

    return uv_spawn(l->owner->shop->loop, &l->process, &options);
}

static void life_read(life *l)
{
    for (int i = 0; i < PIPES; i++)
        uv_read_start((uv_stream_t *)&l->pipes[i], on_alloc, on_read);
}

static void worker_failed(worker *w, life *l, const char *why)
{
    merge_say(w->shop->log, "maru up", "%s could not be started: %s: %s", w->found.name, w->found.program, why);
    w->exit_status = 127;
    if (l != NULL) {
        life_close(l, (uv_handle_t *)&l->process);
        for (int i = 0; i < PIPES; i++)
            life_close(l, (uv_handle_t *)&l->pipes[i]);
    }
    worker_ended(w);
}

enum { COMMAND_WORDS = 11 };

/* Its command line; NULL where memory is out. What it points to lives as long as the arguments and w. */
static char **command_line(const worker *w, const char *pid, const char *ipc)
{
    const char *tcp = w->tcp_url[0] != '\0' ? w->tcp_url : "tcp://127.0.0.1:0"; /* the same port after a restart */
    const char *words[COMMAND_WORDS] = {w->found.program, "--data", w->shop->dir.data, "--supervised", pid,
                                        "--listen",       ipc};
    size_t      count = 7, more = 0;
    char      **line;

    if (w->shop->tcp) {
        words[count++] = "--listen";
        words[count++] = tcp;
    }
    if (w->shop->config != NULL) {
        words[count++] = "--config";
        words[count++] = w->shop->config;
    }
    while (w->found.more != NULL && w->found.more[more] != NULL)
        more++;
    if ((line = calloc(count + more + 1, sizeof *line)) == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        line[i] = (char *)words[i];
    for (size_t i = 0; i < more; i++)
        line[count + i] = w->found.more[i];
    return line;
}

static void worker_start(worker *w)
{
    char       socket[PATH_MAX], ipc[PATH_MAX + 8], pid[24], **line = NULL, **environment;
    maru_error error;
    life      *l = NULL;
    int        fault = 0;

    if (paths_in_run(w->shop->dir.run, w->found.name, NULL, ".sock", socket, &error) != MARU_OK) {
        worker_failed(w, NULL, error.text);
        return;
    }
    snprintf(ipc, sizeof ipc, "ipc://%s", socket);
    snprintf(pid, sizeof pid, "%d", getpid());
    environment = environment_for(w->shop->all, w->shop->all_count, &w->found);
    line = command_line(w, pid, ipc);
    if (environment == NULL || line == NULL || (l = life_new(w)) == NULL)
        fault = UV_ENOMEM;
    else
        fault = life_spawn(l, line, environment);
    free(environment);
    free(line);
    if (fault != 0) {
        worker_failed(w, l, uv_strerror(fault));
        return;
    }
    w->life = l;
    w->started_wall_ms = clock_wall_ms();
    w->tell_ms = shop_now() + TELL_MS;
    snprintf(w->words, sizeof w->words, "it has not said that it is ready");
    child_started(&w->child, shop_now());
    life_read(l);
    w->shop->changed(w->shop->arg);
}

maru_status worker_open(worker *w, workshop *shop, const found_service *found, maru_error *error)
{
    int fault;

    *w = (worker){.shop = shop, .found = *found, .child = child_new(shop_now()), .check_ms = INT64_MAX};
    w->tell_ms = INT64_MAX;
    if ((fault = checkup_open(&w->checkup, shop->loop, shop->runtime, on_health, w)) != 0)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: %s", found->name, uv_strerror(fault));
    return MARU_OK;
}

void worker_tell(const worker *w, int64_t ms)
{
    char after[32];

    duration_format(ms, after);
    if (w->child.state == CHILD_WAITING && w->child.restarts == 0)
        merge_say(w->shop->log, "maru up", "%s is not ready after %s: it was not started yet", w->found.name, after);
    else if (w->child.state == CHILD_WAITING)
        merge_say(w->shop->log, "maru up", "%s is not ready after %s: it ended whenever it was started: %u times",
                  w->found.name, after, w->child.restarts);
    else
        merge_say(w->shop->log, "maru up", "%s is not ready after %s: %s", w->found.name, after, w->words);
}

static void tell_due(worker *w, int64_t now)
{
    if (now < w->tell_ms)
        return;
    worker_tell(w, now - w->child.started_ms);
    w->tell_ms = now + TELL_MS;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t worker_step(worker *w)
{
    int64_t      now = shop_now();
    child_action action = child_due(&w->child, now);

    if (action == CHILD_START)
        worker_start(w);
    else if (action == CHILD_KILL)
        worker_kill(w, "did not stop in time");
    if (now >= w->check_ms)
        worker_ask(w);
    tell_due(w, now);
    return sooner(w->child.next_ms, sooner(w->check_ms, w->tell_ms));
}

void worker_stop(worker *w)
{
    w->check_ms = w->tell_ms = INT64_MAX;
    checkup_forget(&w->checkup);
    if (child_stop(&w->child, shop_now()) && w->life != NULL)
        uv_process_kill(&w->life->process, SIGTERM);
}

void worker_kill(worker *w, const char *why)
{
    if (w->life == NULL)
        return;
    merge_say(w->shop->log, "maru up", "%s %s; killed", w->found.name, why);
    uv_process_kill(&w->life->process, SIGKILL);
}

const char *worker_url(const worker *w, char out[static STATE_URLS_MAX])
{
    const char *at = strstr(w->urls, "http://");

    at = at != NULL ? at : w->shop->tcp ? strstr(w->urls, "tcp://") : NULL;
    at = at != NULL ? at : w->urls;
    snprintf(out, STATE_URLS_MAX, "%.*s", (int)strcspn(at, " "), at);
    return out;
}

state_row worker_row(const worker *w)
{
    state_row row = {.pid = w->life != NULL ? w->life->process.pid : 0,
                     .state = w->child.state,
                     .restarts = w->child.restarts,
                     .started_ms = w->started_wall_ms};

    snprintf(row.name, sizeof row.name, "%s", w->found.name);
    snprintf(row.urls, sizeof row.urls, "%s", w->urls);
    return row;
}

void worker_close(worker *w)
{
    checkup_close(&w->checkup);
}

void workshop_cut(workshop *shop)
{
    for (life *l = shop->lives; l != NULL; l = l->next)
        for (int i = 0; i < PIPES; i++) {
            if (!uv_is_closing((uv_handle_t *)&l->pipes[i]))
                lines_end(&l->lines[i]);
            life_close(l, (uv_handle_t *)&l->pipes[i]);
        }
}
