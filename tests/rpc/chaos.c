/* chaos.c: see chaos.h. The seam's self is the chaos; it hands the base its own. */
#include "rpc/chaos.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "random.h"

/* A read or a write under way. */
typedef struct half {
    maru_stream *of;
    maru_io_done done;
    void        *arg;
} half;

struct maru_stream {
    chaos       *of;
    maru_stream *base;
    rng          random; /* recv and send are called on the owner's strand */
    atomic_long  left;   /* bytes until it breaks; their callbacks race */
    half         recv, send;
    bool         broken;
};

/* A dial or an accept under way. */
typedef struct waiting {
    chaos        *of;
    maru_accepted done;
    void         *arg;
    void         *dial; /* the base's handle */
} waiting;

struct maru_listener {
    chaos         *of;
    maru_listener *base;
    waiting        accept;
};

static const maru_transport *base_of(const chaos *c)
{
    return c->base->transport;
}

static maru_stream *wrap_stream(chaos *c, maru_stream *base)
{
    maru_stream *s = malloc(sizeof *s);
    unsigned     number = c->made++;

    if (s == NULL)
        abort();
    *s = (maru_stream){.of = c, .base = base, .random = {c->seed ^ (uint64_t)number << 32}};
    s->left = c->most > 0 ? (long)rng_below(&s->random, 1 + (c->most >> rng_below(&s->random, 8))) : LONG_MAX;
    s->recv.of = s->send.of = s;
    c->open++;
    return s;
}

static void on_stream(void *arg, int error, maru_stream *base)
{
    waiting *w = arg;

    w->done(w->arg, error, error == 0 ? wrap_stream(w->of, base) : NULL);
}

/* How many of size bytes may go: a piece, most of the time; where the stream is to break now, one, and *breaks. */
static size_t piece(maru_stream *s, size_t size, bool *breaks)
{
    size_t most = rng_below(&s->random, 4) == 0 ? 16 : 4096;
    long   left = s->left;

    *breaks = left <= 0;
    if (rng_below(&s->random, 4) != 0)
        size = 1 + rng_below(&s->random, size < most ? size : most);
    return *breaks ? 1 : size < (size_t)left ? size : (size_t)left;
}

static void on_half(void *arg, int error, size_t bytes)
{
    half *h = arg;

    h->of->left -= (long)bytes;
    h->done(h->arg, error, bytes);
}

/* What is begun on a closed stream does not call back (nng's tcp): so it breaks while something is under way, and what
 * its owner begins before it has heard of that ends here. */
static bool is_broken(const maru_stream *s, maru_io_done done, void *arg)
{
    if (s->broken)
        done(arg, EPIPE, 0);
    return s->broken;
}

static void break_if(maru_stream *s, bool breaks)
{
    if (!breaks)
        return;
    s->broken = true;
    base_of(s->of)->close(s->base);
}

static void chaos_recv(maru_stream *s, void *into, size_t size, maru_io_done done, void *arg)
{
    bool breaks;

    if (is_broken(s, done, arg))
        return;
    size = piece(s, size, &breaks);
    s->recv.done = done;
    s->recv.arg = arg;
    base_of(s->of)->recv(s->base, into, size, on_half, &s->recv);
    break_if(s, breaks);
}

static void chaos_send(maru_stream *s, const void *from, size_t size, maru_io_done done, void *arg)
{
    bool breaks;

    if (is_broken(s, done, arg))
        return;
    size = piece(s, size, &breaks);
    s->send.done = done;
    s->send.arg = arg;
    base_of(s->of)->send(s->base, from, size, on_half, &s->send);
    break_if(s, breaks);
}

static int64_t chaos_send_now(maru_stream *s, const void *from, size_t size)
{
    bool    breaks;
    int64_t sent;

    size = piece(s, size, &breaks);
    sent = breaks || s->broken ? 0 : base_of(s->of)->send_now(s->base, from, size);
    if (sent > 0)
        s->left -= sent;
    return sent;
}

static int64_t chaos_recv_now(maru_stream *s, void *into, size_t size)
{
    bool    breaks;
    int64_t got;

    size = piece(s, size, &breaks);
    got = breaks || s->broken ? 0 : base_of(s->of)->recv_now(s->base, into, size);
    if (got > 0)
        s->left -= got;
    return got;
}

static void chaos_close(maru_stream *s)
{
    base_of(s->of)->close(s->base);
}

static void chaos_release(maru_stream *s)
{
    base_of(s->of)->release(s->base);
    s->of->open--;
    free(s);
}

static void chaos_peer(maru_stream *s, maru_peer *peer)
{
    base_of(s->of)->peer(s->base, peer);
}

/* Dialing and listening. */

static void *chaos_dial(void *self, const char *url, maru_accepted done, void *arg, maru_error *error)
{
    chaos   *c = self;
    waiting *w = malloc(sizeof *w);

    if (w == NULL)
        abort();
    *w = (waiting){.of = c, .done = done, .arg = arg};
    if ((w->dial = base_of(c)->dial(c->base->self, url, on_stream, w, error)) != NULL)
        return w;
    free(w);
    return NULL;
}

static void chaos_dial_cancel(void *handle)
{
    waiting *w = handle;

    base_of(w->of)->dial_cancel(w->dial);
}

static void chaos_dial_release(void *handle)
{
    waiting *w = handle;

    base_of(w->of)->dial_release(w->dial);
    free(w);
}

static maru_status chaos_listen(void *self, const char *url, maru_listener **out, maru_error *error)
{
    chaos         *c = self;
    maru_listener *l = malloc(sizeof *l);
    maru_status    status;

    if (l == NULL)
        abort();
    *l = (maru_listener){.of = c};
    if ((status = base_of(c)->listen(c->base->self, url, &l->base, error)) != MARU_OK)
        free(l);
    else
        *out = l;
    return status;
}

static const char *chaos_listener_url(maru_listener *l)
{
    return base_of(l->of)->listener_url(l->base);
}

static void chaos_accept(maru_listener *l, maru_accepted done, void *arg)
{
    l->accept = (waiting){.of = l->of, .done = done, .arg = arg};
    base_of(l->of)->accept(l->base, on_stream, &l->accept);
}

static void chaos_listener_close(maru_listener *l)
{
    base_of(l->of)->listener_close(l->base);
}

static void chaos_listener_release(maru_listener *l)
{
    base_of(l->of)->listener_release(l->base);
    free(l);
}

/* What is the base's own. */

static int64_t chaos_now(void *self)
{
    chaos *c = self;

    return c->base->now(c->base->self);
}

static int64_t chaos_wall(void *self)
{
    chaos *c = self;

    return c->base->wall(c->base->self);
}

static void chaos_random(void *self, void *into, size_t size)
{
    chaos *c = self;

    c->base->random(c->base->self, into, size);
}

static const maru_transport table = {.dial = chaos_dial,
                                     .dial_cancel = chaos_dial_cancel,
                                     .dial_release = chaos_dial_release,
                                     .listen = chaos_listen,
                                     .listener_url = chaos_listener_url,
                                     .accept = chaos_accept,
                                     .listener_close = chaos_listener_close,
                                     .listener_release = chaos_listener_release,
                                     .recv = chaos_recv,
                                     .send = chaos_send,
                                     .recv_now = chaos_recv_now,
                                     .send_now = chaos_send_now,
                                     .close = chaos_close,
                                     .release = chaos_release,
                                     .peer = chaos_peer};

static maru_status chaos_start(void *self, const maru_executor_calls *calls, void **handle, maru_error *error)
{
    chaos *c = self;

    return c->base->executor->start(c->base->self, calls, handle, error);
}

void chaos_init(chaos *c, const maru_seam *base, uint64_t seed, uint32_t most)
{
    *c = (chaos){.base = base, .transport = table, .executor = *base->executor, .seed = seed, .most = most};
    c->executor.start = chaos_start;
    if (base->transport->send_now == NULL)
        c->transport.send_now = NULL;
    if (base->transport->recv_now == NULL)
        c->transport.recv_now = NULL;
    c->seam = (maru_seam){.self = c,
                          .now = chaos_now,
                          .wall = chaos_wall,
                          .random = chaos_random,
                          .transport = &c->transport,
                          .executor = &c->executor};
}
