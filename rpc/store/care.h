/* care.h: a store in other hands than its service's: looked at while the service runs, or taken while it does not.
 *
 * Beside a running service it is read only: one snapshot, which the service's own journal has made durable; while it is
 * held no page of it is used again, so the file grows. Where nobody has the store open it is taken, so that no service
 * starts meanwhile, and what was not closed is recovered first, as a service would (recovery.h). Either way all pages
 * are looked at before LMDB reads them. For tools, from a plain thread; all block. A service that ends while it is
 * looked at and starts anew may recover under the looker's eyes: what was read then is not believed (ABORTED), and
 * little more is read. Who reads long where no service runs keeps it from starting, which says so.
 */
#ifndef MARU_STORE_CARE_H
#define MARU_STORE_CARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

typedef struct care care;

/* care_open opens the store at path. FAILED_PRECONDITION, with its pid, where another maru store has taken it, and
 * where alone a service has it open. NOT_FOUND
 * where there is none; DATA_LOSS where its file or journal is damaged, or was lost; PERMISSION_DENIED where others may
 * write to the folder, alone or not: LMDB maps what they can change, and a store that was not closed is written to
 * even by who only looks. *c is NULL after an error. */
maru_status care_open(const char *path, bool alone, care **c, maru_error *error);
void        care_close(care *c);

typedef struct care_facts {
    char     service[101];
    uint32_t version;
    uint64_t epoch;
    int64_t  made_ms;        /* since 1970 */
    bool     running;        /* a service has it open */
    int64_t  pid;            /* its process; 0 where it does not run */
    uint64_t records, bytes; /* in all tables; bytes: of data.mdb */
    uint64_t free_bytes;     /* of these, in pages that hold nothing now */
    uint64_t txn;            /* LMDB's newest transaction */
} care_facts;

/* care_look tells what it is. DATA_LOSS where its own record is not whole. */
maru_status care_look(care *c, care_facts *facts, maru_error *error);

/* A record as care_walk shows it, until see returns. */
typedef struct care_record {
    uint8_t     table;
    const void *key, *payload; /* key: without the table */
    size_t      key_size, payload_size;
    const char *fault;     /* NULL: whole; else what is wrong with its sum or shape, and then there is no payload */
    uint8_t     low, high; /* table may be what is damaged: it was one of these. Both are table where that is sure */
} care_record;

/* care_walk shows all records of one snapshot, by table and key, until see is false. Keys are in order: so the table of
 * a damaged record is not before that of the whole one before it, nor behind that of the next whole one. */
typedef bool (*care_see)(void *arg, const care_record *record);
maru_status care_walk(care *c, care_see see, void *arg, maru_error *error);

/* The name of one of the library's own tables; NULL: the service's. Static. */
const char *care_table(unsigned number);

/* Whether a table is the library's: its keys hold what callers made up, and are not shown where damage is told; nor is
 * one that may have been of such a table. */
bool care_is_own(unsigned number);

/* care_backup writes a snapshot, without free pages, as data.mdb into folder, which is made; durable when it returns.
 * ALREADY_EXISTS where folder is there, FAILED_PRECONDITION where another process makes it; INVALID_ARGUMENT where it
 * would lie within a store. It is made in FOLDER.part: that of one that was killed is taken over, and anything else of
 * that name is ALREADY_EXISTS. It is read again, sums and all: DATA_LOSS where something was damaged. After an error
 * there is no folder. */
maru_status care_backup(care *c, const char *folder, maru_error *error);

/* care_is_backup is OK where folder may be one: NOT_FOUND where there is none, FAILED_PRECONDITION where it is a store,
 * or no folder.
 */
maru_status care_is_backup(const char *folder, maru_error *error);

/* care_compact puts a copy without free pages in the place of data.mdb, when it has been read again: DATA_LOSS where
 * something was damaged, and then nothing is replaced. c must be alone; it is closed, also after an error. Killed at
 * any point it leaves a whole store. */
maru_status care_compact(care *c, maru_error *error);

/* care_repair puts a file with all whole records in the place of data.mdb, and shows all others to see, which are gone
 * then; a copy of data.mdb as it was is kept in folder, which is made, or has that very copy of one that was killed.
 * OK with *dropped 0 where all are whole: then nothing is done. FAILED_PRECONDITION, and nothing is done, where a
 * damaged record is, or may have been, one that others count on: of the events, or the store's own. After an error no
 * folder was made, but where data.mdb was replaced. c must be alone; it is closed, also after an error. Killed at any
 * point it leaves a whole store: the one before, or the one after. */
typedef struct care_repaired {
    uint64_t kept, dropped;
} care_repaired;

maru_status care_repair(care *c, const char *folder, care_see see, void *arg, care_repaired *done, maru_error *error);

/* care_restore makes the store at path of a backup: service's own, in a new epoch, so that those who read its events
 * notice. ALREADY_EXISTS where path is there, FAILED_PRECONDITION where the backup is of another service, or is a
 * store, or where another process restores to path; DATA_LOSS where it is damaged. Killed at any point it leaves the
 * store or none. Made by root it is the owner's of the folder that path is in. Whether the service runs, and has a
 * folder open that was moved away, is the caller's to know. */
maru_status care_restore(const char *backup, const char *path, const char *service, maru_error *error);

#endif
