/* fault.h: what LMDB's and the system's error numbers mean to a store, in status codes and words.
 *
 * Errors are of three kinds: of one transaction (a status, the store works on), of the file system being full (a
 * status, nothing is lost), and those after which no promise can be kept, which end the process.
 */
#ifndef MARU_STORE_FAULT_H
#define MARU_STORE_FAULT_H

#include <stdbool.h>

#include "base/log.h"
#include "maru/status.h"

/* fault_status is the status of an MDB_ or errno number; OK for 0. */
maru_status fault_status(int rc);

/* fault_words says it for a person, where it stands alone ("the file system is full"). Static, or strerror's. */
const char *fault_words(int rc);

/* fault_error is both at a path: "PATH: words". */
maru_status fault_error(const char *path, int rc, maru_error *error);

/* fault_say_more puts what helps behind what was lost: where status is DATA_LOSS, which error says. Returns status. */
maru_status fault_say_more(maru_status status, const char *more, maru_error *error);

/* fault_is_full: no room for more, by file system, quota, file size limit, map size or memory. */
bool fault_is_full(int rc);

/* fault_is_fatal: after it nobody can say what is on the disk. */
bool fault_is_fatal(int rc);

/* fault_log writes a record (warn) of the store at path. */
void fault_log(maru_log *log, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* fault_die writes one (error) and aborts. */
void fault_die(maru_log *log, const char *path, const char *step, const char *words) __attribute__((noreturn));

#endif
