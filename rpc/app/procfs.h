/* procfs.h: whether a process of long ago is still that process, and whose it is. */
#ifndef MARU_PROCFS_H
#define MARU_PROCFS_H

#include <stddef.h>
#include <stdint.h>

/* When a process started, in clock ticks since boot: with its id this names it for good, though ids are used again.
 * 0 where there is no such process. */
uint64_t procfs_start(int64_t pid);

/* The process that started it, or has it since that one ended; 0 where there is no such process. */
int64_t procfs_parent(int64_t pid);

/* The start, and the parent, out of the text of /proc/PID/stat; 0 where it is none. Pure. */
uint64_t procfs_parse_start(const char *stat);
int64_t  procfs_parse_parent(const char *stat);

#endif
