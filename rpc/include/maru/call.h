/* maru/call.h: one call, as its handler or its caller sees it.
 *
 * A call has a deadline, can be cancelled, owns an arena, and holds the words of its last failure. A handler
 * gets one from the server; a program that is no handler begins a root one (maru_call_begin). What is called
 * with it inherits deadline, cancellation, trace and subject. A root call's request id and metadata go along
 * too (the id not to methods without side effects). A handler's do not: they were its own, and what it calls
 * gets no id, or, where the method is exactly-once, a new one, or one of its own that maru_keyed derives.
 *
 * A call belongs to its handler's fiber, or to the thread that began it. None of this is for other threads.
 */
#ifndef MARU_CALL_H
#define MARU_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/arena.h"
#include "maru/decls.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

typedef struct maru_call    maru_call;
typedef struct maru_runtime maru_runtime;

enum { MARU_NS_PER_MS = 1000000 };
#define MARU_NO_DEADLINE INT64_MAX

/* maru_call_begin makes a root call for a program that is no handler; stubs that get it block the thread. Inside a
 * handler they would block everything, and return INTERNAL: there, use the handler's own call, or call by callback.
 * timeout_ms 0 is no deadline, nor is one that no clock reaches. NULL where memory is out. maru_call_end gives back
 * everything that came from it, replies too. */
maru_call *maru_call_begin(maru_runtime *runtime, int64_t timeout_ms);
void       maru_call_end(maru_call *call);

/* maru_within is the same call with at most ms milliseconds left: for a callee that may not have all of
 * what is left. Lives as long as call, in its arena. */
maru_call *maru_within(maru_call *call, int64_t ms);

/* maru_keyed is the same call, for a nested exactly-once call: the callee's request id is derived from this
 * call's own, the one who made it (its subject, or else its caller), the method and key, so that a retried handler does
 * not act twice below, and two who chose the same id do not share one there. In a root call, and where this call has no
 * id of its own, key changes nothing. */
maru_call *maru_keyed(maru_call *call, const char *key);

/* Memory from the call's arena, valid until the call ends, aligned to 16, not zeroed. In a handler it never
 * returns NULL: where the budget is out, the call ends there with RESOURCE_EXHAUSTED (a handler holds nothing
 * that must be given back), once its calls by callback were told that they are cancelled (maru_done). In a root
 * call, and in a maru_done, it returns NULL. */
void       *maru_alloc(maru_call *call, size_t size);
char       *maru_strdup(maru_call *call, const char *text);
char       *maru_printf(maru_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
maru_arena *maru_call_arena(maru_call *call);

/* maru_fail notes one line for a person (what a peer's text has of controls becomes blanks) and returns status, so that
 * a handler can write `return maru_fail(call, MARU_NOT_FOUND, "...", ...)`. A later failure replaces it. */
maru_status maru_fail(maru_call *call, maru_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The words of the last failure of this call, or of one nested in it: "" where there was none. Who failed
 * ("catalog/4711"): "" where it was this process. */
const char *maru_call_message(const maru_call *call);
const char *maru_call_origin(const maru_call *call);

/* Time. Monotonic nanoseconds of the runtime's clock; the wall clock in nanoseconds since 1970, UTC. */
int64_t maru_call_now(const maru_call *call);
int64_t maru_call_wall_clock(const maru_call *call);
int64_t maru_call_deadline(const maru_call *call); /* on that clock, or MARU_NO_DEADLINE */
int64_t maru_call_left_ms(const maru_call *call);  /* never below 0 */

/* maru_call_random fills into with unpredictable bytes (of a simulation's seed in one): for names that nobody shall
 * guess. */
void maru_call_random(const maru_call *call, void *into, size_t size);

/* maru_call_check is OK while the call is worth going on with, else CANCELLED or DEADLINE_EXCEEDED. */
maru_status maru_call_check(maru_call *call);

/* maru_sleep suspends the handler (or the thread, in a root call) for ms milliseconds. OK, or why it woke early: a call
 * that is over already sleeps for a moment only, so that a handler that goes on regardless lets others run. INTERNAL
 * where it would block the strand: with a root call inside a handler, and in a callback. */
maru_status maru_sleep(maru_call *call, int64_t ms);

/* Who calls, and as what. "" where nothing was said. The caller is the peer as the transport knows it, never what it
 * says of itself: "uid:0" on ipc, "tcp:192.0.2.1" or "tcp:2001:db8::1" otherwise. So one program that calls over both
 * is two callers, also to an exactly-once method: a repeat goes the way that the first call went.
 *
 * The subject is the end user for whom a call is made, in the word of a peer on this machine that runs as the same user
 * or as root; what others say of it is not believed, and "". */
const char *maru_call_caller(const maru_call *call);
const char *maru_call_subject(const maru_call *call);
const char *maru_call_request_id(const maru_call *call);
const char *maru_call_method(const maru_call *call); /* "/shop.cart.v1.Cart/AddItem" */

/* maru_call_set_request_id names a root call, for an exactly-once method; one is made up where none is set. To other
 * methods that may have effects it goes along, and a digest of it is in the cause of their events (docs/events.md).
 * At most 128 bytes of printable ASCII, else INVALID_ARGUMENT. */
maru_status maru_call_set_request_id(maru_call *call, const char *id);

/* maru_call_set_traceparent gives a root call the W3C trace context of whoever asked for it; calls made with it pass it
 * on. INVALID_ARGUMENT where it is none (00-32hex-16hex-2hex, lowercase, not all zeros): then nothing changed. */
maru_status maru_call_set_traceparent(maru_call *call, const char *traceparent);

/* maru_call_begin_trace gives a root call that has no trace context one of its own, sampled. */
void maru_call_begin_trace(maru_call *call);

/* Metadata: lowercase keys, printable ASCII values. get returns NULL where the caller sent none. */
const char *maru_call_metadata(const maru_call *call, const char *key);
maru_status maru_call_add_metadata(maru_call *call, const char *key, const char *value);

/* maru_call_runtime is the runtime that the call runs on; it outlives the call. */
maru_runtime *maru_call_runtime(const maru_call *call);

MARU_END_DECLS

#endif
