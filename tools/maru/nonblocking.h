/* nonblocking.h: stdin, stdout and stderr are shared with whoever started us, and may be made non-blocking by any of
 * them, at any moment. They are waited for, as if they were not; to change them would change them for the others. */
#ifndef MARU_NONBLOCKING_H
#define MARU_NONBLOCKING_H

#include <stdbool.h>

/* nonblocking_again is whether a read (POLLIN) or write (POLLOUT) that failed with errno is to be tried again: it was
 * interrupted, or the file would have blocked, and now does not. errno stays. Blocks. */
bool nonblocking_again(int fd, short events);

/* Makes the stdout and stderr of stdio ones that wait. Before anything is printed. */
void nonblocking_stdio(void);

#endif
