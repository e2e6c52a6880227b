/* settings.h: the settings of a service, from all their sources: the part of config.h that reads files and the
 * environment, and prints. Blocks on the file system. Main thread, before any other.
 */
#ifndef MARU_SETTINGS_H
#define MARU_SETTINGS_H

#include "app/config.h"
#include "app/rundir.h"
#include "maru/app.h"

enum { SETTINGS_SERVE = -1, EXIT_RAN = 0, EXIT_CANNOT_RUN = 1, EXIT_USAGE = 2 };

/* settings_read fills c from flags, environment and file. SETTINGS_SERVE where the service shall run; else what was
 * asked for
 * (--help, --version, --print-config, --probe) or what is wrong has been printed, and it is the exit status. */
int settings_read(config *c, const maru_app *app, int argc, char **argv);

/* settings_put_file puts all of a file. INVALID_ARGUMENT where a line is wrong, FAILED_PRECONDITION where path is
 * neither a regular file nor "/dev/null", else what the file system says. Waits for nobody: not for who would write a
 * FIFO. */
maru_status settings_put_file(config *c, const char *path, maru_error *error);

/* settings_defaults puts in what nobody said: data, listen, and the peers, whose sockets are in the run folder. */
maru_status settings_defaults(config *c, const maru_app *app, const rundir *dir, maru_error *error);

#endif
