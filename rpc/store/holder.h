/* holder.h: who has a store open, kept in the file "lock" of its folder, and the turns of those who share it.
 *
 * The lock is flock's, so kill -9 leaves nothing behind; the lines in the file only say who it is: "PID SERVICE
 * PROGRAM". Opening itself is one at a time, by a lock on the file "opening". All block.
 */
#ifndef MARU_HOLDER_H
#define MARU_HOLDER_H

#include <stdbool.h>

#include "base/log.h"
#include "maru/status.h"

typedef struct holder {
    char     *path; /* of the folder */
    int       lock;
    int       opening; /* -1 once opened */
    bool      alone;
    maru_log *log;
} holder;

/* holder_take gets the store, alone where nobody has it open, else (shared) beside the others; ->alone tells.
 * FAILED_PRECONDITION names who has it. Until holder_opened no other gets further than its own holder_take. */
maru_status holder_take(holder *h, const char *path, const char *service, bool shared, maru_log *log,
                        maru_error *error);

/* holder_opened lets the others in: into the store where shared, else into the error that names this one. */
void holder_opened(holder *h, bool shared);

void holder_give(holder *h);

/* Turns of writing, between processes: whoever waits for one gets it after the turn that is under way, however often
 * the one before asks again (two locks: the turn itself, and being next). */
int  holder_turn_take(holder *h); /* 0 or an errno */
void holder_turn_give(holder *h);

#endif
