/* pacer.h: a thread that calls back at a time: to some microseconds, where a runtime's timers come within a
 * millisecond.
 */
#ifndef LOAD_PACER_H
#define LOAD_PACER_H

#include <stdint.h>

typedef struct pacer pacer;

/* pacer_new starts the thread; wake runs on it, and may keep it as long as it likes. NULL where memory, files or
 * threads are out. */
pacer *pacer_new(void (*wake)(void *arg), void *arg);
/* pacer_arm has wake called at or soon after at_ns of CLOCK_MONOTONIC; it replaces what was asked for before. From any
 * thread; never blocks. */
void pacer_arm(void *pacer, int64_t at_ns);
/* Joins. */
void pacer_free(pacer *p);

#endif
