/* sim_impl.h: the inside of a simulated world: sim.c (time), sim_net.c (streams). One thread. */
#ifndef MARU_SIM_IMPL_H
#define MARU_SIM_IMPL_H

#include "maru/sim.h"

typedef struct sim_event {
    int64_t  at;
    uint64_t order; /* of those with one time, the earlier made is first */
    void (*fn)(void *arg);
    void *arg;
} sim_event;

struct maru_sim {
    maru_seam        seam;
    maru_sim_options options;
    int64_t          now;
    uint64_t         random;
    uint64_t         made;
    sim_event       *heap;
    size_t           count, room;
    maru_listener   *listeners;
    maru_stream     *streams;
    unsigned         ports;
};

extern const maru_transport sim_transport;

#endif
