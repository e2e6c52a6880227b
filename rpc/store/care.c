/* care.c: opening and reading (contract: care.h). copies.c has the rest. */
#include "store/care.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maru/seam.h"
#include "store/care_impl.h"
#include "store/datafile.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/made.h"
#include "store/record.h"
#include "store/recovery.h"
#include "store/segment.h"
#include "store/snapshot.h"

#define OURS "maru-store" /* in the lock file, where a service has its name */

enum { LOOK_NS = 1000000 }; /* between two looks at who has it */

/* ---- opening ---- */

static bool has_file(const char *path, const char *name)
{
    char full[PATH_MAX + 16];

    snprintf(full, sizeof full, "%s/%s", path, name);
    return faccessat(AT_FDCWD, full, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* LMDB would make an empty store of an empty file. */
static maru_status check_file(const care *c, maru_error *error)
{
    datafile_state state;
    char           full[PATH_MAX + 16];
    maru_status    status;

    snprintf(full, sizeof full, "%s/data.mdb", c->path);
    status = fault_say_more(datafile_check(full, DATAFILE_PAGES, &state, error), "restore it from a backup", error);
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
    maru_status status = recovery_begin(&r, c->path, error);

    if (status == MARU_OK && (status = check_file(c, error)) == MARU_OK &&
        (status = env_open(&c->env, c->path, true, CARE_MAP, &c->log, error)) == MARU_OK)
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

/* Whether not a service has it, but one like this. */
static bool is_ours(const care *c, long *pid)
{
    char notes[CARE_NOTES_MAX], who[sizeof OURS + 1];

    care_notes(c, notes);
    return sscanf(notes, "%ld %11s", pid, who) == 2 && strcmp(who, OURS) == 0;
}

static maru_status open_either(care *c, bool alone, maru_error *error)
{
    maru_status status = holder_take(&c->held, c->path, OURS, false, &c->log, error);
    long        pid;

    if (status == MARU_OK) {
        if ((status = open_alone(c, error)) == MARU_OK)
            holder_opened(&c->held, false);
        return status;
    }
    c->held.path = NULL;
    if (status != MARU_FAILED_PRECONDITION)
        return status;
    if (is_ours(c, &pid))
        return maru_error_set(error, status, "%s: another maru store is at it, pid %ld; wait for it", c->path, pid);
    return alone ? status : care_beside(c, error);
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

static maru_status take_own_record(snapshot_cursor *at, const care *c, care_facts *facts, maru_error *error)
{
    record_key   key;
    store_record record;
    MDB_val      value;
    bool         found;

    record_key_make(&key, TABLE_STORE, maru_key_text("store"));
    found = snapshot_find(at, key.bytes, key.size, &value);
    if (at->wrong != NULL)
        return care_damaged(c, at->wrong, error);
    if (!found && !made_is(c->path))
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: is no store of Maru's", c->path);
    if (!found || record_fault(key.bytes, key.size, value.mv_data, value.mv_size) != NULL ||
        !store_record_read(&record, (const uint8_t *)value.mv_data + RECORD_HEADER, value.mv_size - RECORD_HEADER))
        return maru_error_set(error, MARU_DATA_LOSS, "%s: its own record is damaged%s", c->path, care_remedy(c));
    facts->version = record.version;
    facts->epoch = record.epoch;
    facts->made_ms = record.made_ms;
    snprintf(facts->service, sizeof facts->service, "%.*s", (int)record.service_size, record.service);
    return MARU_OK;
}

static maru_status read_own_record(const snapshot *s, const care *c, care_facts *facts, maru_error *error)
{
    snapshot_cursor at;
    maru_status     status;

    snapshot_cursor_begin(&at, s, SNAPSHOT_RECORDS);
    status = take_own_record(&at, c, facts, error);
    snapshot_cursor_end(&at);
    return status;
}

/* Pages that are on the list of free ones: a record of it is a transaction's number, how many, and each. */
static maru_status count_free(const snapshot *s, const care *c, care_facts *facts, maru_error *error)
{
    snapshot_cursor at;
    MDB_val         key, value;
    maru_status     status = MARU_OK;

    snapshot_cursor_begin(&at, s, SNAPSHOT_FREE);
    while (snapshot_next(&at, &key, &value)) {
        size_t count = 0;

        memcpy(&count, value.mv_data, value.mv_size < sizeof count ? value.mv_size : sizeof count);
        facts->free_bytes += count * s->header.page;
    }
    if (at.wrong != NULL)
        status = care_damaged(c, at.wrong, error);
    snapshot_cursor_end(&at);
    return status;
}

maru_status care_look(care *c, care_facts *facts, maru_error *error)
{
    maru_status status;
    snapshot    s;
    int         rc;

    *facts = (care_facts){.running = c->running, .pid = c->running ? atoll(c->notes) : 0};
    if ((rc = snapshot_begin(&s, &c->env)) != 0)
        return care_still_or(c, fault_error(c->path, rc, error), error);
    facts->records = s.header.entries;
    facts->bytes = (s.header.last + 1) * s.header.page;
    facts->txn = s.header.txn;
    if ((status = read_own_record(&s, c, facts, error)) == MARU_OK)
        status = count_free(&s, c, facts, error);
    snapshot_end(&s);
    return status == MARU_OK ? care_still(c, error) : care_still_or(c, status, error);
}

typedef struct walking {
    snapshot_cursor at, ahead;
    uint64_t        here, there;   /* how many records each of them has read */
    uint8_t         before, after; /* the tables of the whole records around a damaged one */
} walking;

/* Moves ahead to the next whole record behind the one at hand, where it is not there already. */
static void look_ahead(walking *w)
{
    MDB_val key, value;

    if (w->there > w->here)
        return;
    w->after = TABLE_COUNT - 1;
    while (snapshot_next(&w->ahead, &key, &value)) {
        if (++w->there <= w->here || record_fault(key.mv_data, key.mv_size, value.mv_data, value.mv_size) != NULL)
            continue;
        w->after = *(const uint8_t *)key.mv_data;
        return;
    }
    w->there = UINT64_MAX;
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

static bool show_next(walking *w, care_record *record)
{
    MDB_val key, value;

    if (!snapshot_next(&w->at, &key, &value))
        return false;
    w->here++;
    *record = show(&key, &value);
    if (record->fault == NULL)
        w->before = record->table;
    else if (!record_table_is_sure(key.mv_data, key.mv_size, value.mv_data, value.mv_size)) {
        look_ahead(w);
        record->low = w->before;
        record->high = w->after;
    }
    return w->ahead.wrong == NULL;
}

static int64_t monotonic(void)
{
    const maru_seam *real = maru_seam_real();

    return real->now(real->self);
}

bool care_may_go_on(care_watch *watch)
{
    int64_t now = watch->c->running ? monotonic() : 0;

    if (now - watch->looked <= LOOK_NS)
        return true;
    watch->looked = now;
    return care_still(watch->c, NULL) == MARU_OK;
}

/* What is shown may take its time (a pipe that nobody reads): the pages may be another's after it. A record that looks
 * damaged may be of such a page, and is none of the store's then. */
static maru_status walk(walking *w, const care *c, care_see see, void *arg, maru_error *error)
{
    care_watch  watch = {.c = c};
    care_record record;
    bool        more = true, still = true;

    while (more && (still = care_may_go_on(&watch)) && show_next(w, &record))
        if (record.fault == NULL || (still = care_still(c, NULL) == MARU_OK))
            more = see(arg, &record);
        else
            break;
    if (!still)
        return care_ended(c, error);
    if (w->at.wrong != NULL || w->ahead.wrong != NULL)
        return care_damaged(c, w->at.wrong != NULL ? w->at.wrong : w->ahead.wrong, error);
    return care_still(c, error);
}

maru_status care_walk(care *c, care_see see, void *arg, maru_error *error)
{
    walking     w = {.here = 0};
    snapshot    s;
    maru_status status;
    int         rc = snapshot_begin(&s, &c->env);

    if (rc != 0)
        return care_still_or(c, fault_error(c->path, rc, error), error);
    snapshot_cursor_begin(&w.at, &s, SNAPSHOT_RECORDS);
    snapshot_cursor_begin(&w.ahead, &s, SNAPSHOT_RECORDS);
    status = walk(&w, c, see, arg, error);
    snapshot_cursor_end(&w.at);
    snapshot_cursor_end(&w.ahead);
    snapshot_end(&s);
    return care_still_or(c, status, error);
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
