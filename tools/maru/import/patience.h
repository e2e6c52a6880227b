/* patience.h: what an import asks of a service is asked again where the service died: it is started again. Blocks.
 *
 * All that an import asks may be asked again, since that is the same request: it has an id, of this import alone, which
 * does not change. So what was done and lost its answer is answered as it would have been.
 */
#ifndef IMPORT_PATIENCE_H
#define IMPORT_PATIENCE_H

#include <stdbool.h>

#include "maru/client.h"

enum { PATIENCE_MS = 60000, PATIENCE_RUN_SIZE = 40 };

struct patience {
    char    run[PATIENCE_RUN_SIZE]; /* what all ids begin with */
    int64_t began_ms;               /* to ask what is asked now */
};

/* patience_open draws a name of its own; RESOURCE_EXHAUSTED where memory is out, with words in error. */
maru_status patience_open(struct patience *p, maru_runtime *runtime, maru_error *error);

/* patience_begin: from now on it is something else that is asked. */
void patience_begin(struct patience *p);

/* patience_call begins a call of the request of that number; NULL where memory is out. maru_call_end ends it. */
maru_call *patience_call(const struct patience *p, maru_runtime *runtime, size_t number);

/* patience_again is whether to ask again what ended with status, after a moment, which it waits. */
bool patience_again(const struct patience *p, maru_status status);

/* patience_wait waits a moment; false where PATIENCE_MS are over. */
bool patience_wait(const struct patience *p);

#endif
