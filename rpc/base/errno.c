/* errno.c: the address of this thread's errno, looked up each time (contract: maru/errno.h). */
#include "maru/errno.h"

/* The empty asm keeps link-time optimisation from finding out that this could be const. */
__attribute__((noinline)) int *maru_errno(void)
{
    __asm__ volatile("" ::: "memory");
    return __errno_location();
}
