/* merge.c: queues lines of many processes, and writes them to stderr on a thread of its own. */
#include "merge.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct merge {
    int             fd, width;
    pthread_t       thread;
    pthread_mutex_t mutex;
    pthread_cond_t  changed;
    char           *filling, *writing; /* MERGE_LIMIT each, swapped by the thread */
    size_t          used;
    size_t          lost; /* lines */
    bool            ending, idle;
};

static void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);

        if (wrote < 0 && errno != EINTR)
            return; /* nobody reads it any more */
        bytes += wrote > 0 ? wrote : 0;
        size -= wrote > 0 ? (size_t)wrote : 0;
    }
}

/* With the mutex held; takes what is there. */
static size_t take(merge *m)
{
    char  *full = m->filling;
    size_t size = m->used;

    m->filling = m->writing;
    m->writing = full;
    m->used = 0;
    return size;
}

static void *run(void *arg)
{
    merge *m = arg;
    size_t size;

    pthread_mutex_lock(&m->mutex);
    for (;;) {
        while (m->used == 0 && !m->ending) {
            m->idle = true;
            pthread_cond_broadcast(&m->changed);
            pthread_cond_wait(&m->changed, &m->mutex);
        }
        m->idle = false;
        if ((size = take(m)) == 0)
            break;
        pthread_mutex_unlock(&m->mutex);
        write_all(m->fd, m->writing, size);
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

void merge_line(merge *m, const char *name, const char *line, size_t size)
{
    char note[96];

    pthread_mutex_lock(&m->mutex);
    if (m->lost > 0) {
        snprintf(note, sizeof note, "%zu lines are missing here: stderr was not read", m->lost);
        if (append(m, "maru up", note, strlen(note)))
            m->lost = 0;
    }
    if (m->lost > 0 || !append(m, name, line, size))
        m->lost++;
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
