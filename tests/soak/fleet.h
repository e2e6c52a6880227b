/* fleet.h: the processes of a shop under test: started, killed, started again.
 *
 * A process dies in one of two ways: by SIGKILL at a moment of the killer's choice, or by its own hand at a step of its
 * store that the killer told it when it was started (MARU_FAULTS; rpc/app/faults.h). Either way it is started again at
 * once.
 */
#ifndef MARU_SOAK_FLEET_H
#define MARU_SOAK_FLEET_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FLEET_TABLE(X)                                                                                                 \
    X(CATALOG, "catalog", true)                                                                                        \
    X(CART, "cart", true)                                                                                              \
    X(CHECKOUT, "checkout", true)                                                                                      \
    X(INVENTORY, "inventory", true)                                                                                    \
    X(PAYMENT, "payment", true)                                                                                        \
    X(PROVIDER, "provider", true)                                                                                      \
    X(SHIPPING, "shipping", true)                                                                                      \
    X(EDGE, "edge", false)

/* Id, name, whether it has a store. */
typedef enum fleet_ship {
#define X(id, name, store) SHIP_##id,
    FLEET_TABLE(X)
#undef X
        SHIP_COUNT
} fleet_ship;

/* The steps of a store at which a process may die (maru/seam.h): all but void, which is taken only where a disk is full
 * (tests/store). A checkpoint is made when the store is closed, and now and then when much was written. */
#define FLEET_STEPS(X)                                                                                                 \
    X(BEGIN, "begin")                                                                                                  \
    X(PUT, "put")                                                                                                      \
    X(APPEND, "append") X(FLUSH, "flush") X(COMMIT, "commit") X(DONE, "done") X(CHECKPOINT, "checkpoint")
typedef enum fleet_step {
#define X(id, name) STEP_##id,
    FLEET_STEPS(X)
#undef X
        STEP_COUNT,
    STEP_NONE = STEP_COUNT /* any moment */
} fleet_step;

const char *fleet_ship_name(fleet_ship ship);
const char *fleet_step_name(fleet_step step);

typedef struct fleet {
    const char *bin, *data;
    pid_t       pids[SHIP_COUNT];
    bool        has_run[SHIP_COUNT];
    bool        doomed[SHIP_COUNT]; /* it will die by its own hand */
    char        http[64];           /* where the edge listens: the same after it was started again */
    int         pack_ms;            /* what shipping is told when it is started: 20, unless changed meanwhile */
    unsigned    kills[SHIP_COUNT][STEP_COUNT + 1];
    unsigned    fault_files;
} fleet;

const char *fleet_url(const fleet *f, fleet_ship ship, char url[static 256]);

/* fleet_start starts all; false (with words on stderr) where one did not become ready. */
bool fleet_start(fleet *f, const char *bin, const char *data);

/* fleet_kill kills one now, and starts it again. */
bool fleet_kill(fleet *f, fleet_ship ship);

/* fleet_doom starts one again so that it dies by itself when it takes step for the count-th time; fleet_tend must be
 * called then until it has. It is killed first, which counts as fleet_kill. */
bool fleet_doom(fleet *f, fleet_ship ship, fleet_step step, long count);

/* fleet_fell ends one that is doomed to die at STEP_CHECKPOINT by SIGTERM: it dies while it closes its store, unless
 * nothing was written to that. It is started again. False where it ended otherwise. */
bool fleet_fell(fleet *f, fleet_ship ship);

/* fleet_tend starts again what died by its own hand since, and counts it. False where a process ended in any other way
 * than by a kill: that is a failure of the shop. */
bool fleet_tend(fleet *f);

/* fleet_calm starts all anew, with nobody doomed: one that has not died yet would die at rest. Counts as fleet_kill. */
bool fleet_calm(fleet *f);

/* fleet_halt ends one by SIGTERM, false where it did not end with 0; fleet_launch starts it again. */
bool fleet_halt(fleet *f, fleet_ship ship);
bool fleet_launch(fleet *f, fleet_ship ship);

/* fleet_stop ends all by SIGTERM and waits; false where one did not end with 0. */
bool fleet_stop(fleet *f);

#endif
