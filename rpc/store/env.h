/* env.h: one LMDB environment, opened the one way in which it is safe.
 *
 * No WRITEMAP (a full disk would be a SIGBUS), no DUPSORT, NOTLS, one table of LMDB's. NOSYNC only where a journal
 * (journal.h) flushes instead. Opened once a process (holder.h sees to that), and dead in a child of fork.
 */
#ifndef MARU_STORE_ENV_H
#define MARU_STORE_ENV_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "maru/status.h"

/* ThreadSanitizer and valgrind keep several times as much memory beside what is mapped. */
#if defined(__SANITIZE_THREAD__)
#define ENV_MAP_MOST ((size_t)1 << 30)
#else
#define ENV_MAP_MOST SIZE_MAX
#endif

typedef struct store_env {
    MDB_env       *mdb;
    MDB_dbi        dbi;
    char          *path;
    maru_log      *log;
    unsigned char *mine; /* a page that reads 1 in this process, and 0 in its children */
} store_env;

/* env_open maps map_bytes of path, or as much as the system grants (it says so in log). The file must have
 * been checked (datafile.h) and nobody else of this process have it open. alone: nobody else has it open but readers
 * who came beside somebody that is gone; lock.mdb is left to those, and made anew, so that LMDB counts on from
 * data.mdb's header and not from what was. Blocks. */
maru_status env_open(store_env *env, const char *path, bool alone, size_t map_bytes, maru_log *log, maru_error *error);
void        env_close(store_env *env); /* every transaction must have ended */

/* Whether this is the process that opened it. */
bool env_is_mine(const store_env *env);

/* env_grow maps anew, after MDB_MAP_RESIZED: another process made the file larger than this map. No transaction may be
 * active in this process. 0 or an error number, in which case the old map still stands. */
int env_grow(store_env *env);

/* env_check_readers gives back what readers that died held; how many. */
int env_check_readers(store_env *env);

/* env_free_pages counts the pages that are on the list of free ones, as txn sees it: of those that transactions before
 * that number gave up, which are the ones that LMDB uses while a reader is at it. It looks at one page a commit whose
 * pages are there, and ends where it has found enough. 0 or an error number. */
int env_free_pages(MDB_txn *txn, size_t before, size_t enough, size_t *pages);

/* env_panicked: a write to the header failed, and LMDB refuses to go on. */
bool env_panicked(const store_env *env);

/* env_commit commits txn: 0, or what its error means. A write that was cut short is EIO to LMDB (0.9), though it only
 * means that the file system is full (ENOSPC), a quota used up (EDQUOT), or the file at this process's limit (EFBIG):
 * where the file system does not say so, the file is made longer for a moment, and the kernel tells. An error of a call
 * is as it is. */
int env_commit(MDB_env *mdb, MDB_txn *txn);

#endif
