/* duct.h: a stream of bytes both ways, for those who make messages of them (rpc/conn: frames, rpc/http: HTTP).
 *
 * Reads into one buffer, collects output and sends it at the end of the strand's turn in one write (that is the
 * batching), bounds what is unsent, and closes in one place. Everything here belongs to the strand.
 *
 * Life: a duct is the first member of its owner's struct. duct_open holds one reference for the stream, given back
 * after `closed` ran, which happens exactly once, when neither read nor write is under way any more. Others (a handler
 * that is running) take references of their own; `gone` frees.
 */
#ifndef MARU_DUCT_H
#define MARU_DUCT_H

#include "base/buffer.h"
#include "base/memory_share.h"
#include "maru/seam.h"
#include "runtime/rt.h"

typedef struct duct duct;

typedef struct duct_calls {
    /* Bytes came, the last ones of d->in; the owner takes what it has no more use for from its front (duct_took). */
    void (*input)(duct *d, size_t bytes);
    /* Output went below a quarter of max_output after it was above. */
    void (*relieved)(duct *d);
    /* All that was to be sent has been. */
    void (*sent)(duct *d);
    /* Nothing more comes: the peer ended its half, and may still read. The owner ends the duct when it has answered.
     * NULL: the duct closes. */
    void (*ended)(duct *d);
    void (*closed)(duct *d, const char *why);
    /* The last reference is gone: gives the memory back. */
    void (*gone)(duct *d);
} duct_calls;

typedef struct duct_options {
    const maru_transport *transport;  /* of its stream; NULL: the seam's */
    size_t                max_output; /* unsent bytes above which the duct is full */
    bool                  pause; /* while output is above max_output nothing is read: what comes in makes more of it */
    int64_t               slow_ms; /* how long it may stay so before the peer is given up; 0 for ever */
    /* What its buffers hold beyond BUFFER_KEPT each is taken from; where that is refused, the duct closes. NULL: none.
     */
    memory_share *memory;
} duct_options;

struct duct {
    rt_output         output; /* first: found from it */
    maru_runtime     *rt;
    maru_stream      *stream;
    const duct_calls *calls;
    duct_options      options;
    unsigned          refs;

    bool    closing; /* the stream was closed */
    bool    finishing;
    bool    blamed;    /* it was closed for what the peer did or did not do, or for a limit */
    bool    closed;    /* the owner was told */
    bool    full;      /* output passed max_output and has not gone below a quarter since */
    char    why[160];  /* it is closing or finishing: the first reason, which is the one that is told */
    int64_t finish_by; /* what is unsent then is not sent */

    /* Reading. A callback leaves its result here and posts. */
    buffer       in;
    bool         pinned; /* the owner looks at in: it does not move, and is read into only as far as it has room */
    bool         eager;  /* the owner says that more is likely to be there already */
    bool         receiving;
    int          recv_error;
    size_t       recv_bytes, recv_room;
    bool         ended;      /* nothing more comes */
    bool         wants_more; /* what came was taken; the next read begins when the turn ends */
    strand_event recv_event;

    /* Writing: out collects while going is under way. */
    buffer       out, going;
    size_t       gone;    /* of going */
    size_t       counted; /* bytes of the three buffers that were taken from options.memory */
    bool         sending;
    int          send_error;
    size_t       send_bytes;
    strand_event send_event;

    strand_event close_event;
    wheel_timer  slow; /* output above the limit */
};

/* duct_open fills d, takes over stream, and starts reading once the turn ends. */
void duct_open(duct *d, maru_runtime *rt, maru_stream *stream, const duct_options *options, const duct_calls *calls);

static inline duct *duct_ref(duct *d)
{
    d->refs++;
    return d;
}
void duct_unref(duct *d);

/* duct_room makes room for size bytes of output and returns where they go; they count as said when it returns, and must
 * be filled before anything else is done with d. NULL where d is closing or finishing, or memory is out (then it
 * closes). */
uint8_t *duct_room(duct *d, size_t size);

/* duct_took forgets the first bytes of in. Not while a read is under way. */
void duct_took(duct *d, size_t bytes);
/* duct_read goes on reading, after pinned was taken away. */
void duct_read(duct *d);

static inline bool duct_is_open(const duct *d) /* neither closed nor closing */
{
    return !d->closing && !d->finishing;
}

static inline size_t duct_unsent(const duct *d) /* bytes */
{
    return d->out.size + d->going.size - d->gone;
}

static inline const maru_transport *duct_transport(const duct *d)
{
    return d->options.transport;
}

static inline int64_t duct_later(const duct *d, int64_t ms)
{
    return rt_now(d->rt) + ms * INT64_C(1000000);
}

/* duct_close closes at once; `closed` runs later, never from within. why is copied. duct_finish sends what is left
 * first, and waits at most slow_ms for that (0: not at all), or at most ms; nothing more is said. Whatever happens to a
 * duct that finishes, its reason stays the one that it finishes for. */
void duct_close(duct *d, const char *why);
/* duct_blame closes for what the peer did or did not do, or for a limit: who runs this wants to know. */
void duct_blame(duct *d, const char *why);
void duct_finish(duct *d, const char *why);
void duct_finish_within(duct *d, const char *why, int64_t ms);

#endif
