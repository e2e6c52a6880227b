/* slow_seam.c: the real world (maru/seam.h), but for a clock that runs slower. Linked in place of it (--wrap) into
 * every test program that runs under valgrind, where the same work takes ten times as long and more: a deadline, a turn
 * of the strand and what admission thinks of a call then mean what they mean elsewhere.
 */
#include "maru/seam.h"
#include "runtime/executor.h"
#include "transport/nng_transport.h"
#include "transport/poll_transport.h"

enum { SLOWER = 8 };

const maru_seam *__real_maru_seam_real(void);
const maru_seam *__wrap_maru_seam_real(void);

static int64_t slow_now(void *self)
{
    return __real_maru_seam_real()->now(self) / SLOWER;
}

static int64_t slow_wall(void *self)
{
    return __real_maru_seam_real()->wall(self);
}

static void slow_random(void *self, void *into, size_t size)
{
    __real_maru_seam_real()->random(self, into, size);
}

static maru_status slow_start(void *self, const maru_executor_calls *calls, void **handle, maru_error *error)
{
    return executor_thread.start(self, calls, handle, error);
}

static void slow_wake(void *handle)
{
    executor_thread.wake(handle);
}

static void slow_wake_at(void *handle, int64_t at_ns)
{
    executor_thread.wake_at(handle, at_ns > INT64_MAX / SLOWER ? INT64_MAX : at_ns * SLOWER);
}

static bool slow_always_yield(void *handle)
{
    return executor_thread.always_yield(handle);
}

static void slow_stop(void *handle)
{
    executor_thread.stop(handle);
}

static const maru_executor slow_executor = {.start = slow_start,
                                            .wake = slow_wake,
                                            .wake_at = slow_wake_at,
                                            .always_yield = slow_always_yield,
                                            .stop = slow_stop};

static const maru_seam slow = {.now = slow_now,
                               .wall = slow_wall,
                               .random = slow_random,
                               .transport = &nng_transport,
                               .poll = &poll_transport,
                               .executor = &slow_executor};

const maru_seam *__wrap_maru_seam_real(void)
{
    return &slow;
}
