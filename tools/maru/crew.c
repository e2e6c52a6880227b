/* crew.c: steps all workers of maru up on one timer, prints the ready line, and ends when all have ended. */
#include "crew.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "duration.h"

enum { CUT_MS = 1000, STATE_AGAIN_MS = 500, ANNOUNCE_MS = 2000, RETURN_CANNOT = 1 };

static void on_timer(uv_timer_t *timer);

static bool all_are(const crew *c, child_state state)
{
    for (size_t i = 0; i < c->count; i++)
        if (!c->workers[i].left_out && c->workers[i].child.state != state)
            return false;
    return true;
}

/* Whether it is written. A pipe that others made non-blocking is waited for, though not for long: nothing is supervised
 * meanwhile. */
static bool put_line(const char *line, size_t size)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    int64_t       until = clock_now_ms() + ANNOUNCE_MS;
    size_t        done = 0;

    while (done < size) {
        ssize_t wrote = write(STDOUT_FILENO, line + done, size - done);
        int64_t left = until - clock_now_ms();

        if (wrote > 0)
            done += (size_t)wrote;
        else if (wrote == 0 || (errno != EINTR && errno != EAGAIN) || left <= 0)
            return false;
        else if (errno == EAGAIN)
            poll(&out, 1, (int)left);
    }
    return true;
}

static void announce(crew *c)
{
    char   url[STATE_URLS_MAX];
    char  *line = NULL;
    size_t size = 0;
    FILE  *out = open_memstream(&line, &size);

    c->announced = true;
    c->ready_by = INT64_MAX;
    if (out == NULL)
        return;
    fprintf(out, "ready");
    for (size_t i = 0; i < c->count; i++)
        if (!c->workers[i].left_out)
            fprintf(out, " %s=%s", c->workers[i].found.name, worker_url(&c->workers[i], url));
    fprintf(out, "\n");
    fclose(out);
    if (!put_line(line, size))
        merge_say(c->shop.log, "maru up", "stdout is closed or full; all are ready");
    free(line);
}

/* What can't be written now, on a disk that is full, is written once it can be: nothing else need change before. */
static void write_state(crew *c)
{
    state_row *rows = calloc(c->count, sizeof *rows);
    size_t     count = 0;
    maru_error error = {0};
    bool       failed = rows == NULL;

    for (size_t i = 0; !failed && i < c->count; i++)
        if (!c->workers[i].left_out)
            rows[count++] = worker_row(&c->workers[i]);
    failed = failed || state_write(c->state_path, rows, count, &error) != MARU_OK;
    if (failed && c->state_ms == INT64_MAX)
        merge_say(c->shop.log, "maru up", "maru ps is not up to date: %s", rows == NULL ? "out of memory" : error.text);
    else if (!failed && c->state_ms != INT64_MAX)
        merge_say(c->shop.log, "maru up", "maru ps is up to date again");
    c->state_ms = failed ? shop_now() + STATE_AGAIN_MS : INT64_MAX;
    free(rows);
}

static worker *hopeless(const crew *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (worker_is_hopeless(&c->workers[i]))
            return &c->workers[i];
    return NULL;
}

/* The edge, where somebody took its port while it was being started. Where nobody asked for that port, the others run
 * without it, as they do where it was taken before. */
static bool goes_without(crew *c, worker *w)
{
    char words[EDGE_WORDS];

    if (strcmp(w->found.name, EDGE_NAME) != 0 || w->exit_status != RETURN_CANNOT || !edge_refused(c->shop.edge, words))
        return false;
    merge_say(c->shop.log, "maru up", "%s", words);
    if (c->shop.edge->address == NULL)
        worker_leave_out(w);
    return w->left_out;
}

static void give_up(crew *c, const worker *w)
{
    lock_say(c->shop.held, LOCK_STOPPING, NULL); /* the next one waits for the end of this one */
    merge_say(c->shop.log, "maru up", "%s cannot run (see above); stops all", w->found.name);
    c->exit = RETURN_CANNOT;
    crew_stop(c);
}

/* A person or a script waits for the ready line, and has waited long enough. */
static void give_up_waiting(crew *c)
{
    char limit[32];

    for (size_t i = 0; i < c->count; i++)
        if (!c->workers[i].left_out && c->workers[i].child.state != CHILD_READY)
            worker_tell(&c->workers[i], c->shop.ready_ms);
    lock_say(c->shop.held, LOCK_STOPPING, NULL);
    merge_say(c->shop.log, "maru up", "not all are ready within %s (--ready-timeout); stops all",
              duration_format(c->shop.ready_ms, limit));
    c->exit = RETURN_CANNOT;
    crew_stop(c);
}

static void finish_if_done(crew *c)
{
    if (!all_are(c, CHILD_ENDED))
        return;
    if (c->shop.lives == NULL)
        uv_stop(c->shop.loop);
    else if (c->cut_ms == INT64_MAX)
        c->cut_ms = shop_now() + CUT_MS;
}

static void look(crew *c)
{
    worker *w;

    write_state(c);
    if (c->stopping)
        finish_if_done(c);
    else if ((w = hopeless(c)) != NULL && !goes_without(c, w))
        give_up(c, w);
    else if (!c->announced && all_are(c, CHILD_READY))
        announce(c);
}

/* Does what is due; returns when to come again. */
static int64_t crew_step(crew *c)
{
    int64_t next;

    if (shop_now() >= c->cut_ms) {
        workshop_cut(&c->shop);
        c->cut_ms = shop_now() + CUT_MS;
    }
    if (shop_now() >= c->state_ms)
        write_state(c);
    if (shop_now() >= c->ready_by)
        give_up_waiting(c);
    next = c->cut_ms < c->state_ms ? c->cut_ms : c->state_ms;
    next = next < c->ready_by ? next : c->ready_by;
    for (size_t i = 0; i < c->count; i++) {
        int64_t at = worker_step(&c->workers[i]);

        next = at < next ? at : next;
    }
    return next;
}

static void come_at(crew *c, int64_t at_ms)
{
    int64_t now = shop_now();

    uv_update_time(c->shop.loop);
    if (at_ms == INT64_MAX)
        uv_timer_stop(&c->timer);
    else
        uv_timer_start(&c->timer, on_timer, at_ms > now ? (uint64_t)(at_ms - now) : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    crew   *c = timer->data;
    bool    changed = c->changed;
    int64_t next;

    c->changed = false;
    if (changed)
        look(c);
    next = crew_step(c);
    come_at(c, c->changed ? 0 : next);
}

static void on_changed(void *arg)
{
    crew *c = arg;

    c->changed = true;
    come_at(c, 0);
}

maru_status crew_open(crew *c, const workshop *shop, const char *state_path, const found_service *found, size_t count,
                      maru_error *error)
{
    maru_status status = MARU_OK;

    *c = (crew){.shop = *shop,
                .state_path = state_path,
                .ready_by = shop_now() + shop->ready_ms,
                .cut_ms = INT64_MAX,
                .state_ms = INT64_MAX};
    c->shop.changed = on_changed;
    c->shop.arg = c;
    if ((c->workers = calloc(count, sizeof *c->workers)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    uv_timer_init(shop->loop, &c->timer);
    c->timer.data = c;
    for (; c->count < count && status == MARU_OK; c->count += status == MARU_OK)
        status = worker_open(&c->workers[c->count], &c->shop, &found[c->count], error);
    come_at(c, 0);
    return status;
}

void crew_stop(crew *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->stopping)
            worker_kill(&c->workers[i], "had not stopped yet, and all were told a second time");
        else
            worker_stop(&c->workers[i]);
    }
    c->stopping = true;
    c->ready_by = INT64_MAX;
    on_changed(c);
}

void crew_close(crew *c)
{
    for (size_t i = 0; i < c->count; i++)
        worker_close(&c->workers[i]);
    uv_close((uv_handle_t *)&c->timer, NULL);
    uv_run(c->shop.loop, UV_RUN_DEFAULT);
    free(c->workers);
}
