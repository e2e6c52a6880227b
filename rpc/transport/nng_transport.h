/* nng_transport.h: tcp and ipc through nng_stream. The only room that includes nng.h. */
#ifndef MARU_NNG_TRANSPORT_H
#define MARU_NNG_TRANSPORT_H

#include "maru/seam.h"

extern const maru_transport nng_transport;

#endif
