/* memory_pair.h: two pipes of bytes between two ends of one process, one a direction.
 *
 * Callbacks run on the thread that let them go on, perhaps within the call that began them: they may only post
 * (maru/seam.h). Functions are of either end, from any thread.
 */
#ifndef BENCH_MEMORY_PAIR_H
#define BENCH_MEMORY_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/seam.h"

typedef struct memory_pair memory_pair;

/* NULL where memory is out. Freed when both sides (0 and 1) have released it. */
memory_pair *memory_pair_new(void);
void         memory_pair_release(memory_pair *p);

/* As a stream's of maru/seam.h, for the end on a side. */
void    memory_pair_recv(memory_pair *p, int side, void *into, size_t size, maru_io_done done, void *arg);
void    memory_pair_send(memory_pair *p, int side, const void *from, size_t size, maru_io_done done, void *arg);
int64_t memory_pair_recv_now(memory_pair *p, int side, void *into, size_t size);
int64_t memory_pair_send_now(memory_pair *p, int side, const void *from, size_t size);
void    memory_pair_close(memory_pair *p);

#endif
