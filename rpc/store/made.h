/* made.h: the file STORE in a store's folder. It says that a store was made there, so that a data.mdb that went missing
 * is not taken for a new one; and, where a journal was begun, that this must be there too. For rpc/store; all block.
 */
#ifndef MARU_STORE_MADE_H
#define MARU_STORE_MADE_H

#include <stdbool.h>

#include "base/log.h"
#include "maru/status.h"

/* made_is is whether a store was ever made at path. */
bool made_is(const char *path);

/* made_lost says that a store was made there, and where its file should be: DATA_LOSS. */
maru_status made_lost(const char *file, maru_error *error);

/* made_with_journal tells whether a journal was ever begun for it: its first file is named in STORE; not where there is
 * none. An error where it can't be read: PERMISSION_DENIED, or DATA_LOSS where it is no file. */
maru_status made_with_journal(const char *path, bool *journal, maru_error *error);

/* made_note notes that the store of service is at path now; nothing where that is noted already. */
maru_status made_note(const char *path, const char *service, maru_log *log, maru_error *error);

/* made_anew notes it anew, without a journal: as it was, or so, at any point. */
maru_status made_anew(const char *path, const char *service, maru_error *error);

/* What made_anew makes it of; one that was killed leaves it. */
#define MADE_MARKER "STORE"
#define MADE_FRESH  "STORE.new"

/* made_note_journal: from now on a store without its journal is a loss. */
maru_status made_note_journal(const char *path, maru_error *error);

#endif
