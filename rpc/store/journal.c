/* journal.c: writing the journal (contract: journal.h). */
#include "store/journal.h"

#include <errno.h>
#include <string.h>

#include "runtime/rt.h"
#include "store/fault.h"

enum {
    PAGES_LEAST = 4096, /* a checkpoint is made when that many pages were changed since the last, */
    PAGES_SHARE = 8,    /* and the file's share of so many parts: they can't be used again before */
    PAGES_END = 4,      /* of a map's end: that many pages, or in a small map its share of so many parts */
    PAGES_PUT = 2,      /* a put's: its page and a part of those above */
    PAGES_COMMIT = 4,   /* a commit's own: the root, and LMDB's list of free pages */
};

/* ---- room ---- */

static segment *current(journal *j)
{
    return &j->segments[j->header.generation & 1];
}

/* Whether a store is closed is said by both files, each in a generation of its own, before that counts: where one of
 * them is damaged the other still tells which it is. header is of the later one. */
static int write_both(const segment *segments, const journal_header *header)
{
    journal_header before = *header;
    int            rc;

    before.generation--;
    rc = segment_write_header(&segments[before.generation & 1], &before);
    return rc ? rc : segment_write_header(&segments[header->generation & 1], header);
}

/* Goes on in the other file. */
static int turn(journal *j)
{
    journal_header next = j->header;
    int            rc;

    next.generation++;
    next.sequence = j->sequence;
    if ((rc = checkpoint_begin(&j->checkpoint, &next)) != 0)
        return rc;
    j->header = next;
    j->at = JOURNAL_FIRST;
    j->pages = 0;
    return 0;
}

static int grow(journal *j, uint64_t need)
{
    segment *s = current(j);
    uint64_t size = s->size * 2 > j->large ? j->large : s->size * 2;

    return need <= s->size ? 0 : segment_grow(s, size > need ? size : need);
}

/* Room for a record and for one that makes it void. Files grow to JOURNAL_LARGE before they are written in turn; where
 * the disk is full, with what they have. Only a record that is larger by itself makes one larger. */
static int make_room(journal *j, size_t record)
{
    uint64_t end = j->at + record + JOURNAL_BLOCK;
    int      rc;

    if (end <= j->large && grow(j, end) == 0)
        return 0;
    if (j->at > JOURNAL_FIRST && (rc = turn(j)) != 0)
        return rc;
    return grow(j, j->at + record + JOURNAL_BLOCK);
}

/* ---- records ---- */

static int write_record(journal *j, journal_record *record, uint8_t *bytes)
{
    size_t room = journal_record_room(record->size);
    int    rc;

    record->generation = j->header.generation;
    record->sequence = j->sequence;
    record->salt = j->header.salt;
    journal_record_write(record, bytes);
    if ((rc = segment_write(current(j), bytes, room, j->at)) != 0)
        return rc;
    j->at += room;
    j->sequence++;
    return 0;
}

int journal_append(journal *j, uint64_t txn)
{
    journal_record record = {.kind = JOURNAL_BATCH, .subject = txn, .size = j->redo.size - JOURNAL_RECORD};
    int            rc = rt_disk_fault(j->rt, "append");

    if (record.size > UINT32_MAX)
        return EFBIG;
    if (rc || (rc = make_room(j, journal_record_room(record.size))) != 0)
        return rc;
    return write_record(j, &record, j->redo.bytes);
}

int journal_flush(journal *j)
{
    int rc = rt_disk_fault(j->rt, "flush");

    return rc ? rc : segment_flush(current(j));
}

int journal_void(journal *j)
{
    uint8_t        block[JOURNAL_BLOCK];
    journal_record record = {.kind = JOURNAL_VOID, .subject = j->sequence - 1};
    int            rc = rt_disk_fault(j->rt, "void");

    if (!rc)
        rc = write_record(j, &record, block);
    return rc ? rc : segment_flush(current(j));
}

void journal_done(journal *j)
{
    j->pages += PAGES_COMMIT + PAGES_PUT * j->redo.entries + j->redo.size / JOURNAL_BLOCK;
}

static bool is_due(journal *j)
{
    MDB_envinfo about;

    if (j->pages < PAGES_LEAST || checkpoint_busy(&j->checkpoint))
        return false;
    mdb_env_info(j->env->mdb, &about);
    return j->pages > about.me_last_pgno / PAGES_SHARE;
}

/* What LMDB may still use, in its map and of the pages that were given up before the checkpoint. More may be held by
 * that: at most about as many as make a checkpoint due. */
static bool is_near_end(journal *j)
{
    MDB_envinfo about;
    MDB_stat    stat;
    MDB_txn    *txn;
    size_t      room, least = PAGES_LEAST, given_up = 0;

    if (j->pages == 0 || mdb_env_info(j->env->mdb, &about) != 0 || mdb_env_stat(j->env->mdb, &stat) != 0)
        return false;
    room = about.me_mapsize / stat.ms_psize - about.me_last_pgno - 1;
    if (about.me_mapsize / stat.ms_psize / PAGES_END < least)
        least = about.me_mapsize / stat.ms_psize / PAGES_END;
    if (room >= least)
        return false;
    checkpoint_wait(&j->checkpoint); /* which may give some back */
    if (mdb_txn_begin(j->env->mdb, NULL, 0, &txn) != 0)
        return false;
    if (env_free_pages(txn, mdb_txn_id(j->checkpoint.held), least - room, &given_up) != 0)
        given_up = 0;
    mdb_txn_abort(txn);
    return room + given_up < least;
}

int journal_ease(journal *j)
{
    int rc = j->at > JOURNAL_FIRST ? turn(j) : 0;

    j->pressed = false;
    j->eased = true;
    checkpoint_wait(&j->checkpoint);
    return rc;
}

int journal_tend(journal *j)
{
    int rc = 0;

    j->eased = false;
    if (!redo_begin(&j->redo))
        return ENOMEM;
    if (!j->begun && (rc = write_both(j->segments, &j->header)) != 0)
        return rc;
    j->begun = true;
    if (j->pressed || is_near_end(j))
        return journal_ease(j);
    return is_due(j) ? turn(j) : rc;
}

/* ---- start, stop ---- */

int journal_clean(store_env *env, const segment *segments, uint64_t epoch, journal_past *past)
{
    journal_header header = {.state = JOURNAL_CLEAN, .generation = past->generation + 2, .epoch = epoch};
    MDB_envinfo    about;
    int            rc;

    mdb_env_info(env->mdb, &about);
    header.txn = about.me_last_txnid;
    header.paired = true;
    if ((rc = checkpoint_meta(env, header.txn, header.meta)) != 0 ||
        (rc = checkpoint_other(env, header.txn, header.other)) != 0 || (rc = write_both(segments, &header)) != 0)
        return rc;
    *past = (journal_past){.any = true, .generation = header.generation, .txn = header.txn};
    return 0;
}

static int open_segments(journal *j)
{
    int rc = 0;

    for (unsigned i = 0; i < 2 && !rc; i++)
        if ((rc = segment_open(&j->segments[i], j->env->path, i)) == 0 && j->segments[i].size < JOURNAL_SMALL)
            rc = segment_grow(&j->segments[i], JOURNAL_SMALL);
    return rc;
}

/* Whether they are of data.mdb as it is. */
static bool is_past(const journal *j, const journal_past *past)
{
    MDB_envinfo about;

    mdb_env_info(j->env->mdb, &about);
    return past->any && past->txn == about.me_last_txnid;
}

static int start(journal *j, uint64_t epoch, journal_past past)
{
    bool threaded = rt_seam(j->rt)->executor->pump == NULL;
    int  rc = open_segments(j);

    if (rc || (!is_past(j, &past) && (rc = journal_clean(j->env, j->segments, epoch, &past)) != 0))
        return rc;
    j->header = (journal_header){.state = JOURNAL_OPEN, .generation = past.generation + 2, .sequence = 1};
    j->header.epoch = epoch;
    rt_random(j->rt, &j->header.salt, sizeof j->header.salt);
    if ((rc = checkpoint_start(&j->checkpoint, j->env, j->rt, j->segments, &j->header, threaded)) != 0)
        return rc;
    return mdb_env_set_flags(j->env->mdb, MDB_NOSYNC, 1);
}

maru_status journal_start(journal *j, store_env *env, maru_runtime *rt, uint64_t epoch, journal_past past,
                          maru_error *error)
{
    int rc;

    *j = (journal){.env = env, .rt = rt, .large = JOURNAL_LARGE, .at = JOURNAL_FIRST, .sequence = 1};
    j->segments[0].fd = j->segments[1].fd = -1;
    if ((rc = start(j, epoch, past)) == 0) {
        j->on = true;
        return MARU_OK;
    }
    segment_close(&j->segments[0]);
    segment_close(&j->segments[1]);
    return maru_error_set(error, fault_status(rc), "%s: its journal can't be begun: %s", env->path, fault_words(rc));
}

/* Where it fails, the next open finds the records, and makes their changes again. */
static void end_records(journal *j)
{
    journal_past past = {.any = true, .generation = j->header.generation};
    int          rc = rt_disk_fault(j->rt, "checkpoint");

    checkpoint_wait(&j->checkpoint);
    if (!rc)
        rc = mdb_env_sync(j->env->mdb, 1);
    if (!rc)
        rc = journal_clean(j->env, j->segments, j->header.epoch, &past);
    if (rc)
        fault_log(j->env->log, j->env->path, "closing: %s; the next open will do again what the journal holds",
                  fault_words(rc));
}

void journal_stop(journal *j)
{
    if (!j->on)
        return;
    if (j->begun)
        end_records(j);
    checkpoint_stop(&j->checkpoint);
    segment_close(&j->segments[0]);
    segment_close(&j->segments[1]);
    redo_free(&j->redo);
    j->on = false;
}
