/* paths.h: where an application's things are, worked out from words alone. Pure: nothing is looked at or made.
 *
 *   data folder   DIR of --data or MARU_DATA, else XDG_STATE_HOME/maru, else HOME/.local/state/maru
 *     NAME/         the store of a service
 *     up.lock       who supervises (lock.h); up.state: how its services are
 *     .run          where the run folder is, for whoever comes with another environment
 *   run folder    XDG_RUNTIME_DIR/maru/HASH, else /tmp/maru-UID/HASH; HASH: 12 hex digits of the data folder's path;
 *                 it may go when nothing runs (sweep.h)
 *     NAME.sock     where a service listens; NAME@INSTANCE.sock where it was given an instance
 *     NAME.lock     who that is
 */
#ifndef MARU_PATHS_H
#define MARU_PATHS_H

#include <limits.h>
#include <stddef.h>

#include "maru/status.h"

enum { PATHS_HASH = 12 };

/* The parts of the environment that matter; each may be NULL. Relative XDG folders count as not set, as XDG wants. */
typedef struct paths_env {
    const char *state_home, *home, *runtime_dir;
    unsigned    uid;
} paths_env;

/* The data folder as given or by default. INVALID_ARGUMENT where nothing says where, or it is too long. */
maru_status paths_data(const char *given, const paths_env *env, char out[static PATH_MAX], maru_error *error);

/* The name of the run folder of a data folder, whose path is absolute and has no links in it. */
void paths_hash(const char *data, char out[static PATHS_HASH + 1]);

/* Whether bytes may be what .run says: the path of a run folder as a line, the beginning of one (the disk was full), or
 * nothing (also zeros: the machine lost power). */
_Bool paths_may_be_run(const char *text, size_t size);

/* The folders that may hold the run folder: the runtime folder of the user (false where there is none), and that of
 * /tmp. */
_Bool paths_runtime_base(const paths_env *env, char out[static PATH_MAX]);
void  paths_tmp_base(const paths_env *env, char out[static PATH_MAX]);

/* RUN/NAME[@INSTANCE]SUFFIX. INVALID_ARGUMENT where a socket's path would be longer than SOCKET_PATH_MAX. */
maru_status paths_in_run(const char *run, const char *name, const char *instance, const char *suffix,
                         char out[static PATH_MAX], maru_error *error);

/* The lock that goes with a socket's path: ".lock" for its ".sock", or behind it. */
void paths_lock_of(const char *socket, char out[static PATH_MAX]);

#endif
