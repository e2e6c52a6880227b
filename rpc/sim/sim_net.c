/* sim_net.c: a network in memory. Each stream is one end of a pair; bytes take a while, keep their order, and wait for
 * the receiver once a window is full. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_impl.h"

typedef struct pending {
    maru_io_done done; /* NULL: nothing under way */
    void        *arg;
    void        *into;
    const void  *from;
    size_t       size;
} pending;

struct maru_stream {
    maru_sim    *sim;
    maru_stream *next, **at;
    maru_stream *peer; /* NULL: gone */
    pending      recv, send;
    uint8_t     *in; /* bytes that arrived */
    size_t       in_size;
    size_t       on_the_way; /* bytes sent to us and not yet read */
    int64_t      last_arrival;
    unsigned     refs;                              /* the owner's, and events' */
    bool         closed, ended, peer_closed, reset; /* ended: nothing more comes */
    char         address[32];
};

struct maru_listener {
    maru_sim      *sim;
    maru_listener *next;
    char           url[128];
    maru_accepted  done;
    void          *arg;
    maru_stream   *backlog[64];
    size_t         waiting;
    bool           closed;
};

static void stream_unref(maru_stream *s)
{
    if (--s->refs > 0)
        return;
    *s->at = s->next;
    if (s->next != NULL)
        s->next->at = s->at;
    free(s->in);
    free(s);
}

/* Completions never run inside the call that began them. */

typedef struct completion {
    maru_stream *s;
    pending      p;
    int          error;
    size_t       bytes;
} completion;

static void complete_event(void *arg)
{
    completion c = *(completion *)arg;

    free(arg);
    c.p.done(c.p.arg, c.error, c.bytes);
    stream_unref(c.s);
}

static void complete(maru_stream *s, pending *p, int error, size_t bytes)
{
    completion *c = malloc(sizeof *c);

    if (c == NULL)
        abort();
    *c = (completion){.s = s, .p = *p, .error = error, .bytes = bytes};
    *p = (pending){0};
    s->refs++;
    maru_sim_at(s->sim, s->sim->now, complete_event, c);
}

static void try_send(maru_stream *s);

static void try_recv(maru_stream *s)
{
    size_t n = s->recv.size < s->in_size ? s->recv.size : s->in_size;

    if (s->recv.done == NULL)
        return;
    if (s->closed) {
        complete(s, &s->recv, ECANCELED, 0);
    } else if (s->reset) {
        complete(s, &s->recv, ECONNRESET, 0);
    } else if (n > 0) {
        memcpy(s->recv.into, s->in, n);
        memmove(s->in, s->in + n, s->in_size - n);
        s->in_size -= n;
        s->on_the_way -= n;
        complete(s, &s->recv, 0, n);
        if (s->peer != NULL)
            try_send(s->peer);
    } else if (s->ended) {
        complete(s, &s->recv, EPIPE, 0);
    }
}

/* What comes with bytes, or without: the peer says no more, is gone, or breaks it off. */
typedef enum ending { GOES_ON, ENDS, CLOSES, RESETS } ending;

typedef struct delivery {
    maru_stream *to;
    size_t       size;
    ending       end;
    uint8_t      bytes[];
} delivery;

static void deliver(void *arg)
{
    delivery    *d = arg;
    maru_stream *s = d->to;

    if (d->size > 0 && !s->closed) {
        if ((s->in = realloc(s->in, s->in_size + d->size)) == NULL)
            abort();
        memcpy(s->in + s->in_size, d->bytes, d->size);
        s->in_size += d->size;
    }
    s->ended |= d->end >= ENDS;
    s->peer_closed |= d->end >= CLOSES;
    s->reset |= d->end == RESETS;
    free(d);
    try_recv(s);
    if (s->peer_closed && s->send.done != NULL)
        complete(s, &s->send, EPIPE, 0);
    stream_unref(s);
}

static void put_on_the_way(maru_stream *to, const void *bytes, size_t size, ending end)
{
    maru_sim *sim = to->sim;
    delivery *d = malloc(sizeof *d + size);
    int64_t   at = sim->now + sim->options.latency_ns;

    if (d == NULL)
        abort();
    if (sim->options.jitter_ns > 0)
        at += (int64_t)(maru_sim_random(sim) % (uint64_t)sim->options.jitter_ns);
    if (at < to->last_arrival)
        at = to->last_arrival;
    to->last_arrival = at;
    *d = (delivery){.to = to, .size = size, .end = end};
    if (size > 0)
        memcpy(d->bytes, bytes, size);
    to->on_the_way += size;
    to->refs++;
    maru_sim_at(sim, at, deliver, d);
}

static void try_send(maru_stream *s)
{
    size_t room, n;

    if (s->send.done == NULL)
        return;
    if (s->closed || s->peer == NULL || s->peer_closed) {
        complete(s, &s->send, s->closed ? ECANCELED : EPIPE, 0);
        return;
    }
    room = s->sim->options.window > s->peer->on_the_way ? s->sim->options.window - s->peer->on_the_way : 0;
    n = s->send.size < room ? s->send.size : room;
    if (n == 0)
        return;
    put_on_the_way(s->peer, s->send.from, n, GOES_ON);
    complete(s, &s->send, 0, n);
}

static void stream_recv(maru_stream *s, void *into, size_t size, maru_io_done done, void *arg)
{
    s->recv = (pending){.done = done, .arg = arg, .into = into, .size = size};
    try_recv(s);
}

static void stream_send(maru_stream *s, const void *from, size_t size, maru_io_done done, void *arg)
{
    s->send = (pending){.done = done, .arg = arg, .from = from, .size = size};
    try_send(s);
}

static void close_by(maru_stream *s, ending end)
{
    if (s->closed)
        return;
    s->closed = true;
    try_recv(s);
    try_send(s);
    if (s->peer != NULL) {
        put_on_the_way(s->peer, NULL, 0, end);
        s->peer->peer = NULL;
        s->peer = NULL;
    }
}

static void stream_close(maru_stream *s)
{
    close_by(s, CLOSES);
}

void maru_sim_reset(maru_stream *s)
{
    close_by(s, RESETS);
}

void maru_sim_shut(maru_stream *s)
{
    if (s->peer != NULL)
        put_on_the_way(s->peer, NULL, 0, ENDS);
}

static void stream_release(maru_stream *s)
{
    stream_close(s);
    stream_unref(s);
}

static void stream_peer(maru_stream *s, maru_peer *peer)
{
    *peer = (maru_peer){.uid = -1, .pid = -1};
    snprintf(peer->address, sizeof peer->address, "%s", s->address);
}

static maru_stream *stream_new(maru_sim *sim)
{
    maru_stream *s = calloc(1, sizeof *s);

    if (s == NULL)
        abort();
    *s = (maru_stream){.sim = sim, .refs = 1, .next = sim->streams, .at = &sim->streams};
    snprintf(s->address, sizeof s->address, "sim:%u", ++sim->ports);
    if (s->next != NULL)
        s->next->at = &s->next;
    sim->streams = s;
    return s;
}

/* Listening and dialing. */

static maru_listener *find_listener(maru_sim *sim, const char *url)
{
    for (maru_listener *l = sim->listeners; l != NULL; l = l->next)
        if (!l->closed && strcmp(l->url, url) == 0)
            return l;
    return NULL;
}

typedef struct dialing {
    maru_sim     *sim;
    maru_accepted done;
    void         *arg;
    char          url[128];
    bool          cancelled;
} dialing;

typedef struct acceptance {
    maru_accepted done;
    void         *arg;
    int           error;
    maru_stream  *stream;
} acceptance;

static void accept_event(void *arg)
{
    acceptance a = *(acceptance *)arg;

    free(arg);
    a.done(a.arg, a.error, a.stream);
}

static void try_accept(maru_listener *l)
{
    acceptance *a;

    if (l->done == NULL || (l->waiting == 0 && !l->closed))
        return;
    if ((a = malloc(sizeof *a)) == NULL)
        abort();
    *a = (acceptance){.done = l->done, .arg = l->arg, .error = l->closed ? ECANCELED : 0};
    if (!l->closed) {
        a->stream = l->backlog[0];
        memmove(l->backlog, l->backlog + 1, --l->waiting * sizeof *l->backlog);
    }
    l->done = NULL;
    maru_sim_at(l->sim, l->sim->now, accept_event, a);
}

static void dial_event(void *arg)
{
    dialing       *d = arg;
    maru_listener *l = d->cancelled ? NULL : find_listener(d->sim, d->url);
    maru_stream   *ours, *theirs;

    if (l == NULL || l->waiting == sizeof l->backlog / sizeof *l->backlog) {
        d->done(d->arg, d->cancelled ? ECANCELED : ECONNREFUSED, NULL);
        return;
    }
    ours = stream_new(d->sim);
    theirs = stream_new(d->sim);
    ours->peer = theirs;
    theirs->peer = ours;
    l->backlog[l->waiting++] = theirs;
    try_accept(l);
    d->done(d->arg, 0, ours);
}

static void *dial(void *self, const char *url, maru_accepted done, void *arg, maru_error *error)
{
    dialing *d = calloc(1, sizeof *d);

    if (d == NULL) {
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
        return NULL;
    }
    *d = (dialing){.sim = self, .done = done, .arg = arg};
    snprintf(d->url, sizeof d->url, "%s", url);
    maru_sim_at(self, d->sim->now + d->sim->options.latency_ns, dial_event, d);
    return d;
}

static void dial_cancel(void *handle)
{
    ((dialing *)handle)->cancelled = true;
}

static void dial_release(void *handle)
{
    free(handle);
}

static maru_status start_listen(void *self, const char *url, maru_listener **out, maru_error *error)
{
    maru_sim      *sim = self;
    maru_listener *l;

    if (find_listener(sim, url) != NULL)
        return maru_error_set(error, MARU_ALREADY_EXISTS, "%s: in use", url);
    if ((l = calloc(1, sizeof *l)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
    *l = (maru_listener){.sim = sim, .next = sim->listeners};
    snprintf(l->url, sizeof l->url, "%s", url);
    sim->listeners = l;
    *out = l;
    return MARU_OK;
}

static const char *listener_url(maru_listener *l)
{
    return l->url;
}

static void accept_next(maru_listener *l, maru_accepted done, void *arg)
{
    l->done = done;
    l->arg = arg;
    try_accept(l);
}

static void listener_close(maru_listener *l)
{
    l->closed = true;
    try_accept(l);
}

static void listener_release(maru_listener *l)
{
    maru_listener **at = &l->sim->listeners;

    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    while (l->waiting > 0)
        stream_release(l->backlog[--l->waiting]);
    free(l);
}

void maru_sim_cut(maru_sim *sim)
{
    for (maru_stream *s = sim->streams; s != NULL; s = s->next)
        if (s->peer != NULL) {
            put_on_the_way(s, NULL, 0, CLOSES);
            put_on_the_way(s->peer, NULL, 0, CLOSES);
            s->peer->peer = NULL;
            s->peer = NULL;
        }
}

const maru_transport sim_transport = {
    .dial = dial,
    .dial_cancel = dial_cancel,
    .dial_release = dial_release,
    .listen = start_listen,
    .listener_url = listener_url,
    .accept = accept_next,
    .listener_close = listener_close,
    .listener_release = listener_release,
    .recv = stream_recv,
    .send = stream_send,
    .close = stream_close,
    .release = stream_release,
    .peer = stream_peer,
};
