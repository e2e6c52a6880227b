/* gate.h: how a plain thread waits for the strand: closed until the strand opens it, once. Lives where the waiter wants
 * it.
 *
 * In a simulation, where there is one thread, waiting runs the simulation until the gate is open.
 */
#ifndef MARU_GATE_H
#define MARU_GATE_H

#include <pthread.h>
#include <stdbool.h>

#include "maru/runtime.h"

typedef struct gate {
    maru_runtime   *rt;
    bool            open;
    pthread_mutex_t mutex;
    pthread_cond_t  cond;
} gate;

void gate_init(gate *g, maru_runtime *rt);
/* gate_wait blocks until gate_open was called, which touches nothing of the gate once the waiter may go on; then the
 * gate is spent. */
void gate_wait(gate *g);
void gate_open(gate *g);

#endif
