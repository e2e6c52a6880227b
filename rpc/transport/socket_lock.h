/* socket_lock.h: the right to a socket's path, for the life of a listener.
 *
 * Who closes an ipc listener shuts it and removes its path, in two steps: a successor that bound the path between them
 * would lose it, and listen where nobody finds it. So whoever listens holds PATH.bound from before it binds until after
 * the path is gone. The lock is the kernel's (an open file description lock) and ends with its holder, however that
 * ends. From any thread; never blocks.
 *
 * At both paths there may be a file of somebody's, which is neither overwritten nor removed.
 */
#ifndef MARU_SOCKET_LOCK_H
#define MARU_SOCKET_LOCK_H

#include "maru/status.h"

/* socket_lock_take returns a descriptor, or a negative errno value: -EADDRINUSE where another listener has it, -EEXIST
 * where a file with bytes in it is there instead. */
int socket_lock_take(const char *path);
/* socket_path_check is OK where a socket or nothing is at path; FAILED_PRECONDITION where something else is. */
maru_status socket_path_check(const char *path, maru_error *error);
/* socket_lock_drop removes the file, so that nothing is left of a listener that was closed. fd below 0: nothing. */
void socket_lock_drop(int fd, const char *path);

#endif
