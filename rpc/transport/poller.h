/* poller.h: what may be read and written among many sockets, told to the strand by one thread that waits in epoll.
 *
 * A descriptor is told to epoll once, edge-triggered, so that no system call says again and again what is awaited: each
 * remembers whether it may be read and written, until a call says that it may not. Only the strand looks at sockets and
 * their table; the thread waits, and hands over what epoll said. A socket that ended meanwhile is known by its
 * generation.
 */
#ifndef MARU_POLLER_H
#define MARU_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/seam.h"

typedef struct poller poller;

/* One of them: a stream, or a listener. The poller says what is known; who reads or writes takes back what no longer
 * holds. */
typedef struct polled {
    poller  *poller;
    int      fd;
    uint32_t place, generation;
    bool     readable, writable, ended; /* ended: the peer's end was told, and is read at once */
    void (*happened)(struct polled *p);
} polled;

/* poller_watch tells epoll of of->fd, which stays its owner's. 0, or an errno value: then nothing is left of it.
 * poller_forget goes before the descriptor is closed. Of the strand. */
int  poller_watch(poller *p, polled *of);
void poller_forget(polled *of);

/* As maru_poll of maru/seam.h wants them; the handle is the poller. */
maru_status poller_start(void (*ready)(void *arg), void *arg, void **handle, maru_error *error);
void        poller_deliver(void *handle);
void        poller_stop(void *handle);

#endif
