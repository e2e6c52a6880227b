/* call_impl.h: what a call is made of. For rpc/ only.
 *
 * A call that a handler or a program holds is either a base (call->base == call), which owns everything, or a view of
 * one (maru_within, maru_keyed): only base, deadline and key of a view mean something.
 */
#ifndef MARU_CALL_IMPL_H
#define MARU_CALL_IMPL_H

#include "maru/call.h"
#include "maru/service.h"

struct fiber;
struct wait;

/* Metadata that is the name of a request in logs; it goes on to whatever is called for it. */
#define MARU_LOG_REQUEST "x-request-id"

/* What waits in the name of a call, and ends early when it is cancelled: a nested call, a sleep. On the strand. */
typedef struct call_child call_child;
struct call_child {
    call_child *next, **link; /* link NULL: not listed */
    void (*cancel)(call_child *child);
};

/* What a handler is inside of, that must be given back also where the handler is ended there (fiber_unwind): it lives
 * in the frame that it is about. On the strand. */
typedef struct call_inside call_inside;
struct call_inside {
    call_inside *outer;
    void (*leave)(call_inside *inside); /* takes it off, too */
};

typedef struct call_pair {
    struct call_pair *next;
    const char       *key, *value;
} call_pair;

/* The fiber that a call runs on; NULL: a plain thread. Views have their base's. */
struct fiber *maru_call_fiber(const maru_call *call);

struct maru_call {
    maru_call  *base;
    int64_t     deadline; /* of the runtime's clock, or MARU_NO_DEADLINE */
    const char *key;      /* maru_keyed; NULL: none */

    maru_runtime *rt;
    maru_arena   *arena;
    struct fiber *fiber; /* NULL: a root call, its owner a plain thread */

    /* How it stands. */
    bool         cancelled;
    const char  *why; /* it was cancelled */
    const char  *message, *origin;
    call_inside *inside;      /* innermost first */
    call_child  *children;    /* in flight below; strand only */
    size_t       by_callback; /* a handler's calls by callback whose done has not returned; strand only */
    struct wait *ending;      /* the handler, which is being ended and waits for them; NULL: it is not */

    /* Who asks, and with what words. */
    const char *caller, *subject, *request_id, *traceparent;
    call_pair  *metadata;
    unsigned    attempt;

    /* Why it is made, where it is no call's own: in the events of its writes (store/inside.h has the same). */
    struct {
        const char *causation, *correlation;
    } cause;

    /* Being served; NULL and 0 in a root call. */
    const maru_method *method;
    const uint8_t     *request; /* as it came */
    size_t             request_size;
    uint64_t           asked;    /* a hash of method and request, however it was written: once_note; 0: of its bytes */
    ProtobufCMessage  *response; /* what the handler fills */
    size_t             reply_most; /* bytes that the peer can be answered with; 0: nobody said */

    /* Bytes that answer instead of response, in the arena: a stored reply, a stored record. NULL: none. */
    const uint8_t *reply;
    size_t         reply_size;
    bool           once_done; /* the one store_write of an exactly-once method was made, or found made */
};

/* Ms after now; one that no clock reaches is no deadline. */
static inline int64_t call_later(int64_t now, int64_t ms)
{
    int64_t ns;

    if (__builtin_mul_overflow(ms, MARU_NS_PER_MS, &ns) || __builtin_add_overflow(now, ns, &ns))
        return ms > 0 ? MARU_NO_DEADLINE : now;
    return ns;
}

/* Fills a call that was zeroed: a base with these. */
void call_init(maru_call *call, maru_runtime *rt, maru_arena *arena, int64_t deadline);

/* Whether these may be a call's: what maru_call_set_request_id, _set_traceparent and _add_metadata ask. Pure. */
bool call_request_id_fits(const char *id);
bool call_traceparent_fits(const char *traceparent);
bool call_metadata_fits(const char *key, const char *value);

/* On the strand. */
void call_child_add(maru_call *call, call_child *child);
void call_child_remove(call_child *child);
/* call_cancel notes why, and cancels what is in flight below. why lives as long as the call, or is static. */
void call_cancel(maru_call *call, const char *why);

/* call_pause suspends a handler whose call is over, and that may be going on all the same, for a moment: one that asks
 * again and again, whatever it is told, would keep the strand from all others. A root call's thread keeps only itself.
 */
void call_pause(maru_call *call);

/* A call by callback of a handler's: from when it is asked for until its done has returned. On the strand. */
void call_callback_begun(maru_call *base);
void call_callback_over(maru_call *base);

/* call_say notes the words and the origin of a failure; both are copied into the arena. NULL origin: here. */
void call_say(maru_call *call, const char *message, const char *origin);

#endif
