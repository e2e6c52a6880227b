/* care_impl.h: what a store that is cared for is made of. For care.c and those beside it. */
#ifndef MARU_STORE_CARE_IMPL_H
#define MARU_STORE_CARE_IMPL_H

#include <limits.h>
#include <sys/stat.h>

#include "base/log.h"
#include "store/care.h"
#include "store/env.h"
#include "store/holder.h"

enum { CARE_NOTES_MAX = 512 };

#define CARE_MAP ((size_t)1 << 40)

struct care {
    char        path[PATH_MAX];
    maru_log    log; /* warnings, on standard error */
    store_env   env;
    holder      held;
    bool        is_copy;               /* what helps where it is damaged, who has it read says */
    bool        running;               /* a service has it; held is not taken, env is read only */
    unsigned    newest;                /* of the journal's two files: whose header counts */
    char        notes[CARE_NOTES_MAX]; /* who has it, as its lock file said at the start */
    struct stat table;                 /* lock.mdb, in which this reader stands */
};

/* ---- beside.c's ---- */

/* care_notes reads who has it, from its lock file: lines of "PID SERVICE PROGRAM". */
void care_notes(const care *c, char notes[static CARE_NOTES_MAX]);

/* care_beside opens it beside the service that has it. */
maru_status care_beside(care *c, maru_error *error);

/* care_map opens the env to read only, and its table, mapped to size, or to as much as the system grants and at least
 * what the file has. Returns LMDB's error, 0: none. */
int care_map(care *c, const char *path, unsigned flags, size_t size);

/* care_still is OK where the same service has it as at the start, or nobody; else ABORTED. */
maru_status care_still(const care *c, maru_error *error);

/* care_ended is that ABORTED: of what was ended by such a look it is the answer, whatever a later look says. */
maru_status care_ended(const care *c, maru_error *error);

/* care_still_or is status where that holds, or is OK; else care_still's: what went wrong may have come of that. */
maru_status care_still_or(const care *c, maru_status status, maru_error *error);

/* What helps where it is damaged, behind the words for that; "" of a copy. */
const char *care_remedy(const care *c);

/* care_damaged is DATA_LOSS, by what is wrong with its pages (page.h). */
maru_status care_damaged(const care *c, const char *wrong, maru_error *error);

/* ---- care.c's ---- */

/* Looks each millisecond whether the same service has it, while much is read: a service that was killed and started
 * again may use the pages again. */
typedef struct care_watch {
    const care *c;
    int64_t     looked; /* when */
} care_watch;

bool care_may_go_on(care_watch *watch);

/* ---- copyfile.c's ---- */

/* copy_above is the folder that has path in it; it may lie in above. */
const char *copy_above(const char *path, char above[static PATH_MAX]);

maru_status copy_sync(const char *path, maru_error *error);
maru_status copy_sync_above(const char *path, maru_error *error);

/* copy_file copies a file into a new one of folder, which is the folder's owner's, flushed. */
maru_status copy_file(const char *from, const char *folder, const char *name, maru_error *error);

/* ---- copies.c's, for renew.c too ---- */

/* copy_snapshot writes a snapshot of c into a new file of folder, flushed. */
maru_status copy_snapshot(care *c, const char *folder, const char *name, maru_error *error);

/* copy_read reads all records of a copy, as whoever uses it will. Errors name what it is a copy of, and leave what
 * helps to the caller. */
maru_status copy_read(care *copy, const char *of, maru_error *error);

/* copy_remove_note removes what tells that a folder is being made: once it has its name. */
void copy_remove_note(const char *folder);

/* copy_remove removes a folder that was made here, with all that is made in one. */
void copy_remove(const char *folder);

/* copy_folder makes folder, in FOLDER.part which gets its name when fill has filled it: it is whole, or not there. */
typedef maru_status (*copy_fill)(care *c, const char *part, maru_error *error);
maru_status copy_folder(care *c, const char *folder, copy_fill fill, maru_error *error);

#endif
