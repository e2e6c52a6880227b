/* backoff.h: how long to wait before the next try to connect. Pure.
 *
 * gRPC's connection backoff (doc/connection-backoff.md): the first wait, times 1.6 a failure, at most the longest, each
 * spread by 0.2 to either side, so that clients of a server that came back do not come all at once.
 */
#ifndef MARU_BACKOFF_H
#define MARU_BACKOFF_H

#include <stdint.h>

typedef struct backoff {
    int64_t first_ms, max_ms;
    int64_t next_ms; /* without the spread; 0: none yet */
} backoff;

void backoff_reset(backoff *b);
/* backoff_next is the wait after one more failure, in ms; random is uniform. */
int64_t backoff_next(backoff *b, uint32_t random);

#endif
