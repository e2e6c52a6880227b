/* cursor.c: walks over a table in order of key (contract: maru/store.h).
 *
 * A walk keeps the key that it gave last. Where nothing was written since, LMDB's cursor stands there still; else the
 * walk looks for its place again by that key, so that any write may happen while walking.
 */
#include <string.h>

#include "store/fault.h"
#include "store/scrub.h"
#include "store/store_impl.h"
#include "store/txn.h"

struct maru_cursor {
    maru_cursor      *next; /* of those of the transaction */
    maru_txn         *txn;
    const maru_table *table;
    MDB_cursor       *mdb;     /* NULL before the first step, and at the end */
    maru_status       ended;   /* OK while it goes on */
    unsigned          changes; /* of the transaction, at the last step */
    bool              looked;  /* at what lies before its first place */
    bool              begun;
    size_t            prefix_size;
    uint8_t          *prefix; /* with the table */
    record_key        last;   /* before the first step: where to begin */
};

/* The walk begins at the greater of prefix and from. */
static void place_start(maru_cursor *cursor, maru_key prefix, maru_key from)
{
    size_t common = from.size < prefix.size ? from.size : prefix.size;
    int    order = common > 0 ? memcmp(from.data, prefix.data, common) : 0;

    if (order < 0 || (order == 0 && from.size < prefix.size))
        from = prefix;
    record_key_make(&cursor->last, cursor->table->number, from);
}

maru_cursor *maru_walk(maru_txn *txn, const maru_table *table, maru_key prefix, maru_key from)
{
    maru_cursor *cursor = maru_txn_alloc(txn, sizeof *cursor);

    *cursor = (maru_cursor){.txn = txn, .table = table, .ended = txn_table(txn, table)};
    if (cursor->ended == MARU_OK && (prefix.size > MARU_KEY_MAX || from.size > MARU_KEY_MAX))
        cursor->ended = maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "%s: want a key of at most %d bytes, got %zu",
                                      table->name, MARU_KEY_MAX, prefix.size > from.size ? prefix.size : from.size);
    if (cursor->ended != MARU_OK)
        return cursor;
    cursor->prefix_size = prefix.size + 1;
    cursor->prefix = maru_txn_alloc(txn, cursor->prefix_size);
    cursor->prefix[0] = table->number;
    if (prefix.size > 0)
        memcpy(cursor->prefix + 1, prefix.data, prefix.size);
    place_start(cursor, prefix, from);
    return cursor;
}

static int open_cursor(maru_cursor *cursor)
{
    maru_txn *txn = cursor->txn;
    int       rc;

    if (txn->reader && txn->reader->cursors > 0) {
        cursor->mdb = txn->reader->cursor[--txn->reader->cursors];
        rc = mdb_cursor_renew(txn->mdb, cursor->mdb);
    } else {
        rc = mdb_cursor_open(txn->mdb, txn->store->env.dbi, &cursor->mdb);
    }
    if (rc)
        return rc;
    cursor->next = txn->cursors;
    txn->cursors = cursor;
    return 0;
}

void cursor_close(maru_cursor *cursor)
{
    maru_txn *txn = cursor->txn;

    for (maru_cursor **at = &txn->cursors; *at; at = &(*at)->next)
        if (*at == cursor) {
            *at = cursor->next;
            break;
        }
    if (txn->reader && txn->reader->cursors < READER_CURSORS)
        txn->reader->cursor[txn->reader->cursors++] = cursor->mdb;
    else
        mdb_cursor_close(cursor->mdb);
    cursor->mdb = NULL;
}

/* Finds the first key >= last; after the first step, the first beyond it. */
static int look_again(maru_cursor *cursor, MDB_val *key, MDB_val *value)
{
    int rc;

    *key = (MDB_val){.mv_size = cursor->last.size, .mv_data = cursor->last.bytes};
    rc = mdb_cursor_get(cursor->mdb, key, value, MDB_SET_RANGE);
    if (rc == 0 && cursor->begun && key->mv_size == cursor->last.size &&
        memcmp(key->mv_data, cursor->last.bytes, key->mv_size) == 0)
        rc = mdb_cursor_get(cursor->mdb, key, value, MDB_NEXT);
    return rc;
}

static int step(maru_cursor *cursor, MDB_val *key, MDB_val *value)
{
    int rc = cursor->mdb ? 0 : open_cursor(cursor);

    if (rc)
        return rc;
    if (cursor->begun && cursor->changes == cursor->txn->changes)
        return mdb_cursor_get(cursor->mdb, key, value, MDB_NEXT);
    return look_again(cursor, key, value);
}

void txn_seek(maru_cursor *cursor, maru_key key)
{
    record_key_make(&cursor->last, cursor->table->number, key);
    cursor->begun = false;
}

static maru_status end(maru_cursor *cursor, maru_status status)
{
    if (cursor->mdb)
        cursor_close(cursor);
    return cursor->ended = status;
}

/* LMDB believes the order and the sizes of keys. Where the walk comes to one that is not above the last, or that ends
 * it and is damaged itself, there may be more behind it. */
static const char *order_fault(const maru_cursor *cursor, const MDB_val *at)
{
    const record_key *last = &cursor->last;
    size_t            both = at->mv_size < last->size ? at->mv_size : last->size;
    int               order = memcmp(at->mv_data, last->bytes, both);

    if (order > 0 || (order == 0 && at->mv_size >= last->size + cursor->begun))
        return NULL;
    return "it is not in order";
}

static bool is_within(const maru_cursor *cursor, const MDB_val *at)
{
    return at->mv_size >= cursor->prefix_size && at->mv_size <= RECORD_KEY_MAX &&
           memcmp(at->mv_data, cursor->prefix, cursor->prefix_size) == 0;
}

static maru_status end_at(maru_cursor *cursor, const MDB_val *at, const MDB_val *value)
{
    const char *fault = order_fault(cursor, at);

    if (!fault && !is_within(cursor, at))
        fault = record_fault(at->mv_data, at->mv_size, value->mv_data, value->mv_size);
    if (!fault)
        return end(cursor, MARU_NOT_FOUND);
    return end(cursor, txn_damaged_beside(cursor->txn, cursor->table->name, "behind", &cursor->last, fault));
}

/* In a store with damage, what lies before the first place may belong to the walk, under a key that became smaller. It
 * is told once, and the walk goes on. */
static maru_status look_before(maru_cursor *cursor)
{
    maru_txn *txn = cursor->txn;
    bool      looks = !cursor->looked && txn->store->damaged;

    cursor->looked = true;
    if (!looks || !scrub_before(txn->mdb, txn->store->env.dbi, &cursor->last))
        return MARU_OK;
    return txn_damaged_beside(txn, cursor->table->name, "before", &cursor->last,
                              "whether it is one of these is not known");
}

/* Keeps the key, and gives the caller a copy that lives in the arena. */
static void keep_key(maru_cursor *cursor, const MDB_val *at, maru_key *key)
{
    cursor->begun = true;
    cursor->changes = cursor->txn->changes;
    cursor->last.size = at->mv_size;
    memcpy(cursor->last.bytes, at->mv_data, at->mv_size);
    if (key) {
        size_t size = at->mv_size - 1;

        *key = (maru_key){.data = memcpy(maru_txn_alloc(cursor->txn, size + 1), cursor->last.bytes + 1, size),
                          .size = size};
    }
}

static maru_status read_record(maru_cursor *cursor, const MDB_val *value, ProtobufCMessage **record)
{
    const record_key *key = &cursor->last;
    const char       *fault = record_fault(key->bytes, key->size, value->mv_data, value->mv_size);

    if (fault)
        return txn_damaged(cursor->txn, cursor->table->name, key, fault);
    return !record ? MARU_OK
                   : txn_unpack(cursor->txn, cursor->table, key, (const uint8_t *)value->mv_data + RECORD_HEADER,
                                value->mv_size - RECORD_HEADER, record);
}

maru_status maru_next(maru_cursor *cursor, maru_key *key, ProtobufCMessage **record)
{
    MDB_val     at, value;
    maru_status status;
    int         rc;

    if (record)
        *record = NULL;
    if (cursor->ended != MARU_OK)
        return cursor->ended;
    if ((status = look_before(cursor)) != MARU_OK)
        return status;
    rc = step(cursor, &at, &value);
    if (rc && rc != MDB_NOTFOUND)
        return end(cursor, maru_txn_fail(cursor->txn, fault_status(rc), "the store of %s: %s: %s",
                                         cursor->txn->store->service, cursor->table->name, fault_words(rc)));
    if (rc)
        return end(cursor, MARU_NOT_FOUND);
    if (!is_within(cursor, &at) || order_fault(cursor, &at))
        return end_at(cursor, &at, &value);
    keep_key(cursor, &at, key);
    return read_record(cursor, &value, record);
}
