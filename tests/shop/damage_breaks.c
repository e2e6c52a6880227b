/* damage_breaks.c: see damage_breaks.h. A message of another type is written in a record's place: read as its own, it
 * is damaged. */
#include "damage_breaks.h"

#include "breaks.h"
#include "maru/events.pb-c.h"

/* As a program would see them that kept something else there. */
static const maru_table timelines = {4, "timelines", &maru_events__applied__descriptor};
static const maru_table payments = {1, "payments", &maru_events__applied__descriptor};

static maru_status damage(maru_txn *txn, const maru_table *table, const char *order)
{
    MaruEvents__Applied strange = MARU_EVENTS__APPLIED__INIT;

    strange.version = 1;
    return maru_put(txn, table, maru_key_text(order), &strange.base);
}

maru_status damage_timeline(maru_txn *txn, void *arg)
{
    return damage(txn, &timelines, ((const breaks_orders *)arg)->completed);
}

maru_status damage_payment(maru_txn *txn, void *arg)
{
    return damage(txn, &payments, ((const breaks_orders *)arg)->completed);
}

const maru_table *const *damage_tables(maru_txn_fn fn)
{
    static const maru_table *const of_checkout[] = {&timelines, NULL}, *const of_payment[] = {&payments, NULL};

    return fn == damage_timeline ? of_checkout : fn == damage_payment ? of_payment : NULL;
}
