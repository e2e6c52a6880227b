/* fiber.h: a handler's own stack, so that it can wait in the middle of straight code.
 *
 * Made with makecontext, switched by jumps (base/jump.h), which cost no system call (swapcontext costs two; the
 * technique is that of QEMU's coroutines). Stacks are pooled, committed page by page as they
 * are used, and end in a guard. The switches are told to AddressSanitizer, ThreadSanitizer and valgrind.
 *
 * Everything here belongs to the strand: one fiber of a pool runs at a time, but a fiber may resume on another thread.
 */
#ifndef MARU_FIBER_H
#define MARU_FIBER_H

#include <stddef.h>

typedef struct fiber      fiber;
typedef struct fiber_pool fiber_pool;

typedef void (*fiber_fn)(void *arg);

fiber_pool *fiber_pool_new(size_t stack_bytes, size_t max);
/* fiber_pool_free gives back all stacks; no fiber may be running or suspended. */
void   fiber_pool_free(fiber_pool *pool);
size_t fiber_pool_live(const fiber_pool *pool);

/* fiber_start runs fn(arg) on a fiber until it first suspends or ends; after a fiber_unwind, unwound(arg) runs in its
 * place. Returns 0, or -1 where max fibers live or memory is out. */
int fiber_start(fiber_pool *pool, fiber_fn fn, fiber_fn unwound, void *arg);

/* fiber_current is the fiber that runs now, or NULL outside of one. */
fiber *fiber_current(const fiber_pool *pool);

/* fiber_step_out has the rest of this function, on whichever stack, be in no fiber, until fiber_step_in gets what it
 * returned: a callback that is told from within a fiber is no part of that. It may not suspend. */
fiber *fiber_step_out(fiber_pool *pool);
void   fiber_step_in(fiber_pool *pool, fiber *outer);

/* fiber_suspend gives the thread back; it returns when someone calls fiber_resume, perhaps on another thread. */
void fiber_suspend(fiber *self);
/* fiber_resume goes on with a suspended fiber, and returns when it suspends again or ends. Not from a fiber. */
void fiber_resume(fiber *f);

/* fiber_unwind ends fn at once, from whatever depth: for a handler whose memory is out. What it holds is not given
 * back. */
_Noreturn void fiber_unwind(fiber *self);

#endif
