/* merge.c: queues lines of many processes, and writes them to stderr on a thread of its own. */
#include "merge.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nonblocking.h"
#include "state.h"

struct merge {
    int             fd, width;
    pthread_t       thread;
    pthread_mutex_t mutex;
    pthread_cond_t  changed;
    char           *filling, *writing; /* MERGE_LIMIT each, swapped by the thread */
    size_t          used;
    size_t          missed; /* lines for which there was no room behind those that fill */
    bool            ending, idle;
    /* The thread's own: lines that are missing and of which nothing was said yet. */
    size_t unread, unwritten;
    int    why;  /* errno of the last that was not written */
    bool   torn; /* the last line has no end */
};

/* Returns how much of it is there. A file takes a part where its disk is full. */
static size_t write_all(merge *m, const char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t wrote = write(m->fd, bytes + done, size - done);

        if (wrote < 0 && nonblocking_again(m->fd, POLLOUT))
            continue;
        if (wrote <= 0) {
            m->why = wrote < 0 ? errno : ENOSPC;
            break;
        }
        done += (size_t)wrote;
    }
    return done;
}

/* Whole lines. The one before them may be torn: it ends first. */
static size_t write_lines(merge *m, const char *lines, size_t size)
{
    size_t done;

    if (m->torn && write_all(m, "\n", 1) == 0)
        return 0;
    done = write_all(m, lines, size);
    m->torn = done > 0 && lines[done - 1] != '\n';
    return done;
}

static size_t count_lines(const char *at, size_t size)
{
    const char *end = at + size;
    size_t      count = 0;

    for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        count++;
    return count;
}

/* How many of the lines are not there. One that lacks nothing but its end is. */
static size_t count_lost(const char *lines, size_t size, size_t done)
{
    size_t end = done < size && lines[done] == '\n' ? 1 : 0;

    return count_lines(lines + done + end, size - done - end);
}

/* True where nothing is left to be said. What can't be written stays to be said. */
static bool tell(merge *m, size_t *lost, const char *how)
{
    char note[STATE_NAME_MAX + 192];
    int  size;

    if (*lost == 0)
        return true;
    size = snprintf(note, sizeof note, "%-*s | %zu %s missing here: stderr %s\n", m->width, "maru up", *lost,
                    *lost == 1 ? "line is" : "lines are", how);
    if (count_lost(note, (size_t)size, write_lines(m, note, (size_t)size)) > 0)
        return false;
    *lost = 0;
    return true;
}

static bool tell_all(merge *m)
{
    char how[128];

    snprintf(how, sizeof how, "could not be written: %s", strerror(m->why));
    return tell(m, &m->unwritten, how) && tell(m, &m->unread, "was not read");
}

/* Those that came before them and are missing are told of first: where that can't be, these are not written either. */
static void write_block(merge *m, size_t size, size_t missed)
{
    size_t done = tell_all(m) ? write_lines(m, m->writing, size) : 0;

    m->unwritten += count_lost(m->writing, size, done);
    m->unread += missed;
    if (done == size)
        tell_all(m);
}

/* With the mutex held; takes what is there. */
static size_t take(merge *m, size_t *missed)
{
    char  *full = m->filling;
    size_t size = m->used;

    m->filling = m->writing;
    m->writing = full;
    m->used = 0;
    *missed = m->missed;
    m->missed = 0;
    return size;
}

static void *run(void *arg)
{
    merge *m = arg;
    size_t size, missed;

    pthread_mutex_lock(&m->mutex);
    for (;;) {
        while (m->used == 0 && !m->ending) {
            m->idle = true;
            pthread_cond_broadcast(&m->changed);
            pthread_cond_wait(&m->changed, &m->mutex);
        }
        m->idle = false;
        if ((size = take(m, &missed)) == 0)
            break;
        pthread_mutex_unlock(&m->mutex);
        write_block(m, size, missed);
        pthread_mutex_lock(&m->mutex);
    }
    m->idle = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->mutex);
    return NULL;
}

static void release(merge *m)
{
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->mutex);
    free(m->filling);
    free(m->writing);
    free(m);
}

merge *merge_new(int fd, int width)
{
    pthread_condattr_t clock;
    merge             *m = malloc(sizeof *m);

    if (m == NULL)
        return NULL;
    *m = (merge){.fd = fd, .width = width, .filling = malloc(MERGE_LIMIT), .writing = malloc(MERGE_LIMIT)};
    pthread_mutex_init(&m->mutex, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&m->changed, &clock);
    pthread_condattr_destroy(&clock);
    if (m->filling != NULL && m->writing != NULL && pthread_create(&m->thread, NULL, run, m) == 0)
        return m;
    release(m);
    return NULL;
}

/* With the mutex held. false where there is no room. */
static bool append(merge *m, const char *name, const char *line, size_t size)
{
    size_t room = MERGE_LIMIT - m->used;
    size_t head = strlen(name) > (size_t)m->width ? strlen(name) : (size_t)m->width;

    if (head + strlen(" | ") + size + 1 >= room)
        return false;
    m->used += (size_t)snprintf(m->filling + m->used, room, "%-*s | ", m->width, name);
    memcpy(m->filling + m->used, line, size);
    m->used += size;
    m->filling[m->used++] = '\n';
    return true;
}

/* Behind one that is missing there is none before the thread has taken those that wait: what it says of it stands
 * where it is missing. */
void merge_line(merge *m, const char *name, const char *line, size_t size)
{
    pthread_mutex_lock(&m->mutex);
    if (m->missed > 0 || !append(m, name, line, size))
        m->missed++;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->mutex);
}

void merge_say(merge *m, const char *name, const char *format, ...)
{
    char    line[2048];
    va_list list;
    int     size;

    va_start(list, format);
    size = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    merge_line(m, name, line, size < (int)sizeof line ? (size_t)size : sizeof line - 1);
}

void merge_finish(merge *m, int64_t wait_ms)
{
    struct timespec until;
    bool            done;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += wait_ms % 1000 * 1000000;
    until.tv_sec += wait_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&m->mutex);
    m->ending = true;
    pthread_cond_broadcast(&m->changed);
    while (!(m->idle && m->used == 0) && pthread_cond_timedwait(&m->changed, &m->mutex, &until) == 0)
        ;
    done = m->idle && m->used == 0;
    pthread_mutex_unlock(&m->mutex);
    if (!done) { /* it is inside a write that does not end; it goes with the process */
        pthread_detach(m->thread);
        return;
    }
    pthread_join(m->thread, NULL);
    release(m);
}
