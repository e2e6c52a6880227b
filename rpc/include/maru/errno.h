/* maru/errno.h: errno that is safe where a fiber may resume on another thread. Included by force into every C file
 * that is built on libmaru (rpc/CMakeLists.txt); nobody includes it by hand.
 *
 * libc declares the function behind errno as const, so compilers keep its result, the address of one thread's errno,
 * over a call that switches fibers, and read the wrong thread's errno after it. maru_errno is an ordinary function:
 * it is called again each time errno is named.
 */
#ifndef MARU_ERRNO_H
#define MARU_ERRNO_H

#if !defined(__cplusplus) && !defined(__ASSEMBLER__)

#include <errno.h>

/* maru_errno is the address of the calling thread's errno, true until the next switch of fibers. */
int *maru_errno(void);

#undef errno
#define errno (*maru_errno())

#endif
#endif
