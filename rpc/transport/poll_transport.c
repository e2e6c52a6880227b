/* poll_transport.c: see poll_transport.h.
 *
 * A descriptor is told to epoll once, edge-triggered, so that no system call says again and again what is awaited: the
 * strand remembers of each whether it may be read and written, until a call says that it may not. Only the strand looks
 * at sockets and their table; the thread waits, and hands over what epoll said. A socket that ended meanwhile is known
 * by its generation.
 */
#include "transport/poll_transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/tcp_address.h"

enum { EVENTS = 128, PLACES = 64 };

#define STOP_EVENT UINT64_MAX

typedef struct pending {
    maru_io_done done; /* NULL: nothing under way */
    void        *arg;
    void        *bytes;
    size_t       size;
} pending;

/* What epoll is told of: a stream, or a listener. */
typedef struct polled {
    struct poller *poller;
    int            fd;
    uint32_t       place, generation;
    bool           readable, writable, ended; /* ended: the peer's end was told, and is read at once */
    void (*happened)(struct polled *p);
} polled;

struct maru_stream {
    polled  base;
    pending recv, send;
};

struct maru_listener {
    polled        base;
    maru_accepted done; /* NULL: no accept is under way */
    void         *arg;
    char          url[128];
};

typedef struct poller {
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
} poller;

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

static void leave_place(polled *of)
{
    poller *p = of->poller;

    p->places[of->place] = NULL;
    if (of->place < p->free_hint)
        p->free_hint = of->place;
}

/* 0, or an errno value: then nothing is left of it but its descriptor. */
static int watch(poller *p, polled *of)
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
    leave_place(of);
    return failed;
}

/* Streams. */

/* Bytes, 0 where it would block, or a negative errno value. Fewer bytes than there was room for were all there were,
 * unless the end is behind them. */
static int64_t read_now(maru_stream *s, void *into, size_t size)
{
    ssize_t n;

    if (!s->base.readable)
        return 0;
    do
        n = recv(s->base.fd, into, size, 0);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return -EPIPE;
    if (n < 0 && errno != EAGAIN)
        return -errno;
    s->base.readable = s->base.ended || (n > 0 && (size_t)n == size);
    return n > 0 ? n : 0;
}

static int64_t write_now(maru_stream *s, const void *from, size_t size)
{
    ssize_t n;

    if (!s->base.writable)
        return 0;
    do
        n = send(s->base.fd, from, size, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN)
        return -errno;
    s->base.writable = n >= 0;
    return n > 0 ? n : 0;
}

static void finish(pending *p, int64_t result)
{
    pending was = *p;

    if (result == 0)
        return;
    *p = (pending){0};
    was.done(was.arg, result < 0 ? (int)-result : 0, result < 0 ? 0 : (size_t)result);
}

static void try_recv(maru_stream *s)
{
    if (s->recv.done != NULL)
        finish(&s->recv, read_now(s, s->recv.bytes, s->recv.size));
}

static void try_send(maru_stream *s)
{
    if (s->send.done != NULL)
        finish(&s->send, write_now(s, s->send.bytes, s->send.size));
}

/* Who is called back only notes it: it is on its strand. So the stream is still there after the first. */
static void stream_happened(polled *base)
{
    try_recv((maru_stream *)base);
    try_send((maru_stream *)base);
}

static void stream_recv(maru_stream *s, void *into, size_t size, maru_io_done done, void *arg)
{
    s->recv = (pending){.done = done, .arg = arg, .bytes = into, .size = size};
    try_recv(s);
}

static void stream_send(maru_stream *s, const void *from, size_t size, maru_io_done done, void *arg)
{
    s->send = (pending){.done = done, .arg = arg, .bytes = (void *)(uintptr_t)from, .size = size};
    try_send(s);
}

static void stream_close(maru_stream *s)
{
    shutdown(s->base.fd, SHUT_RDWR);
    s->base.readable = s->base.writable = false;
    if (s->recv.done != NULL)
        finish(&s->recv, -ECANCELED);
    if (s->send.done != NULL)
        finish(&s->send, -ECANCELED);
}

static void stream_release(maru_stream *s)
{
    leave_place(&s->base);
    close(s->base.fd);
    free(s);
}

static void stream_peer(maru_stream *s, maru_peer *peer)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t               size = sizeof address;

    *peer = (maru_peer){.uid = -1, .pid = -1};
    getpeername(s->base.fd, (struct sockaddr *)&address, &size);
    tcp_address_say(&address, peer->address, sizeof peer->address);
}

/* Takes over the descriptor. */
static maru_stream *stream_new(poller *p, int fd)
{
    maru_stream *s = malloc(sizeof *s);
    int          on = 1, failed = ENOMEM;

    if (s != NULL) {
        *s = (maru_stream){.base = {.fd = fd, .readable = true, .writable = true, .happened = stream_happened}};
        if ((failed = watch(p, &s->base)) == 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return s;
        }
    }
    close(fd);
    free(s);
    errno = failed;
    return NULL;
}

/* Listening. */

static void accepted(maru_listener *l, int error, maru_stream *stream)
{
    maru_accepted done = l->done;

    l->done = NULL;
    done(l->arg, error, stream);
}

static void try_accept(polled *base)
{
    maru_listener *l = (maru_listener *)base;
    maru_stream   *stream;
    int            fd;

    if (l->done == NULL || !base->readable)
        return;
    if ((fd = accept4(base->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        stream = stream_new(base->poller, fd);
        accepted(l, stream == NULL ? errno : 0, stream);
    } else if (errno == EAGAIN) {
        base->readable = false;
    } else {
        accepted(l, errno, NULL);
    }
}

static maru_status start_listen(void *self, const char *url, maru_listener **out, maru_error *error)
{
    maru_listener *l = malloc(sizeof *l);
    maru_status    status;

    if (l == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
    *l = (maru_listener){.base = {.poller = self, .fd = -1, .place = UINT32_MAX, .happened = try_accept}};
    if ((status = tcp_address_listen(url, &l->base.fd, l->url, sizeof l->url, error)) != MARU_OK) {
        free(l);
        return status;
    }
    *out = l;
    return MARU_OK;
}

static const char *listener_url(maru_listener *l)
{
    return l->url;
}

/* The first is where the strand hears of it. */
static void listener_accept(maru_listener *l, maru_accepted done, void *arg)
{
    int failed;

    l->done = done;
    l->arg = arg;
    if (l->base.place == UINT32_MAX && (failed = watch(l->base.poller, &l->base)) != 0) {
        l->base.place = UINT32_MAX;
        accepted(l, failed, NULL);
        return;
    }
    l->base.readable = true;
    try_accept(&l->base);
}

static void listener_close(maru_listener *l)
{
    if (l->base.fd < 0)
        return;
    if (l->base.place != UINT32_MAX)
        leave_place(&l->base);
    l->base.place = UINT32_MAX;
    close(l->base.fd);
    l->base.fd = -1;
    if (l->done != NULL)
        accepted(l, ECANCELED, NULL);
}

static void listener_release(maru_listener *l)
{
    listener_close(l);
    free(l);
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

static void deliver(void *handle)
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

/* Signals are for the program's own threads. */
static int start_thread(poller *p)
{
    struct epoll_event stop = {.events = EPOLLIN, .data.u64 = STOP_EVENT};
    sigset_t           all, before;
    int                failed;

    if (p->fd < 0 || p->stop_fd < 0 || epoll_ctl(p->fd, EPOLL_CTL_ADD, p->stop_fd, &stop) != 0)
        return errno;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    failed = pthread_create(&p->thread, NULL, poll_thread, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static maru_status start(void (*ready)(void *arg), void *arg, void **handle, maru_error *error)
{
    poller *p = malloc(sizeof *p);
    int     failed;

    if (p == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "http: out of memory");
    *p = (poller){.fd = epoll_create1(EPOLL_CLOEXEC),
                  .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                  .ready = ready,
                  .arg = arg};
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->cond, NULL);
    if ((failed = start_thread(p)) != 0) {
        give_back(p);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "http: cannot wait for connections: %s",
                              strerror(failed));
    }
    *handle = p;
    return MARU_OK;
}

static void stop(void *handle)
{
    poller  *p = handle;
    uint64_t one = 1;

    if (write(p->stop_fd, &one, sizeof one) != sizeof one)
        abort(); /* it counts to 1 */
    pthread_join(p->thread, NULL);
    give_back(p);
}

static const maru_transport transport = {
    .listen = start_listen,
    .listener_url = listener_url,
    .accept = listener_accept,
    .listener_close = listener_close,
    .listener_release = listener_release,
    .recv = stream_recv,
    .send = stream_send,
    .recv_now = read_now,
    .send_now = write_now,
    .close = stream_close,
    .release = stream_release,
    .peer = stream_peer,
};

const maru_poll poll_transport = {.transport = &transport, .start = start, .deliver = deliver, .stop = stop};
