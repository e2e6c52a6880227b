/* care.c: opening and reading (contract: care.h). copies.c has the rest. */
#include "store/care.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "maru/seam.h"
#include "store/care_impl.h"
#include "store/checkpoint.h"
#include "store/datafile.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/made.h"
#include "store/pagewalk.h"
#include "store/record.h"
#include "store/recovery.h"
#include "store/segment.h"

#define CARE_MAP ((size_t)1 << 40)

enum { TRIES = 100 }; /* to read a snapshot's header while its service commits */

/* ---- opening ---- */

static int open_in(const care *c, const char *name)
{
    char full[PATH_MAX + 16];

    snprintf(full, sizeof full, "%s/%s", c->path, name);
    return open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static bool has_file(const char *path, const char *name)
{
    char full[PATH_MAX + 16];

    snprintf(full, sizeof full, "%s/%s", path, name);
    return faccessat(AT_FDCWD, full, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void read_notes(const care *c, char notes[static CARE_NOTES_MAX])
{
    int     fd = open_in(c, "lock");
    ssize_t size = fd < 0 ? 0 : pread(fd, notes, CARE_NOTES_MAX - 1, 0);

    notes[size > 0 ? size : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

maru_status care_still(const care *c, maru_error *error)
{
    char now[CARE_NOTES_MAX];

    if (!c->running)
        return MARU_OK;
    read_notes(c, now);
    return strcmp(now, c->notes) == 0
               ? MARU_OK
               : maru_error_set(error, MARU_ABORTED, "%s: its service ended or started meanwhile; try again", c->path);
}

/* Nobody begins or ends to open it while this is held. */
static int stop_openers(const care *c)
{
    int fd = open_in(c, "opening");

    while (fd >= 0 && flock(fd, LOCK_SH) != 0)
        if (errno != EINTR)
            break;
    return fd;
}

int care_map(care *c, const char *path, unsigned flags)
{
    MDB_txn *txn;
    int      rc = mdb_env_open(c->env.mdb, path, MDB_RDONLY | MDB_NOTLS | flags, 0600);

    if (rc != 0 || (rc = mdb_txn_begin(c->env.mdb, NULL, MDB_RDONLY, &txn)) != 0)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, &c->env.dbi);
    mdb_txn_abort(txn);
    return rc;
}

/* The header of one snapshot, which is there until the second commit after it. */
static int read_header(care *c, MDB_txn *txn, datafile_header *header)
{
    uint8_t bytes[DATAFILE_HEADER];
    int     rc = checkpoint_meta(&c->env, mdb_txn_id(txn), bytes);

    return rc == 0 && (datafile_parse(bytes, header) != NULL || !datafile_sane(header)) ? MDB_CORRUPTED : rc;
}

/* While the snapshot is held none of its pages is used again. Later ones differ from it by what the service writes. */
static const char *walk_snapshot(care *c, const datafile_header *header)
{
    struct stat about;
    int         fd;

    if (mdb_env_get_fd(c->env.mdb, &fd) != 0 || fstat(fd, &about) != 0)
        return "its size can't be told";
    return pagewalk(fd, (uint64_t)about.st_size, header);
}

static maru_status check_pages(care *c, maru_error *error)
{
    datafile_header header;
    MDB_txn        *txn;
    const char     *wrong = NULL;
    int             rc = EIO;

    for (int i = 0; i < TRIES && rc == EIO; i++) {
        if ((rc = mdb_txn_begin(c->env.mdb, NULL, MDB_RDONLY, &txn)) != 0)
            break;
        if ((rc = read_header(c, txn, &header)) == 0)
            wrong = walk_snapshot(c, &header);
        mdb_txn_abort(txn);
    }
    if (rc != 0)
        return fault_error(c->path, rc, error);
    return wrong == NULL ? MARU_OK
                         : maru_error_set(error, MARU_DATA_LOSS, "%s/data.mdb is damaged: %s; restore it from a backup",
                                          c->path, wrong);
}

static maru_status open_beside(care *c, maru_error *error)
{
    int opening = stop_openers(c);
    int rc;

    c->running = true;
    read_notes(c, c->notes);
    c->env = (store_env){.path = strdup(c->path)};
    if (c->env.path == NULL || mdb_env_create(&c->env.mdb) != 0)
        rc = ENOMEM;
    else
        rc = care_map(c, c->path, 0);
    if (opening >= 0)
        close(opening);
    if (rc == ENOENT && !has_file(c->path, "data.mdb"))
        return maru_error_set(error, MARU_DATA_LOSS,
                              "%s/data.mdb is missing, though its service runs on it; stop that, and restore the store "
                              "from a backup",
                              c->path);
    return rc == 0 ? check_pages(c, error) : fault_error(c->path, rc, error);
}

/* LMDB would make an empty store of an empty file. */
static maru_status check_file(const care *c, maru_error *error)
{
    datafile_state state;
    char           full[PATH_MAX + 16];
    maru_status    status;

    snprintf(full, sizeof full, "%s/data.mdb", c->path);
    status = datafile_check(full, DATAFILE_PAGES, &state, error);
    if (status != MARU_OK || state != DATAFILE_NONE)
        return status;
    if (made_is(c->path))
        return made_lost(full, error);
    return has_file(c->path, "data.mdb")
               ? maru_error_set(error, MARU_DATA_LOSS, "%s: the file is empty; restore it from a backup", full)
               : maru_error_set(error, MARU_NOT_FOUND, "%s: there is no store", c->path);
}

/* As a service would, but for what it writes of its own. */
static maru_status open_alone(care *c, maru_error *error)
{
    recovery    r = {.path = NULL};
    maru_status status = recovery_begin(&r, c->path, made_has_journal(c->path), error);

    if (status == MARU_OK && (status = check_file(c, error)) == MARU_OK &&
        (status = env_open(&c->env, c->path, CARE_MAP, &c->log, error)) == MARU_OK)
        status = recovery_replay(&r, &c->env, error);
    c->newest = r.past.generation & 1;
    recovery_end(&r);
    return status;
}

/* Whether a store is there, or was: what its journal and STORE say is the truth about one without data.mdb. */
static maru_status must_be_there(const char *path, maru_error *error)
{
    const char *const names[] = {"data.mdb", MADE_MARKER, segment_name(0), segment_name(1)};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (has_file(path, names[i]))
            return folder_check(path, error);
        else if (errno != ENOENT)
            return fault_error(path, errno, error);
    return maru_error_set(error, MARU_NOT_FOUND, "%s: there is no store", path);
}

static maru_status open_either(care *c, bool alone, maru_error *error)
{
    maru_status status = holder_take(&c->held, c->path, "maru-store", false, &c->log, error);

    if (status == MARU_OK)
        return open_alone(c, error);
    c->held.path = NULL;
    return status == MARU_FAILED_PRECONDITION && !alone ? open_beside(c, error) : status;
}

static int64_t wall(void *seam)
{
    const maru_seam *real = seam;

    return real->wall(real->self);
}

maru_status care_open(const char *path, bool alone, care **c, maru_error *error)
{
    care       *made = calloc(1, sizeof *made);
    maru_status status;

    *c = NULL;
    if (made == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    log_open(&made->log, STDERR_FILENO, MARU_LOG_WARN, wall, (void *)maru_seam_real());
    snprintf(made->path, sizeof made->path, "%s", path);
    if ((status = must_be_there(made->path, error)) == MARU_OK)
        status = open_either(made, alone, error);
    if (status != MARU_OK)
        care_close(made);
    else
        *c = made;
    return status;
}

void care_close(care *c)
{
    if (c == NULL)
        return;
    env_close(&c->env);
    if (c->held.path != NULL)
        holder_give(&c->held);
    free(c);
}

/* ---- looking ---- */

static maru_status read_own_record(MDB_txn *txn, const care *c, care_facts *facts, maru_error *error)
{
    record_key   key;
    store_record record;
    MDB_val      at, value;
    int          rc;

    record_key_make(&key, TABLE_STORE, maru_key_text("store"));
    at = (MDB_val){.mv_size = key.size, .mv_data = key.bytes};
    rc = mdb_get(txn, c->env.dbi, &at, &value);
    if (rc == MDB_NOTFOUND && !made_is(c->path))
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: is no store of Maru's", c->path);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return fault_error(c->path, rc, error);
    if (rc != 0 || record_fault(key.bytes, key.size, value.mv_data, value.mv_size) != NULL ||
        !store_record_read(&record, (const uint8_t *)value.mv_data + RECORD_HEADER, value.mv_size - RECORD_HEADER))
        return maru_error_set(error, MARU_DATA_LOSS, "%s: its own record is damaged; restore it from a backup",
                              c->path);
    facts->version = record.version;
    facts->epoch = record.epoch;
    facts->made_ms = record.made_ms;
    snprintf(facts->service, sizeof facts->service, "%.*s", (int)record.service_size, record.service);
    return MARU_OK;
}

/* Pages that are on the list of free ones: a record of it is a transaction's number, how many, and each. */
static int count_free(MDB_txn *txn, uint64_t page, care_facts *facts)
{
    MDB_cursor *cursor;
    MDB_val     key, value;
    int         rc = mdb_cursor_open(txn, 0, &cursor);

    if (rc != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        size_t count = 0;

        memcpy(&count, value.mv_data, value.mv_size < sizeof count ? value.mv_size : sizeof count);
        facts->free_bytes += count * page;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int measure(MDB_txn *txn, const care *c, care_facts *facts)
{
    MDB_stat    stat;
    MDB_envinfo info;
    int         rc;

    if ((rc = mdb_stat(txn, c->env.dbi, &stat)) != 0 || (rc = mdb_env_info(c->env.mdb, &info)) != 0)
        return rc;
    facts->records = stat.ms_entries;
    facts->bytes = (info.me_last_pgno + 1) * stat.ms_psize;
    facts->txn = mdb_txn_id(txn);
    return count_free(txn, stat.ms_psize, facts);
}

maru_status care_look(care *c, care_facts *facts, maru_error *error)
{
    maru_status status;
    MDB_txn    *txn;
    int         rc;

    *facts = (care_facts){.running = c->running, .pid = c->running ? atoll(c->notes) : 0};
    if ((rc = mdb_txn_begin(c->env.mdb, NULL, MDB_RDONLY, &txn)) != 0)
        return fault_error(c->path, rc, error);
    status = read_own_record(txn, c, facts, error);
    if (status == MARU_OK && (rc = measure(txn, c, facts)) != 0)
        status = fault_error(c->path, rc, error);
    mdb_txn_abort(txn);
    return status == MARU_OK ? care_still(c, error) : status;
}

typedef struct walking {
    MDB_cursor *at, *ahead;
    uint64_t    here, there;   /* how many records each of them has read */
    uint8_t     before, after; /* the tables of the whole records around a damaged one */
} walking;

/* Moves ahead to the next whole record behind the one at hand, where it is not there already. */
static int look_ahead(walking *w)
{
    MDB_val key, value;
    int     rc;

    if (w->there > w->here)
        return 0;
    w->after = TABLE_COUNT - 1;
    while ((rc = mdb_cursor_get(w->ahead, &key, &value, MDB_NEXT)) == 0) {
        if (++w->there <= w->here || record_fault(key.mv_data, key.mv_size, value.mv_data, value.mv_size) != NULL)
            continue;
        w->after = *(const uint8_t *)key.mv_data;
        return 0;
    }
    w->there = UINT64_MAX;
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static care_record show(const MDB_val *key, const MDB_val *value)
{
    const uint8_t *bytes = key->mv_data;
    care_record    record = {.key = "", .fault = record_fault(bytes, key->mv_size, value->mv_data, value->mv_size)};

    if (key->mv_size < 1 || key->mv_size > RECORD_KEY_MAX) /* damaged: nothing of it is believed */
        return record;
    record.table = record.low = record.high = bytes[0];
    record.key = bytes + 1;
    record.key_size = key->mv_size - 1;
    if (record.fault == NULL) {
        record.payload = (const uint8_t *)value->mv_data + RECORD_HEADER;
        record.payload_size = value->mv_size - RECORD_HEADER;
    }
    return record;
}

static int show_next(walking *w, care_record *record)
{
    MDB_val key, value;
    int     rc = mdb_cursor_get(w->at, &key, &value, MDB_NEXT);

    if (rc != 0)
        return rc;
    w->here++;
    *record = show(&key, &value);
    if (record->fault == NULL)
        w->before = record->table;
    else if (!record_table_is_sure(key.mv_data, key.mv_size, value.mv_data, value.mv_size)) {
        rc = look_ahead(w);
        record->low = w->before;
        record->high = w->after;
    }
    return rc;
}

static int walk(MDB_txn *txn, const care *c, care_see see, void *arg)
{
    walking     w = {.here = 0};
    care_record record;
    bool        more = true;
    int         rc = mdb_cursor_open(txn, c->env.dbi, &w.at);

    if (rc != 0)
        return rc;
    if ((rc = mdb_cursor_open(txn, c->env.dbi, &w.ahead)) == 0) {
        while (more && (rc = show_next(&w, &record)) == 0)
            more = see(arg, &record);
        mdb_cursor_close(w.ahead);
    }
    mdb_cursor_close(w.at);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

maru_status care_walk(care *c, care_see see, void *arg, maru_error *error)
{
    MDB_txn *txn;
    int      rc = mdb_txn_begin(c->env.mdb, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return fault_error(c->path, rc, error);
    rc = walk(txn, c, see, arg);
    mdb_txn_abort(txn);
    return rc == 0 ? care_still(c, error) : fault_error(c->path, rc, error);
}

bool care_is_own(unsigned number)
{
    return record_is_own(number);
}

const char *care_table(unsigned number)
{
    static const char *const names[TABLE_COUNT] = {
        [TABLE_ONCE_LARGE] = "large-replies",
        [TABLE_LATER] = "later",
        [TABLE_LATER_DUE] = "later-due",
        [TABLE_PENDING] = "pending",
        [TABLE_APPLIED] = "applied",
        [TABLE_INBOX] = "inbox",
        [TABLE_AGGREGATES] = "aggregates",
        [TABLE_LOG] = "log",
        [TABLE_ONCE_TIME] = "reply-times",
        [TABLE_ONCE] = "replies",
        [TABLE_STORE] = "store",
    };

    return number < TABLE_COUNT ? names[number] : NULL;
}
