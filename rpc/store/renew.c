/* renew.c: compact and repair (contract: care.h): another file, made of data.mdb, takes its place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/care_impl.h"
#include "store/datafile.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/made.h"
#include "store/once_impl.h"
#include "store/record.h"
#include "store/segment.h"

/* No room is kept in the map of a file that is only read; one that is written has room for all that the old one has. */
#define MAP_READ ((size_t)64 << 10)
#define MAP_MORE ((size_t)64 << 20)

enum {
    COMMIT_BYTES = 16 << 20, /* of records in one transaction */
    CHUNK = 64 << 10,
};

static const char fresh[] = "data.mdb.compact";

/* ---- in the place of data.mdb ---- */

/* The journal holds nothing, and belongs to the old file: STORE, which promises it, is made anew first, and does no
 * more; then the file of an older header goes, which may still name records, then the one that says that none counts.
 * At each step the old file is a whole store, and so is the new one after. */
static maru_status drop_journal(const char *path, unsigned newest, const char *service, maru_error *error)
{
    const char *const names[] = {segment_name(1 - newest), segment_name(newest)};
    char              from[PATH_MAX];
    maru_status       status = made_anew(path, service, error);

    for (size_t i = 0; i < sizeof names / sizeof *names && status == MARU_OK; i++) {
        if ((status = folder_file(path, names[i], from, error)) != MARU_OK)
            return status;
        if (unlink(from) != 0 && errno != ENOENT)
            return fault_error(from, errno, error);
        status = copy_sync(path, error);
    }
    return status;
}

static maru_status swap(const care *c, const char *service, bool *replaced, maru_error *error)
{
    const char *path = c->path;
    char        from[PATH_MAX], to[PATH_MAX];
    maru_status status;

    if ((status = drop_journal(path, c->newest, service, error)) != MARU_OK ||
        (status = folder_file(path, fresh, from, error)) != MARU_OK ||
        (status = folder_file(path, "data.mdb", to, error)) != MARU_OK)
        return status;
    *replaced = rename(from, to) == 0;
    return *replaced ? copy_sync(path, error) : fault_error(to, errno, error);
}

/* Of one that was killed. */
static maru_status remove_fresh(const care *c, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(c->path, fresh, full, error);

    if (status == MARU_OK && unlink(full) != 0 && errno != ENOENT)
        return fault_error(full, errno, error);
    return status;
}

/* Reads the file that is to take the place. */
static maru_status read_fresh(const char *full, const char *of, maru_error *error)
{
    care           copy = {.running = false};
    datafile_state state;
    maru_status    status = datafile_check(full, DATAFILE_PAGES, &state, error);
    int            rc;

    if (status == MARU_DATA_LOSS)
        return maru_error_set(error, status, "%s/data.mdb is damaged: a copy of it has pages that make no sense", of);
    if (status != MARU_OK)
        return status;
    if ((rc = care_map(&copy, full, MDB_NOSUBDIR | MDB_NOLOCK, MAP_READ)) != 0)
        status = fault_error(full, rc, error);
    else
        status = copy_read(&copy, of, error);
    env_close(&copy.env);
    return status;
}

/* In the place of data.mdb, or not. */
static maru_status put_in_place(care *c, maru_status status, const char *full, bool *replaced, maru_error *error)
{
    care_facts facts;

    *replaced = false;
    if (status == MARU_OK)
        status = care_look(c, &facts, error);
    env_close(&c->env); /* LMDB has not both files open when they change places */
    if (status == MARU_OK)
        status = swap(c, facts.service, replaced, error);
    if (status != MARU_OK)
        unlink(full);
    return status;
}

/* ---- compact ---- */

static maru_status write_fresh(care *c, const char *full, maru_error *error)
{
    maru_status status;

    if ((status = remove_fresh(c, error)) != MARU_OK || (status = copy_snapshot(c, c->path, fresh, error)) != MARU_OK)
        return status;
    return fault_say_more(read_fresh(full, c->path, error), "nothing was replaced; maru store verify says which",
                          error);
}

maru_status care_compact(care *c, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(c->path, fresh, full, error);
    bool        replaced;

    if (status == MARU_OK)
        status = put_in_place(c, write_fresh(c, full, error), full, &replaced, error);
    care_close(c);
    return status;
}

/* ---- repair: what is lost ---- */

typedef struct survey {
    care_repaired *done;
    bool           needed; /* one that may not go: it was of one of these tables */
    uint8_t        low, high;
} survey;

static bool is_sum(const care_record *record)
{
    static const char name[] = "replies";

    return record->table == TABLE_STORE && record->key_size == sizeof name - 1 &&
           memcmp(record->key, name, sizeof name - 1) == 0;
}

/* The notes of replies may go, and replies, of which a repeat is then done again; and the sum of those, since the only
 * other of table STORE is whole. The events' readers read the rest, or count on there being no gap in it. Where the
 * table is not sure it is one of the events', unless none of these can be: what looks like a reply may be one. */
static bool may_go(const care_record *record)
{
    if (record->low != record->high)
        return record->high < TABLE_LATER || record->low > TABLE_LOG;
    switch (record->low) {
    case TABLE_ONCE_LARGE:
    case TABLE_ONCE_TIME:
    case TABLE_ONCE:
    case TABLE_STORE:
        return true;
    default:
        return !record_is_own(record->low);
    }
}

static bool survey_record(void *arg, const care_record *record)
{
    survey *s = arg;

    if (record->fault == NULL) {
        s->done->kept++;
        return true;
    }
    s->done->dropped++;
    if (!s->needed && !may_go(record)) {
        s->needed = true;
        s->low = record->low;
        s->high = record->high;
    }
    return true;
}

static maru_status refuse(const care *c, const survey *s, maru_error *error)
{
    static const char words[] = "is damaged, and others count on those";

    if (s->low == s->high)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%s: a record of table %u (%s) %s: restore it from a backup", c->path, s->low,
                              care_table(s->low) ? care_table(s->low) : "of no service", words);
    return maru_error_set(error, MARU_FAILED_PRECONDITION,
                          "%s: a record that may be of an event (it lies between tables %u and %u) %s: restore it from "
                          "a backup",
                          c->path, s->low, s->high, words);
}

static maru_status check_lost(care *c, care_repaired *done, maru_error *error)
{
    survey      s = {.done = done};
    care_facts  facts;
    maru_status status;

    *done = (care_repaired){.kept = 0};
    if ((status = care_look(c, &facts, error)) != MARU_OK ||
        (status = care_walk(c, survey_record, &s, error)) != MARU_OK)
        return status;
    return s.needed ? refuse(c, &s, error) : MARU_OK;
}

/* ---- repair: what is whole ---- */

typedef struct writing {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi  dbi;
    size_t   bytes; /* of this transaction */
    int      rc;
    uint64_t large; /* bytes of the large replies, by the notes of them */
    care_see see;   /* what is left out */
    void    *arg;
} writing;

static int turn_over(writing *w)
{
    int rc = env_commit(w->env, w->txn);

    w->bytes = 0;
    w->txn = NULL;
    return rc != 0 ? rc : mdb_txn_begin(w->env, NULL, 0, &w->txn);
}

/* In the order of keys, which they are in: else it is said. */
static int add(writing *w, const care_record *record)
{
    uint8_t key[RECORD_KEY_MAX];
    MDB_val at = {.mv_size = record->key_size + 1, .mv_data = key}, value;
    int     rc;

    value = (MDB_val){.mv_size = RECORD_HEADER + record->payload_size};
    key[0] = record->table;
    memcpy(key + 1, record->key, record->key_size);
    if ((rc = mdb_put(w->txn, w->dbi, &at, &value, MDB_RESERVE | MDB_APPEND)) != 0)
        return rc;
    memcpy((uint8_t *)value.mv_data + RECORD_HEADER, record->payload, record->payload_size);
    record_seal(key, at.mv_size, value.mv_data, value.mv_size);
    w->bytes += at.mv_size + value.mv_size;
    return w->bytes < COMMIT_BYTES ? 0 : turn_over(w);
}

/* Of the notes that are kept: it stands before the store's own record, which is the last. */
static int add_sum(writing *w)
{
    uint8_t     payload[8];
    record_key  key;
    care_record sum = {.payload = payload, .payload_size = sizeof payload};

    once_sum_key(&key);
    record_put64(payload, w->large);
    sum.table = key.bytes[0];
    sum.key = key.bytes + 1;
    sum.key_size = key.size - 1;
    return w->large > 0 ? add(w, &sum) : 0;
}

static bool add_whole(void *arg, const care_record *record)
{
    writing *w = arg;

    if (record->fault != NULL && w->see != NULL)
        w->see(w->arg, record);
    if (record->fault != NULL || is_sum(record))
        return true;
    if (record->table == TABLE_ONCE_LARGE && record->payload_size == 8)
        w->large += record_get64(record->payload);
    if (record->table == TABLE_STORE)
        w->rc = add_sum(w);
    if (w->rc == 0)
        w->rc = add(w, record);
    return w->rc == 0;
}

static int open_fresh(writing *w, const care *c, const char *full)
{
    MDB_envinfo info;
    MDB_stat    stat;
    int         fd, rc;

    if ((rc = mdb_env_info(c->env.mdb, &info)) != 0 || (rc = mdb_env_stat(c->env.mdb, &stat)) != 0 ||
        (rc = mdb_env_create(&w->env)) != 0 ||
        (rc = mdb_env_set_mapsize(w->env, (info.me_last_pgno + 1) * stat.ms_psize * 2 + MAP_MORE)) != 0 ||
        (rc = mdb_env_open(w->env, full, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS, 0600)) != 0 ||
        (rc = mdb_env_get_fd(w->env, &fd)) != 0 || (rc = folder_give(c->path, fd)) != 0 ||
        (rc = mdb_txn_begin(w->env, NULL, 0, &w->txn)) != 0)
        return rc;
    return mdb_dbi_open(w->txn, NULL, 0, &w->dbi);
}

static maru_status write_whole_ones(care *c, const char *full, writing *w, maru_error *error)
{
    int         rc = open_fresh(w, c, full);
    maru_status status = rc ? fault_error(full, rc, error) : care_walk(c, add_whole, w, error);

    if (status == MARU_OK && w->rc == 0) {
        rc = env_commit(w->env, w->txn);
        w->txn = NULL;
    }
    if (w->txn != NULL)
        mdb_txn_abort(w->txn);
    if (w->env != NULL)
        mdb_env_close(w->env);
    if (status != MARU_OK)
        return status;
    rc = w->rc ? w->rc : rc;
    return rc == MDB_KEYEXIST ? maru_error_set(error, MARU_DATA_LOSS,
                                               "%s: its records are not in order: restore it from a backup", c->path)
           : rc               ? fault_error(full, rc, error)
                              : copy_sync(c->path, error);
}

/* What is written to it has greater numbers than any of the file that it replaces, which is older then (recovery.h). */
static int raise_number(int fd, uint64_t txn)
{
    uint8_t         bytes[2][DATAFILE_HEADER];
    datafile_header headers[2];
    uint64_t        at = 0;
    unsigned        newer;

    for (unsigned i = 0; i < 2; i++, at += headers[0].page)
        if (pread(fd, bytes[i], DATAFILE_HEADER, (off_t)at) != DATAFILE_HEADER ||
            datafile_parse(bytes[i], &headers[i]) != NULL)
            return EIO;
    newer = headers[1].txn > headers[0].txn;
    return datafile_write(fd, bytes[newer], headers[newer].txn > txn ? headers[newer].txn : txn);
}

static maru_status go_on_from(care *c, const char *full, maru_error *error)
{
    care_facts  facts;
    maru_status status = care_look(c, &facts, error);
    int         fd, rc;

    if (status != MARU_OK)
        return status;
    if ((fd = open(full, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) < 0)
        return fault_error(full, errno, error);
    rc = raise_number(fd, facts.txn);
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    close(fd);
    return rc == 0 ? MARU_OK : fault_error(full, rc, error);
}

static maru_status keep_old(care *c, const char *part, maru_error *error)
{
    char        from[PATH_MAX];
    maru_status status;

    if ((status = folder_file(c->path, "data.mdb", from, error)) != MARU_OK ||
        (status = copy_file(from, part, "data.mdb", error)) != MARU_OK)
        return status;
    return copy_sync(part, error);
}

/* ---- repair: again, after one that was killed ---- */

static int open_file(const char *folder, const char *name, struct stat *about)
{
    char full[PATH_MAX];
    int  fd = folder_file(folder, name, full, NULL) == MARU_OK
                  ? open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
                  : -1;

    if (fd < 0 || (fstat(fd, about) == 0 && S_ISREG(about->st_mode)))
        return fd;
    close(fd);
    return -1;
}

static bool same_bytes(int a, int b)
{
    uint8_t here[CHUNK / 2], there[CHUNK / 2];
    ssize_t got;

    while ((got = read(a, here, sizeof here)) > 0)
        for (ssize_t have = 0, more; have < got; have += more)
            if ((more = read(b, there, (size_t)(got - have))) <= 0 || memcmp(here + have, there, (size_t)more) != 0)
                return false;
    return got == 0;
}

/* Whether data.mdb is in folder as it is here: a repair that was killed left it, or one who has all the same. It must
 * be another file, which stays when this one is replaced. */
static bool is_kept(const care *c, const char *folder)
{
    struct stat about[2];
    int         ours = open_file(c->path, "data.mdb", &about[0]), theirs = open_file(folder, "data.mdb", &about[1]);
    bool        same = ours >= 0 && theirs >= 0 && about[0].st_size == about[1].st_size &&
                (about[0].st_dev != about[1].st_dev || about[0].st_ino != about[1].st_ino) && same_bytes(ours, theirs);

    if (ours >= 0)
        close(ours);
    if (theirs >= 0)
        close(theirs);
    return same;
}

/* It may have been killed before all of it was on the disk. */
static maru_status keep_again(const char *folder, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status;

    if ((status = folder_file(folder, "data.mdb", full, error)) != MARU_OK ||
        (status = copy_sync(full, error)) != MARU_OK || (status = copy_sync(folder, error)) != MARU_OK ||
        (status = copy_sync_above(folder, error)) != MARU_OK)
        return status;
    copy_remove_note(folder);
    return MARU_OK;
}

static maru_status keep(care *c, const char *folder, bool *made, maru_error *error)
{
    struct stat about;
    maru_status status;

    *made = false;
    if (is_kept(c, folder))
        return keep_again(folder, error);
    status = copy_folder(c, folder, keep_old, error);
    *made = status == MARU_OK;
    if (status != MARU_ALREADY_EXISTS || lstat(folder, &about) != 0)
        return status;
    return maru_error_set(error, status,
                          "%s: is there already, with something else than this store's data.mdb as it is now (as a "
                          "repair that was interrupted leaves it, if the service wrote since); name another folder",
                          folder);
}

static maru_status repair(care *c, const char *folder, writing *w, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(c->path, fresh, full, error);
    bool        made, replaced;

    if (status != MARU_OK || (status = keep(c, folder, &made, error)) != MARU_OK)
        return status;
    if ((status = write_whole_ones(c, full, w, error)) == MARU_OK && (status = go_on_from(c, full, error)) == MARU_OK)
        status = read_fresh(full, c->path, error);
    status = put_in_place(c, status, full, &replaced, error);
    if (status != MARU_OK && !replaced && made)
        copy_remove(folder); /* nothing was done: the same can be asked for again */
    return status;
}

maru_status care_repair(care *c, const char *folder, care_see see, void *arg, care_repaired *done, maru_error *error)
{
    writing     w = {.see = see, .arg = arg};
    maru_status status = remove_fresh(c, error);

    if (status == MARU_OK)
        status = check_lost(c, done, error);
    if (status == MARU_OK && done->dropped > 0)
        status = repair(c, folder, &w, error);
    care_close(c);
    return status;
}
