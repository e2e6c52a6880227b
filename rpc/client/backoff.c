/* backoff.c: computes the next wait before a reconnect: longer each time, up to a limit, spread at random. */
#include "client/backoff.h"

void backoff_reset(backoff *b)
{
    b->next_ms = 0;
}

int64_t backoff_next(backoff *b, uint32_t random)
{
    int64_t grown = b->next_ms == 0 ? b->first_ms : b->next_ms * 8 / 5;
    int64_t spread;

    if (grown == b->next_ms)
        grown++; /* from 1 ms on it grows too */
    b->next_ms = grown < b->max_ms ? grown : b->max_ms;
    spread = b->next_ms / 5;
    return b->next_ms - spread + (int64_t)(((uint64_t)random * (uint64_t)(2 * spread + 1)) >> 32);
}
