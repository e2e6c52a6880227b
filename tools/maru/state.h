/* state.h: what a supervisor leaves in its data folder for ps and down: up.state, one line a service.
 *
 * Written to a file beside it and renamed, so that it is always whole; tabs between the words of a line:
 *   maru-up 1
 *   service NAME PID STATE RESTARTS STARTED_MS [URL...]     started: ms since 1970, 0 where it does not run
 *   end
 * Who supervises, and since when, is in up.lock (app/lock.h); the state of a supervisor that is gone means nothing.
 */
#ifndef MARU_STATE_H
#define MARU_STATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "child.h"
#include "maru/status.h"

enum { STATE_NAME_MAX = 48, STATE_URLS_MAX = 512, STATE_MAX = 256 };

typedef struct state_row {
    char        name[STATE_NAME_MAX + 1];
    int64_t     pid; /* 0: does not run */
    child_state state;
    unsigned    restarts;
    int64_t     started_ms;
    char        urls[STATE_URLS_MAX]; /* with blanks between; "" before it is ready */
} state_row;

/* Pure. parse: INVALID_ARGUMENT with name, line and what was wanted there. */
void        state_print(const state_row *rows, size_t count, FILE *out);
maru_status state_parse(const char *name, const char *text, state_row *rows, size_t max, size_t *count,
                        maru_error *error);

/* Block on the file system. read: NOT_FOUND where there is none. */
maru_status state_write(const char *path, const state_row *rows, size_t count, maru_error *error);
maru_status state_read(const char *path, state_row *rows, size_t max, size_t *count, maru_error *error);

#endif
