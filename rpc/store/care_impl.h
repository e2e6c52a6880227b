/* care_impl.h: what a store that is cared for is made of. For care.c and copies.c. */
#ifndef MARU_STORE_CARE_IMPL_H
#define MARU_STORE_CARE_IMPL_H

#include <limits.h>

#include "base/log.h"
#include "store/care.h"
#include "store/env.h"
#include "store/holder.h"

enum { CARE_NOTES_MAX = 512 };

struct care {
    char      path[PATH_MAX];
    maru_log  log; /* warnings, on standard error */
    store_env env;
    holder    held;
    bool      running;               /* a service has it; held is not taken, env is read only */
    unsigned  newest;                /* of the journal's two files: whose header counts */
    char      notes[CARE_NOTES_MAX]; /* who has it, as its lock file said at the start */
};

/* "PATH: words of rc". Returns the status. */
maru_status care_fault(const char *path, int rc, maru_error *error);

/* care_map opens the created env to read only, and its table. Returns LMDB's error, 0: none. */
int care_map(care *c, const char *path, unsigned flags);

/* care_still is OK where the same service has it as at the start, or nobody. */
maru_status care_still(const care *c, maru_error *error);

#endif
