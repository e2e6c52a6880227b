/* procfs.h: whether a process of long ago is still that process, and whose it is. */
#ifndef MARU_PROCFS_H
#define MARU_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

/* procfs_check is FAILED_PRECONDITION where /proc does not show this process: nor does it show others then. */
maru_status procfs_check(maru_error *error);

/* When a process started, in clock ticks since boot: with its id this names it for good, though ids are used again.
 * 0 where there is no such process. */
uint64_t procfs_start(int64_t pid);

/* The process that started it, or has it since that one ended; 0 where there is no such process. */
int64_t procfs_parent(int64_t pid);

/* Whether a signal or a debugger has stopped it. */
bool procfs_is_stopped(int64_t pid);

/* Whether it is on its way out: its memory is gone already, while its id, and the children that it has until its very
 * end, still are there. */
bool procfs_is_ending(int64_t pid);

/* The process that it was told to end with: PID of `--supervised PID` on its command line; 0 where there is none. */
int64_t procfs_supervisor(int64_t pid);

/* The start, the parent, and the letter of its state, out of the text of /proc/PID/stat; 0 where it is none. Pure. */
uint64_t procfs_parse_start(const char *stat);
int64_t  procfs_parse_parent(const char *stat);
char     procfs_parse_state(const char *stat);
/* The supervisor, out of the size bytes of /proc/PID/cmdline: words with a NUL after each. Pure. */
int64_t procfs_parse_supervisor(const char *words, size_t size);

#endif
