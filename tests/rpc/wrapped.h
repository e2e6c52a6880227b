/* wrapped.h: malloc, calloc and realloc of what is linked into a test (libmaru, the test itself; not nng, whose library
 * is its own), counted, and made to fail. Programs that use it are linked with --wrap (CMakeLists.txt). All threads.
 */
#ifndef MARU_TESTS_WRAPPED_H
#define MARU_TESTS_WRAPPED_H

/* How many there were since the last wrapped_reset. */
long wrapped_count(void);
/* wrapped_reset counts from 0 again; those from first on, as many as fails, return NULL. 0: none. */
void wrapped_reset(long first, long fails);
/* How many failed since the last wrapped_reset. */
long wrapped_failed(void);

#endif
