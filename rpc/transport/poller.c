/* poller.c: waits in epoll on a thread, and delivers to the strand which sockets became ready. */
#include "transport/poller.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"

enum { EVENTS = 128, PLACES = 64 };

#define STOP_EVENT UINT64_MAX

struct poller {
    int       fd, stop_fd;
    pthread_t thread;
    void (*ready)(void *arg);
    void *arg;

    /* Of the thread until it says ready, then of the strand until that has delivered. */
    struct epoll_event events[EVENTS];
    int                event_count;
    pthread_mutex_t    mutex;
    pthread_cond_t     cond;
    bool               delivered;

    /* Of the strand. */
    polled  **places;
    uint32_t *generations;
    uint32_t  place_count, free_hint;
};

/* The table. */

static bool grow(poller *p)
{
    uint32_t  count = p->place_count == 0 ? PLACES : 2 * p->place_count;
    polled  **places = realloc(p->places, count * sizeof *places);
    uint32_t *generations;

    if (places == NULL)
        return false;
    p->places = places;
    if ((generations = realloc(p->generations, count * sizeof *generations)) == NULL)
        return false;
    p->generations = generations;
    for (uint32_t i = p->place_count; i < count; i++) {
        p->places[i] = NULL;
        p->generations[i] = 0;
    }
    p->free_hint = p->place_count;
    p->place_count = count;
    return true;
}

static bool take_place(poller *p, polled *of)
{
    uint32_t i = p->free_hint;

    while (i < p->place_count && p->places[i] != NULL)
        i++;
    if (i == p->place_count && !grow(p))
        return false;
    p->places[i] = of;
    of->place = i;
    of->generation = ++p->generations[i];
    p->free_hint = i + 1;
    return true;
}

void poller_forget(polled *of)
{
    poller *p = of->poller;

    p->places[of->place] = NULL;
    if (of->place < p->free_hint)
        p->free_hint = of->place;
}

int poller_watch(poller *p, polled *of)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    int                failed;

    of->poller = p;
    if (!take_place(p, of))
        return ENOMEM;
    event.data.u64 = (uint64_t)of->generation << 32 | of->place;
    if (epoll_ctl(p->fd, EPOLL_CTL_ADD, of->fd, &event) == 0)
        return 0;
    failed = errno;
    poller_forget(of);
    return failed;
}

/* The thread. */

static bool wait_for_events(poller *p)
{
    int n;

    while ((n = epoll_wait(p->fd, p->events, EVENTS, -1)) <= 0)
        if (n < 0 && errno != EINTR)
            abort(); /* the descriptor is ours, and is open */
    p->event_count = n;
    for (int i = 0; i < n; i++)
        if (p->events[i].data.u64 == STOP_EVENT)
            return false;
    return true;
}

static void *poll_thread(void *arg)
{
    poller *p = arg;

    while (wait_for_events(p)) {
        p->delivered = false;
        p->ready(p->arg);
        pthread_mutex_lock(&p->mutex);
        while (!p->delivered)
            pthread_cond_wait(&p->cond, &p->mutex);
        pthread_mutex_unlock(&p->mutex);
    }
    return NULL;
}

static void take_event(poller *p, const struct epoll_event *event)
{
    uint32_t place = (uint32_t)event->data.u64, generation = (uint32_t)(event->data.u64 >> 32);
    polled  *of = place < p->place_count ? p->places[place] : NULL;

    if (of == NULL || of->generation != generation)
        return;
    of->readable |= (event->events & ~(uint32_t)EPOLLOUT) != 0;
    of->writable |= (event->events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0;
    of->ended |= (event->events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0;
    of->happened(of);
}

void poller_deliver(void *handle)
{
    poller *p = handle;

    for (int i = 0; i < p->event_count; i++)
        take_event(p, &p->events[i]);
    pthread_mutex_lock(&p->mutex);
    p->delivered = true;
    pthread_cond_signal(&p->cond);
    pthread_mutex_unlock(&p->mutex);
}

static void give_back(poller *p)
{
    if (p->fd >= 0)
        close(p->fd);
    if (p->stop_fd >= 0)
        close(p->stop_fd);
    free(p->places);
    free(p->generations);
    pthread_cond_destroy(&p->cond);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

static int start_thread(poller *p)
{
    struct epoll_event stop = {.events = EPOLLIN, .data.u64 = STOP_EVENT};

    if (p->fd < 0 || p->stop_fd < 0 || epoll_ctl(p->fd, EPOLL_CTL_ADD, p->stop_fd, &stop) != 0)
        return errno;
    return thread_start(&p->thread, poll_thread, p);
}

maru_status poller_start(void (*ready)(void *arg), void *arg, void **handle, maru_error *error)
{
    poller *p = malloc(sizeof *p);
    int     failed;

    if (p == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "waiting for connections: out of memory");
    *p = (poller){.fd = epoll_create1(EPOLL_CLOEXEC),
                  .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                  .ready = ready,
                  .arg = arg};
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->cond, NULL);
    if ((failed = start_thread(p)) != 0) {
        give_back(p);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "waiting for connections: %s", strerror(failed));
    }
    *handle = p;
    return MARU_OK;
}

void poller_stop(void *handle)
{
    poller  *p = handle;
    uint64_t one = 1;

    if (write(p->stop_fd, &one, sizeof one) != sizeof one)
        abort(); /* it counts to 1 */
    pthread_join(p->thread, NULL);
    give_back(p);
}
