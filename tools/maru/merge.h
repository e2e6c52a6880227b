/* merge.h: one stderr for many processes, whole lines only, each behind the name of its process.
 *
 * A thread of its own writes, so that a reader that stands still stops nobody. What it cannot take by then is thrown
 * away above a limit, and how much that was is said in its place. So it is with what a write fails for, as on a full
 * disk: it is said before the next line that can be written, and a line of which a part is there ends first. merge_line
 * is for any thread and does not block.
 */
#ifndef MARU_MERGE_H
#define MARU_MERGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct merge merge;

enum { MERGE_LIMIT = 1 << 20 }; /* bytes that wait */

/* Writes to fd; names are padded to width. NULL where memory or threads are out. */
merge *merge_new(int fd, int width);
void   merge_line(merge *m, const char *name, const char *line, size_t size);
void   merge_say(merge *m, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Waits until all is written, wait_ms at most; what is then still not, is lost with the process. */
void merge_finish(merge *m, int64_t wait_ms);

#endif
