/* nng_transport.h: tcp and ipc through nng_stream. The only room that includes nng.h. */
#ifndef MARU_NNG_TRANSPORT_H
#define MARU_NNG_TRANSPORT_H

#include "maru/seam.h"

extern const maru_transport nng_transport;

/* nng sets itself up at its first call, with threads. Where one of them can't be made it crashes, or waits for itself
 * for ever: so it is asked only where there is room for all, else RESOURCE_EXHAUSTED. And it looks without a lock
 * whether it is set up: who makes runtimes on several threads at once calls this before it makes the threads. */
maru_status nng_transport_prepare(maru_error *error);

#endif
