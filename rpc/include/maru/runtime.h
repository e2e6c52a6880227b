/* maru/runtime.h: what everything else hangs from. No state of libmaru lives outside a runtime.
 *
 * A runtime is one strand (a queue whose events run one after the other, on whichever thread brought the first),
 * its fibers, one timer wheel, and the seam through which the world comes in (maru/seam.h). A process has one,
 * a simulation many.
 */
#ifndef MARU_RUNTIME_H
#define MARU_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/decls.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

typedef struct maru_runtime maru_runtime;
struct maru_seam;

typedef struct maru_runtime_options {
    const struct maru_seam *seam;        /* NULL: the real clock, randomness and nng */
    size_t                  stack_bytes; /* of a fiber, on which a handler runs; 0: 256 KiB */
    size_t                  max_fibers;  /* 0: 10000 */
    /* The log, on stderr (docs/operations.md). */
    const char *service;  /* who writes, in each record; NULL: is left out */
    const char *log;      /* "info", "warn,call=debug": the levels of modules; NULL: "info" */
    bool        log_json; /* else logfmt */
} maru_runtime_options;

/* maru_runtime_new starts the runtime's threads. options may be NULL. RESOURCE_EXHAUSTED where memory or threads
 * are out, INVALID_ARGUMENT where log names no levels. Fork after it is not supported (nng). */
maru_status maru_runtime_new(const maru_runtime_options *options, maru_runtime **runtime, maru_error *error);

/* maru_runtime_free ends the threads. Servers, clients and stores of the runtime must be freed before. */
void maru_runtime_free(maru_runtime *runtime);

MARU_END_DECLS

#endif
