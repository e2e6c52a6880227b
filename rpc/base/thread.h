/* thread.h: a thread of the library's own, which takes none of the signals that are for the program's threads.
 *
 * Those of a fault it takes: SIGBUS, SIGSEGV, SIGFPE, SIGILL. Where they are blocked the kernel ends the process at
 * once, and whoever has a handler for the last words is not asked.
 */
#ifndef MARU_THREAD_H
#define MARU_THREAD_H

#include <pthread.h>

/* thread_start runs run(arg) on it, whatever the caller has blocked. 0, or an errno value: then there is none. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
