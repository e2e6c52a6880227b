/* oserror.h: errno as a status with words. */
#ifndef MARU_OSERROR_H
#define MARU_OSERROR_H

#include "maru/status.h"

/* "what: No such file or directory", and the status that fits errno. Returns the status. */
maru_status os_error(maru_error *error, const char *what);
/* The same, with what was to be done there: "DIR/.run: cannot note the run folder: No space left on device". */
maru_status os_error_doing(maru_error *error, const char *what, const char *doing);
maru_status os_status(int number);
/* "what: want a file, is a FIFO", where something else is in the place of a file (is: of base/regular.h); else
 * os_error, with what was to be done there, if that is not NULL. */
maru_status os_error_at(maru_error *error, const char *what, const char *is, const char *doing);

#endif
