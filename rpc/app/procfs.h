/* procfs.h: whether a process of long ago is still that process. */
#ifndef MARU_PROCFS_H
#define MARU_PROCFS_H

#include <stddef.h>
#include <stdint.h>

/* When a process started, in clock ticks since boot: with its id this names it for good, though ids are used again.
 * 0 where there is no such process. */
uint64_t procfs_start(int64_t pid);

/* The start out of the text of /proc/PID/stat; 0 where it is none. Pure. */
uint64_t procfs_parse_start(const char *stat);

#endif
