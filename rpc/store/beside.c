/* beside.c: a store read beside the service that has it (contract: care.h, care_impl.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "store/care_impl.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/pagewalk.h"
#include "store/snapshot.h"

#define MAP_LEAST ((size_t)1 << 20)

/* ---- who has it ---- */

static int open_in(const care *c, const char *name)
{
    char full[PATH_MAX + 16];

    snprintf(full, sizeof full, "%s/%s", c->path, name);
    return open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

void care_notes(const care *c, char notes[static CARE_NOTES_MAX])
{
    int     fd = open_in(c, "lock");
    ssize_t size = fd < 0 ? 0 : pread(fd, notes, CARE_NOTES_MAX - 1, 0);

    notes[size > 0 ? size : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* Whoever opens it alone makes a lock.mdb of its own (env.h), of whose readers this one is not. That it has here can't
 * be another's of the same number: it is mapped. */
static bool is_same_table(const care *c)
{
    char        full[PATH_MAX + 16];
    struct stat about;

    snprintf(full, sizeof full, "%s/lock.mdb", c->path);
    return stat(full, &about) == 0 && about.st_dev == c->table.st_dev && about.st_ino == c->table.st_ino;
}

maru_status care_ended(const care *c, maru_error *error)
{
    return maru_error_set(error, MARU_ABORTED, "%s: its service ended or started meanwhile; try again", c->path);
}

maru_status care_still(const care *c, maru_error *error)
{
    char now[CARE_NOTES_MAX];

    if (!c->running)
        return MARU_OK;
    care_notes(c, now);
    return strcmp(now, c->notes) == 0 && is_same_table(c) ? MARU_OK : care_ended(c, error);
}

/* ---- opening ---- */

/* Nobody begins or ends to open it while this is held. */
static int stop_openers(const care *c)
{
    int fd = open_in(c, "opening");

    while (fd >= 0 && flock(fd, LOCK_SH) != 0)
        if (errno != EINTR)
            break;
    return fd;
}

static int map_once(care *c, const char *path, unsigned flags, size_t size)
{
    int rc = mdb_env_create(&c->env.mdb);

    if (rc != 0)
        return rc;
    if ((rc = mdb_env_set_mapsize(c->env.mdb, size)) == 0 &&
        (rc = mdb_env_open(c->env.mdb, path, MDB_RDONLY | MDB_NOTLS | flags, 0600)) == 0)
        return 0;
    mdb_env_close(c->env.mdb);
    c->env.mdb = NULL;
    return rc;
}

/* Others of maru store that were killed may have all places. */
static int begin(MDB_env *mdb, MDB_txn **txn)
{
    int dead = 0, rc = mdb_txn_begin(mdb, NULL, MDB_RDONLY, txn);

    if (rc != MDB_READERS_FULL || mdb_reader_check(mdb, &dead) != 0 || dead == 0)
        return rc;
    return mdb_txn_begin(mdb, NULL, MDB_RDONLY, txn);
}

int care_map(care *c, const char *path, unsigned flags, size_t size)
{
    MDB_txn *txn;
    int      rc;

    size = size < ENV_MAP_MOST ? size : ENV_MAP_MOST;
    while (((rc = map_once(c, path, flags, size)) == ENOMEM || rc == EINVAL) && size / 2 >= MAP_LEAST)
        size /= 2; /* valgrind says EINVAL */
    if (rc != 0 || (rc = begin(c->env.mdb, &txn)) != 0)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, &c->env.dbi);
    mdb_txn_abort(txn);
    return rc;
}

/* LMDB follows a link. */
static maru_status check_table(const care *c, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(c->path, "lock.mdb", full, error);
    int         fd;

    if (status == MARU_OK && (status = folder_open(c->path, full, &fd, error)) == MARU_OK)
        close(fd);
    return status;
}

static maru_status check_data(const care *c, maru_error *error)
{
    char        full[PATH_MAX];
    const char *is;
    maru_status status = folder_file(c->path, "data.mdb", full, error);
    int         fd;

    if (status != MARU_OK)
        return status;
    if ((fd = regular_open(full, O_RDONLY, &is)) >= 0)
        close(fd);
    return is == NULL ? MARU_OK : maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: want a file, is %s", full, is);
}

static int note_table(care *c)
{
    char full[PATH_MAX + 16];

    snprintf(full, sizeof full, "%s/lock.mdb", c->path);
    return stat(full, &c->table) == 0 ? 0 : errno;
}

/* Later states differ from this one by what the service writes. */
static maru_status check_pages(care *c, maru_error *error)
{
    snapshot    s;
    const char *wrong;
    int         rc = snapshot_begin(&s, &c->env);

    if (rc != 0)
        return fault_error(c->path, rc, error);
    wrong = pagewalk(s.file.fd, s.file.have * s.header.page, &s.header);
    snapshot_end(&s);
    return wrong == NULL ? MARU_OK : care_damaged(c, wrong, error);
}

/* Pages that were used again under who walks them look damaged. */
maru_status care_still_or(const care *c, maru_status status, maru_error *error)
{
    return status == MARU_OK || care_still(c, NULL) == MARU_OK ? status : care_still(c, error);
}

const char *care_remedy(const care *c)
{
    return c->is_copy ? "" : "; restore it from a backup";
}

maru_status care_damaged(const care *c, const char *wrong, maru_error *error)
{
    if (wrong == page_no_memory)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", c->path);
    return maru_error_set(error, MARU_DATA_LOSS, "%s/data.mdb is damaged: %s%s", c->path, wrong, care_remedy(c));
}

static bool has_data(const care *c)
{
    char full[PATH_MAX + 16];

    snprintf(full, sizeof full, "%s/data.mdb", c->path);
    return faccessat(AT_FDCWD, full, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

maru_status care_beside(care *c, maru_error *error)
{
    int         opening = stop_openers(c), rc;
    maru_status status = check_table(c, error);

    if (status == MARU_OK)
        status = check_data(c, error);
    c->running = true;
    care_notes(c, c->notes);
    if (status != MARU_OK) {
        if (opening >= 0)
            close(opening);
        return status;
    }
    c->env = (store_env){.path = strdup(c->path)};
    rc = c->env.path == NULL ? ENOMEM : care_map(c, c->path, 0, CARE_MAP);
    if (rc == 0)
        rc = note_table(c);
    if (rc == 0)
        env_check_readers(&c->env); /* those of another maru store that was killed */
    if (opening >= 0)
        close(opening);
    if (rc == ENOENT && !has_data(c))
        return maru_error_set(error, MARU_DATA_LOSS,
                              "%s/data.mdb is missing, though its service runs on it; stop that, and restore the store "
                              "from a backup",
                              c->path);
    return rc == 0 ? care_still_or(c, check_pages(c, error), error) : fault_error(c->path, rc, error);
}
