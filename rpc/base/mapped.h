/* mapped.h: memory that goes back to the system as soon as it is given back, where it is big. malloc would do that too,
 * but for one size that a process chooses, and a store needs it to keep what LMDB takes for each write (app/app.c).
 *
 * Like malloc, realloc and free, for whoever knows how much he has. Any thread; never blocks.
 */
#ifndef MARU_MAPPED_H
#define MARU_MAPPED_H

#include <stddef.h>

/* Bytes from which on memory has pages of its own; AddressSanitizer, which watches what malloc gives, sees none. */
enum { MAPPED_FROM = 256 << 10 };

/* mapped_take gives size bytes, aligned for anything, or NULL where memory is out. */
void *mapped_take(size_t size);
/* mapped_grow makes bigger bytes of the size bytes at old, perhaps at another place; NULL with size 0 is nothing yet.
 * NULL where memory is out: old is as it was. */
void *mapped_grow(void *old, size_t size, size_t bigger);
/* mapped_give gives back the size bytes that were taken or grown to; NULL with any size is nothing. */
void mapped_give(void *memory, size_t size);

#endif
