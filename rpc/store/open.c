/* open.c: opening and closing a store (contract: maru/store.h).
 *
 * In this order, each undone where a later one fails: the folder, the lock (who may), back to the checkpoint where it
 * was not closed, the file's check, the environment, the journal's records again, whose it is and of which version, the
 * journal, the writer. The file "STORE" is written once a store is made, so that
 * a data.mdb that went missing is not taken for a new store.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/call_impl.h"
#include "runtime/rt.h"
#include "store/datafile.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/made.h"
#include "store/recovery.h"
#include "store/scrub.h"
#include "store/store_impl.h"
#include "store/txn.h"

/* Of what is ever in a store's folder: renew.c's. A path that has no room for it is refused before anything is made. */
#define LONGEST_NAME "data.mdb.compact"

#define MIGRATE_MEMORY ((size_t)1 << 30)

/* ---- options ---- */

static maru_status take_tables(maru_store *store, const maru_table *const *tables, maru_error *error)
{
    for (; tables && *tables; tables++) {
        unsigned number = (*tables)->number;

        if (number < 1 || number > TABLE_USER_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "table %s: want a number from 1 to %d, got %u",
                                  (*tables)->name, TABLE_USER_MAX, number);
        if (store->tables[number])
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "tables %s and %s both have number %u",
                                  store->tables[number]->name, (*tables)->name, number);
        store->tables[number] = *tables;
    }
    return MARU_OK;
}

static maru_store_options with_defaults(const maru_store_options *options)
{
    maru_store_options o = *options;

#define DEFAULT(field, type, unit, fallback, least, most, words)                                                       \
    if (o.field == 0)                                                                                                  \
        o.field = (type)(fallback);
    MARU_STORE_LIMITS(DEFAULT)
#undef DEFAULT
    return o;
}

static maru_status check_options(const maru_store_options *o, maru_error *error)
{
    size_t size = o->service ? strlen(o->service) : 0;

    if (!o->path || !*o->path)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "a store's path: want a folder, got nothing");
    if (size < 1 || size > STORE_SERVICE_MAX || strpbrk(o->service, " \n\t"))
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "%s: want a service's name of 1 to %d characters without blanks", o->path,
                              STORE_SERVICE_MAX);
    if (o->once_keep_ms < 0 || o->max_read_ms < 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want times of at least 0", o->path);
    return MARU_OK;
}

static maru_status take_options(maru_runtime *rt, const maru_store_options *o, maru_store *store, maru_error *error)
{
    maru_status status = check_options(o, error);

    *store = (maru_store){
        .rt = rt,
        .shared = o->shared,
        .once_keep_ms = o->once_keep_ms,
        .once_keep_bytes = o->once_keep_bytes,
        .max_read_ms = o->max_read_ms,
    };
    if (status == MARU_OK)
        status = take_tables(store, o->tables, error);
    if (status == MARU_OK)
        snprintf(store->service, sizeof store->service, "%s", o->service);
    if (status == MARU_OK && !(store->path = strdup(o->path)))
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", o->path);
    return status;
}

/* ---- the folder ---- */

/* Parents too. Where a folder is there already, it stays as it is. path has room for a file's name behind it. */
static int make_folders(const char *path)
{
    char part[PATH_MAX];

    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return errno;
        *slash = '/';
    }
    return mkdir(part, 0700) != 0 && errno != EEXIST ? errno : 0;
}

static maru_status prepare_folder(const char *path, maru_error *error)
{
    char        longest[PATH_MAX];
    maru_status status = folder_file(path, LONGEST_NAME, longest, error);
    int         failed;

    if (status != MARU_OK)
        return status;
    if ((failed = make_folders(path)) != 0)
        return fault_error(path, failed, error);
    return folder_check(path, error);
}

static maru_status check_file(const maru_store *store, datafile_state *state, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(store->path, "data.mdb", full, error);

    if (status != MARU_OK)
        return status;
    status = datafile_check(full, store->held.alone ? DATAFILE_SMALL : DATAFILE_HEADERS, state, error);
    fault_say_more(status, "restore it from a backup", error);
    if (status == MARU_OK && *state != DATAFILE_FULL && made_is(store->path))
        return made_lost(full, error);
    return status;
}

/* ---- whose store it is ---- */

static void store_key(record_key *key)
{
    record_key_make(key, TABLE_STORE, maru_key_text("store"));
}

/* An error with the path in front, from within a transaction. */
static maru_status as_error(const maru_txn *txn, maru_status status, maru_error *error)
{
    if (status == MARU_OK)
        return MARU_OK;
    return maru_error_set(error, status, "%s: %s", txn->store->path,
                          txn->words[0] ? txn->words : "its migration failed");
}

static maru_status put_store_record(maru_txn *txn, const store_record *record)
{
    uint8_t     bytes[STORE_RECORD_FIXED + STORE_SERVICE_MAX];
    size_t      size = store_record_write(record, bytes);
    record_key  key;
    uint8_t    *payload;
    maru_status status;

    store_key(&key);
    if ((status = txn_room(txn, &key, "store", size, &payload)) != MARU_OK)
        return status;
    memcpy(payload, bytes, size);
    txn_seal(txn, &key, payload, size);
    return MARU_OK;
}

/* OK, or NOT_FOUND. Its service lies in LMDB's memory. */
static maru_status take_store_record(maru_txn *txn, store_record *record)
{
    record_key     key;
    const uint8_t *payload;
    size_t         size;
    maru_status    status;

    store_key(&key);
    status = txn_value(txn, &key, "store", &payload, &size);
    if (status == MARU_OK && !store_record_read(record, payload, size))
        status = txn_damaged(txn, "store", &key, "it is of the wrong size");
    return status;
}

static maru_status make_store(maru_txn *txn, void *arg)
{
    const maru_store_options *o = arg;
    store_record              record = {
                     .version = o->version,
                     .made_ms = txn->wall / MARU_NS_PER_MS,
                     .service = o->service,
                     .service_size = strlen(o->service),
    };

    rt_random(txn->store->rt, &record.epoch, sizeof record.epoch);
    txn->store->epoch = record.epoch;
    return put_store_record(txn, &record);
}

static maru_status migrate_store(maru_txn *txn, void *arg)
{
    const maru_store_options *o = arg;
    store_record              record;
    maru_status               status = take_store_record(txn, &record);

    record.version = o->version;
    record.service = o->service;
    if (status == MARU_OK && o->migrate)
        status = o->migrate(txn, NULL);
    return status == MARU_OK ? put_store_record(txn, &record) : status;
}

/* One whole LMDB transaction, before anyone else sees the store. */
static maru_status write_alone(maru_store *store, maru_txn_fn fn, const maru_store_options *o, maru_error *error)
{
    maru_arena *arena = maru_arena_new(MIGRATE_MEMORY);
    maru_txn    txn;
    MDB_txn    *mdb;
    maru_status status;
    int         rc;

    if (!arena)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", store->path);
    if ((rc = mdb_txn_begin(store->env.mdb, NULL, 0, &mdb)) != 0) {
        maru_arena_free(arena);
        return fault_error(store->path, rc, error);
    }
    txn_begin(&txn, store, mdb, arena, NULL);
    status = as_error(&txn, txn_run(&txn, fn, (void *)o), error);
    txn_end(&txn);
    if (status != MARU_OK)
        mdb_txn_abort(mdb);
    else if ((rc = env_commit(store->env.mdb, mdb)) != 0)
        status = fault_error(store->path, rc, error);
    maru_arena_free(arena);
    return status;
}

/* OK, or NOT_FOUND where the store is empty. service is a copy. */
static maru_status read_store_record(maru_store *store, store_record *record,
                                     char service[static STORE_SERVICE_MAX + 1], maru_error *error)
{
    maru_txn    txn;
    MDB_txn    *mdb;
    maru_status status;
    int         rc = mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &mdb);

    if (rc)
        return fault_error(store->path, rc, error);
    txn_begin(&txn, store, mdb, NULL, NULL);
    if ((status = take_store_record(&txn, record)) == MARU_OK)
        snprintf(service, STORE_SERVICE_MAX + 1, "%.*s", (int)record->service_size, record->service);
    mdb_txn_abort(mdb);
    return status == MARU_NOT_FOUND ? status : as_error(&txn, status, error);
}

static maru_status check_version(maru_store *store, const maru_store_options *o, uint32_t version, maru_error *error)
{
    if (version == o->version)
        return MARU_OK;
    if (version > o->version)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%s is of version %" PRIu32 ", newer than this %s knows (%" PRIu32 "); run a newer one",
                              store->path, version, o->service, o->version);
    if (version != o->version - 1)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%s is of version %" PRIu32 ", and this %s opens %" PRIu32 " and %" PRIu32
                              "; run the versions between first",
                              store->path, version, o->service, o->version - 1, o->version);
    if (!store->held.alone)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%s is of version %" PRIu32 " and open in another process; stop it, so that it can be "
                              "brought to version %" PRIu32,
                              store->path, version, o->version);
    return write_alone(store, migrate_store, o, error);
}

static maru_status own_store(maru_store *store, const maru_store_options *o, datafile_state state, maru_error *error)
{
    char         service[STORE_SERVICE_MAX + 1];
    store_record record;
    maru_status  status = read_store_record(store, &record, service, error);

    if (status == MARU_NOT_FOUND && state == DATAFILE_FULL && made_is(store->path))
        return maru_error_set(error, MARU_DATA_LOSS, "%s: its own record is damaged; restore it from a backup",
                              store->path);
    if (status == MARU_NOT_FOUND && state == DATAFILE_FULL)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s holds an LMDB file that is no store of Maru",
                              store->path);
    if (status == MARU_NOT_FOUND)
        status = write_alone(store, make_store, o, error);
    else if (status == MARU_OK) {
        if (strcmp(service, o->service) != 0)
            return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s is the store of %s, not of %s", store->path,
                                  service, o->service);
        store->epoch = record.epoch;
        /* Before a migration, which must not take for missing what is damaged. */
        store->damaged = !scrub_all(&store->env, rt_log(store->rt));
        status = check_version(store, o, record.version, error);
    }
    return status == MARU_OK ? made_note(store->path, o->service, rt_log(store->rt), error) : status;
}

/* ---- open, close ---- */

static maru_status open_env(maru_store *store, const maru_store_options *o, recovery *r, maru_error *error)
{
    datafile_state state;
    maru_status    status = check_file(store, &state, error);

    if (status == MARU_OK)
        status = env_open(&store->env, store->path, store->held.alone, o->map_bytes, rt_log(store->rt), error);
    if (status != MARU_OK)
        return status;
    env_check_readers(&store->env);
    if ((status = recovery_replay(r, &store->env, error)) != MARU_OK ||
        (status = own_store(store, o, state, error)) != MARU_OK)
        env_close(&store->env);
    return status;
}

static maru_status start_writing(maru_store *store, const maru_store_options *o, maru_error *error)
{
    int failed = writer_start(&store->writes, store, o->max_queue);

    if (!failed)
        return MARU_OK;
    journal_stop(&store->journal);
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: no thread for writing: %s", store->path,
                          fault_words(failed));
}

/* Who has it alone writes by the journal; who shares it flushes by LMDB. */
static maru_status start_journal(maru_store *store, journal_past past, maru_error *error)
{
    maru_status status;

    if (store->shared)
        return MARU_OK;
    status = journal_start(&store->journal, &store->env, store->rt, store->epoch, past, error);
    if (status == MARU_OK && (status = made_note_journal(store->path, error)) != MARU_OK)
        journal_stop(&store->journal);
    return status;
}

static maru_status start(maru_store *store, const maru_store_options *o, journal_past past, maru_error *error)
{
    maru_status status;

    readers_init(&store->reads, &store->env);
    if ((status = start_journal(store, past, error)) == MARU_OK && (status = start_writing(store, o, error)) == MARU_OK)
        return MARU_OK;
    readers_free(&store->reads);
    env_close(&store->env);
    return status;
}

/* Where others have it open, whoever came first has recovered it. */
static maru_status recover_and_open(maru_store *store, const maru_store_options *o, maru_error *error)
{
    recovery    r = {.path = NULL};
    maru_status status = MARU_OK;

    if (store->held.alone)
        status = recovery_begin(&r, store->path, error);
    if (status == MARU_OK && (status = open_env(store, o, &r, error)) == MARU_OK)
        status = start(store, o, r.past, error);
    recovery_end(&r);
    return status;
}

static void free_store(maru_store *store)
{
    free(store->path);
    free(store);
}

static maru_status open_held(maru_store *store, const maru_store_options *o, maru_error *error)
{
    maru_status status = holder_take(&store->held, store->path, o->service, o->shared, rt_log(store->rt), error);

    if (status != MARU_OK)
        return status;
    if ((status = recover_and_open(store, o, error)) != MARU_OK)
        holder_give(&store->held);
    else
        holder_opened(&store->held, o->shared);
    return status;
}

maru_status maru_store_open(maru_runtime *runtime, const maru_store_options *options, maru_store **store,
                            maru_error *error)
{
    maru_store_options o = with_defaults(options);
    maru_store        *s = malloc(sizeof *s);
    maru_status        status;

    *store = NULL;
    if (!s)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", options->path);
    if ((status = take_options(runtime, &o, s, error)) != MARU_OK ||
        (status = prepare_folder(s->path, error)) != MARU_OK || (status = open_held(s, &o, error)) != MARU_OK) {
        free_store(s);
        return status;
    }
    store_account_open(s);
    *store = s;
    return MARU_OK;
}

void maru_store_close(maru_store *store)
{
    if (!store)
        return;
    store_account_close(store);
    writer_stop(&store->writes);
    journal_stop(&store->journal);
    readers_free(&store->reads);
    env_close(&store->env);
    holder_give(&store->held);
    free_store(store);
}
