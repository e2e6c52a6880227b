/* fiber.c: see fiber.h. The only file that knows how stacks are switched. */
#include "runtime/fiber.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/jump.h"

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#define FIBER_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>)
#define FIBER_VALGRIND 1
#include <valgrind/valgrind.h>
#endif

/* What C++ keeps of a thread's exceptions: those that catch blocks hold, and how many are on their way
 * (__cxa_eh_globals of its ABI). No such function is linked into a program of C alone. */
typedef struct exceptions {
    void    *caught;
    unsigned uncaught;
} exceptions;

extern exceptions *__cxa_get_globals(void) __attribute__((weak));

enum {
    IDLE_MAX = 256, /* stacks kept beyond the moment's need; each may hold committed pages */
    /* Below a stack; nothing but address space. What is built on libmaru touches each page of its frames
     * (-fstack-clash-protection); what libc and other libraries have in one frame does not reach over so much, and on
     * some machines compilers count on it. A multiple of every machine's pages. */
    GUARD_BYTES = 64 * 1024,
};

struct fiber {
    jump        at;      /* where it was suspended */
    jump        base;    /* where fiber_unwind goes */
    jump        resumer; /* where fiber_resume waits */
    fiber_pool *pool;
    fiber      *next; /* idle ones */
    fiber_fn    fn, unwound;
    void       *arg;
    bool        done;
    exceptions  thrown; /* its own while it is suspended, of the thread that resumed it while it runs */
    char       *map;    /* the guard, then the stack */
    size_t      map_bytes;
#ifdef FIBER_ASAN
    void       *fake;  /* its own fake stack while it is suspended */
    const void *below; /* the stack of whoever resumed it */
    size_t      below_bytes;
#endif
#ifdef FIBER_TSAN
    void *tsan, *tsan_below;
#endif
#ifdef FIBER_VALGRIND
    unsigned valgrind_id;
#endif
};

struct fiber_pool {
    size_t stack_bytes, max, live, idle_count;
    fiber *idle, *current;
};

/* What the sanitizers are told, in pairs: leave before the jump, arrive after it. */

static inline void leave_for(fiber *f, void **keep_fake)
{
#ifdef FIBER_ASAN
    __sanitizer_start_switch_fiber(keep_fake, f->map + GUARD_BYTES, f->map_bytes - GUARD_BYTES);
#elif defined(FIBER_TSAN)
    f->tsan_below = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(f->tsan, 0);
#endif
    (void)f;
    (void)keep_fake;
}

static inline void arrive_below(void *fake)
{
#ifdef FIBER_ASAN
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
    (void)fake;
}

static inline void leave_below(fiber *f)
{
#ifdef FIBER_ASAN
    __sanitizer_start_switch_fiber(&f->fake, f->below, f->below_bytes);
#elif defined(FIBER_TSAN)
    __tsan_switch_to_fiber(f->tsan_below, 0);
#endif
    (void)f;
}

static inline void arrive_on(fiber *f)
{
#ifdef FIBER_ASAN
    __sanitizer_finish_switch_fiber(f->fake, &f->below, &f->below_bytes);
#endif
    (void)f;
}

static __attribute__((noinline)) void go_below(fiber *f)
{
    if (jump_set(&f->at) == 0) {
        leave_below(f);
        jump_to(&f->resumer);
    }
    arrive_on(f);
}

static __attribute__((noinline)) void run_once(fiber *f)
{
    if (jump_set(&f->base) == 0)
        f->fn(f->arg);
    else
        f->unwound(f->arg);
}

/* The bottom of every fiber's stack. It never returns: after a function it waits, in the pool, for the next. */
static void fiber_main(unsigned low, unsigned high)
{
    fiber *f = (fiber *)((uintptr_t)high << 32 | low);

    arrive_on(f);
    go_below(f);
    for (;;) {
        run_once(f);
        f->done = true;
        go_below(f);
    }
}

/* Enters fiber_main for the first time; it comes back through resumer once it stands. By setcontext: nothing of here is
 * to be kept, and AddressSanitizer warns of swapcontext, though it was told of the switch. */
static __attribute__((noinline)) void fiber_boot(fiber *f)
{
    ucontext_t there;
    uintptr_t  me = (uintptr_t)f;
    void      *fake = NULL;

    getcontext(&there);
    there.uc_stack.ss_sp = f->map + GUARD_BYTES;
    there.uc_stack.ss_size = f->map_bytes - GUARD_BYTES;
    there.uc_link = NULL;
    makecontext(&there, (void (*)(void))(uintptr_t)fiber_main, 2, (unsigned)me, (unsigned)(me >> 32));
    if (jump_set(&f->resumer) == 0) {
        leave_for(f, &fake);
        setcontext(&there);
    }
    arrive_below(fake);
}

__attribute__((noinline)) void fiber_suspend(fiber *self)
{
    go_below(self);
}

/* A handler that waits in a catch block finds its own exception there afterwards, on whichever thread. */
static void swap_exceptions(fiber *f)
{
    exceptions *of_thread, kept;

    if (__cxa_get_globals == NULL)
        return;
    of_thread = __cxa_get_globals();
    kept = *of_thread;
    *of_thread = f->thrown;
    f->thrown = kept;
}

static __attribute__((noinline)) void go_on(fiber *f)
{
    fiber_pool *pool = f->pool;
    void       *fake = NULL;

    pool->current = f;
    swap_exceptions(f);
    if (jump_set(&f->resumer) == 0) {
        leave_for(f, &fake);
        jump_to(&f->at);
    }
    arrive_below(fake);
    swap_exceptions(f);
    f->pool->current = NULL;
}

_Noreturn void fiber_unwind(fiber *self)
{
    jump_to(&self->base);
}

static void fiber_free(fiber *f)
{
#ifdef FIBER_TSAN
    __tsan_destroy_fiber(f->tsan);
#endif
#ifdef FIBER_VALGRIND
    VALGRIND_STACK_DEREGISTER(f->valgrind_id);
#endif
#ifdef FIBER_ASAN
    /* The shadow of this stack still says what its frames were; the next mapping at this place starts clean. */
    __asan_unpoison_memory_region(f->map, f->map_bytes);
#endif
    munmap(f->map, f->map_bytes);
    free(f);
}

static fiber *fiber_make(fiber_pool *pool)
{
    fiber *f = malloc(sizeof *f);

    if (f == NULL)
        return NULL;
    *f = (fiber){.pool = pool, .map_bytes = pool->stack_bytes + GUARD_BYTES};
    f->map = mmap(NULL, f->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
                  -1, 0);
    if (f->map == MAP_FAILED || mprotect(f->map, GUARD_BYTES, PROT_NONE) != 0) {
        if (f->map != MAP_FAILED)
            munmap(f->map, f->map_bytes);
        free(f);
        return NULL;
    }
#ifdef FIBER_TSAN
    f->tsan = __tsan_create_fiber(0);
#endif
#ifdef FIBER_VALGRIND
    f->valgrind_id = VALGRIND_STACK_REGISTER(f->map + GUARD_BYTES, f->map + f->map_bytes);
#endif
    fiber_boot(f);
    return f;
}

static fiber *fiber_take(fiber_pool *pool)
{
    fiber *f = pool->idle;

    if (f != NULL) {
        pool->idle = f->next;
        pool->idle_count--;
        return f;
    }
    return fiber_make(pool);
}

static void fiber_give(fiber_pool *pool, fiber *f)
{
    if (pool->idle_count >= IDLE_MAX) {
        fiber_free(f);
        return;
    }
    f->next = pool->idle;
    pool->idle = f;
    pool->idle_count++;
}

void fiber_resume(fiber *f)
{
    fiber_pool *pool = f->pool;

    go_on(f);
    if (f->done) {
        pool->live--;
        fiber_give(pool, f);
    }
}

int fiber_start(fiber_pool *pool, fiber_fn fn, fiber_fn unwound, void *arg)
{
    fiber *f;

    if (pool->live >= pool->max || (f = fiber_take(pool)) == NULL)
        return -1;
    pool->live++;
    f->fn = fn;
    f->unwound = unwound;
    f->arg = arg;
    f->done = false;
    f->thrown = (exceptions){0}; /* what was unwound may have left some */
    fiber_resume(f);
    return 0;
}

__attribute__((noinline)) fiber *fiber_current(const fiber_pool *pool)
{
    return pool->current;
}

fiber *fiber_step_out(fiber_pool *pool)
{
    fiber *outer = pool->current;

    pool->current = NULL;
    return outer;
}

void fiber_step_in(fiber_pool *pool, fiber *outer)
{
    assert(pool->current == NULL);
    pool->current = outer;
}

size_t fiber_pool_live(const fiber_pool *pool)
{
    return pool->live;
}

fiber_pool *fiber_pool_new(size_t stack_bytes, size_t max)
{
    fiber_pool *pool = malloc(sizeof *pool);
    size_t      page = (size_t)getpagesize();

    if (pool == NULL)
        return NULL;
    *pool = (fiber_pool){.stack_bytes = (stack_bytes + page - 1) / page * page, .max = max};
    return pool;
}

void fiber_pool_free(fiber_pool *pool)
{
    while (pool->idle != NULL) {
        fiber *f = pool->idle;
        pool->idle = f->next;
        fiber_free(f);
    }
    free(pool);
}
