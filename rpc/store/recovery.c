/* recovery.c: rolling back and replaying (contract: recovery.h). */
#include "store/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "base/whole.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/made.h"
#include "store/record.h"
#include "store/repeat.h"

enum {
    REPLAY_BYTES = 512 << 10, /* of entries in one transaction, or one record */
    NO_FILE = -1,             /* beside the errors of the system: a FIFO, say */
};

static const char restore[] = "restore the store from a backup";

/* ---- reading ---- */

static int read_whole(int fd, journal_file *file)
{
    struct stat about;
    uint8_t    *bytes;
    size_t      size;

    if (fstat(fd, &about) != 0)
        return errno;
    if (!S_ISREG(about.st_mode))
        return NO_FILE;
    size = (size_t)about.st_size;
    if (size == 0)
        return 0;
    if (!(bytes = malloc(size)))
        return ENOMEM;
    file->bytes = bytes;
    while (file->size < size) {
        ssize_t got = pread(fd, bytes + file->size, size - file->size, (off_t)file->size);

        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0)
            break;
        file->size += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static maru_status load(recovery *r, unsigned number, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status = folder_file(r->path, segment_name(number), full, error);
    int         fd, rc;

    if (status != MARU_OK)
        return status;
    fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    r->missing[number] = fd < 0 && errno == ENOENT;
    if (r->missing[number])
        return MARU_OK;
    rc = fd < 0 ? errno : read_whole(fd, &r->files[number]);
    if (fd >= 0)
        close(fd);
    if (rc == NO_FILE)
        return maru_error_set(error, MARU_DATA_LOSS, "%s is no file; put the journal's back, or %s", full, restore);
    return rc ? maru_error_set(error, fault_status(rc), "%s: %s", full, fault_words(rc)) : MARU_OK;
}

static maru_status check_missing(const recovery *r, maru_error *error)
{
    for (unsigned i = 0; i < 2; i++)
        if (r->missing[i])
            return maru_error_set(error, MARU_DATA_LOSS,
                                  "%s/%s is missing, though the store was made with it; put it back, or %s", r->path,
                                  segment_name(i), restore);
    return MARU_OK;
}

/* ---- back to the checkpoint ---- */

static maru_status data_error(const recovery *r, int rc, maru_error *error)
{
    return maru_error_set(error, fault_status(rc), "%s/data.mdb: %s", r->path, fault_words(rc));
}

static maru_status not_a_pair(const recovery *r, const char *why, maru_error *error)
{
    return maru_error_set(error, MARU_DATA_LOSS,
                          "%s/data.mdb is not the file that %s was written for: %s; put that one back, or %s", r->path,
                          segment_name(r->plan.header.generation & 1), why, restore);
}

/* The newer of the headers that data.mdb has, and how many it has. page: the size of its pages, if the first header
 * does not say. */
static int newest_header(int fd, uint32_t page, datafile_header *newest)
{
    uint8_t bytes[DATAFILE_HEADER];
    int     found = 0;

    for (unsigned i = 0; i < 2; i++) {
        datafile_header header;

        if (pread(fd, bytes, sizeof bytes, (off_t)i * page) != (ssize_t)sizeof bytes ||
            datafile_parse(bytes, &header) != NULL)
            continue;
        page = header.page;
        if (found == 0 || header.txn > newest->txn)
            *newest = header;
        found++;
    }
    return found;
}

static bool epoch_of(int fd, const datafile_header *header, uint64_t *epoch)
{
    uint8_t      bytes[RECORD_HEADER + STORE_RECORD_FIXED + STORE_SERVICE_MAX];
    record_key   key;
    store_record record;
    size_t       size = sizeof bytes;

    record_key_make(&key, TABLE_STORE, maru_key_text("store"));
    if (!datafile_last(fd, header, key.bytes, key.size, bytes, &size) ||
        record_fault(key.bytes, key.size, bytes, size) ||
        !store_record_read(&record, bytes + RECORD_HEADER, size - RECORD_HEADER))
        return false;
    *epoch = record.epoch;
    return true;
}

static const char another[] = "it is of another store, or of a copy";

/* LMDB's last transaction in a data.mdb that a crash left, at most: a record is flushed before it is committed. */
static uint64_t last_possible(const recovery *r)
{
    return r->plan.last_txn;
}

/* Whether data.mdb can be the file that the journal's records belong to. */
static maru_status check_pair(const recovery *r, int fd, const datafile_header *header, maru_error *error)
{
    datafile_header newest;
    uint64_t        epoch;

    if (newest_header(fd, header->page, &newest) == 0)
        return not_a_pair(r, "it is no LMDB file", error);
    if (newest.page != header->page)
        return not_a_pair(r, another, error);
    if (newest.txn < header->txn)
        return not_a_pair(r, "it is older than the journal's checkpoint", error);
    if (newest.txn > last_possible(r))
        return not_a_pair(r, "it was written without the journal since", error);
    if (!epoch_of(fd, header, &epoch))
        return not_a_pair(r, "the state at the journal's checkpoint is not in it", error);
    return epoch == r->plan.header.epoch ? MARU_OK : not_a_pair(r, another, error);
}

/* Byte by byte: a bit more or less in one of the two, and LMDB takes an old state for the last. What was written since
 * without the journal, shared or by a change of version, has a greater number. It may be the next; then it is not the
 * other header's state: LMDB puts no new root where one is that the last transaction freed. */
static bool is_since_closed(const recovery *r, int fd, const datafile_header *closed, const datafile_header *newest)
{
    uint8_t bytes[DATAFILE_HEADER], other[DATAFILE_HEADER];

    if (newest->txn > closed->txn + 1)
        return true;
    if (pread(fd, bytes, sizeof bytes, (off_t)(newest->txn & 1) * closed->page) != (ssize_t)sizeof bytes)
        return false;
    if (newest->txn == closed->txn)
        return datafile_same(bytes, r->plan.header.meta);
    memcpy(other, r->plan.header.other, sizeof other);
    datafile_number(other, newest->txn);
    return !datafile_same(bytes, other);
}

/* Whether data.mdb can be the file that was closed: that one, or as it became without the journal, shared. One that has
 * no records, or is no whole data file, is told by who opens it. */
static maru_status check_closed_file(const recovery *r, int fd, maru_error *error)
{
    datafile_header closed, newest;
    uint64_t        epoch;

    datafile_parse(r->plan.header.meta, &closed);
    if (newest_header(fd, closed.page, &newest) < 2 || newest.entries == 0 || !datafile_sane(&newest))
        return MARU_OK;
    if (epoch_of(fd, &newest, &epoch) && epoch != r->plan.header.epoch)
        return not_a_pair(r, another, error);
    if (newest.txn < closed.txn)
        return not_a_pair(r, "it is older than the store was when it was closed", error);
    return !r->plan.header.paired || is_since_closed(r, fd, &closed, &newest)
               ? MARU_OK
               : not_a_pair(r, "its header is not that with which the store was closed", error);
}

static maru_status check_closed(const recovery *r, maru_error *error)
{
    char        full[PATH_MAX];
    const char *is;
    maru_status status = folder_file(r->path, "data.mdb", full, error);
    int         fd;

    if (status != MARU_OK)
        return status;
    if ((fd = regular_open(full, O_RDONLY, &is)) < 0)
        return MARU_OK;
    status = check_closed_file(r, fd, error);
    close(fd);
    return status;
}

/* The page's own number is all that differs between both headers. */
static int write_headers(int fd, const uint8_t meta[static DATAFILE_HEADER], uint32_t page, uint64_t txn)
{
    uint8_t bytes[DATAFILE_HEADER];
    int     rc;

    memcpy(bytes, meta, sizeof bytes);
    datafile_number(bytes, txn);
    for (unsigned i = 0; i < 2; i++) {
        record_put64(bytes, i);
        if ((rc = write_whole(fd, bytes, sizeof bytes, (uint64_t)i * page)) != 0)
            return rc;
    }
    return fdatasync(fd) == 0 ? 0 : errno;
}

/* Those that replay makes of the records: as replay_some does. */
static uint64_t count_transactions(const recovery *r)
{
    journal_walk   walk;
    journal_record record;
    uint64_t       count = 0;
    size_t         bytes = REPLAY_BYTES;

    journal_walk_begin(&walk, &r->plan, r->files);
    for (; journal_walk_next(&walk, &record); bytes += record.size)
        if (bytes >= REPLAY_BYTES) {
            count++;
            bytes = 0;
        }
    return count;
}

/* LMDB counts on from the number in its header. The checkpoint gets the one from which the replay, which makes one
 * transaction of many records, ends at the number of the last of them: so all that is written afterwards is later than
 * these records, and they are not done again over it where an old copy of the journal is put back. It is no lower than
 * the checkpoint's own, since no more transactions are made than there are records. */
static maru_status put_back(recovery *r, int fd, maru_error *error)
{
    datafile_header header;
    maru_status     status;
    int             rc;

    datafile_parse(r->plan.header.meta, &header);
    if ((status = check_pair(r, fd, &header, error)) != MARU_OK)
        return status;
    rc = write_headers(fd, r->plan.header.meta, header.page, last_possible(r) - count_transactions(r));
    return rc ? data_error(r, rc, error) : MARU_OK;
}

/* Of a store whose journal holds records. */
static maru_status lost_data(const recovery *r, const char *what, maru_error *error)
{
    return maru_error_set(error, MARU_DATA_LOSS,
                          "%s/data.mdb %s, though the journal beside it holds writes for it; put it back, or %s",
                          r->path, what, restore);
}

static maru_status roll_back_file(recovery *r, int fd, maru_error *error)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return data_error(r, errno, error);
    return about.st_size == 0 ? lost_data(r, "is empty", error) : put_back(r, fd, error);
}

static maru_status roll_back(recovery *r, maru_error *error)
{
    char        full[PATH_MAX], what[32];
    const char *is;
    maru_status status = folder_file(r->path, "data.mdb", full, error);
    int         fd;

    if (status != MARU_OK)
        return status;
    fd = regular_open(full, O_RDWR, &is);
    if (is) {
        snprintf(what, sizeof what, "is %s", is);
        return lost_data(r, what, error);
    }
    if (fd < 0 && errno == ENOENT)
        return lost_data(r, "is missing", error);
    if (fd < 0)
        return data_error(r, errno, error);
    status = roll_back_file(r, fd, error);
    close(fd);
    return status;
}

/* Before one is begun in its place. */
static maru_status check_foreign(const recovery *r, maru_error *error)
{
    for (unsigned i = 0; i < 2; i++)
        if (!journal_may_be(&r->files[i]))
            return maru_error_set(error, MARU_ALREADY_EXISTS,
                                  "%s/%s: want nothing, or a journal; there is another file, which is left as it is",
                                  r->path, segment_name(i));
    return MARU_OK;
}

maru_status recovery_begin(recovery *r, const char *path, maru_error *error)
{
    maru_status status;
    bool        promised;

    *r = (recovery){.path = path};
    if ((status = made_with_journal(path, &promised, error)) != MARU_OK)
        return status;
    for (unsigned i = 0; i < 2 && status == MARU_OK; i++)
        status = load(r, i, error);
    if (status != MARU_OK)
        return status;
    journal_plan_make(&r->plan, r->files);
    r->past = (journal_past){.any = promised && r->plan.header.paired};
    r->past.generation = r->plan.header.generation;
    r->past.txn = r->plan.header.txn;
    if ((promised || r->plan.verdict == JOURNAL_REPLAY) && (status = check_missing(r, error)) != MARU_OK)
        return status;
    if (r->plan.verdict == JOURNAL_DAMAGED)
        return maru_error_set(error, MARU_DATA_LOSS, "%s/%s is damaged: %s; %s", path, segment_name(r->plan.file),
                              r->plan.fault, restore);
    if (r->plan.verdict == JOURNAL_SWAPPED)
        return maru_error_set(error, MARU_DATA_LOSS,
                              "%s/%s is what %s should be, and the other way round; give each the other's name, or %s",
                              path, segment_name(0), segment_name(1), restore);
    if (r->plan.verdict == JOURNAL_NONE && promised)
        return maru_error_set(error, MARU_DATA_LOSS, "%s/%s is damaged: neither it nor %s has a header; %s", path,
                              segment_name(0), segment_name(1), restore);
    if (r->plan.verdict == JOURNAL_NONE)
        return check_foreign(r, error);
    if (recovery_is_needed(r))
        return roll_back(r, error);
    return promised && r->plan.verdict == JOURNAL_NOTHING ? check_closed(r, error) : MARU_OK;
}

bool recovery_is_needed(const recovery *r)
{
    return r->plan.verdict == JOURNAL_REPLAY;
}

/* ---- again ---- */

/* One transaction; *more is false where it was the last. */
static int replay_some(store_env *env, journal_walk *walk, bool *more)
{
    journal_record record;
    MDB_txn       *txn;
    size_t         bytes = 0;
    int            rc = mdb_txn_begin(env->mdb, NULL, 0, &txn);

    if (rc)
        return rc;
    while (!rc && bytes < REPLAY_BYTES && (*more = journal_walk_next(walk, &record))) {
        rc = repeat(txn, env->dbi, record.entries, record.size);
        bytes += record.size;
    }
    if (!rc)
        return env_commit(env->mdb, txn);
    mdb_txn_abort(txn);
    return rc;
}

/* The reader keeps LMDB from using the checkpoint's pages, for whoever has to begin anew. */
static int replay(const recovery *r, store_env *env)
{
    journal_walk walk;
    MDB_txn     *reader;
    bool         more = true;
    int          rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &reader);

    if (rc)
        return rc;
    journal_walk_begin(&walk, &r->plan, r->files);
    while (!rc && more)
        rc = replay_some(env, &walk, &more);
    mdb_txn_abort(reader);
    return rc;
}

static int note_clean(recovery *r, store_env *env)
{
    segment segments[2] = {{.fd = -1}, {.fd = -1}};
    int     rc;

    if ((rc = segment_open(&segments[0], r->path, 0)) == 0 && (rc = segment_open(&segments[1], r->path, 1)) == 0)
        rc = journal_clean(env, segments, r->plan.header.epoch, &r->past);
    segment_close(&segments[0]);
    segment_close(&segments[1]);
    return rc;
}

/* Of a store that was closed. The very first header stands alone for a moment, and a file that is missing is told where
 * it was promised. */
static void tell_bare(const recovery *r, const store_env *env)
{
    unsigned other = 1 - (r->plan.header.generation & 1);

    if (r->plan.bare && r->plan.header.generation > 1 && !r->missing[other])
        fault_log(env->log, r->path,
                  "%s is damaged: it is no journal's file; %s says that the store was closed, so "
                  "nothing is lost",
                  segment_name(other), segment_name(1 - other));
}

maru_status recovery_replay(recovery *r, store_env *env, maru_error *error)
{
    int rc;

    if (!recovery_is_needed(r)) {
        tell_bare(r, env);
        return MARU_OK;
    }
    if ((rc = replay(r, env)) != 0 || (rc = note_clean(r, env)) != 0)
        return maru_error_set(error, fault_status(rc), "%s: doing again what its journal holds: %s", r->path,
                              fault_words(rc));
    if (r->plan.batches > 0)
        fault_log(env->log, r->path, "it was not closed: %zu commits since its last checkpoint were done again",
                  r->plan.batches);
    return MARU_OK;
}

void recovery_end(recovery *r)
{
    for (unsigned i = 0; i < 2; i++)
        free((void *)r->files[i].bytes);
    *r = (recovery){.path = NULL};
}
