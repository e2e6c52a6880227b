/* once_sweep.c: stored replies that are too old, or too many, go (contract: once_impl.h). On the writer's thread. */
#include <errno.h>
#include <string.h>

#include "runtime/rt.h"
#include "store/once_impl.h"
#include "store/store_impl.h"

enum { TIME_PREFIX = 9 }; /* of an index's key: table, time; then the reply's key without its table */

typedef struct sweeping {
    maru_store *store;
    MDB_txn    *txn; /* nested: all of a sweep, or nothing */
    uint64_t    sum, sum_before;
} sweeping;

void once_sum_key(record_key *key)
{
    record_key_make(key, TABLE_STORE, maru_key_text("replies"));
}

/* ---- changes ---- */

static int remove_key(sweeping *s, const uint8_t *key, size_t size)
{
    journal *j = &s->store->journal;
    MDB_val  at = {.mv_size = size, .mv_data = (void *)key};
    int      rc;

    if (j->on && !redo_reserve(&j->redo, size, 0))
        return ENOMEM;
    if ((rc = mdb_del(s->txn, s->store->env.dbi, &at, NULL)) == 0 && j->on)
        redo_delete(&j->redo, key, size);
    return rc;
}

static int put(sweeping *s, const uint8_t *key, size_t key_size, const uint8_t *payload, size_t size)
{
    journal *j = &s->store->journal;
    MDB_val  at = {.mv_size = key_size, .mv_data = (void *)key}, value = {.mv_size = RECORD_HEADER + size};
    int      rc;

    if (j->on && !redo_reserve(&j->redo, key_size, value.mv_size))
        return ENOMEM;
    if ((rc = mdb_put(s->txn, s->store->env.dbi, &at, &value, MDB_RESERVE)) != 0)
        return rc;
    memcpy((uint8_t *)value.mv_data + RECORD_HEADER, payload, size);
    record_seal(key, key_size, value.mv_data, value.mv_size);
    if (j->on)
        redo_put(&j->redo, key, key_size, value.mv_data, value.mv_size);
    return 0;
}

/* The payload of size bytes at key; NULL where there is none, or it is none. */
static const uint8_t *get(MDB_txn *txn, MDB_dbi dbi, const uint8_t *key, size_t key_size, size_t size)
{
    MDB_val at = {.mv_size = key_size, .mv_data = (void *)key}, value;

    if (mdb_get(txn, dbi, &at, &value) != 0 || value.mv_size < RECORD_HEADER + size ||
        record_fault(key, key_size, value.mv_data, value.mv_size) != NULL)
        return NULL;
    return (const uint8_t *)value.mv_data + RECORD_HEADER;
}

/* The oldest of an index: false where there is none. */
static bool oldest(const sweeping *s, uint8_t table, record_key *key)
{
    MDB_val     at = {.mv_size = 1, .mv_data = &table};
    MDB_val     value;
    MDB_cursor *cursor;
    int         rc;

    if (mdb_cursor_open(s->txn, s->store->env.dbi, &cursor) != 0)
        return false;
    rc = mdb_cursor_get(cursor, &at, &value, MDB_SET_RANGE);
    if (rc == 0 && at.mv_size > RECORD_KEY_MAX) /* LMDB believes the sizes of keys, damaged ones too */
        rc = MDB_CORRUPTED;
    if (rc == 0) {
        key->size = at.mv_size;
        memcpy(key->bytes, at.mv_data, at.mv_size);
    }
    mdb_cursor_close(cursor);
    return rc == 0 && key->size > TIME_PREFIX && key->bytes[0] == table;
}

/* ---- the bytes of large ones ---- */

static uint64_t sum_of(maru_store *store, MDB_txn *txn)
{
    record_key     key;
    const uint8_t *payload;

    once_sum_key(&key);
    payload = get(txn, store->env.dbi, key.bytes, key.size, 8);
    return payload != NULL ? record_get64(payload) : 0;
}

static int keep_sum(sweeping *s)
{
    record_key key;
    uint8_t    payload[8];

    if (s->sum == s->sum_before)
        return 0;
    once_sum_key(&key);
    record_put64(payload, s->sum);
    return put(s, key.bytes, key.size, payload, sizeof payload);
}

/* Takes the one that large is the index entry of out of index and sum. MDB_NOTFOUND: it is not large. */
static int uncount(sweeping *s, const record_key *large)
{
    const uint8_t *payload = get(s->txn, s->store->env.dbi, large->bytes, large->size, 8);
    uint64_t       size = payload != NULL ? record_get64(payload) : 0;

    s->sum -= size < s->sum ? size : s->sum;
    return remove_key(s, large->bytes, large->size);
}

/* Of a reply, what was asked and its size stay. */
static int shed_one(sweeping *s, record_key *large)
{
    const uint8_t *payload = get(s->txn, s->store->env.dbi, large->bytes, large->size, 8);
    uint8_t        left[ONCE_LEFT];
    uint8_t       *key = large->bytes + TIME_PREFIX - 1;
    size_t         size = large->size - (TIME_PREFIX - 1);
    int            rc;

    record_put32(left + 8, payload != NULL ? (uint32_t)record_get64(payload) : 0);
    if ((rc = uncount(s, large)) != 0)
        return rc;
    *key = TABLE_ONCE;
    if ((payload = get(s->txn, s->store->env.dbi, key, size, ONCE_FIXED)) == NULL)
        return 0; /* it is gone, or damaged: then it stays as it is, and says so */
    memcpy(left, payload + 8, 8);
    return put(s, key, size, left, sizeof left);
}

static int shed(sweeping *s)
{
    record_key key;
    int        rc = 0;

    for (size_t i = 0; i < ONCE_SHED && s->sum > s->store->once_keep_bytes && rc == 0; i++) {
        if (oldest(s, TABLE_ONCE_LARGE, &key))
            rc = shed_one(s, &key);
        else
            s->sum = 0;
    }
    return rc;
}

/* ---- age ---- */

/* Removes the index entry that is *time, and its reply, and what makes it a large one. */
static int remove_all(sweeping *s, record_key *time)
{
    int rc = remove_key(s, time->bytes, time->size);

    if (rc)
        return rc;
    time->bytes[0] = TABLE_ONCE_LARGE;
    if ((rc = uncount(s, time)) != 0 && rc != MDB_NOTFOUND)
        return rc;
    time->bytes[TIME_PREFIX - 1] = TABLE_ONCE;
    rc = remove_key(s, time->bytes + TIME_PREFIX - 1, time->size - (TIME_PREFIX - 1));
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int age_out(sweeping *s, int64_t now_ms, size_t most)
{
    int64_t    keep_ms = s->store->once_keep_ms + ONCE_AHEAD_MS, at_ms;
    record_key key;
    int        rc = 0;

    for (size_t i = 0; i < most && rc == 0; i++) {
        if (!oldest(s, TABLE_ONCE_TIME, &key)) {
            s->store->once_due_ms = now_ms + keep_ms;
            break;
        }
        at_ms = (int64_t)record_get64_ordered(key.bytes + 1);
        if (at_ms + keep_ms > now_ms) {
            s->store->once_due_ms = at_ms + keep_ms;
            break;
        }
        rc = remove_all(s, &key);
    }
    return rc;
}

static int sweep(sweeping *s, int64_t now_ms, size_t most)
{
    int rc = now_ms < s->store->once_due_ms ? 0 : age_out(s, now_ms, most);

    if (rc == 0)
        rc = shed(s);
    return rc == 0 ? keep_sum(s) : rc;
}

void once_sweep(maru_store *store, MDB_txn *txn, size_t added)
{
    int64_t   now_ms = rt_wall(store->rt) / MARU_NS_PER_MS;
    redo_mark mark = redo_now(&store->journal.redo);
    sweeping  s = {.store = store, .sum = sum_of(store, txn)};
    int       rc;

    s.sum_before = s.sum;
    if ((now_ms < store->once_due_ms && s.sum <= store->once_keep_bytes) ||
        mdb_txn_begin(store->env.mdb, txn, 0, &s.txn) != 0)
        return;
    rc = sweep(&s, now_ms, ONCE_SWEEP + 2 * added);
    if (rc)
        mdb_txn_abort(s.txn);
    else
        rc = mdb_txn_commit(s.txn);
    if (rc)
        redo_rewind(&store->journal.redo, mark);
}
