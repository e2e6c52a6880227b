/* supply.c: hands out random bytes from a block that one call of the seam fills. */
#include "runtime/supply.h"

#include <assert.h>
#include <string.h>

void supply_init(supply *s)
{
    s->left = 0;
    pthread_mutex_init(&s->mutex, NULL);
}

void supply_end(supply *s)
{
    pthread_mutex_destroy(&s->mutex);
}

void supply_take(supply *s, const maru_seam *seam, void *into, size_t size)
{
    assert(size <= SUPPLY_SIZE);
    pthread_mutex_lock(&s->mutex);
    if (s->left < size) {
        seam->random(seam->self, s->bytes, SUPPLY_SIZE);
        s->left = SUPPLY_SIZE;
    }
    s->left -= size;
    memcpy(into, s->bytes + s->left, size);
    pthread_mutex_unlock(&s->mutex);
}
