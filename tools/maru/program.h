/* program.h: asks another program for something that it says and then ends. Blocks, for a time that has a limit. */
#ifndef MARU_PROGRAM_H
#define MARU_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

enum { PROGRAM_TOLD = -1 /* it had not ended by itself, and was killed */ };

typedef struct program_ask {
    char *const *words;       /* NULL-terminated; the first is its path */
    char *const *environment; /* NULL: ours */
    int stream; /* what is read: STDOUT_FILENO or STDERR_FILENO; the other one goes where ours does, or nowhere */
    int limit_ms;
    int linger_ms; /* for it to end in, when it has closed the stream; then, or when the limit is over, it is killed */
    char  *answer; /* of size bytes; what is longer is cut. It always has a NUL */
    size_t size;
} program_ask;

/* program_run starts it with nothing on stdin and waits. *ended is its exit status, 128 + a signal, or PROGRAM_TOLD.
 * CANCELLED where a signal that is held (app/stop.h) says to stop meanwhile: then it was killed. The system's error
 * where it cannot be started. */
maru_status program_run(const program_ask *ask, int *ended, maru_error *error);

#endif
