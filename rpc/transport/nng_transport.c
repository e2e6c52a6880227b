/* nng_transport.c: see nng_transport.h and the contract in maru/seam.h.
 *
 * nng calls back on its task threads. Rules kept here (measured; docs/architecture.md): nothing is stopped, waited for
 * or freed inside an aio's own callback; from inside, a stream is closed, and once both callbacks are back its aios are
 * reaped by nng's own thread, which waits for a callback that still runs.
 */
#include "transport/nng_transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>
#include <nng/transport/ipc/ipc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "transport/nng_impl.h"
#include "transport/socket_lock.h"
#include "transport/tcp_address.h"
#include "transport/thread_room.h"

enum {
    THREADS_BESIDE = 1, /* what another program of the user takes meanwhile, and what nng takes beside stacks */
    EAI_MAX = 64,       /* getaddrinfo's errors are above -EAI_MAX */
};

struct maru_stream {
    nng_stream  *stream;
    nng_aio     *recv_aio, *send_aio;
    nng_aio     *now_aio; /* without a callback: what it does is done on our thread, or not at all */
    maru_io_done recv_done, send_done;
    void        *recv_arg, *send_arg;
};

struct maru_listener {
    nng_stream_listener *listener;
    nng_aio             *aio;
    maru_accepted        done;
    void                *arg;
    int                  held; /* the lock of an ipc socket's path; below 0: none */
    char                 url[256];
};

/* One table a fact: nng's errors as errno values. */
static const struct {
    int nng, errno_value;
} errors[] = {
    {NNG_EINTR, EINTR},
    {NNG_ENOMEM, ENOMEM},
    {NNG_EINVAL, EINVAL},
    {NNG_EBUSY, EBUSY},
    {NNG_ETIMEDOUT, ETIMEDOUT},
    {NNG_ECONNREFUSED, ECONNREFUSED},
    {NNG_ECLOSED, EPIPE},
    {NNG_EAGAIN, EAGAIN},
    {NNG_ENOTSUP, ENOTSUP},
    {NNG_EADDRINUSE, EADDRINUSE},
    {NNG_ENOENT, ENOENT},
    {NNG_EPROTO, EPROTO},
    {NNG_EUNREACHABLE, EHOSTUNREACH},
    {NNG_EADDRINVAL, EADDRNOTAVAIL},
    {NNG_EPERM, EACCES},
    {NNG_ECONNABORTED, ECONNABORTED},
    {NNG_ECONNRESET, ECONNRESET},
    {NNG_ECANCELED, ECANCELED},
    {NNG_ENOFILES, EMFILE},
    {NNG_ENOSPC, ENOSPC},
    {NNG_EEXIST, EEXIST},
    {NNG_ECONNSHUT, EPIPE},
    {NNG_ENOARG, EINVAL},
};

/* They are negative, and nng adds NNG_ESYSERR to them too. */
bool nng_is_of_lookup(int nng_error)
{
    return nng_error > NNG_ESYSERR - EAI_MAX && nng_error < NNG_ESYSERR;
}

int nng_errno_of(int nng_error)
{
    if (nng_error == 0)
        return 0;
    if (nng_error & NNG_ESYSERR)
        return nng_error & ~NNG_ESYSERR;
    if (nng_is_of_lookup(nng_error))
        return EADDRNOTAVAIL;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].nng == nng_error)
            return errors[i].errno_value;
    return EIO;
}

/* Streams. */

static void recv_callback(void *arg)
{
    maru_stream *s = arg;

    s->recv_done(s->recv_arg, nng_errno_of(nng_aio_result(s->recv_aio)), nng_aio_count(s->recv_aio));
}

static void send_callback(void *arg)
{
    maru_stream *s = arg;

    s->send_done(s->send_arg, nng_errno_of(nng_aio_result(s->send_aio)), nng_aio_count(s->send_aio));
}

static void stream_release(maru_stream *s)
{
    if (s->recv_aio != NULL)
        nng_aio_reap(s->recv_aio);
    if (s->send_aio != NULL)
        nng_aio_reap(s->send_aio);
    if (s->now_aio != NULL)
        nng_aio_reap(s->now_aio);
    nng_stream_free(s->stream);
    free(s);
}

/* Takes over the stream, or frees it. */
maru_stream *nng_stream_take(nng_stream *stream)
{
    maru_stream *s = calloc(1, sizeof *s);

    if (s == NULL) {
        nng_stream_free(stream);
        return NULL;
    }
    s->stream = stream;
    if (nng_aio_alloc(&s->recv_aio, recv_callback, s) != 0 || nng_aio_alloc(&s->send_aio, send_callback, s) != 0 ||
        nng_aio_alloc(&s->now_aio, NULL, NULL) != 0) {
        stream_release(s);
        return NULL;
    }
    return s;
}

static void stream_recv(maru_stream *s, void *into, size_t size, maru_io_done done, void *arg)
{
    nng_iov iov = {.iov_buf = into, .iov_len = size};

    s->recv_done = done;
    s->recv_arg = arg;
    nng_aio_set_iov(s->recv_aio, 1, &iov);
    nng_stream_recv(s->stream, s->recv_aio);
}

static void stream_send(maru_stream *s, const void *from, size_t size, maru_io_done done, void *arg)
{
    nng_iov iov = {.iov_buf = (void *)(uintptr_t)from, .iov_len = size};

    s->send_done = done;
    s->send_arg = arg;
    nng_aio_set_iov(s->send_aio, 1, &iov);
    nng_stream_send(s->stream, s->send_aio);
}

/* nng tries to read or write before it returns, and a callback would cost the wake-up of a task thread, even where it
 * is done by then. So it is begun without one and, if nothing could be done, called off: then nothing was (nng ends a
 * send or recv with its first byte). */
static int64_t finish_now(maru_stream *s)
{
    int failed;

    nng_aio_cancel(s->now_aio);
    nng_aio_wait(s->now_aio);
    if ((failed = nng_aio_result(s->now_aio)) == NNG_ECANCELED)
        return 0;
    return failed == 0 ? (int64_t)nng_aio_count(s->now_aio) : -nng_errno_of(failed);
}

static int64_t stream_send_now(maru_stream *s, const void *from, size_t size)
{
    nng_iov iov = {.iov_buf = (void *)(uintptr_t)from, .iov_len = size};

    nng_aio_set_iov(s->now_aio, 1, &iov);
    nng_stream_send(s->stream, s->now_aio);
    return finish_now(s);
}

static int64_t stream_recv_now(maru_stream *s, void *into, size_t size)
{
    nng_iov iov = {.iov_buf = into, .iov_len = size};

    nng_aio_set_iov(s->now_aio, 1, &iov);
    nng_stream_recv(s->stream, s->now_aio);
    return finish_now(s);
}

static void stream_close(maru_stream *s)
{
    nng_stream_close(s->stream);
}

static struct sockaddr_storage system_address(const nng_sockaddr *address)
{
    struct sockaddr_storage out = {.ss_family = AF_UNSPEC};

    if (address->s_family == NNG_AF_INET) {
        out.ss_family = AF_INET;
        memcpy(&((struct sockaddr_in *)&out)->sin_addr, &address->s_in.sa_addr, sizeof(struct in_addr));
    } else if (address->s_family == NNG_AF_INET6) {
        out.ss_family = AF_INET6;
        memcpy(&((struct sockaddr_in6 *)&out)->sin6_addr, address->s_in6.sa_addr, sizeof(struct in6_addr));
    }
    return out;
}

static void stream_peer(maru_stream *s, maru_peer *peer)
{
    uint64_t                uid, pid;
    nng_sockaddr            address;
    struct sockaddr_storage remote;

    *peer = (maru_peer){.uid = -1, .pid = -1};
    if (nng_stream_get_uint64(s->stream, NNG_OPT_IPC_PEER_UID, &uid) == 0) {
        peer->local = true;
        peer->uid = (int64_t)uid;
        if (nng_stream_get_uint64(s->stream, NNG_OPT_IPC_PEER_PID, &pid) == 0)
            peer->pid = (int64_t)pid;
        snprintf(peer->address, sizeof peer->address, "uid:%lld", (long long)peer->uid);
        return;
    }
    if (nng_stream_get_addr(s->stream, NNG_OPT_REMADDR, &address) != 0)
        address.s_family = NNG_AF_UNSPEC;
    remote = system_address(&address);
    tcp_address_say(&remote, peer->address, sizeof peer->address);
}

/* What dialing and listening share. */

const char *nng_ipc_path(const char *url)
{
    return strncmp(url, "ipc://", 6) == 0 ? url + 6 : NULL;
}

maru_status nng_check_url(const char *url, maru_error *error)
{
    const char *path = nng_ipc_path(url);
    size_t      longest = sizeof((struct sockaddr_un *)0)->sun_path - 1;

    if (path != NULL) {
        if (*path == 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want ipc:///PATH", url);
        if (strlen(path) > longest)
            return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                  "%s: a socket's path has at most %zu bytes, this has %zu", url, longest,
                                  strlen(path));
        return MARU_OK;
    }
    if (strncmp(url, "tcp://", 6) == 0 && strrchr(url + 6, ':') != NULL)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want tcp://HOST:PORT or ipc:///PATH", url);
}

/* As many as nng 1.5.2 makes at its first call: two a processor for tasks, at most 16; one a processor for what has run
 * out of time, at most 256; four that resolve names; one each that polls, reaps and keeps timers. */
static size_t threads_wanted(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (processors < 1)
        processors = 1;
    return (size_t)(processors < 8 ? 2 * processors : 16) + (size_t)(processors < 256 ? processors : 256) + 4 + 3;
}

maru_status nng_transport_prepare(maru_error *error)
{
    size_t   want = threads_wanted() + THREADS_BESIDE;
    int      why, failed;
    size_t   room = thread_room(want, &why);
    nng_aio *aio;

    if (room < want)
        return maru_error_set(
            error, MARU_RESOURCE_EXHAUSTED,
            "threads: want %zu for the network, only %zu can be made (%s): what limits them is ulimit "
            "-v (their stacks), ulimit -u, or pids.max of the cgroup",
            want, room, strerror(why));
    if ((failed = nng_aio_alloc(&aio, NULL, NULL)) != 0)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the network: %s", nng_strerror(failed));
    nng_aio_free(aio);
    return MARU_OK;
}

/* Listening. */

static void accept_callback(void *arg)
{
    maru_listener *l = arg;
    int            error = nng_errno_of(nng_aio_result(l->aio));
    maru_stream   *stream = NULL;

    if (error == 0 && (stream = nng_stream_take(nng_aio_get_output(l->aio, 0))) == NULL)
        error = ENOMEM;
    l->done(l->arg, error == EPIPE ? ECANCELED : error, stream);
}

/* The path is gone by now: it may be another's. */
static void let_go(maru_listener *l)
{
    socket_lock_drop(l->held, l->held < 0 ? NULL : nng_ipc_path(l->url));
    l->held = -1;
}

static void listener_release(maru_listener *l)
{
    if (l->aio != NULL)
        nng_aio_reap(l->aio);
    if (l->listener != NULL)
        nng_stream_listener_free(l->listener);
    let_go(l);
    free(l);
}

/* The address as it is bound: a port of 0 was replaced. */
static void note_url(maru_listener *l, const char *url)
{
    int port = 0;

    if (nng_ipc_path(url) == NULL && nng_stream_listener_get_int(l->listener, NNG_OPT_TCP_BOUND_PORT, &port) == 0)
        snprintf(l->url, sizeof l->url, "%.*s:%d", (int)(strrchr(url, ':') - url), url, port);
}

static maru_status listen_failed(const char *url, int failed, maru_error *error)
{
    int code = nng_errno_of(failed);

    return tcp_address_failed(url, code, code == EIO ? nng_strerror(failed) : strerror(code), error);
}

/* nng removes what is in the way of a socket, whatever it is: so only what is one may be there. */
static maru_status hold_path(maru_listener *l, maru_error *error)
{
    const char *path = nng_ipc_path(l->url);

    if (path == NULL)
        return MARU_OK;
    if ((l->held = socket_lock_take(path)) >= 0)
        return socket_path_check(path, error);
    if (l->held == -EEXIST)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%.200s.bound: want nothing or an empty file there, which is a lock, has bytes", path);
    return tcp_address_failed(l->url, -l->held, strerror(-l->held), error);
}

static maru_status start_listen(void *self, const char *url, maru_listener **out, maru_error *error)
{
    maru_listener *l;
    maru_status    status = nng_check_url(url, error);
    int            failed;

    (void)self;
    if (status != MARU_OK)
        return status;
    if ((l = calloc(1, sizeof *l)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
    l->held = -1;
    snprintf(l->url, sizeof l->url, "%s", url);
    if ((failed = nng_stream_listener_alloc(&l->listener, url)) != 0 ||
        (failed = nng_aio_alloc(&l->aio, accept_callback, l)) != 0 || (status = hold_path(l, error)) != MARU_OK ||
        (failed = nng_stream_listener_listen(l->listener)) != 0) {
        listener_release(l);
        return status != MARU_OK ? status : listen_failed(url, failed, error);
    }
    note_url(l, url);
    *out = l;
    return MARU_OK;
}

static const char *listener_url(maru_listener *l)
{
    return l->url;
}

static void listener_accept(maru_listener *l, maru_accepted done, void *arg)
{
    l->done = done;
    l->arg = arg;
    nng_stream_listener_accept(l->listener, l->aio);
}

static void listener_close(maru_listener *l)
{
    nng_stream_listener_close(l->listener);
    let_go(l);
}

const maru_transport nng_transport = {
    .prepare = nng_transport_prepare,
    .dial = nng_dialing_start,
    .dial_cancel = nng_dialing_cancel,
    .dial_release = nng_dialing_release,
    .listen = start_listen,
    .listener_url = listener_url,
    .accept = listener_accept,
    .listener_close = listener_close,
    .listener_release = listener_release,
    .recv = stream_recv,
    .send = stream_send,
    .recv_now = stream_recv_now,
    .send_now = stream_send_now,
    .close = stream_close,
    .release = stream_release,
    .peer = stream_peer,
};
