/* regular.h: opening a file whose name somebody else may have given to something else: a link to what is none of ours,
 * or a FIFO, on which open waits for ever.
 */
#ifndef MARU_REGULAR_H
#define MARU_REGULAR_H

/* regular_open opens the regular file at path, with open's flags and, where those are to make it, mode 0600. It follows
 * no link at path itself, and never waits. -1 and errno where it can't; then *is says what is there that is no regular
 * file ("a FIFO"), and is NULL otherwise. */
int regular_open(const char *path, int flags, const char **is);

#endif
