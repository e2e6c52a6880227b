/* fiber_cpp.h: what fibers of C++ do in fiber_cpp.cc. */
#ifndef MARU_TESTS_FIBER_CPP_H
#define MARU_TESTS_FIBER_CPP_H

#include "maru/decls.h"
#include "rpc/errno_plain.h"

MARU_BEGIN_DECLS

void errno_of_cpp(void *seen); /* an errno_seen */

/* A fiber that catches an exception, waits in the catch block, and asks there what was caught. */
typedef struct catching {
    struct fiber *self;
    int           thrown, caught;
} catching;

void catch_and_wait(catching *c);
/* The same of a thread, which runs something in its catch block. */
void catch_and_run(catching *c, void (*fn)(void *arg), void *arg);

MARU_END_DECLS

#endif
