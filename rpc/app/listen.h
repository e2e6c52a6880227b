/* listen.h: listening where nobody else does.
 *
 * An ipc socket is a file that outlives its process. So each one has a lock beside it (paths_lock_of): who holds it may
 * remove what a killed process left behind, and a second process is told who the first is.
 */
#ifndef MARU_LISTEN_H
#define MARU_LISTEN_H

#include "app/lock.h"
#include "maru/server.h"

/* listen_clear makes the path of a socket free: removes one that nobody answers on. The caller holds its lock.
 * ALREADY_EXISTS where someone answers there, FAILED_PRECONDITION where it is no socket. */
maru_status listen_clear(const char *path, maru_error *error);

/* The path of an ipc URL; NULL of others. Points into url. */
const char *listen_path(const char *url);

/* maru_server_listen, after the lock of an ipc URL was taken into *held (fd -1 where it needs none) and its path made
 * free. already: a lock that this process holds before (may be NULL): it is not taken twice. */
maru_status listen_on(maru_server *server, const char *url, const lock *already, lock *held, maru_error *error);

#endif
