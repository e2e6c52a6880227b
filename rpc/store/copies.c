/* copies.c: backup, restore, compact (contract: care.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/care_impl.h"
#include "store/fault.h"
#include "store/record.h"
#include "store/segment.h"

enum { COPY_CHUNK = 64 << 10 };

static const char fresh[] = "data.mdb.compact";

static maru_status name_in(const char *folder, const char *name, char full[static PATH_MAX], maru_error *error)
{
    if (snprintf(full, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s...: the path is too long", folder);
    return MARU_OK;
}

static maru_status sync_path(const char *path, maru_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    return rc == 0 ? MARU_OK : care_fault(path, rc, error);
}

/* A snapshot of c in a new file of folder, flushed. */
static maru_status write_copy(const care *c, const char *folder, const char *name, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = name_in(folder, name, full, error);
    int         fd, rc;

    if (status != MARU_OK)
        return status;
    if ((fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return care_fault(full, errno, error);
    rc = mdb_env_copyfd2(c->env.mdb, fd, MDB_CP_COMPACT);
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    if (close(fd) != 0 && rc == 0)
        rc = errno;
    return rc == 0 ? sync_path(folder, error) : care_fault(full, rc, error);
}

/* What reading a copy leaves there besides. */
static void tidy(const char *folder)
{
    static const char *const names[] = {"lock.mdb", "lock", "opening"};
    char                     full[PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name_in(folder, names[i], full, NULL) == MARU_OK)
            unlink(full);
}

static void remove_copy(const char *folder)
{
    char full[PATH_MAX];

    tidy(folder);
    if (name_in(folder, "data.mdb", full, NULL) == MARU_OK)
        unlink(full);
    rmdir(folder);
}

/* ---- backup ---- */

static bool is_whole(void *arg, const care_record *record)
{
    const char **fault = arg;

    *fault = record->fault;
    return record->fault == NULL;
}

/* Reads what was written, as whoever restores it will. */
static maru_status read_again(const char *folder, maru_error *error)
{
    const char *fault = NULL;
    care       *copy;
    maru_status status = care_open(folder, true, &copy, error);

    if (status != MARU_OK)
        return status;
    status = care_walk(copy, is_whole, &fault, error);
    care_close(copy);
    return status == MARU_OK && fault != NULL
               ? maru_error_set(error, MARU_DATA_LOSS, "a record is damaged (%s); maru store verify says which", fault)
               : status;
}

maru_status care_backup(care *c, const char *folder, maru_error *error)
{
    maru_status status;

    if (mkdir(folder, 0700) != 0)
        return errno == EEXIST ? maru_error_set(error, MARU_ALREADY_EXISTS, "%s: is there already", folder)
                               : care_fault(folder, errno, error);
    if ((status = write_copy(c, folder, "data.mdb", error)) == MARU_OK && (status = care_still(c, error)) == MARU_OK)
        status = read_again(folder, error);
    if (status == MARU_OK)
        tidy(folder);
    else
        remove_copy(folder);
    return status;
}

/* ---- restore ---- */

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);

        if (wrote < 0 && errno != EINTR)
            return errno;
        bytes += wrote > 0 ? wrote : 0;
        size -= wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

static int copy_bytes(int from, int to)
{
    uint8_t chunk[COPY_CHUNK];
    ssize_t got;
    int     rc;

    while ((got = read(from, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0 && (rc = write_all(to, chunk, (size_t)got)) != 0)
            return rc;
    }
    return fsync(to) == 0 ? 0 : errno;
}

static maru_status copy_file(const char *from, const char *to, maru_error *error)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = in < 0 || out < 0 ? errno : copy_bytes(in, out);

    if (rc != 0)
        care_fault(in < 0 ? from : to, rc, error);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc == 0 ? MARU_OK : fault_status(rc);
}

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
        return care_fault(c->path, rc, error);
    if ((rc = put_epoch(txn, c, &facts)) != 0)
        mdb_txn_abort(txn);
    else
        rc = mdb_txn_commit(txn);
    return rc == 0 ? MARU_OK : care_fault(c->path, rc, error);
}

/* A store is made in a folder beside, and gets its name when it is whole. */
static maru_status make_in(const char *backup, const char *folder, const char *service, maru_error *error)
{
    char        from[PATH_MAX], to[PATH_MAX];
    care       *c;
    maru_status status;

    if ((status = name_in(backup, "data.mdb", from, error)) != MARU_OK ||
        (status = name_in(folder, "data.mdb", to, error)) != MARU_OK ||
        (status = copy_file(from, to, error)) != MARU_OK || (status = read_again(folder, error)) != MARU_OK ||
        (status = care_open(folder, true, &c, error)) != MARU_OK)
        return status;
    status = begin_epoch(c, service, error);
    care_close(c);
    if (status == MARU_OK)
        tidy(folder);
    return status == MARU_OK ? sync_path(folder, error) : status;
}

static maru_status restore_into(const char *backup, const char *path, const char *folder, const char *service,
                                maru_error *error)
{
    maru_status status;
    char        above[PATH_MAX];

    remove_copy(folder); /* of one that was killed */
    if (mkdir(folder, 0700) != 0)
        return care_fault(folder, errno, error);
    if ((status = make_in(backup, folder, service, error)) == MARU_OK && rename(folder, path) != 0)
        status = care_fault(path, errno, error);
    if (status != MARU_OK) {
        remove_copy(folder);
        return status;
    }
    snprintf(above, sizeof above, "%s", path);
    *strrchr(above, '/') = '\0';
    return sync_path(above, error);
}

maru_status care_restore(const char *backup, const char *path, const char *service, maru_error *error)
{
    char folder[PATH_MAX];

    if (access(path, F_OK) == 0)
        return maru_error_set(error, MARU_ALREADY_EXISTS, "%s: is there already; move it away first", path);
    if (snprintf(folder, sizeof folder, "%s.restored", path) >= (int)sizeof folder || strchr(path, '/') == NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s: want an absolute path, not so long", path);
    return restore_into(backup, path, folder, service, error);
}

/* ---- compact ---- */

/* The journal holds nothing, and belongs to the old file: STORE, which promises it, goes first, then the file of an
 * older header, which may still name records, then the one that says that none counts. At each step the old file is a
 * whole store, and so is the new one after. */
static maru_status swap(const char *path, unsigned newest, maru_error *error)
{
    const char *const names[] = {"STORE", segment_name(1 - newest), segment_name(newest)};
    char              from[PATH_MAX], to[PATH_MAX];
    maru_status       status;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((status = name_in(path, names[i], from, error)) != MARU_OK)
            return status;
        if (unlink(from) != 0 && errno != ENOENT)
            return care_fault(from, errno, error);
        if ((status = sync_path(path, error)) != MARU_OK)
            return status;
    }
    if ((status = name_in(path, fresh, from, error)) != MARU_OK ||
        (status = name_in(path, "data.mdb", to, error)) != MARU_OK)
        return status;
    return rename(from, to) == 0 ? sync_path(path, error) : care_fault(to, errno, error);
}

maru_status care_compact(care *c, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = name_in(c->path, fresh, full, error);

    if (status == MARU_OK) {
        unlink(full); /* of one that was killed */
        status = write_copy(c, c->path, fresh, error);
    }
    env_close(&c->env); /* LMDB has not both files open when they change places */
    if (status == MARU_OK)
        status = swap(c->path, c->newest, error);
    if (status != MARU_OK)
        unlink(full);
    care_close(c);
    return status;
}
