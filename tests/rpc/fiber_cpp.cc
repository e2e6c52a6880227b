/* fiber_cpp.cc: fibers of C++: errno as maru/errno.h gives it to C++ too, and exceptions. */
#include <cerrno>

#include <unistd.h>

#include "rpc/fiber_cpp.h"

extern "C" void fiber_suspend(struct fiber *self); /* runtime/fiber.h is for C alone */

void errno_of_cpp(void *arg)
{
    errno_seen *seen = static_cast<errno_seen *>(arg);

    ERRNO_BODY(seen);
}

/* The innermost exception that is caught, by C++'s own account. */
static int what_is_caught()
{
    try {
        throw;
    } catch (int number) {
        return number;
    }
}

void catch_and_wait(catching *c)
{
    try {
        throw c->thrown;
    } catch (int) {
        fiber_suspend(c->self);
        c->caught = what_is_caught();
    }
}

void catch_and_run(catching *c, void (*fn)(void *arg), void *arg)
{
    try {
        throw c->thrown;
    } catch (int) {
        fn(arg);
        c->caught = what_is_caught();
    }
}
