/* seam_real.c: the world as it is: the kernel's clocks and randomness, nng's streams, a thread for the strand. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "maru/seam.h"
#include "runtime/executor.h"
#include "transport/nng_transport.h"
#include "transport/poll_transport.h"

static int64_t clock_of(clockid_t which)
{
    struct timespec t;

    clock_gettime(which, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t real_now(void *self)
{
    (void)self;
    return clock_of(CLOCK_MONOTONIC);
}

#if defined(__x86_64__)
/* All that run this count at more than 1 GHz. Not ordered with what is around it: that is what the clock pays for. */
static uint64_t real_ticks(void *self)
{
    (void)self;
    return __builtin_ia32_rdtsc();
}
#else
#define real_ticks NULL
#endif

static int64_t real_wall(void *self)
{
    (void)self;
    return clock_of(CLOCK_REALTIME);
}

static void real_random(void *self, void *into, size_t size)
{
    char *at = into;

    (void)self;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);

        if (got < 0 && errno != EINTR)
            abort(); /* ids would repeat: nothing could be trusted */
        if (got > 0)
            at += got, size -= (size_t)got;
    }
}

static const maru_seam real = {
    .now = real_now,
    .wall = real_wall,
    .ticks = real_ticks,
    .random = real_random,
    .transport = &nng_transport,
    .poll = &poll_transport,
    .executor = &executor_thread,
};

const maru_seam *maru_seam_real(void)
{
    return &real;
}
