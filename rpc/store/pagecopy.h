/* pagecopy.h: writes a snapshot as an LMDB file without free pages.
 *
 * The two headers are written last, so that a copy that was cut short is no LMDB file. They go on with the snapshot's
 * transaction's number: so the file that it was copied from is older than what is written to the copy (recovery.h).
 * What a page holds between its pointers and its nodes, which is of records that are gone, is not copied.
 */
#ifndef MARU_STORE_PAGECOPY_H
#define MARU_STORE_PAGECOPY_H

#include "store/snapshot.h"

/* pagecopy writes of into fd, an empty file at its begin; not flushed. 0, or an errno. Where the snapshot's own pages
 * are wrong it is EIO, and *wrong says how, in words. may_go_on is asked before each page, and ends it with ECANCELED
 * where it is false. */
typedef bool (*pagecopy_ask)(void *arg);
int pagecopy(const snapshot *of, int fd, pagecopy_ask may_go_on, void *arg, const char **wrong);

#endif
