/* away.h: the services that have a store in a data folder and do not run: what was said for them waits in others' logs.
 * Blocks on the file system, for short.
 */
#ifndef MARU_AWAY_H
#define MARU_AWAY_H

#include "running.h"

typedef struct away {
    char   names[RUNNING_MAX][RUNNING_NAME_MAX]; /* sorted */
    size_t count;
} away;

/* running_serves: whether one of the list runs that service: "cart@INSTANCE" runs "cart". */
bool running_serves(const running *list, size_t count, const char *service);

/* away_list fills a: those of which none of the list runs. */
maru_status away_list(const rundir *dir, const running *list, size_t count, away *a, maru_error *error);

#endif
