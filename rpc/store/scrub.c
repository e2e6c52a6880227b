/* scrub.c: see scrub.h. */
#include "store/scrub.h"

#include "store/fault.h"

enum { SAID = 5 };

#define SCRUB_MOST ((size_t)256 << 20)

static const char *fault_at(const MDB_val *key, const MDB_val *value)
{
    if (key->mv_size < 1 || key->mv_size > RECORD_KEY_MAX)
        return "its key is of a wrong size";
    return record_fault(key->mv_data, key->mv_size, value->mv_data, value->mv_size);
}

/* Without its key: in some services that is a secret. */
static void say(maru_log *log, const char *path, const MDB_val *key, const char *fault)
{
    const unsigned char *bytes = key->mv_data;

    fault_log(log, path, "a record of table %d is damaged: %s; maru store verify says which", bytes[0], fault);
}

static size_t count_damaged(maru_log *log, const store_env *env, MDB_cursor *cursor)
{
    MDB_val key, value;
    size_t  damaged = 0;

    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        const char *fault = fault_at(&key, &value);

        if (fault && ++damaged <= SAID && key.mv_size > 0)
            say(log, env->path, &key, fault);
    }
    if (damaged > SAID)
        fault_log(log, env->path, "and %zu more", damaged - SAID);
    return damaged;
}

static bool is_small(const store_env *env)
{
    MDB_envinfo info;
    MDB_stat    stat;

    return mdb_env_info(env->mdb, &info) == 0 && mdb_env_stat(env->mdb, &stat) == 0 &&
           info.me_last_pgno < SCRUB_MOST / stat.ms_psize;
}

size_t scrub_all(const store_env *env, maru_log *log)
{
    MDB_txn    *txn;
    MDB_cursor *cursor;
    size_t      damaged = 0;

    if (!is_small(env) || mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn) != 0)
        return 0;
    if (mdb_cursor_open(txn, env->dbi, &cursor) == 0) {
        damaged = count_damaged(log, env, cursor);
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return damaged;
}

/* LMDB's cursor stands at the first key that is not below, or past the end. */
bool scrub_beside(MDB_txn *txn, MDB_dbi dbi, const record_key *key)
{
    MDB_val     at = {.mv_size = key->size, .mv_data = (void *)key->bytes}, value;
    MDB_cursor *cursor;
    bool        damaged;
    int         rc;

    if (mdb_cursor_open(txn, dbi, &cursor) != 0)
        return true; /* not known: so not believed */
    rc = mdb_cursor_get(cursor, &at, &value, MDB_SET_RANGE);
    damaged = rc == 0 && fault_at(&at, &value);
    if (!damaged && mdb_cursor_get(cursor, &at, &value, rc == 0 ? MDB_PREV : MDB_LAST) == 0)
        damaged = fault_at(&at, &value);
    mdb_cursor_close(cursor);
    return damaged;
}
