/* parent.h: a process that ends with the one that started it, however that ends: kill -9 too. */
#ifndef MARU_PARENT_H
#define MARU_PARENT_H

#include "maru/status.h"

/* parent_follow has the kernel send SIGHUP to this process when its parent ends. It may come several times: once for
 * each thread of the parent that ends before the last one and has this process handed to it. So who is stopping already
 * takes no SIGHUP for a second, impatient wish. pid is what the parent said of itself, in digits: FAILED_PRECONDITION
 * where the parent is another by now, for then it has ended before it could be watched. */
maru_status parent_follow(const char *pid, maru_error *error);

#endif
