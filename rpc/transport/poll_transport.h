/* poll_transport.h: tcp for HTTP, by epoll (contract: maru_poll in maru/seam.h).
 *
 * nng calls back on a task thread for each read: two switches of threads a request, which HTTP's small requests on many
 * connections can't put together. Here a thread waits for all of them, and the strand reads what is ready itself.
 */
#ifndef MARU_POLL_TRANSPORT_H
#define MARU_POLL_TRANSPORT_H

#include "maru/seam.h"

extern const maru_poll poll_transport;

#endif
