/* memory_transport.c: see memory_transport.h.
 */
#include "memory_transport.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_pair.h"

enum { ADDRESS_MAX = 64 };

/* Either an end of a pair, or a stream of the transport below. */
struct end {
    maru_stream *below;
    memory_pair *pair; /* NULL: it is the other's */
    int          side; /* reads way[side], writes way[!side] */
};

/* What a listener in memory has; those of the transport below are in below. */
struct memory_listener {
    maru_listener          *below;
    struct memory_listener *next;
    char                    url[ADDRESS_MAX];
    maru_accepted           done; /* an accept that waits */
    void                   *arg;
    struct end             *arrived; /* one that nobody accepted yet */
};

/* A dial of the transport below, whose stream is wrapped when it comes. */
typedef struct dialing {
    void         *below;
    maru_accepted done;
    void         *arg;
} dialing;

static struct {
    pthread_mutex_t         lock;
    struct memory_listener *first;
} here = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const maru_transport *below(void)
{
    return maru_seam_real()->transport;
}

static struct end *end_of(maru_stream *stream)
{
    return (struct end *)(void *)stream;
}

static maru_stream *stream_of(struct end *e)
{
    return (maru_stream *)(void *)e;
}

static struct end *end_new(maru_stream *stream, memory_pair *p, int side)
{
    struct end *e = malloc(sizeof *e);

    if (e != NULL)
        *e = (struct end){.below = stream, .pair = p, .side = side};
    return e;
}

static bool is_memory(const char *url)
{
    return strncmp(url, MEMORY_URL, sizeof MEMORY_URL - 1) == 0;
}

/* Bytes. */

static void recv_bytes(maru_stream *stream, void *into, size_t size, maru_io_done done, void *arg)
{
    const struct end *e = end_of(stream);

    if (e->pair == NULL)
        below()->recv(e->below, into, size, done, arg);
    else
        memory_pair_recv(e->pair, e->side, into, size, done, arg);
}

static void send_bytes(maru_stream *stream, const void *from, size_t size, maru_io_done done, void *arg)
{
    const struct end *e = end_of(stream);

    if (e->pair == NULL)
        below()->send(e->below, from, size, done, arg);
    else
        memory_pair_send(e->pair, e->side, from, size, done, arg);
}

static int64_t recv_now(maru_stream *stream, void *into, size_t size)
{
    const struct end *e = end_of(stream);

    return e->pair == NULL ? below()->recv_now(e->below, into, size)
                           : memory_pair_recv_now(e->pair, e->side, into, size);
}

static int64_t send_now(maru_stream *stream, const void *from, size_t size)
{
    const struct end *e = end_of(stream);

    return e->pair == NULL ? below()->send_now(e->below, from, size)
                           : memory_pair_send_now(e->pair, e->side, from, size);
}

static void close_stream(maru_stream *stream)
{
    const struct end *e = end_of(stream);

    if (e->pair == NULL)
        below()->close(e->below);
    else
        memory_pair_close(e->pair);
}

static void release_stream(maru_stream *stream)
{
    struct end *e = end_of(stream);

    if (e->pair == NULL)
        below()->release(e->below);
    else
        memory_pair_release(e->pair);
    free(e);
}

static void peer_of(maru_stream *stream, maru_peer *peer)
{
    const struct end *e = end_of(stream);

    if (e->pair == NULL)
        below()->peer(e->below, peer);
    else
        *peer = (maru_peer){.address = "this process"};
}

/* Connections. */

static bool ends_new(struct end *ends[2])
{
    memory_pair *p = memory_pair_new();

    ends[0] = end_new(NULL, p, 0);
    ends[1] = end_new(NULL, p, 1);
    if (p != NULL && ends[0] != NULL && ends[1] != NULL)
        return true;
    for (int i = 0; i < 2; i++) {
        if (p != NULL)
            memory_pair_release(p);
        free(ends[i]);
    }
    return false;
}

static void dialed_below(void *arg, int error, maru_stream *stream)
{
    const dialing *d = arg;
    struct end    *e = stream != NULL ? end_new(stream, NULL, 0) : NULL;

    d->done(d->arg, stream != NULL && e == NULL ? ENOMEM : error, e != NULL ? stream_of(e) : NULL);
}

static struct memory_listener *find(const char *url)
{
    struct memory_listener *l = here.first;

    while (l != NULL && strcmp(l->url, url) != 0)
        l = l->next;
    return l;
}

/* One connection at a time waits to be accepted: that is enough for one client a service. */
static int dial_memory(const char *url, struct end **mine)
{
    struct memory_listener *l;
    maru_accepted           done = NULL;
    void                   *arg = NULL;
    struct end             *ends[2];

    if (!ends_new(ends))
        return ENOMEM;
    pthread_mutex_lock(&here.lock);
    if ((l = find(url)) == NULL || l->arrived != NULL) {
        pthread_mutex_unlock(&here.lock);
        release_stream(stream_of(ends[0]));
        release_stream(stream_of(ends[1]));
        return ECONNREFUSED;
    }
    if ((done = l->done) == NULL)
        l->arrived = ends[1];
    arg = l->arg;
    l->done = NULL;
    pthread_mutex_unlock(&here.lock);
    if (done != NULL)
        done(arg, 0, stream_of(ends[1]));
    *mine = ends[0];
    return 0;
}

static void *dial(void *self, const char *url, maru_accepted done, void *arg, maru_error *error)
{
    dialing    *d = malloc(sizeof *d);
    struct end *mine = NULL;
    int         refused;

    (void)self;
    if (d == NULL) {
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "no memory to connect");
        return NULL;
    }
    *d = (dialing){.done = done, .arg = arg};
    if (is_memory(url)) {
        refused = dial_memory(url, &mine);
        done(arg, refused, mine != NULL ? stream_of(mine) : NULL);
        return d;
    }
    if ((d->below = below()->dial(maru_seam_real()->self, url, dialed_below, d, error)) == NULL) {
        free(d);
        return NULL;
    }
    return d;
}

static void dial_cancel(void *handle)
{
    const dialing *d = handle;

    if (d->below != NULL)
        below()->dial_cancel(d->below);
}

static void dial_release(void *handle)
{
    dialing *d = handle;

    if (d->below != NULL)
        below()->dial_release(d->below);
    free(d);
}

static maru_status listen_at(void *self, const char *url, maru_listener **listener, maru_error *error)
{
    struct memory_listener *l = calloc(1, sizeof *l);
    maru_status             status = MARU_OK;

    (void)self;
    if (l == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "no memory to listen");
    if (is_memory(url)) {
        snprintf(l->url, sizeof l->url, "%s", url);
        pthread_mutex_lock(&here.lock);
        l->next = here.first;
        here.first = l;
        pthread_mutex_unlock(&here.lock);
    } else {
        status = below()->listen(maru_seam_real()->self, url, &l->below, error);
    }
    if (status == MARU_OK)
        *listener = (maru_listener *)(void *)l;
    else
        free(l);
    return status;
}

static struct memory_listener *listener_of(maru_listener *listener)
{
    return (struct memory_listener *)(void *)listener;
}

static const char *listener_url(maru_listener *listener)
{
    const struct memory_listener *l = listener_of(listener);

    return l->below != NULL ? below()->listener_url(l->below) : l->url;
}

static void accepted_below(void *arg, int error, maru_stream *stream)
{
    const struct memory_listener *l = arg;
    struct end                   *e = stream != NULL ? end_new(stream, NULL, 0) : NULL;

    l->done(l->arg, stream != NULL && e == NULL ? ENOMEM : error, e != NULL ? stream_of(e) : NULL);
}

static void accept_at(maru_listener *listener, maru_accepted done, void *arg)
{
    struct memory_listener *l = listener_of(listener);
    struct end             *arrived;

    if (l->below != NULL) {
        l->done = done;
        l->arg = arg;
        below()->accept(l->below, accepted_below, l);
        return;
    }
    pthread_mutex_lock(&here.lock);
    arrived = l->arrived;
    l->arrived = NULL;
    if (arrived == NULL) {
        l->done = done;
        l->arg = arg;
    }
    pthread_mutex_unlock(&here.lock);
    if (arrived != NULL)
        done(arg, 0, stream_of(arrived));
}

static void listener_close(maru_listener *listener)
{
    struct memory_listener *l = listener_of(listener), **at = &here.first;
    maru_accepted           done = NULL;

    if (l->below != NULL) {
        below()->listener_close(l->below);
        return;
    }
    pthread_mutex_lock(&here.lock);
    while (*at != NULL && *at != l)
        at = &(*at)->next;
    if (*at == l)
        *at = l->next;
    done = l->done;
    l->done = NULL;
    pthread_mutex_unlock(&here.lock);
    if (done != NULL)
        done(l->arg, ECANCELED, NULL);
}

static void listener_release(maru_listener *listener)
{
    struct memory_listener *l = listener_of(listener);

    if (l->below != NULL)
        below()->listener_release(l->below);
    free(l);
}

static const maru_transport transport = {
    .dial = dial,
    .dial_cancel = dial_cancel,
    .dial_release = dial_release,
    .listen = listen_at,
    .listener_url = listener_url,
    .accept = accept_at,
    .listener_close = listener_close,
    .listener_release = listener_release,
    .recv = recv_bytes,
    .send = send_bytes,
    .recv_now = recv_now,
    .send_now = send_now,
    .close = close_stream,
    .release = release_stream,
    .peer = peer_of,
};

static maru_seam seam;

static void make_seam(void)
{
    seam = *maru_seam_real();
    seam.transport = &transport;
}

const maru_seam *memory_seam(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_seam);
    return &seam;
}
