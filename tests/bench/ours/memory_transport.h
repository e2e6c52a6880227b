/* memory_transport.h: a seam whose transport keeps connections to MEMORY_URL and a name within this process: bytes go
 * through memory, and there is no system call. Every other URL goes to the real transport.
 *
 * For what a split costs: the same services, linked into one program, speak to each other through this.
 */
#ifndef BENCH_MEMORY_TRANSPORT_H
#define BENCH_MEMORY_TRANSPORT_H

#include "maru/seam.h"

#define MEMORY_URL "ipc:///within-this-process/"

/* memory_seam is the real seam with that transport. Static. */
const maru_seam *memory_seam(void);

#endif
