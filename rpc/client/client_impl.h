/* client_impl.h: the inside of a channel. Belongs to the strand, but for what is immutable and the pool of calls by
 * callback. */
#ifndef MARU_CLIENT_IMPL_H
#define MARU_CLIENT_IMPL_H

#include <pthread.h>

#include "client/backoff.h"
#include "client/outgoing.h"
#include "runtime/gate.h"

struct async_call;

struct maru_client {
    maru_runtime       *rt;
    char               *target;
    maru_client_options options;
    bool                ipc;

    struct link *link;   /* that new calls go to; NULL: none */
    uint64_t     serial; /* of what its peer said of itself: counts up with each hello, and with each that says none */
    struct link *all;    /* with those that only finish */
    outgoing    *waiting, **waiting_end;
    size_t       calls; /* in flight or waiting */

    backoff     backoff;
    int64_t     usable_at; /* since when the link is; 0: not yet */
    wheel_timer retry;
    bool        dialing;
    void       *dial;
    char        trouble[160]; /* why there is no connection */
    /* A callback leaves its result here and posts. */
    int          dial_error;
    maru_stream *stream;
    strand_event dialed, begin;

    struct contract *contracts;

    maru_client_changed watch; /* NULL: nobody watches */
    void               *watcher;

    bool  closing;
    gate *closed_gate;

    pthread_mutex_t    async_mutex; /* of these: calls by callback begin on any thread */
    size_t             asyncs;      /* asked for, and not told yet: also those whose turn on the strand is to come */
    struct async_call *spare;
    size_t             spare_count;
};

/* client.c: something of the client's is over. On the strand, and last: one that is being closed may be gone. */
void client_look_over(maru_client *client);

/* unary.c */
bool unary_all_told(maru_client *client);
void unary_free_spares(maru_client *client);

#endif
