/* once_sweep.c: stored replies that are too old, or too many, go (contract: once_impl.h). On the writer's thread. */
#include <errno.h>
#include <string.h>

#include "runtime/rt.h"
#include "store/fault.h"
#include "store/once_impl.h"
#include "store/scrub.h"
#include "store/store_impl.h"

enum { TIME_PREFIX = 9 }; /* of an index's key: table, time; then the reply's key without its table */

typedef struct sweeping {
    maru_store *store;
    MDB_txn    *txn; /* nested: all of a sweep, or nothing */
    uint64_t    sum, sum_before;
    bool        unsure; /* of the sum: something that counts was damaged */
    bool        met;    /* something damaged */
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

/* The first whole record from there on. A damaged one is stepped over: neither its time nor its size is believed, and
 * it stays for whoever looks for damage. */
static int whole(sweeping *s, MDB_cursor *cursor, MDB_cursor_op where, MDB_val *at, MDB_val *value)
{
    int rc = mdb_cursor_get(cursor, at, value, where);

    while (rc == 0 && record_fault(at->mv_data, at->mv_size, value->mv_data, value->mv_size) != NULL) {
        s->store->damaged = s->met = true;
        rc = mdb_cursor_get(cursor, at, value, MDB_NEXT);
    }
    return rc;
}

static bool is_entry(const MDB_val *at, uint8_t table)
{
    return at->mv_size > TIME_PREFIX && *(const uint8_t *)at->mv_data == table;
}

static void index_start(uint8_t table, record_key *key)
{
    record_key_make(key, table, (maru_key){.size = 0});
}

/* The oldest of an index that is not below key, into key. MDB_NOTFOUND: there is none. */
static int oldest(sweeping *s, record_key *key)
{
    MDB_val     at = {.mv_size = key->size, .mv_data = key->bytes}, value;
    MDB_cursor *cursor;
    int         rc = mdb_cursor_open(s->txn, s->store->env.dbi, &cursor);

    if (rc)
        return rc;
    rc = whole(s, cursor, MDB_SET_RANGE, &at, &value);
    if (rc == 0 && !is_entry(&at, key->bytes[0]))
        rc = MDB_NOTFOUND;
    if (rc == 0) {
        key->size = at.mv_size;
        memcpy(key->bytes, at.mv_data, at.mv_size);
    }
    mdb_cursor_close(cursor);
    return rc;
}

/* ---- the bytes of large ones ---- */

/* Whether the sum is known: it is 0 where there is no record of it, and none that is damaged may be it. */
static bool read_sum(sweeping *s, MDB_txn *txn)
{
    MDB_dbi        dbi = s->store->env.dbi;
    record_key     key;
    MDB_val        at, value;
    const uint8_t *payload;

    once_sum_key(&key);
    if ((payload = get(txn, dbi, key.bytes, key.size, 8)) != NULL) {
        s->sum = record_get64(payload);
        return true;
    }
    at = (MDB_val){.mv_size = key.size, .mv_data = key.bytes};
    return mdb_get(txn, dbi, &at, &value) == MDB_NOTFOUND && !(s->store->damaged && scrub_beside(txn, dbi, &key));
}

/* The sum is of those whose entries are whole. */
static int count_again(sweeping *s)
{
    record_key  key;
    MDB_val     at, value;
    MDB_cursor *cursor;
    int         rc = mdb_cursor_open(s->txn, s->store->env.dbi, &cursor);

    if (rc)
        return rc;
    index_start(TABLE_ONCE_LARGE, &key);
    at = (MDB_val){.mv_size = key.size, .mv_data = key.bytes};
    s->sum = 0;
    rc = whole(s, cursor, MDB_SET_RANGE, &at, &value);
    for (; rc == 0 && is_entry(&at, TABLE_ONCE_LARGE); rc = whole(s, cursor, MDB_NEXT, &at, &value))
        if (value.mv_size == RECORD_HEADER + 8)
            s->sum += record_get64((const uint8_t *)value.mv_data + RECORD_HEADER);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int keep_sum(sweeping *s)
{
    record_key key;
    uint8_t    payload[8];
    int        rc;

    if (s->unsure && (rc = count_again(s)) != 0)
        return rc;
    if (!s->unsure && s->sum == s->sum_before)
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
    int            rc = remove_key(s, large->bytes, large->size);

    if (rc != 0)
        return rc;
    s->unsure = s->unsure || payload == NULL; /* it was damaged: how many bytes it stood for is not known */
    s->sum -= size < s->sum ? size : s->sum;
    return 0;
}

/* Of a reply, what was asked and its size stay. */
static int shed_one(sweeping *s, const record_key *large)
{
    const uint8_t *payload = get(s->txn, s->store->env.dbi, large->bytes, large->size, 8);
    record_key     reply = {.size = large->size - (TIME_PREFIX - 1)};
    uint8_t        left[ONCE_LEFT];
    int            rc;

    if (payload == NULL)
        return MDB_CORRUPTED; /* it was whole when it was looked for */
    record_put32(left + 8, (uint32_t)record_get64(payload));
    if ((rc = uncount(s, large)) != 0)
        return rc;
    memcpy(reply.bytes, large->bytes + TIME_PREFIX - 1, reply.size);
    reply.bytes[0] = TABLE_ONCE;
    if ((payload = get(s->txn, s->store->env.dbi, reply.bytes, reply.size, ONCE_FIXED)) == NULL)
        return 0; /* it is gone, or damaged: then it stays as it is, and says so */
    memcpy(left, payload + 8, 8);
    return put(s, reply.bytes, reply.size, left, sizeof left);
}

/* The first to lose its bytes. What was stepped over on the way there can't, so the others do not make up for it. */
static int first_large(sweeping *s, record_key *key)
{
    int rc;

    index_start(TABLE_ONCE_LARGE, key);
    s->met = false;
    rc = oldest(s, key);
    return rc == 0 && s->met ? count_again(s) : rc;
}

static int shed(sweeping *s)
{
    record_key key;
    int        rc = s->sum > s->store->once_keep_bytes ? first_large(s, &key) : 0;

    for (size_t i = 0; i < ONCE_SHED && s->sum > s->store->once_keep_bytes && rc == 0; i++)
        if ((rc = shed_one(s, &key)) == 0)
            rc = oldest(s, &key);
    if (rc == MDB_NOTFOUND) {
        s->sum = 0; /* none is left that could lose its bytes */
        rc = 0;
    }
    return rc;
}

/* ---- age ---- */

/* Removes the index entry that is *time, and its reply, and what makes it a large one. */
static int remove_all(sweeping *s, const record_key *time)
{
    record_key other = *time;
    int        rc = remove_key(s, time->bytes, time->size);

    if (rc)
        return rc;
    other.bytes[0] = TABLE_ONCE_LARGE;
    if ((rc = uncount(s, &other)) != 0 && rc != MDB_NOTFOUND)
        return rc;
    other.bytes[TIME_PREFIX - 1] = TABLE_ONCE;
    rc = remove_key(s, other.bytes + TIME_PREFIX - 1, other.size - (TIME_PREFIX - 1));
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int64_t after(int64_t ms, int64_t more)
{
    int64_t sum;

    return __builtin_add_overflow(ms, more, &sum) ? INT64_MAX : sum;
}

static int age_out(sweeping *s, int64_t now_ms, size_t most)
{
    int64_t    keep_ms = after(s->store->once_keep_ms, ONCE_AHEAD_MS), due_ms;
    record_key key;
    int        rc = 0;

    index_start(TABLE_ONCE_TIME, &key);
    for (size_t i = 0; i < most && rc == 0; i++) {
        rc = oldest(s, &key);
        due_ms = after(rc == 0 ? (int64_t)record_get64_ordered(key.bytes + 1) : now_ms, keep_ms);
        if (rc == MDB_NOTFOUND || (rc == 0 && due_ms > now_ms)) {
            s->store->once_next_ms = due_ms;
            return 0;
        }
        if (rc == 0)
            rc = remove_all(s, &key);
    }
    return rc;
}

static int sweep(sweeping *s, int64_t now_ms, size_t most)
{
    int rc = s->unsure ? count_again(s) : 0;

    if (rc == 0 && now_ms >= s->store->once_due_ms)
        rc = age_out(s, now_ms, most);
    if (rc == 0)
        rc = shed(s);
    return rc == 0 ? keep_sum(s) : rc;
}

/* Once, where it begins. */
static void note(maru_store *store, int rc)
{
    if (rc != 0 && rc != store->once_trouble)
        fault_log(rt_log(store->rt), store->path, "stored replies that are too old or too many stay: %s",
                  fault_words(rc));
    store->once_trouble = rc;
}

void once_sweep(maru_store *store, MDB_txn *txn, size_t added)
{
    int64_t   now_ms = rt_wall(store->rt) / MARU_NS_PER_MS;
    redo_mark mark = redo_now(&store->journal.redo);
    sweeping  s = {.store = store};
    int       rc;

    store->once_next_ms = store->once_due_ms;
    s.unsure = !read_sum(&s, txn);
    s.sum_before = s.sum;
    if (!s.unsure && now_ms < store->once_due_ms && s.sum <= store->once_keep_bytes)
        return;
    if ((rc = mdb_txn_begin(store->env.mdb, txn, 0, &s.txn)) == 0) {
        rc = sweep(&s, now_ms, ONCE_SWEEP + 2 * added);
        if (rc)
            mdb_txn_abort(s.txn);
        else
            rc = mdb_txn_commit(s.txn);
    }
    if (rc) {
        redo_rewind(&store->journal.redo, mark);
        store->once_next_ms = store->once_due_ms;
    }
    note(store, rc);
}
