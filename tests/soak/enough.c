/* enough.c: see enough.h. */
#include "enough.h"

#include <stdio.h>

enum {
    KILLS_FOR = 60,   /* orders: one kill at least */
    FEW_KILLS = 6,    /* fewer say nothing about where they were: 6 of which none is at a step are 1 of 64 */
    SHARE_KILLS = 24, /* of so many, a third is at a step: on the average it is nearly a half */
    NONE_MOST = 20,   /* one kill, and one more of so many, may hit a shop where nothing is under way */
};

bool soak_is_enough(const soak_counts *c, char words[static ENOUGH_WORDS])
{
    if (c->placed != c->orders || (c->killing && (long)c->kills < c->orders / KILLS_FOR))
        return snprintf(words, ENOUGH_WORDS, "want all %ld orders placed, and a kill for every %d; got %ld and %u",
                        c->orders, KILLS_FOR, c->placed, c->kills),
               false;
    if (!c->killing || c->kills < FEW_KILLS)
        return true;
    if (c->steps == 0 || (c->kills >= SHARE_KILLS && c->steps * 3 < c->kills))
        return snprintf(words, ENOUGH_WORDS, "want at least a third of the kills at a step of a commit; got %u of %u",
                        c->steps, c->kills),
               false;
    if (c->with_none > 1 + c->kills / NONE_MOST)
        return snprintf(words, ENOUGH_WORDS, "want an order in flight at nearly every kill; %u of %u had none",
                        c->with_none, c->kills),
               false;
    return true;
}
