/* copies.c: backup and restore (contract: care.h); renew.c has the rest. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/care_impl.h"
#include "store/claim.h"
#include "store/datafile.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/made.h"
#include "store/pagecopy.h"
#include "store/record.h"
#include "store/segment.h"

static bool is_still(void *arg)
{
    return care_may_go_on(arg);
}

/* The pages of who has the store alone were looked at when it was opened. */
static maru_status copy_pages(care *c, const char *full, int fd, maru_error *error)
{
    care_watch  watch = {.c = c};
    const char *wrong;
    snapshot    s;
    maru_status status;
    int         rc = snapshot_begin(&s, &c->env);

    if (rc != 0)
        return care_still_or(c, fault_error(c->path, rc, error), error);
    rc = pagecopy(&s, fd, is_still, &watch, &wrong);
    snapshot_end(&s);
    if (rc == 0)
        return care_still(c, error);
    if (rc == ECANCELED)
        return care_ended(c, error);
    status = wrong != NULL ? care_damaged(c, wrong, error) : fault_error(full, rc, error);
    return care_still_or(c, status, error);
}

maru_status copy_snapshot(care *c, const char *folder, const char *name, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(folder, name, full, error);
    int         fd, rc;

    if (status != MARU_OK)
        return status;
    if ((fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return fault_error(full, errno, error);
    rc = folder_give(folder, fd);
    if (rc == 0 && (status = copy_pages(c, full, fd, error)) == MARU_OK && fsync(fd) != 0)
        rc = errno;
    if (close(fd) != 0 && rc == 0)
        rc = errno;
    if (status == MARU_OK && rc != 0)
        status = fault_error(full, rc, error);
    return status == MARU_OK ? copy_sync(folder, error) : status;
}

static void remove_files(const char *folder, const char *const *names)
{
    char full[PATH_MAX];

    for (; *names != NULL; names++)
        if (folder_file(folder, *names, full, NULL) == MARU_OK)
            unlink(full);
}

/* What reading a copy leaves there besides. */
static void tidy(const char *folder)
{
    remove_files(folder, (const char *const[]){"lock.mdb", "lock", "opening", NULL});
}

void copy_remove_note(const char *folder)
{
    remove_files(folder, (const char *const[]){CLAIM_NOTE, NULL});
}

static void remove_made(const char *folder)
{
    remove_files(folder, (const char *const[]){"data.mdb", MADE_MARKER, MADE_FRESH, NULL});
}

void copy_remove(const char *folder)
{
    remove_made(folder);
    tidy(folder);
    copy_remove_note(folder);
    rmdir(folder);
}

/* ---- reading again ---- */

typedef struct reading {
    const char *fault;
    uint64_t    records;
    uint8_t     last[RECORD_KEY_MAX]; /* without the table's number; size 0 at the start of each */
    size_t      last_size;
    unsigned    table;
} reading;

static bool comes_after(const reading *r, const care_record *record)
{
    size_t both = record->key_size < r->last_size ? record->key_size : r->last_size;
    int    order = memcmp(record->key, r->last, both);

    if (r->records == 0 || record->table != r->table)
        return r->records == 0 || record->table > r->table;
    return order > 0 || (order == 0 && record->key_size > r->last_size);
}

/* Keys in order: so a tree that leads back into itself ends too. */
static bool read_record(void *arg, const care_record *record)
{
    reading *r = arg;

    if (record->key_size > sizeof r->last)
        r->fault = "its key is of a wrong size";
    else if ((r->fault = record->fault) == NULL && !comes_after(r, record))
        r->fault = "it is out of order";
    if (r->fault != NULL)
        return false;
    r->records++;
    r->table = record->table;
    r->last_size = record->key_size;
    memcpy(r->last, record->key, record->key_size);
    return true;
}

maru_status copy_read(care *copy, const char *of, maru_error *error)
{
    reading     r = {.fault = NULL};
    care_facts  facts;
    maru_status status;

    snprintf(copy->path, sizeof copy->path, "%s", of);
    copy->is_copy = true;
    if ((status = care_look(copy, &facts, error)) != MARU_OK ||
        (status = care_walk(copy, read_record, &r, error)) != MARU_OK)
        return status;
    if (r.fault != NULL)
        return maru_error_set(error, MARU_DATA_LOSS, "%s: a record is damaged (%s)", of, r.fault);
    return r.records == facts.records ? MARU_OK : maru_error_set(error, MARU_DATA_LOSS, "%s: records are missing", of);
}

static maru_status read_again(const char *folder, const char *of, maru_error *error)
{
    care       *copy;
    maru_status status = care_open(folder, true, &copy, error);

    if (status != MARU_OK)
        return status;
    status = copy_read(copy, of, error);
    care_close(copy);
    return status;
}

/* ---- a folder ---- */

static bool is_there(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* DIR without what may stand behind it, and the folder beside it that gets its name when the copy is whole. */
static maru_status name_part(const char *folder, char name[static PATH_MAX], char part[static PATH_MAX],
                             maru_error *error)
{
    size_t size = strlen(folder);

    while (size > 1 && folder[size - 1] == '/')
        size--;
    if (size == 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "DIR: want a folder, got \"\"");
    if (snprintf(part, PATH_MAX, "%.*s.part", (int)size, folder) >= PATH_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s...: the path is too long", folder);
    snprintf(name, PATH_MAX, "%.*s", (int)size, folder);
    return MARU_OK;
}

static maru_status must_be_new(const char *name, maru_error *error)
{
    return is_there(name) ? maru_error_set(error, MARU_ALREADY_EXISTS, "%s: is there already", name) : MARU_OK;
}

static maru_status name_whole(const char *part, const char *name, maru_error *error)
{
    maru_status status;

    if (rename(part, name) != 0)
        return fault_error(name, errno, error);
    if ((status = copy_sync_above(name, error)) != MARU_OK)
        copy_remove(name);
    else
        copy_remove_note(name);
    return status;
}

/* Whoever restores, moves or removes the one would do it to the other. */
static maru_status must_be_elsewhere(const char *name, maru_error *error)
{
    char above[PATH_MAX], real[PATH_MAX], full[PATH_MAX], *slash;

    snprintf(above, sizeof above, "%s", name);
    if ((slash = strrchr(above, '/')) != NULL)
        slash[slash == above] = '\0';
    if (realpath(slash != NULL ? above : ".", real) == NULL)
        return MARU_OK; /* making it there says why not */
    for (size_t size = strlen(real); size > 1; size = (size_t)(strrchr(real, '/') - real)) {
        real[size] = '\0';
        if (folder_file(real, "data.mdb", full, NULL) == MARU_OK && access(full, F_OK) == 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                  "%s: is within %s, which is a store or a copy of one; want a folder elsewhere", name,
                                  real);
    }
    return MARU_OK;
}

maru_status copy_folder(care *c, const char *folder, copy_fill fill, maru_error *error)
{
    char        name[PATH_MAX], part[PATH_MAX];
    maru_status status = name_part(folder, name, part, error);
    int         claim;

    if (status != MARU_OK || (status = must_be_elsewhere(name, error)) != MARU_OK ||
        (status = must_be_new(name, error)) != MARU_OK || (status = claim_take(part, &claim, error)) != MARU_OK)
        return status;
    remove_made(part); /* of one that was killed */
    tidy(part);
    /* Once more: whoever had the claim before may just have finished. */
    if ((status = must_be_new(name, error)) == MARU_OK && (status = fill(c, part, error)) == MARU_OK) {
        tidy(part);
        status = name_whole(part, name, error);
    }
    if (status != MARU_OK)
        copy_remove(part);
    claim_end(claim);
    return status;
}

/* ---- backup ---- */

static maru_status fill_backup(care *c, const char *part, maru_error *error)
{
    maru_status status;

    if ((status = copy_snapshot(c, part, "data.mdb", error)) != MARU_OK)
        return status;
    return fault_say_more(read_again(part, c->path, error), "maru store verify says which", error);
}

maru_status care_backup(care *c, const char *folder, maru_error *error)
{
    return copy_folder(c, folder, fill_backup, error);
}

/* ---- restore ---- */

static int put_epoch(MDB_txn *txn, const care *c, const care_facts *facts)
{
    uint8_t      bytes[RECORD_HEADER + STORE_RECORD_FIXED + STORE_SERVICE_MAX];
    record_key   key;
    store_record record = {.version = facts->version,
                           .made_ms = facts->made_ms,
                           .service = facts->service,
                           .service_size = strlen(facts->service)};
    MDB_val      at, value;

    do {
        if (getrandom(&record.epoch, sizeof record.epoch, 0) != sizeof record.epoch)
            return errno;
    } while (record.epoch == facts->epoch || record.epoch == 0);
    record_key_make(&key, TABLE_STORE, maru_key_text("store"));
    value.mv_size = RECORD_HEADER + store_record_write(&record, bytes + RECORD_HEADER);
    record_seal(key.bytes, key.size, bytes, value.mv_size);
    at = (MDB_val){.mv_size = key.size, .mv_data = key.bytes};
    value.mv_data = bytes;
    return mdb_put(txn, c->env.dbi, &at, &value, 0);
}

static maru_status begin_epoch(care *c, const char *service, maru_error *error)
{
    care_facts  facts;
    MDB_txn    *txn;
    maru_status status = care_look(c, &facts, error);
    int         rc;

    if (status != MARU_OK)
        return status;
    if (strcmp(facts.service, service) != 0)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "the backup is of %s, not of %s", facts.service,
                              service);
    if ((rc = mdb_txn_begin(c->env.mdb, NULL, 0, &txn)) != 0)
        return fault_error(c->path, rc, error);
    if ((rc = put_epoch(txn, c, &facts)) != 0)
        mdb_txn_abort(txn);
    else
        rc = env_commit(c->env.mdb, txn);
    return rc == 0 ? MARU_OK : fault_error(c->path, rc, error);
}

static bool is_open(const char *folder)
{
    char full[PATH_MAX];
    int  fd = folder_file(folder, "lock", full, NULL) == MARU_OK ? open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return held;
}

/* Where nothing is, what is missing in it is told. */
static maru_status must_be_folder(const char *folder, maru_error *error)
{
    struct stat about;

    return stat(folder, &about) != 0 || S_ISDIR(about.st_mode)
               ? MARU_OK
               : maru_error_set(error, MARU_FAILED_PRECONDITION,
                                "%s: want a folder that maru store backup made, got %s", folder,
                                S_ISREG(about.st_mode) ? "a file" : "something else");
}

/* What a store's journal has may not be in its data.mdb yet, which is all that a backup is. */
maru_status care_is_backup(const char *folder, maru_error *error)
{
    const char *const names[] = {"STORE", segment_name(0), segment_name(1)};
    char              full[PATH_MAX];
    bool              store = is_open(folder);
    maru_status       status = folder_file(folder, "data.mdb", full, error);

    if (status != MARU_OK || (status = must_be_folder(folder, error)) != MARU_OK)
        return status;
    if (access(full, F_OK) != 0)
        return errno == ENOENT
                   ? maru_error_set(error, MARU_NOT_FOUND,
                                    "%s: no such file or folder; want a folder that maru store backup made", full)
                   : fault_error(full, errno, error);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        store = store || (folder_file(folder, names[i], full, NULL) == MARU_OK && access(full, F_OK) == 0);
    return !store ? MARU_OK
                  : maru_error_set(error, MARU_FAILED_PRECONDITION,
                                   "%s: this is a store, not a backup: maru store backup makes one", folder);
}

static maru_status check_pages(const char *file, maru_error *error)
{
    datafile_state state;
    maru_status    status = datafile_check(file, DATAFILE_PAGES, &state, error);

    return status != MARU_OK || state != DATAFILE_NONE
               ? status
               : maru_error_set(error, MARU_DATA_LOSS, "%s: the file is empty", file);
}

static maru_status copy_backup(const char *backup, const char *folder, maru_error *error)
{
    char        from[PATH_MAX];
    maru_status status = folder_file(backup, "data.mdb", from, error);

    if (status == MARU_OK && (status = check_pages(from, error)) == MARU_OK &&
        (status = copy_file(from, folder, "data.mdb", error)) == MARU_OK)
        status = read_again(folder, backup, error);
    return fault_say_more(status, "take another backup", error);
}

/* A store is made in a folder beside, and gets its name when it is whole. */
static maru_status make_in(const char *backup, const char *folder, const char *service, maru_error *error)
{
    care       *c;
    maru_status status = copy_backup(backup, folder, error);

    if (status != MARU_OK || (status = care_open(folder, true, &c, error)) != MARU_OK)
        return status;
    status = begin_epoch(c, service, error);
    care_close(c);
    if (status == MARU_OK)
        status = made_anew(folder, service, error);
    if (status == MARU_OK)
        tidy(folder);
    return status == MARU_OK ? copy_sync(folder, error) : status;
}

static maru_status must_be_away(const char *path, maru_error *error)
{
    return access(path, F_OK) == 0
               ? maru_error_set(error, MARU_ALREADY_EXISTS, "%s: is there already; move it away first", path)
               : MARU_OK;
}

/* Where root restores, the store is the data folder's owner's, who could not open it else; and so is what is made in
 * it. */
static maru_status give_to_owner(const char *folder, int claim, maru_error *error)
{
    char above[PATH_MAX];
    int  rc = folder_give(copy_above(folder, above), claim);

    return rc == 0 ? MARU_OK : fault_error(folder, rc, error);
}

static maru_status restore_into(const char *backup, const char *path, const char *folder, const char *service,
                                maru_error *error)
{
    maru_status status;
    int         claim;

    if ((status = claim_take(folder, &claim, error)) != MARU_OK)
        return status;
    remove_made(folder); /* of one that was killed */
    tidy(folder);
    /* Once more: whoever had the claim before may just have finished. */
    if ((status = must_be_away(path, error)) == MARU_OK && (status = give_to_owner(folder, claim, error)) == MARU_OK &&
        (status = make_in(backup, folder, service, error)) == MARU_OK && rename(folder, path) != 0)
        status = fault_error(path, errno, error);
    if (status != MARU_OK)
        copy_remove(folder);
    else if ((status = copy_sync_above(path, error)) == MARU_OK)
        copy_remove_note(path);
    claim_end(claim);
    return status;
}

maru_status care_restore(const char *backup, const char *path, const char *service, maru_error *error)
{
    char        folder[PATH_MAX];
    maru_status status = care_is_backup(backup, error);

    if (status != MARU_OK)
        return status;
    if ((status = must_be_away(path, error)) != MARU_OK)
        return status;
    if (snprintf(folder, sizeof folder, "%s.restored", path) >= (int)sizeof folder || strchr(path, '/') == NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s: want an absolute path, not so long", path);
    return restore_into(backup, path, folder, service, error);
}
