/* maru/seam.h: everything that libmaru takes from the world comes through here: clock, randomness, transport,
 * disk faults, and the executor that runs the strand and its timers. The real one is maru_seam_real(); a simulation
 * brings its own, and a whole system runs in one thread, on virtual time, from a seed.
 */
#ifndef MARU_SEAM_H
#define MARU_SEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/decls.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

typedef struct maru_stream   maru_stream;
typedef struct maru_listener maru_listener;

/* What a stream tells its owner. Each runs on some thread; the owner moves it to its strand. */
typedef void (*maru_io_done)(void *arg, int error, size_t bytes); /* error 0, or an errno value */
typedef void (*maru_accepted)(void *arg, int error, maru_stream *stream);

/* Who is at the other end, as the transport knows it. */
typedef struct maru_peer {
    bool    local; /* uid and pid are known */
    int64_t uid;
    int64_t pid;
    char    address[128];
} maru_peer;

/* A transport of byte streams. Reads and writes may be partial. One recv and one send may be under way at once on a
 * stream; each calls back exactly once. A recv ends with EPIPE where the peer says no more, which may still read; with
 * ECONNRESET where it is known to be gone (nng can't tell: it says EPIPE). close makes both call back with an error;
 * release gives the stream back, and may only be called when neither is under way (it may be called from within a
 * callback). */
typedef struct maru_transport {
    /* Before the first dial or listen of a runtime: sets up what the transport needs, or says why it can't be. Blocks.
     * NULL: nothing is needed. */
    maru_status (*prepare)(maru_error *error);
    /* Starts to connect; done gets a stream or an error. Returns a handle for dial_cancel, which makes done run. */
    void *(*dial)(void *self, const char *url, maru_accepted done, void *arg, maru_error *error);
    void (*dial_cancel)(void *handle);
    void (*dial_release)(void *handle); /* after done ran; may be called from within it */
    maru_status (*listen)(void *self, const char *url, maru_listener **listener, maru_error *error);
    /* The URL with the real port in it; lives as long as the listener. */
    const char *(*listener_url)(maru_listener *listener);
    void (*accept)(maru_listener *listener, maru_accepted done, void *arg);
    void (*listener_close)(maru_listener *listener);   /* a pending accept ends with ECANCELED */
    void (*listener_release)(maru_listener *listener); /* when none is pending */

    void (*recv)(maru_stream *stream, void *into, size_t size, maru_io_done done, void *arg);
    void (*send)(maru_stream *stream, const void *from, size_t size, maru_io_done done, void *arg);
    /* Do what can be done without waiting, while no recv or send of the stream is under way: bytes, 0 where it would
     * block, or a negative errno value (as those of recv). No callback. NULL: the transport has no such thing.
     */
    int64_t (*recv_now)(maru_stream *stream, void *into, size_t size);
    int64_t (*send_now)(maru_stream *stream, const void *from, size_t size);
    void (*close)(maru_stream *stream);
    void (*release)(maru_stream *stream);
    void (*peer)(maru_stream *stream, maru_peer *peer);
} maru_transport;

/* A transport for many connections that each say little, as HTTP has them: what happens on all of them is told at once.
 * start begins a thread that calls ready(arg) when something has happened; the owner then calls deliver on its strand,
 * whereupon streams and listeners call back, and only then ready is called again. The handle is the self of the
 * transport's listen; all else of the transport belongs to the strand, and may call back before it returns; it does not
 * dial. stop joins; no stream and no listener is left then. */
typedef struct maru_poll {
    const maru_transport *transport;
    maru_status (*start)(void (*ready)(void *arg), void *arg, void **handle, maru_error *error);
    void (*deliver)(void *handle);
    void (*stop)(void *handle);
} maru_poll;

/* The executor runs strands and their timers. wake arranges that run(arg) is called soon, on a thread that may keep the
 * strand; wake_at that tick(arg) is called at or after a time (a later wake_at replaces the earlier). */
typedef struct maru_executor_calls {
    void (*run)(void *arg);
    void (*tick)(void *arg);
    void *arg;
} maru_executor_calls;

typedef struct maru_executor {
    maru_status (*start)(void *self, const maru_executor_calls *calls, void **handle, maru_error *error);
    void (*wake)(void *handle);
    void (*wake_at)(void *handle, int64_t at_ns);
    bool (*always_yield)(void *handle); /* true: the strand is given back after every turn (a simulation) */
    void (*stop)(void *handle);         /* joins; no call comes after it */
    /* For a plain thread that waits: runs what is due next, false where nothing is. NULL where other threads do. */
    bool (*pump)(void *handle);
} maru_executor;

/* Ticks are a counter that is much cheaper to read than the clock, and says only whether little time has passed: in 10
 * us it goes on by at least MARU_TICKS_FEW. Read on another thread it may stand elsewhere, but goes on as well. */
enum { MARU_TICKS_FEW = 10000 };

typedef struct maru_seam {
    void *self;                                          /* handed to the functions below */
    int64_t (*now)(void *self);                          /* monotonic, ns */
    int64_t (*wall)(void *self);                         /* ns since 1970, UTC */
    uint64_t (*ticks)(void *self);                       /* see MARU_TICKS_FEW; NULL: there are none */
    void (*random)(void *self, void *into, size_t size); /* unpredictable in the real one, seeded in a simulation */
    int (*disk_fault)(void *self, const char *step); /* 0, or the errno that this step of a store shall fail with: */
    /* begin, put, append, flush, commit, void, checkpoint; and done, */
    /* when it is on the disk and nobody was told, which can't fail */
    const maru_transport *transport;
    const maru_poll      *poll; /* for HTTP; NULL: that goes by transport too */
    const maru_executor  *executor;
} maru_seam;

/* maru_seam_real is the world as it is: the system's clocks and randomness, nng's transports, real threads. Static. */
const maru_seam *maru_seam_real(void);

MARU_END_DECLS

#endif
