/* scrub.c: reads all records of a store, logs the damaged ones, and looks at the neighbours of a missing key. */
#include "store/scrub.h"

#include "store/fault.h"

enum { SAID = 5 };

#define SCRUB_MOST ((size_t)256 << 20)

static const char *fault_at(const MDB_val *key, const MDB_val *value)
{
    return record_fault(key->mv_data, key->mv_size, value->mv_data, value->mv_size);
}

/* Without its key: in some services that is a secret. */
static void say(maru_log *log, const char *path, const MDB_val *key, const char *fault)
{
    const unsigned char *bytes = key->mv_data;

    if (key->mv_size < 1)
        fault_log(log, path, "a record is damaged: %s; maru store verify says which", fault);
    else
        fault_log(log, path, "a record of table %d is damaged: %s; maru store verify says which", bytes[0], fault);
}

static int count_damaged(maru_log *log, const store_env *env, MDB_cursor *cursor, size_t *damaged)
{
    MDB_val key, value;
    int     rc;

    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        const char *fault = fault_at(&key, &value);

        if (fault && ++*damaged <= SAID)
            say(log, env->path, &key, fault);
    }
    if (*damaged > SAID)
        fault_log(log, env->path, "and %zu more", *damaged - SAID);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int count_all(maru_log *log, const store_env *env, size_t *damaged)
{
    MDB_txn    *txn;
    MDB_cursor *cursor;
    int         rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);

    if (rc)
        return rc;
    if ((rc = mdb_cursor_open(txn, env->dbi, &cursor)) == 0) {
        rc = count_damaged(log, env, cursor, damaged);
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return rc;
}

static bool is_small(const store_env *env)
{
    MDB_envinfo info;
    MDB_stat    stat;

    return mdb_env_info(env->mdb, &info) == 0 && mdb_env_stat(env->mdb, &stat) == 0 &&
           info.me_last_pgno < SCRUB_MOST / stat.ms_psize;
}

bool scrub_all(const store_env *env, maru_log *log)
{
    size_t damaged = 0;
    int    rc = is_small(env) ? count_all(log, env, &damaged) : 0;

    if (rc)
        fault_log(log, env->path, "its records could not all be read: %s; what it does not find may be there",
                  fault_words(rc));
    return rc == 0 && damaged == 0;
}

/* ---- beside a place ---- */

/* What could not be read is not believed. */
static bool is_sound(int rc, const MDB_val *key, const MDB_val *value)
{
    return rc == MDB_NOTFOUND || (rc == 0 && !fault_at(key, value));
}

/* LMDB's cursor stands at the first key that is not below, or past the end. */
static bool damaged_at(MDB_cursor *cursor, const record_key *key, bool behind_too)
{
    MDB_val at = {.mv_size = key->size, .mv_data = (void *)key->bytes}, value;
    int     rc = mdb_cursor_get(cursor, &at, &value, MDB_SET_RANGE);

    if ((rc && rc != MDB_NOTFOUND) || (behind_too && !is_sound(rc, &at, &value)))
        return true;
    rc = mdb_cursor_get(cursor, &at, &value, rc == 0 ? MDB_PREV : MDB_LAST);
    return !is_sound(rc, &at, &value);
}

static bool look(MDB_txn *txn, MDB_dbi dbi, const record_key *key, bool behind_too)
{
    MDB_cursor *cursor;
    bool        damaged;

    if (mdb_cursor_open(txn, dbi, &cursor) != 0)
        return true;
    damaged = damaged_at(cursor, key, behind_too);
    mdb_cursor_close(cursor);
    return damaged;
}

bool scrub_before(MDB_txn *txn, MDB_dbi dbi, const record_key *key)
{
    return look(txn, dbi, key, false);
}

bool scrub_beside(MDB_txn *txn, MDB_dbi dbi, const record_key *key)
{
    return look(txn, dbi, key, true);
}
