/* running.h: the services that run on a data folder, whoever started them: by their lock files in the run folder.
 * Blocks on the file system, for short.
 */
#ifndef MARU_RUNNING_H
#define MARU_RUNNING_H

#include <stddef.h>

#include "app/lock.h"
#include "app/rundir.h"
#include "command.h"
#include "maru/status.h"

enum { RUNNING_NAME_MAX = 96, RUNNING_MAX = 256 };

typedef struct running {
    char        name[RUNNING_NAME_MAX]; /* "cart", or "cart@INSTANCE" */
    lock_holder holder;                 /* words: its URLs; "" or LOCK_STOPPING */
} running;

/* running_list fills list, sorted by name; nothing where there is no run folder. FAILED_PRECONDITION where /proc is
 * not there, without which nobody knows who holds a lock now. */
maru_status running_list(const rundir *dir, running *list, size_t max, size_t *count, maru_error *error);

/* Of one whose holder is strange: which file that is. FAILED_PRECONDITION. */
maru_status running_strange(const rundir *dir, const running *one, maru_error *error);

/* Whether it is a process of this service: "cart", or "cart@INSTANCE". */
bool running_is_of(const running *one, const char *service);

/* running_wait waits until the service serves, as it does at once where it runs; false where it does not within ms. */
bool running_wait(const rundir *dir, const char *service, int64_t ms);

/* The data folder of --data (given), of MARU_DATA, or the default; it must be there. */
maru_status running_folder(const char *given, rundir *dir, maru_error *error);

/* running_check_target is -1 where TARGET may be one: a service's name, or an nng URL. Else it complains, and returns
 * EXIT_WRONG_USAGE. */
int running_check_target(const command *self, const char *target);

/* running_target finds where TARGET is: an nng URL is itself; a name is the service of that name on the data folder.
 * UNAVAILABLE where no such service runs: at once where nothing says that it will, else (it is starting, or a maru up
 * starts it again) after *left_ms, of which what was waited is taken. */
maru_status running_target(const char *data, const char *target, int64_t *left_ms, char url[static LOCK_WORDS_MAX],
                           maru_error *error);

#endif
