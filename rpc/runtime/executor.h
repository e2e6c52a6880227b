/* executor.h: the real executor: one thread that keeps a strand which was handed over, and wakes for its timers. */
#ifndef MARU_EXECUTOR_H
#define MARU_EXECUTOR_H

#include "maru/seam.h"

extern const maru_executor executor_thread;

#endif
