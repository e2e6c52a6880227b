/* atonce.h: several that are asked at the same time, so that those which hang cost the time of one. */
#ifndef MARU_AUDIT_ATONCE_H
#define MARU_AUDIT_ATONCE_H

#include <stddef.h>

/* at_once runs fn(arg, 0) to fn(arg, count - 1), each on a thread of its own, and returns when all have ended. Where
 * there is no thread to be had, one after the other. count: at most ATONCE_MAX at the same time. */
enum { ATONCE_MAX = 64 };
void at_once(size_t count, void (*fn)(void *arg, size_t index), void *arg);

#endif
