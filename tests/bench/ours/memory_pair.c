/* memory_pair.c: see memory_pair.h. No callback runs under the lock, since posting may run the strand. */
#include "memory_pair.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 256 * 1024 };

/* A recv or a send that waits. */
typedef struct waiting {
    maru_io_done   done; /* NULL: none */
    void          *arg;
    uint8_t       *into;
    const uint8_t *from;
    size_t         size;
} waiting;

/* Bytes on their way to one end. */
typedef struct pipe {
    uint8_t bytes[WINDOW];
    size_t  begin, size;
    bool    shut; /* its sender or its receiver closed */
    waiting recv, send;
} pipe;

struct memory_pair {
    pthread_mutex_t lock;
    pipe            way[2];
    unsigned        ends; /* that are not released */
};

memory_pair *memory_pair_new(void)
{
    memory_pair *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    pthread_mutex_init(&p->lock, NULL);
    p->ends = 2;
    return p;
}

void memory_pair_release(memory_pair *p)
{
    unsigned left;

    pthread_mutex_lock(&p->lock);
    left = --p->ends;
    pthread_mutex_unlock(&p->lock);
    if (left > 0)
        return;
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t take(pipe *p, uint8_t *into, size_t size)
{
    size_t n = smaller(size, p->size), first = smaller(n, WINDOW - p->begin);

    memcpy(into, p->bytes + p->begin, first);
    memcpy(into + first, p->bytes, n - first);
    p->begin = p->size == n ? 0 : (p->begin + n) % WINDOW;
    p->size -= n;
    return n;
}

static size_t put(pipe *p, const uint8_t *from, size_t size)
{
    size_t n = smaller(size, WINDOW - p->size), at = (p->begin + p->size) % WINDOW, first = smaller(n, WINDOW - at);

    memcpy(p->bytes + at, from, first);
    memcpy(p->bytes, from + first, n - first);
    p->size += n;
    return n;
}

/* What became of a recv or a send that waited; told when the lock is given back. */
typedef struct outcome {
    waiting who;
    int     error;
    size_t  bytes;
} outcome;

static void tell(const outcome *o)
{
    if (o->who.done != NULL)
        o->who.done(o->who.arg, o->error, o->bytes);
}

static outcome end_recv(pipe *p)
{
    outcome o = {.who = p->recv};

    if (o.who.done == NULL || (p->size == 0 && !p->shut))
        return (outcome){.error = 0};
    p->recv = (waiting){.done = NULL};
    o.bytes = take(p, o.who.into, o.who.size);
    o.error = o.bytes > 0 ? 0 : EPIPE;
    return o;
}

static outcome end_send(pipe *p)
{
    outcome o = {.who = p->send};

    if (o.who.done == NULL || (p->size == WINDOW && !p->shut))
        return (outcome){.error = 0};
    p->send = (waiting){.done = NULL};
    o.bytes = p->shut ? 0 : put(p, o.who.from, o.who.size);
    o.error = o.bytes > 0 ? 0 : EPIPE;
    return o;
}

/* Lets what waits at a pipe go on as far as it can: first who reads, then who has room for it, then who reads. */
static void settle(memory_pair *p, pipe *way)
{
    outcome first = end_recv(way), sent = end_send(way), second = end_recv(way);

    pthread_mutex_unlock(&p->lock);
    tell(&first);
    tell(&sent);
    tell(&second);
}

void memory_pair_recv(memory_pair *p, int side, void *into, size_t size, maru_io_done done, void *arg)
{
    pipe *way = &p->way[side];

    pthread_mutex_lock(&p->lock);
    way->recv = (waiting){.done = done, .arg = arg, .into = into, .size = size};
    settle(p, way);
}

void memory_pair_send(memory_pair *p, int side, const void *from, size_t size, maru_io_done done, void *arg)
{
    pipe *way = &p->way[!side];

    pthread_mutex_lock(&p->lock);
    way->send = (waiting){.done = done, .arg = arg, .from = from, .size = size};
    settle(p, way);
}

int64_t memory_pair_recv_now(memory_pair *p, int side, void *into, size_t size)
{
    pipe   *way = &p->way[side];
    int64_t n;

    pthread_mutex_lock(&p->lock);
    n = (int64_t)take(way, into, size);
    if (n == 0 && way->shut)
        n = -EPIPE;
    settle(p, way);
    return n;
}

int64_t memory_pair_send_now(memory_pair *p, int side, const void *from, size_t size)
{
    pipe   *way = &p->way[!side];
    int64_t n;

    pthread_mutex_lock(&p->lock);
    n = way->shut ? -EPIPE : (int64_t)put(way, from, size);
    settle(p, way);
    return n;
}

void memory_pair_close(memory_pair *p)
{
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&p->lock);
        p->way[i].shut = true;
        settle(p, &p->way[i]);
    }
}
