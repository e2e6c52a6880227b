/* acceptor.c: listens on a server's addresses, and accepts streams one after the other, again after a shortage. */
#include "duct/acceptor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "maru/call.h"

enum { ACCEPT_AGAIN_MS = 100 };

/* One listening address. */
typedef struct acceptor {
    acceptors       *all;
    struct acceptor *next;
    maru_listener   *listener;
    bool             ipc;
    bool             accepting; /* an accept is under way */
    /* A callback leaves its result here and posts. */
    int          error;
    maru_stream *stream;
    strand_event event;
    strand_event begin;
    wheel_timer  again; /* after a shortage of descriptors */
} acceptor;

static const maru_transport *transport(const acceptors *all)
{
    return all->transport != NULL ? all->transport : rt_seam(all->rt)->transport;
}

const char *acceptors_url(const acceptors *all, size_t index)
{
    const acceptor *a = all->first;

    while (a != NULL && index-- > 0)
        a = a->next;
    return a == NULL ? NULL : transport(all)->listener_url(a->listener);
}

static void on_accepted_thread(void *arg, int error, maru_stream *stream)
{
    acceptor *a = arg;

    a->error = error;
    a->stream = stream;
    strand_post(rt_strand(a->all->rt), &a->event);
}

static void accept_next(acceptor *a)
{
    a->accepting = true;
    transport(a->all)->accept(a->listener, on_accepted_thread, a);
}

static void accept_begin(strand_event *event)
{
    accept_next((acceptor *)((char *)event - offsetof(acceptor, begin)));
}

static void accept_again(wheel_timer *timer)
{
    acceptor *a = (acceptor *)((char *)timer - offsetof(acceptor, again));

    if (!a->all->stopping)
        accept_next(a);
}

void acceptors_refuse(acceptors *all, maru_stream *stream)
{
    transport(all)->close(stream);
    transport(all)->release(stream);
}

static void acceptor_free(acceptor *a)
{
    acceptors *all = a->all;
    acceptor **at = &all->first;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    rt_timer_clear(all->rt, &a->again);
    transport(all)->listener_release(a->listener);
    free(a);
    all->gone(all->arg);
}

static void on_accepted(strand_event *event)
{
    acceptor  *a = (acceptor *)((char *)event - offsetof(acceptor, event));
    acceptors *all = a->all;

    a->accepting = false;
    if (a->error == 0)
        all->accepted(all->arg, a->stream, a->ipc);
    if (all->stopping)
        acceptor_free(a);
    else if (a->error == 0 || a->error == ECONNABORTED || a->error == ECONNRESET)
        accept_next(a);
    else
        rt_timer_set(all->rt, &a->again, rt_now(all->rt) + ACCEPT_AGAIN_MS * (int64_t)MARU_NS_PER_MS);
}

maru_status acceptors_listen(acceptors *all, const char *url, maru_error *error)
{
    acceptor   *a, **end = &all->first;
    maru_status status;

    if (all->transport == NULL && (status = rt_prepare_transport(all->rt, error)) != MARU_OK)
        return status;
    if ((a = calloc(1, sizeof *a)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
    *a = (acceptor){.all = all,
                    .ipc = strncmp(url, "ipc:", 4) == 0,
                    .event = {.run = on_accepted},
                    .begin = {.run = accept_begin},
                    .again = {.fire = accept_again}};
    if ((status = transport(all)->listen(all->transport != NULL ? all->self : rt_seam(all->rt)->self, url, &a->listener,
                                         error)) != MARU_OK) {
        free(a);
        return status;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = a;
    strand_post(rt_strand(all->rt), &a->begin);
    return MARU_OK;
}

void acceptors_stop(acceptors *all)
{
    all->stopping = true;
    for (acceptor *a = all->first, *next; a != NULL; a = next) {
        next = a->next;
        transport(all)->listener_close(a->listener);
        if (!a->accepting)
            acceptor_free(a);
    }
}
