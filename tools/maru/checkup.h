/* checkup.h: asks a service, over grpc.health.v1, whether it serves. On a libuv loop; the answer comes to the loop's
 * thread.
 *
 * One question at a time. checkup_forget takes it back: done is not called then. What is asked lives until
 * checkup_closed.
 */
#ifndef MARU_CHECKUP_H
#define MARU_CHECKUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "maru/client.h"

enum { CHECKUP_TIMEOUT_MS = 2000 };

/* words: why not, for a person; "" where it serves. Valid until it returns. */
typedef void (*checkup_done)(void *arg, bool serving, const char *words);

typedef struct checkup {
    maru_runtime *runtime;
    checkup_done  done;
    void         *arg;
    uv_async_t    answered;
    maru_client  *client;  /* NULL: nothing was asked */
    maru_call    *call;    /* NULL: no question is under way */
    atomic_bool   arrived; /* set by the strand, after serving and words */
    bool          serving;
    char          words[256];
} checkup;

int checkup_open(checkup *c, uv_loop_t *loop, maru_runtime *runtime, checkup_done done, void *arg);

/* The url of one service stays the same until checkup_forget. */
maru_status checkup_ask(checkup *c, const char *url, maru_error *error);
void        checkup_forget(checkup *c);
void        checkup_close(checkup *c);

#endif
