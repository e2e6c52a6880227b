/* whole.h: writing all of it, or saying why not. */
#ifndef MARU_WHOLE_H
#define MARU_WHOLE_H

#include <stddef.h>
#include <stdint.h>

/* write_whole writes size bytes at an offset of a file, which was not opened with O_APPEND: 0, or an errno number. A
 * write that was cut short says nothing in errno: the rest is tried, and that says why it does not fit; what takes no
 * byte and says nothing is ENOSPC. Blocks. */
int write_whole(int fd, const void *bytes, size_t size, uint64_t at);

#endif
