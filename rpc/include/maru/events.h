/* maru/events.h: events. A service says what happened; others read it, and act in a transaction of their own.
 *
 *   emit      in the transaction that makes it so: state and event are committed together, or neither
 *   consume   a table says which function takes which type of which producer's events. The function, and how far the
 *             producer was read, are one transaction: an event comes at least once, and takes effect once
 *   timers    a function that runs in a transaction at or after a time; it survives the process
 *   tasks     a function that runs on a fiber and may call others, until it says OK; it survives the process
 *
 * Nobody conducts. A producer does not know its consumers; a consumer knows the producer's .proto, and where it is.
 *
 * Order. The events of one producer about one aggregate are taken in their order, which versions 1, 2, 3 ... tell. One
 * whose function fails is tried again with growing waits (0.1 s, doubled, jittered), 8 times, then parked as a dead
 * letter; what comes after it of the same aggregate waits, all else goes on. UNAVAILABLE, RESOURCE_EXHAUSTED,
 * DEADLINE_EXCEEDED and CANCELLED are no failure of the event: the producer's events wait as a whole, and nothing is
 * parked.
 *
 * A producer whose store went back to a backup may say a version again: in the same words that has no second effect, in
 * others it is an event of its own (docs/events.md, Epochs). So a function must bear one that is late, or comes again.
 *
 * All functions here run on the writer's thread unless they get a call: they touch only the transaction and what they
 * are given.
 */
#ifndef MARU_EVENTS_H
#define MARU_EVENTS_H

#include "maru/client.h"
#include "maru/decls.h"
#include "maru/server.h"
#include "maru/store.h"

MARU_BEGIN_DECLS

enum {
    MARU_AGGREGATE_MAX = 200, /* bytes of an aggregate's name */
    MARU_LATER_MAX = 300,     /* bytes of "KIND/NAME" of a timer or task */
    MARU_EVENT_ID_MAX = 150,  /* bytes of an id, with its NUL */
    MARU_EVENT_TRIES = 8,
    MARU_EVENT_BYTES_MAX = (3 << 20) - (64 << 10), /* of a payload: it is read with up to 1 MiB of others, in 4 MiB */
};

/* maru_emit appends an event to the service's log, in this transaction. aggregate is what it is about, 1 to
 * MARU_AGGREGATE_MAX bytes of printable ASCII ("orders/7f3a"); the payload's type is the event's. Sequence, version,
 * id, time and causation are the library's. RESOURCE_EXHAUSTED where the payload takes more than MARU_EVENT_BYTES_MAX:
 * no reader could get past it. What failed is in the transaction's words; its function should return it. */
maru_status maru_emit(maru_txn *txn, const char *aggregate, const ProtobufCMessage *payload);

/* An event as a consumer's function sees it. All of it lives until the function returns. */
typedef struct maru_event {
    const char             *id;
    const char             *producer;
    uint64_t                epoch, sequence;
    const char             *aggregate;
    uint64_t                version;
    const char             *type;
    int64_t                 time_ns; /* since 1970 */
    const char             *causation_id, *correlation_id;
    const ProtobufCMessage *payload; /* of the type that the table says */
} maru_event;

/* maru_emitted is the last event that this transaction emitted, as its consumers will see it but without a payload: for
 * a service that keeps a record of events, its own among them. NULL where there is none. It lives as long as the
 * transaction's function, and the strings that maru_emit was given. */
const maru_event *maru_emitted(const maru_txn *txn);

typedef maru_status (*maru_consume)(maru_txn *txn, const maru_event *event);

/* maru_txn_settings is what maru_events_options.settings says (of maru_app: its user), for a function that must know
 * what the service was told at its start (how long to wait, say): only what never changes after. NULL in a migration.
 */
const void *maru_txn_settings(const maru_txn *txn);

/* A row: what this service does about a type of event. A table ends with a row without producer; it may have several
 * producers, and the same type once a producer. An event of a type that is in no row has no effect here. */
typedef struct maru_consumer {
    const char                       *producer; /* a service's name, as in maru_app's peers */
    const ProtobufCMessageDescriptor *type;
    maru_consume                      apply;
} maru_consumer;

/* ---- timers and tasks ---- */

/* fn runs in a transaction of its own at or after the time that was set; the timer is gone with that transaction. After
 * a start it runs only once what others said was heard (docs/events.md has how long that is waited for). Where it fails
 * it is tried again, with growing waits up to a minute, for ever. It should look whether what it is for is still so. */
typedef struct maru_timer {
    const char                       *kind; /* "expire-reservation" */
    const ProtobufCMessageDescriptor *payload;
    maru_status (*fn)(maru_txn *txn, const char *name, const ProtobufCMessage *payload);
} maru_timer;

/* fn runs on a fiber with a root call of timeout_ms, and may call others and write. OK: the task is done, and
 * forgotten. Else it runs again, after growing waits up to max_wait_ms, for ever: it must be safe to run twice; the log
 * says so when it begins to fail, and where it fails with another status than before. Several
 * tasks run at once, at most 64 of a service; one task never does. Where a task is cleared while it runs, its call is
 * cancelled: whoever clears it knows that it is not needed any more, and others wait for its place. Where it is set
 * again, its call is cancelled, too, and it runs again after. Either goes for what the task writes itself: that should
 * be the last that it does. What it asked of others before it was cancelled they may do all the same. */
typedef struct maru_task {
    const char                       *kind; /* "authorize" */
    const ProtobufCMessageDescriptor *payload;
    int64_t                           timeout_ms;  /* 0: 10 s */
    int64_t                           max_wait_ms; /* 0: 30 s */
    maru_status (*fn)(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload);
} maru_task;

/* maru_timer_set sets the timer or task NAME of a kind, in place of one that was set before; at_ns is since 1970. A
 * time that is past is now. Only in a write. maru_timer_clear is OK also where none is set. Both end a task of that
 * name that runs (maru_task). */
maru_status maru_timer_set(maru_txn *txn, const char *kind, const char *name, int64_t at_ns,
                           const ProtobufCMessage *payload);
maru_status maru_timer_clear(maru_txn *txn, const char *kind, const char *name);

/* ---- wiring: maru_app does this for a service that has the tables ---- */

typedef struct maru_events maru_events;

typedef struct maru_events_options {
    maru_runtime        *runtime;
    maru_server         *server; /* gets EventLog and EventInbox; NULL: they are not served */
    maru_store          *store;
    const char          *service;   /* the producer's name */
    const maru_consumer *consumers; /* may be NULL, as timers and tasks, which end with a row without kind */
    const maru_timer    *timers;
    const maru_task     *tasks;
    void                *svc;                              /* for tasks */
    const void          *settings;                         /* for maru_txn_settings */
    maru_client *(*producer)(void *arg, const char *name); /* where a producer is */
    void *arg;
} maru_events_options;

/* maru_events_open serves the log, and begins to consume and to run what is due. Before the server's first listen.
 * Errors are mistakes in the tables (INVALID_ARGUMENT), or memory. */
maru_status maru_events_open(const maru_events_options *options, maru_events **events, maru_error *error);

/* maru_events_rest stops consuming, timers and tasks, and ends the reads that wait for events: before the server is
 * drained. maru_events_free after it. Both block. */
void maru_events_rest(maru_events *events);
void maru_events_free(maru_events *events);

MARU_END_DECLS

#endif
