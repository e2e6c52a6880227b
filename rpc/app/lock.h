/* lock.h: a file that one process holds, and that says who it is.
 *
 * The lock is the kernel's (an open file description lock): it ends with its holder, even by kill -9, and looking at it
 * does not disturb it. The file stays when the lock is gone; to remove it would let two hold what they think is one (a
 * sweep may, which has the whole run folder to itself: sweep.h).
 * Its text is for those who look: pid, start, since, and words of the holder's. Nothing here blocks for long.
 */
#ifndef MARU_LOCK_H
#define MARU_LOCK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "maru/status.h"

enum { LOCK_WORDS_MAX = 2048 };

typedef struct lock_holder {
    int64_t  pid;      /* 0: it holds the lock, but has not yet said who it is */
    bool     strange;  /* nor will it: somebody else wrote what the file says */
    uint64_t start;    /* procfs_start of it */
    int64_t  since_ms; /* since 1970, when it took the lock */
    char     words[LOCK_WORDS_MAX];
} lock_holder;

typedef struct lock {
    int         fd; /* -1: not held */
    lock_holder self;
    char        path[PATH_MAX];
} lock;

/* lock_take takes it for this process. ALREADY_EXISTS where another holds it: then *holder (may be NULL) says who, and
 * error too. FAILED_PRECONDITION where the file is none of ours: it stays as it is. what is named in the error:
 * "catalog". */
maru_status lock_take(lock *l, const char *path, const char *what, lock_holder *holder, maru_error *error);
/* lock_take_patiently is lock_take, but waits for a holder that has said LOCK_STOPPING, at most patience_ms, and a
 * moment for one that may be about to. CANCELLED where a signal that is held (stop.h) says to stop meanwhile. Blocks.
 */
maru_status lock_take_patiently(lock *l, const char *path, const char *what, int64_t patience_ms, maru_error *error);
#define LOCK_STOPPING "stopping"

/* What is to be read there from now on, one line. */
maru_status lock_say(lock *l, const char *words, maru_error *error);
void        lock_drop(lock *l);

/* lock_look is OK where someone holds it and *holder says who; NOT_FOUND where no one does;
 * FAILED_PRECONDITION where someone does, and /proc is not there; else the file system's error. */
maru_status lock_look(const char *path, lock_holder *holder, maru_error *error);

/* That the file at path is held, and is strange: FAILED_PRECONDITION. */
maru_status lock_strange(const char *path, maru_error *error);

/* "process 12 since 2026-01-31 10:00:00Z", for errors. Returns out. */
const char *lock_who(const lock_holder *holder, char out[static 96]);

/* The text of a lock file. Pure. parse: holder->pid is 0 where the text is not whole or none. may_be_ours: it is one,
 * the beginning of one, or nothing. */
int  lock_format(const lock_holder *holder, char *out, int size);
void lock_parse(const char *text, lock_holder *holder);
bool lock_may_be_ours(const char *text);

#endif
