/* txn.c: reading and writing records in a transaction (contracts: maru/store.h, txn.h). */
#include "store/txn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena_impl.h"
#include "base/crc32c.h"
#include "base/utf8.h"
#include "runtime/call_impl.h"
#include "runtime/rt.h"
#include "store/fault.h"
#include "store/scrub.h"
#include "store/store_impl.h"
#include "wire/unpack.h"

maru_key maru_key_text(const char *text)
{
    return (maru_key){.data = text, .size = strlen(text)};
}

static void prepare(maru_txn *txn, maru_store *store, MDB_txn *mdb, maru_arena *arena, maru_call *call)
{
    txn->store = store;
    txn->mdb = mdb;
    txn->arena = arena;
    txn->call = call;
    txn->reader = NULL;
    txn->cursors = NULL;
    txn->wall = 0;
    txn->marks = 0;
    txn->cause = (store_cause){.causation = NULL};
    txn->emitted = NULL;
    txn->changes = 0;
    txn->broken = MARU_OK;
    txn->full = 0;
    txn->reply = NULL;
    txn->reply_size = 0;
    txn->escapes = false;
    txn->words[0] = '\0';
}

void txn_begin(maru_txn *txn, maru_store *store, MDB_txn *mdb, maru_arena *arena, maru_call *call)
{
    prepare(txn, store, mdb, arena, call);
    txn->wall = rt_wall(store->rt);
}

/* Few reads want to know what time it is, and asking costs. */
void txn_begin_read(maru_txn *txn, maru_store *store, reader *taken, maru_arena *arena, maru_call *call)
{
    prepare(txn, store, taken->txn, arena, call);
    txn->reader = taken;
}

/* What the function took is given back, so that there is room for words. Cursors live there too: they are closed first.
 */
static maru_status out_of_arena(maru_txn *txn)
{
    char why[ARENA_WHY_MAX];

    txn_end(txn);
    maru_arena_rewind(txn->arena, txn->start);
    txn->reply = NULL;
    return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED, "the call's memory is used up: %s",
                         arena_why_not(txn->arena, why));
}

/* A frame of its own: what is jumped back into changes nothing that lives in it. */
maru_status txn_run(maru_txn *txn, maru_txn_fn fn, void *arg)
{
    maru_status status;

    txn->start = maru_arena_now(txn->arena);
    if (jump_set(&txn->escape) != 0) {
        txn->escapes = false;
        return out_of_arena(txn);
    }
    txn->escapes = true;
    status = fn(txn, arg);
    txn->escapes = false;
    return status == MARU_OK ? txn->broken : status;
}

void txn_end(maru_txn *txn)
{
    while (txn->cursors)
        cursor_close(txn->cursors);
}

maru_status maru_txn_fail(maru_txn *txn, maru_status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(txn->words, sizeof txn->words, format, args);
    va_end(args);
    utf8_one_line(txn->words);
    return status;
}

maru_arena *maru_txn_arena(maru_txn *txn)
{
    return txn->arena;
}

void *maru_txn_alloc(maru_txn *txn, size_t size)
{
    void *at = maru_arena_alloc(txn->arena, size);

    if (!at && txn->escapes)
        jump_to(&txn->escape);
    return at;
}

char *maru_txn_strdup(maru_txn *txn, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(maru_txn_alloc(txn, size), text, size);
}

int64_t maru_txn_wall_clock(const maru_txn *txn)
{
    if (txn->wall == 0)
        ((maru_txn *)txn)->wall = rt_wall(txn->store->rt);
    return txn->wall;
}

/* ---- records ---- */

/* " \"KEY\"", or nothing where nobody is shown it. */
static void show_key(const record_key *key, char into[static RECORD_KEY_SHOWN + 4])
{
    char shown[RECORD_KEY_SHOWN];

    into[0] = '\0';
    if (record_is_own(key->bytes[0]))
        return;
    record_key_show(key->bytes + 1, key->size - 1, shown);
    snprintf(into, RECORD_KEY_SHOWN + 4, " \"%s\"", shown);
}

maru_status txn_damaged(maru_txn *txn, const char *name, const record_key *key, const char *fault)
{
    char shown[RECORD_KEY_SHOWN + 4];

    txn->store->damaged = true;
    show_key(key, shown);
    return maru_txn_fail(txn, MARU_DATA_LOSS, "%s: %s%s is damaged: %s", name, *shown ? "the record at" : "a record",
                         shown, fault);
}

maru_status txn_damaged_beside(maru_txn *txn, const char *name, const char *place, const record_key *key,
                               const char *fault)
{
    char shown[RECORD_KEY_SHOWN + 4];

    txn->store->damaged = true;
    show_key(key, shown);
    return maru_txn_fail(txn, MARU_DATA_LOSS, "%s: the record %s%s is damaged: %s", name, place,
                         *shown ? shown : " that place", fault);
}

/* What LMDB did not find may be there under a damaged key. */
static maru_status not_there(maru_txn *txn, const record_key *key, const char *name)
{
    char shown[RECORD_KEY_SHOWN + 4];

    if (!txn->store->damaged || !scrub_beside(txn->mdb, txn->store->env.dbi, key))
        return MARU_NOT_FOUND;
    show_key(key, shown);
    return maru_txn_fail(txn, MARU_DATA_LOSS,
                         "%s: a record where%s would be is damaged: whether it was there is not known", name,
                         *shown ? shown : " it");
}

/* A failed change leaves LMDB's transaction unusable: it must not commit, whatever its function makes of it. */
static maru_status failed_at(maru_txn *txn, const char *name, int rc, bool changing)
{
    maru_status status = fault_status(rc);

    if (changing && rc == MDB_MAP_FULL)
        txn->store->journal.pressed = true;
    if (changing && fault_is_fatal(rc))
        fault_die(rt_log(txn->store->rt), txn->store->path, "write", fault_words(rc));
    maru_txn_fail(txn, status, "the store of %s: %s: %s", txn->store->service, name, fault_words(rc));
    if (changing)
        txn->broken = status;
    if (changing && fault_is_full(rc) && rc != MDB_TXN_FULL) /* that is of one write */
        txn->full = rc;
    return status;
}

maru_status txn_table(maru_txn *txn, const maru_table *table)
{
    if (txn->store->tables[table->number] == table)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_INTERNAL, "%s: it is not among the tables that the store was opened with",
                         table->name);
}

static maru_status may_write(maru_txn *txn, const char *name)
{
    if (txn->reader)
        return maru_txn_fail(txn, MARU_INTERNAL, "%s: a read can't write", name);
    return txn->broken;
}

static maru_status make_key(maru_txn *txn, const maru_table *table, maru_key key, record_key *made)
{
    maru_status status = txn_table(txn, table);

    if (status == MARU_OK && !record_key_make(made, table->number, key))
        status = maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "%s: want a key of at most %d bytes, got %zu", table->name,
                               MARU_KEY_MAX, key.size);
    return status;
}

/* LMDB's search, where it was not made in this snapshot before. */
static int find_value(maru_txn *txn, const record_key *key, uint32_t key_sum, MDB_val *value)
{
    found  *known = txn->reader ? txn->reader->found : NULL;
    MDB_val at = {.mv_size = key->size, .mv_data = (void *)key->bytes};
    int     rc;

    if (known && (value->mv_data = (void *)found_get(known, key, key_sum, &value->mv_size)) != NULL)
        return 0;
    rc = mdb_get(txn->mdb, txn->store->env.dbi, &at, value);
    if (rc == 0 && known)
        found_put(known, key, key_sum, value->mv_data, value->mv_size);
    return rc;
}

maru_status txn_value(maru_txn *txn, const record_key *key, const char *name, const uint8_t **payload, size_t *size)
{
    uint32_t    key_sum = record_key_sum(key);
    MDB_val     value;
    const char *fault;
    int         rc = find_value(txn, key, key_sum, &value);

    if (rc == MDB_NOTFOUND)
        return not_there(txn, key, name);
    if (rc)
        return failed_at(txn, name, rc, false);
    if ((fault = record_fault_of(key_sum, value.mv_data, value.mv_size)) != NULL)
        return txn_damaged(txn, name, key, fault);
    *payload = (const uint8_t *)value.mv_data + RECORD_HEADER;
    *size = value.mv_size - RECORD_HEADER;
    return MARU_OK;
}

/* Before a change: what the seam says, and room for it in the journal's batch. */
static int step_fault(maru_txn *txn, size_t key_size, size_t value_size)
{
    journal *j = &txn->store->journal;
    int      rc = rt_disk_fault(txn->store->rt, "put");

    return rc || !j->on || redo_reserve(&j->redo, key_size, value_size) ? rc : ENOMEM;
}

maru_status txn_room(maru_txn *txn, const record_key *key, const char *name, size_t size, uint8_t **payload)
{
    MDB_val     at = {.mv_size = key->size, .mv_data = (void *)key->bytes};
    MDB_val     value = {.mv_size = RECORD_HEADER + size};
    maru_status status = may_write(txn, name);
    int         rc;

    if (status != MARU_OK)
        return status;
    if (size > UINT32_MAX - RECORD_HEADER)
        return maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "%s: a record of %zu bytes is too large", name, size);
    rc = step_fault(txn, key->size, value.mv_size);
    if (!rc)
        rc = mdb_put(txn->mdb, txn->store->env.dbi, &at, &value, MDB_RESERVE);
    if (rc)
        return failed_at(txn, name, rc, true);
    txn->changes++;
    *payload = (uint8_t *)value.mv_data + RECORD_HEADER;
    return MARU_OK;
}

void txn_seal(maru_txn *txn, const record_key *key, uint8_t *payload, size_t size)
{
    journal *j = &txn->store->journal;
    uint8_t *value = payload - RECORD_HEADER;

    record_seal(key->bytes, key->size, value, RECORD_HEADER + size);
    if (j->on)
        redo_put(&j->redo, key->bytes, key->size, value, RECORD_HEADER + size);
}

maru_status txn_remove(maru_txn *txn, const record_key *key, const char *name)
{
    MDB_val     at = {.mv_size = key->size, .mv_data = (void *)key->bytes};
    maru_status status = may_write(txn, name);
    int         rc;

    if (status != MARU_OK)
        return status;
    rc = step_fault(txn, key->size, 0);
    if (!rc)
        rc = mdb_del(txn->mdb, txn->store->env.dbi, &at, NULL);
    if (rc == MDB_NOTFOUND)
        return not_there(txn, key, name);
    if (rc)
        return failed_at(txn, name, rc, true);
    if (txn->store->journal.on)
        redo_delete(&txn->store->journal.redo, key->bytes, key->size);
    txn->changes++;
    return MARU_OK;
}

maru_status txn_unpack(maru_txn *txn, const maru_table *table, const record_key *key, const uint8_t *payload,
                       size_t size, ProtobufCMessage **record)
{
    maru_error  error;
    maru_status status = unpack_message(table->record, payload, size, txn->arena, record, &error);

    if (status == MARU_OK)
        return MARU_OK;
    if (status == MARU_RESOURCE_EXHAUSTED)
        return maru_txn_fail(txn, status, "%s: %s", table->name, error.text);
    return txn_damaged(txn, table->name, key, error.text);
}

maru_status maru_get(maru_txn *txn, const maru_table *table, maru_key key, ProtobufCMessage **record)
{
    record_key     made;
    const uint8_t *payload;
    size_t         size;
    maru_status    status = make_key(txn, table, key, &made);

    *record = NULL;
    if (status == MARU_OK)
        status = txn_value(txn, &made, table->name, &payload, &size);
    if (status == MARU_OK)
        status = txn_unpack(txn, table, &made, payload, size, record);
    return status;
}

maru_status maru_put(maru_txn *txn, const maru_table *table, maru_key key, const ProtobufCMessage *record)
{
    record_key  made;
    uint8_t    *payload;
    size_t      size;
    maru_status status = make_key(txn, table, key, &made);

    if (status != MARU_OK)
        return status;
    if (record->descriptor != table->record)
        return maru_txn_fail(txn, MARU_INTERNAL, "%s: want a record of type %s, got %s", table->name,
                             table->record->name, record->descriptor->name);
    size = pack_size(record);
    if ((status = txn_room(txn, &made, table->name, size, &payload)) != MARU_OK)
        return status;
    pack_into(record, payload);
    txn_seal(txn, &made, payload, size);
    return MARU_OK;
}

maru_status maru_delete(maru_txn *txn, const maru_table *table, maru_key key)
{
    record_key  made;
    maru_status status = make_key(txn, table, key, &made);

    return status == MARU_OK ? txn_remove(txn, &made, table->name) : status;
}

/* A damaged key may have become this one. */
maru_status maru_has(maru_txn *txn, const maru_table *table, maru_key key)
{
    record_key     made;
    const uint8_t *payload;
    size_t         size;
    maru_status    status = make_key(txn, table, key, &made);

    return status == MARU_OK ? txn_value(txn, &made, table->name, &payload, &size) : status;
}

maru_status txn_may_answer(maru_txn *txn, const maru_call *base, size_t size)
{
    if (base->reply_most == 0 || size <= base->reply_most)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED, "reply: %zu bytes, limit %zu (max_message)", size,
                         base->reply_most);
}

static maru_status may_reply(maru_txn *txn, const maru_table *table)
{
    const maru_method *method = txn->call ? txn->call->method : NULL;

    if (!txn->call)
        return maru_txn_fail(txn, MARU_INTERNAL, "%s: there is no call to reply to", table->name);
    if (method && (!(method->flags & MARU_METHOD_STORED_REPLY) || method->response != table->record))
        return maru_txn_fail(txn, MARU_INTERNAL, "%s: %s is not marked stored_reply, or answers with another type",
                             table->name, method->path);
    return MARU_OK;
}

maru_status maru_reply_with(maru_txn *txn, const maru_table *table, maru_key key)
{
    record_key     made;
    const uint8_t *payload;
    size_t         size;
    maru_status    status = may_reply(txn, table);

    if (status == MARU_OK)
        status = make_key(txn, table, key, &made);
    if (status == MARU_OK)
        status = txn_value(txn, &made, table->name, &payload, &size);
    if (status == MARU_OK)
        status = txn_may_answer(txn, txn->call, size);
    if (status != MARU_OK)
        return status;
    txn->reply = memcpy(maru_txn_alloc(txn, size + 1), payload, size); /* never NULL, though it be empty */
    txn->reply_size = size;
    return MARU_OK;
}
