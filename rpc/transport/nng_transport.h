/* nng_transport.h: tcp and ipc through nng_stream. The only room that includes nng.h. */
#ifndef MARU_NNG_TRANSPORT_H
#define MARU_NNG_TRANSPORT_H

#include "maru/seam.h"

extern const maru_transport nng_transport;

/* nng sets itself up at its first call, and looks without a lock whether that is done. Who makes runtimes on several
 * threads at once calls this before it makes the threads. */
void nng_transport_prepare(void);

#endif
