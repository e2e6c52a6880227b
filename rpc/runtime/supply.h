/* supply.h: random bytes taken in advance, for ids of which each request needs one: a system call for each would cost
 * more than the id. Not for secrets: those that are next lie in memory. From any thread.
 */
#ifndef MARU_SUPPLY_H
#define MARU_SUPPLY_H

#include <pthread.h>

#include "maru/seam.h"

enum { SUPPLY_SIZE = 768 };

typedef struct supply {
    pthread_mutex_t mutex;
    size_t          left;
    uint8_t         bytes[SUPPLY_SIZE];
} supply;

void supply_init(supply *s);
void supply_end(supply *s);
/* supply_take gives size bytes that nobody else gets, at most SUPPLY_SIZE. */
void supply_take(supply *s, const maru_seam *seam, void *into, size_t size);

#endif
