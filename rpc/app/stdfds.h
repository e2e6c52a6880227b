/* stdfds.h: a program may be started without stdin, stdout or stderr. What it opens then would get their numbers, and
 * its words would go into a lock file or a socket. stdfds_open fills the gaps first, so that writing to one fails as it
 * should (EBADF).
 */
#ifndef MARU_STDFDS_H
#define MARU_STDFDS_H

/* The first thing in main. */
void stdfds_open(void);

#endif
