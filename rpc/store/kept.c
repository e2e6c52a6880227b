/* kept.c: shares one LMDB snapshot among reads of one turn of the strand, for as long as it is the newest. */
#include "store/kept.h"

#include <errno.h>
#include <lmdb.h>

#include "store/readers.h"

void kept_drop(kept *k)
{
    reader *given = k->open;

    k->open = NULL;
    if (given == NULL)
        return;
    given->found = NULL;
    readers_give(k->readers, given);
}

static void on_turn_end(rt_output *output)
{
    kept_drop((kept *)output);
}

void kept_init(kept *k, readers *of)
{
    *k = (kept){.turn_end = {.flush = on_turn_end}, .readers = of};
}

static void forget(void *arg)
{
    kept *k = arg;

    rt_output_forget(k->rt, &k->turn_end);
    kept_drop(k);
}

/* The turn in which the last handler read may not have ended yet, though that handler has. */
void kept_free(kept *k)
{
    if (k->rt != NULL)
        rt_on_strand(k->rt, forget, k);
    found_free(&k->found);
}

/* A commit writes its number to the header that the map shows, before it is answered. With a read under way, so that
 * nobody maps anew. */
static bool is_newest(const kept *k)
{
    MDB_envinfo now;

    mdb_env_info(k->readers->env->mdb, &now);
    return now.me_last_txnid == k->found.snapshot;
}

static int open_snapshot(kept *k, maru_runtime *rt)
{
    int failed = readers_take(k->readers, NULL, &k->open);

    if (failed) {
        k->open = NULL;
        return failed;
    }
    found_in(&k->found, mdb_txn_id(k->open->txn));
    k->open->found = &k->found;
    k->rt = rt;
    rt_output_want(rt, &k->turn_end);
    return 0;
}

/* A read within another handler's read, if anyone makes one, has a snapshot of its own. */
int kept_take(kept *k, maru_runtime *rt, const maru_call *call, reader **taken)
{
    int failed;

    if (k->call != NULL)
        return k->call == call ? EBUSY : readers_take(k->readers, call, taken);
    if (k->open != NULL && !is_newest(k))
        kept_drop(k);
    if (k->open == NULL && (failed = open_snapshot(k, rt)) != 0)
        return failed;
    k->call = call;
    *taken = k->open;
    return 0;
}

void kept_give(kept *k, reader *given)
{
    if (given == k->open)
        k->call = NULL;
    else
        readers_give(k->readers, given);
}
