/* wrapped_arena.h: what asks an arena for memory, made to fail. Programs that use it are linked with --wrap
 * (CMakeLists.txt). One thread.
 */
#ifndef MARU_TESTS_WRAPPED_ARENA_H
#define MARU_TESTS_WRAPPED_ARENA_H

#include <stdbool.h>

/* wrapped_arena_fail lets the n-th from now fail, once; 0: none. Whether one did since the last time it was told. */
bool wrapped_arena_fail(long n);

#endif
