/* poll_transport.c: streams and listeners on sockets that a poller knows. See poll_transport.h. Of the strand. */
#include "transport/poll_transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/poller.h"
#include "transport/tcp_address.h"

typedef struct pending {
    maru_io_done done; /* NULL: nothing under way */
    void        *arg;
    void        *bytes;
    size_t       size;
} pending;

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
    poller_forget(&s->base);
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
        if ((failed = poller_watch(p, &s->base)) == 0) {
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
    if (l->base.place == UINT32_MAX && (failed = poller_watch(l->base.poller, &l->base)) != 0) {
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
        poller_forget(&l->base);
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

const maru_poll poll_transport = {
    .transport = &transport, .start = poller_start, .deliver = poller_deliver, .stop = poller_stop};
