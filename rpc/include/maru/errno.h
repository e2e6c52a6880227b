/* maru/errno.h: errno that is safe where a fiber may resume on another thread. Included by force into every file of C
 * and of C++ that is built on libmaru (rpc/CMakeLists.txt, MaruConfig.cmake, maru.pc); nobody includes it by hand.
 *
 * libc declares the function behind errno as const, so compilers keep its result, the address of one thread's errno,
 * over a call that switches fibers, and read the wrong thread's errno after it. maru_errno is an ordinary function:
 * it is called again each time errno is named.
 */
#ifndef MARU_ERRNO_H
#define MARU_ERRNO_H

#ifndef __ASSEMBLER__

/* Before all others, so that none of them defines errno again, <cerrno> neither. */
#include <errno.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

/* maru_errno is the address of the calling thread's errno, true until the next switch of fibers. */
int *maru_errno(void);

MARU_END_DECLS

#undef errno
#define errno (*maru_errno())

#endif
#endif
