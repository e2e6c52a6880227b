/* errno_plain.c: a fiber that uses errno as libc defines it: what maru/errno.h is there to prevent. */
#undef errno /* of the header that is included by force */
#define errno (*__errno_location())

#include <unistd.h>

#include "rpc/errno_plain.h"
#include "runtime/fiber.h"

void errno_of_plain(void *arg)
{
    errno_seen *seen = arg;

    ERRNO_BODY(seen);
}
