/* fiber_test.c: handlers' stacks: they move between threads and see the right errno, end in a guard, are used
 * again, and can be left from any depth.
 */
#include "test.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rpc/errno_plain.h"
#include "rpc/fiber_cpp.h"
#include "runtime/fiber.h"

enum { STACK = 64 * 1024 };

static void never(void *arg)
{
    (void)arg;
    CHECK(false);
}

/* Runs fn(arg) on a thread of its own, to its end. */
typedef struct job {
    void (*fn)(void *arg);
    void *arg;
} job;

static void *run_job(void *arg)
{
    job *j = arg;

    j->fn(j->arg);
    return NULL;
}

static void elsewhere(void (*fn)(void *arg), void *arg)
{
    job       j = {fn, arg};
    pthread_t thread;

    if (!CHECK_INT(pthread_create(&thread, NULL, run_job, &j), 0))
        exit(1);
    pthread_join(thread, NULL);
}

/* errno. */

void errno_of_ours(void *arg)
{
    errno_seen *seen = arg;

    ERRNO_BODY(seen);
}

typedef struct errno_case {
    fiber_pool *pool;
    errno_seen  seen;
    void (*body)(void *seen);
} errno_case;

static void errno_main(void *arg)
{
    errno_case *c = arg;

    c->seen.self = fiber_current(c->pool);
    c->body(&c->seen);
}

static void resume_elsewhere(void *arg)
{
    errno_case *c = arg;

    errno = ERANGE; /* of this thread, until the fiber's close */
    fiber_resume(c->seen.self);
}

static errno_seen see_errno(void (*body)(void *seen))
{
    errno_case c = {.pool = fiber_pool_new(STACK, 10), .body = body};

    CHECK_INT(fiber_start(c.pool, errno_main, never, &c), 0);
    errno = E2BIG; /* of the thread that the fiber has left */
    elsewhere(resume_elsewhere, &c);
    CHECK_INT(fiber_pool_live(c.pool), 0);
    fiber_pool_free(c.pool);
    return c.seen;
}

static void test_errno(void)
{
    errno_seen seen;

    test_begin("a fiber that resumes on another thread sees the errno of what it does there");
    seen = see_errno(errno_of_ours);
    CHECK_INT(seen.before, EBADF);
    CHECK_INT(seen.after, EBADF);
    test_begin("so does one of C++");
    seen = see_errno(errno_of_cpp);
    CHECK_INT(seen.before, EBADF);
    CHECK_INT(seen.after, EBADF);
    test_begin("with libc's own errno it does not: gcc keeps the first thread's (so the case above can fail)");
    seen = see_errno(errno_of_plain);
    CHECK_INT(seen.before, EBADF);
    CHECK_INT(seen.after, E2BIG);
}

/* Exceptions of C++. */

typedef struct catchers {
    fiber_pool *pool;
    catching    one, other;
} catchers;

static void catcher_main(void *arg)
{
    catchers *all = arg;
    catching *c = all->one.self == NULL ? &all->one : &all->other;

    c->self = fiber_current(all->pool);
    catch_and_wait(c);
}

static void start_catchers(void *arg)
{
    catchers *all = arg;

    CHECK_INT(fiber_start(all->pool, catcher_main, never, all), 0);
    CHECK_INT(fiber_start(all->pool, catcher_main, never, all), 0);
}

static void resume_one(void *arg)
{
    fiber_resume(((catchers *)arg)->one.self);
}

static void test_exceptions(void)
{
    catchers all = {.pool = fiber_pool_new(STACK, 10), .one.thrown = 1, .other.thrown = 2};
    catching below = {.thrown = 3};

    test_begin(
        "who waits in a catch block of C++ finds its own exception there: two fibers, and the thread below them");
    catch_and_run(&below, start_catchers, &all);
    CHECK_INT(below.caught, 3);
    elsewhere(resume_one, &all);
    CHECK_INT(all.one.caught, 1);
    fiber_resume(all.other.self);
    CHECK_INT(all.other.caught, 2);
    CHECK_INT(fiber_pool_live(all.pool), 0);
    fiber_pool_free(all.pool);
}

/* Moving about: each fiber is resumed by whichever thread comes, many times. */

enum { MOVERS = 20, THREADS = 4, MOVES = 500 };

typedef struct moving moving;

typedef struct mover {
    moving *all;
    fiber  *self;
    int     moves, other_threads;
    double  sum;
} mover;

struct moving {
    fiber_pool     *pool;
    pthread_mutex_t strand; /* one at a time, as the strand has it */
    mover           movers[MOVERS];
    int             next, live, threads;
    int             on; /* the number of the thread that resumes now: pthread_self is kept as errno's address is */
};

static void mover_main(void *arg)
{
    mover *m = arg;

    for (m->moves = 0; m->moves < MOVES; m->moves++) {
        double sum = m->sum + m->moves;
        int    on = m->all->on;

        fiber_suspend(m->self);
        m->other_threads += on != m->all->on;
        m->sum = sum;
    }
}

static void *move_some(void *arg)
{
    moving *all = arg;
    int     number = 0;
    bool    more = true;

    while (more) {
        pthread_mutex_lock(&all->strand);
        if (number == 0)
            number = ++all->threads;
        all->on = number;
        for (int i = 0; i < 3 && all->live > 0; i++) {
            mover *m = &all->movers[all->next++ % MOVERS];
            if (m->moves == MOVES)
                continue;
            fiber_resume(m->self);
            all->live -= m->moves == MOVES;
        }
        more = all->live > 0;
        pthread_mutex_unlock(&all->strand);
        sched_yield();
    }
    return NULL;
}

static void begin_mover(void *arg)
{
    moving *all = arg;
    mover  *m = &all->movers[all->live];

    m->all = all;
    m->self = fiber_current(all->pool);
    mover_main(m);
}

static void test_moving(void)
{
    moving    all = {.pool = fiber_pool_new(STACK, MOVERS), .strand = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS];
    int       other = 0;

    test_begin("20 fibers are resumed 500 times each by 4 threads, and keep what they had on their stacks");
    for (; all.live < MOVERS; all.live++)
        CHECK_INT(fiber_start(all.pool, begin_mover, never, &all), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, move_some, &all);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < MOVERS; i++) {
        CHECK_INT((int64_t)all.movers[i].sum, (int64_t)MOVES * (MOVES - 1) / 2);
        other += all.movers[i].other_threads;
    }
    printf("# %d of %d resumes were on another thread\n", other, MOVERS * MOVES);
    CHECK(other > 0);
    CHECK_INT(fiber_pool_live(all.pool), 0);
    fiber_pool_free(all.pool);
}

/* The guard. */

typedef struct overflow {
    fiber_pool *pool;
    int (*into)(void);
    char *top; /* of the stack, within a page */
} overflow;

static overflow *overflow_now; /* a signal handler has no other way to it */

static void on_segv(int number, siginfo_t *info, void *context)
{
    uintptr_t page = (uintptr_t)getpagesize(), at = (uintptr_t)info->si_addr;
    uintptr_t low = ((uintptr_t)overflow_now->top - STACK + page - 1) / page * page; /* where the stack ends */

    (void)number;
    (void)context;
    _exit(at >= low - page && at < low ? 42 : 43);
}

static __attribute__((noinline)) int deeper(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    return depth < 0 ? 0 : deeper(depth + 1) + frame[0];
}

static int step_by_step(void)
{
    return deeper(0);
}

/* Far more than stack and guard; only the end that is far below is written to. */
static int at_once(void)
{
    volatile char frame[8 * STACK];

    frame[0] = 1;
    return frame[0];
}

static void overflow_main(void *arg)
{
    overflow *o = arg;

    o->top = __builtin_frame_address(0);
    o->into();
}

/* Another fiber's stack lies below perhaps: without a guard it would be written to in silence. */
static void overflow_child(int (*into)(void))
{
    overflow         o = {.pool = fiber_pool_new(STACK, 10), .into = into};
    stack_t          apart = {.ss_size = 256 * 1024};
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    overflow_now = &o;
    apart.ss_sp = mmap(NULL, apart.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaltstack(&apart, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    fiber_start(o.pool, overflow_main, never, &o);
    _exit(44);
}

static void expect_guard(int (*into)(void))
{
    int   status;
    pid_t child = fork();

    if (child == 0)
        overflow_child(into);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 42);
}

static void test_guard(void)
{
    test_begin("a handler that overflows its stack ends its process in the guard below it");
    expect_guard(step_by_step);
    test_begin("so does one with a single frame that would reach over the guard");
    expect_guard(at_once);
}

/* The pool. */

typedef struct guest {
    fiber_pool *pool;
    fiber      *self;
    char       *stack;
    int         ended, unwound;
    int         depth; /* from which to unwind; 0: not */
    bool        stay;
} guest;

static void unwind_from(guest *g, int depth)
{
    volatile char frame[100];

    frame[0] = (char)depth;
    if (depth > 0)
        unwind_from(g, depth - 1);
    else if (frame[0] == 0)
        fiber_unwind(g->self);
    frame[1] = frame[0];
}

static void guest_main(void *arg)
{
    guest *g = arg;

    g->self = fiber_current(g->pool);
    g->stack = __builtin_frame_address(0);
    if (g->stay)
        fiber_suspend(g->self);
    if (g->depth > 0)
        unwind_from(g, g->depth);
    g->ended++;
}

static void guest_unwound(void *arg)
{
    guest *g = arg;

    CHECK(fiber_current(g->pool) == g->self);
    g->unwound++;
}

static void test_pool(void)
{
    enum { MANY = 300 };
    fiber_pool   *pool = fiber_pool_new(STACK, MANY);
    guest         guests[MANY + 1];
    char         *first = NULL;
    struct rusage before, after;

    test_begin("one fiber after the other uses the same stack again, and its memory");
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < 1000; i++) {
        guest g = {.pool = pool};

        CHECK_INT(fiber_start(pool, guest_main, guest_unwound, &g), 0);
        CHECK_INT(g.ended, 1);
        CHECK(first == NULL || first == g.stack);
        first = g.stack;
    }
    getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_minflt - before.ru_minflt < 500); /* fresh memory is a page fault for each */
    CHECK(fiber_current(pool) == NULL);
    test_begin("as many as may live do, one more is refused, and not begun");
    for (int i = 0; i <= MANY; i++) {
        guests[i] = (guest){.pool = pool, .stay = true};
        CHECK_INT(fiber_start(pool, guest_main, guest_unwound, &guests[i]), i < MANY ? 0 : -1);
    }
    CHECK(guests[MANY].self == NULL);
    CHECK_INT(fiber_pool_live(pool), MANY);
    test_begin("when one has ended another may begin");
    fiber_resume(guests[7].self);
    CHECK_INT(guests[7].ended, 1);
    CHECK_INT(fiber_start(pool, guest_main, guest_unwound, &guests[MANY]), 0);
    for (int i = 0; i <= MANY; i++)
        if (i != 7)
            fiber_resume(guests[i].self);
    CHECK_INT(fiber_pool_live(pool), 0);
    fiber_pool_free(pool);
}

static void test_unwinding(void)
{
    fiber_pool *pool = fiber_pool_new(STACK, 10);

    test_begin(
        "a fiber that unwinds, from any depth and after it was suspended, ends in unwound, and its stack is good "
        "for the next");
    for (int i = 0; i < 200; i++) {
        guest g = {.pool = pool, .depth = 1 + i % 100, .stay = i % 2 == 1}, next = {.pool = pool};

        CHECK_INT(fiber_start(pool, guest_main, guest_unwound, &g), 0);
        if (g.stay)
            fiber_resume(g.self);
        CHECK_INT(g.ended, 0);
        CHECK_INT(g.unwound, 1);
        CHECK_INT(fiber_start(pool, guest_main, guest_unwound, &next), 0);
        CHECK_INT(next.ended, 1);
    }
    CHECK_INT(fiber_pool_live(pool), 0);
    fiber_pool_free(pool);
}

int main(void)
{
    test_guard(); /* first: it forks */
    test_errno();
    test_exceptions();
    test_moving();
    test_pool();
    test_unwinding();
    return test_end();
}
