/* inside.c: opens a store's inner doors to events: nested transactions, causes, the last record, news of commits. */
#include "store/inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "maru/events.h"

#include "base/hash.h"
#include "runtime/call_impl.h"
#include "runtime/call_log.h"
#include "runtime/rt.h"
#include "store/fault.h"
#include "store/scrub.h"
#include "store/store_impl.h"
#include "store/txn.h"

void store_add_table(maru_store *store, const maru_table *table)
{
    store->tables[table->number] = table;
}

const char *store_service(const maru_store *store)
{
    return store->service;
}

uint64_t store_epoch(const maru_store *store)
{
    return store->epoch;
}

bool store_is_shared(const maru_store *store)
{
    return store->shared;
}

uint64_t store_random(const maru_store *store)
{
    uint64_t number;

    rt_random(store->rt, &number, sizeof number);
    return number;
}

void store_set_settings(maru_store *store, const void *settings)
{
    store->settings = settings;
}

void store_on_commit(maru_store *store, store_committed fn, void *arg)
{
    store->committed = fn;
    store->committed_arg = arg;
}

void txn_mark(maru_txn *txn, unsigned marks)
{
    txn->marks |= marks;
}

void txn_set_cause(maru_txn *txn, store_cause cause)
{
    txn->cause = cause;
}

static const char *said(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

/* A request id may be a caller's Idempotency-Key, which is nobody else's to know, and causes are told to whoever may
 * see what followed. The same id has the same digest; and 32 bits can't tell more than 32 bits of a key. */
static uint32_t digest(const char *request_id)
{
    uint64_t hash = fnv1a64(request_id, strlen(request_id));

    return (uint32_t)(hash >> 32 ^ hash);
}

store_cause txn_cause(maru_txn *txn)
{
    const maru_call *call = txn->call;
    store_cause      cause = txn->cause;

    if (cause.causation != NULL || call == NULL)
        return cause;
    if (call->cause.causation != NULL)
        return (store_cause){call->cause.causation, call->cause.correlation, call->traceparent};
    cause.trace = call->traceparent;
    if (call->method != NULL && said(call->request_id) != NULL) {
        size_t size = strlen(call->method->path) + sizeof "call  01234567";
        char  *text = maru_txn_alloc(txn, size);

        snprintf(text, size, "call %s %08" PRIx32, call->method->path, digest(call->request_id));
        cause.causation = text;
    } else if (call->method != NULL) {
        size_t size = strlen(call->method->path) + sizeof "call ";
        char  *text = maru_txn_alloc(txn, size);

        snprintf(text, size, "call %s", call->method->path);
        cause.causation = text;
    }
    return cause;
}

void txn_set_emitted(maru_txn *txn, const void *event)
{
    txn->emitted = event;
}

const void *txn_emitted(const maru_txn *txn)
{
    return txn->emitted;
}

maru_store *txn_store(const maru_txn *txn)
{
    return txn->store;
}

const char *txn_words(const maru_txn *txn)
{
    return txn->words;
}

const void *maru_txn_settings(const maru_txn *txn)
{
    return txn->store->settings;
}

static maru_status nested_failed(maru_txn *txn, const char *step, int rc)
{
    if (fault_is_fatal(rc))
        fault_die(rt_log(txn->store->rt), txn->store->path, step, fault_words(rc));
    return maru_txn_fail(txn, fault_status(rc), "the store of %s: %s: %s", txn->store->service, step, fault_words(rc));
}

/* The way out of memory leads into the innermost function; the outer one's is put back after. */
static maru_status run_within(maru_txn *txn, maru_txn_fn fn, void *arg)
{
    jump            escape = txn->escape;
    maru_arena_mark start = txn->start;
    maru_status     status;

    status = txn_run(txn, fn, arg);
    txn_end(txn);
    txn->escape = escape;
    txn->escapes = true;
    txn->start = start;
    return status;
}

maru_status txn_nested(maru_txn *txn, maru_txn_fn fn, void *arg)
{
    MDB_txn        *outer = txn->mdb;
    unsigned        marks = txn->marks;
    maru_arena_mark mark = maru_arena_now(txn->arena);
    redo           *changes = &txn->store->journal.redo;
    redo_mark       before = redo_now(changes);
    maru_status     status;
    int             rc;

    if (txn->reader)
        return maru_txn_fail(txn, MARU_INTERNAL, "the store of %s: a read can't nest a write", txn->store->service);
    if (txn->broken != MARU_OK)
        return txn->broken;
    txn_end(txn);
    txn->words[0] = '\0'; /* of one before it, which says nothing of this one */
    if ((rc = mdb_txn_begin(txn->store->env.mdb, outer, 0, &txn->mdb)) != 0) {
        txn->mdb = outer;
        return nested_failed(txn, "begin", rc);
    }
    status = run_within(txn, fn, arg);
    rc = 0;
    if (status != MARU_OK)
        mdb_txn_abort(txn->mdb);
    else
        rc = mdb_txn_commit(txn->mdb);
    txn->mdb = outer;
    txn->broken = MARU_OK; /* what was broken is gone with it */
    txn->changes++;
    maru_arena_rewind(txn->arena, mark);
    if (status != MARU_OK || rc) {
        txn->marks = marks;
        redo_rewind(changes, before);
    }
    return rc ? nested_failed(txn, "write", rc) : status;
}

maru_status txn_bytes(maru_txn *txn, const maru_table *table, maru_key key, const uint8_t **bytes, size_t *size)
{
    record_key  made;
    maru_status status = txn_table(txn, table);

    if (status == MARU_OK && !record_key_make(&made, table->number, key))
        status = maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "%s: want a key of at most %d bytes, got %zu", table->name,
                               MARU_KEY_MAX, key.size);
    return status == MARU_OK ? txn_value(txn, &made, table->name, bytes, size) : status;
}

/* The first key that is greater than all that begin with prefix: its last byte that is not 0xff, raised by one. The
 * table's number is the first byte, and below 0xff. */
static void beyond(record_key *key)
{
    while (key->bytes[key->size - 1] == 0xff)
        key->size--;
    key->bytes[key->size - 1]++;
}

static int seek_before(maru_txn *txn, const record_key *limit, MDB_val *at, MDB_val *value)
{
    MDB_cursor *cursor;
    int         rc = mdb_cursor_open(txn->mdb, txn->store->env.dbi, &cursor);

    if (rc)
        return rc;
    *at = (MDB_val){.mv_size = limit->size, .mv_data = (void *)limit->bytes};
    rc = mdb_cursor_get(cursor, at, value, MDB_SET_RANGE);
    if (rc == 0)
        rc = mdb_cursor_get(cursor, at, value, MDB_PREV);
    else if (rc == MDB_NOTFOUND)
        rc = mdb_cursor_get(cursor, at, value, MDB_LAST);
    mdb_cursor_close(cursor);
    return rc;
}

/* What is taken for the last is not, where that is damaged, or lies behind under a key that became greater. */
static maru_status check_last(maru_txn *txn, const maru_table *table, const record_key *limit, const MDB_val *at,
                              const MDB_val *value)
{
    const char *fault = at ? record_fault(at->mv_data, at->mv_size, value->mv_data, value->mv_size) : NULL;

    if (!fault && txn->store->damaged && scrub_beside(txn->mdb, txn->store->env.dbi, limit))
        fault = "which is the last is not known";
    return fault ? txn_damaged_beside(txn, table->name, "before", limit, fault) : MARU_OK;
}

maru_status txn_last(maru_txn *txn, const maru_table *table, maru_key prefix, maru_key *key)
{
    record_key  start, limit;
    MDB_val     at, value;
    maru_status status = txn_table(txn, table);
    int         rc;

    if (status != MARU_OK)
        return status;
    if (!record_key_make(&start, table->number, prefix))
        return maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "%s: the prefix is too long", table->name);
    limit = start;
    beyond(&limit);
    rc = seek_before(txn, &limit, &at, &value);
    if (rc && rc != MDB_NOTFOUND)
        return maru_txn_fail(txn, fault_status(rc), "the store of %s: %s: %s", txn->store->service, table->name,
                             fault_words(rc));
    if ((status = check_last(txn, table, &limit, rc ? NULL : &at, &value)) != MARU_OK)
        return status;
    if (rc || at.mv_size < start.size || memcmp(at.mv_data, start.bytes, start.size) != 0)
        return MARU_NOT_FOUND;
    *key = (maru_key){.size = at.mv_size - 1};
    key->data = memcpy(maru_txn_alloc(txn, key->size + 1), (const uint8_t *)at.mv_data + 1, key->size);
    return MARU_OK;
}

maru_log *txn_log(const maru_txn *txn)
{
    return rt_log(txn->store->rt);
}

/* In a migration there is no call. */
void maru_txn_log(const maru_txn *txn, maru_log_level level, const char *format, ...)
{
    va_list args;

    if (txn->call == NULL)
        return;
    va_start(args, format);
    call_log_words(txn->call, level, format, args);
    va_end(args);
}
