/* session.h: what list, describe and call have in common: a connection to one service, and its schema by reflection.
 * Blocks; plain thread.
 */
#ifndef MARU_SESSION_H
#define MARU_SESSION_H

#include "app/lock.h"
#include "maru/client.h"
#include "maru/runtime.h"
#include "maru/schema.h"

enum { SESSION_TIMEOUT_MS = 10000, SESSION_ARENA = 256 << 20 };

typedef struct session {
    maru_runtime *runtime;
    maru_client  *client;
    char          url[LOCK_WORDS_MAX]; /* that it is of */
    maru_arena   *arena;               /* of the pool, and of what is made of it */
    int64_t       timeout_ms;          /* what is left of it, once the target is found */
} session;

/* data: as --data was given, or NULL. Errors have words in error; after one, session_close all the same. */
maru_status session_open(session *s, const char *data, const char *target, int64_t timeout_ms, maru_error *error);
void        session_close(session *s);

/* session_schema fetches the files of one service, of all where it is "", as a linked pool in s->arena. */
maru_status session_schema(session *s, const char *service, schema_pool **pool, maru_error *error);

/* Makes words of a failed call: its message, and who failed. */
maru_status session_fail(maru_call *call, maru_status status, maru_error *error);

#endif
