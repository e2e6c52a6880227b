/* headers.h: the headers of the system, one of which a service's own could hide: <features.h> is asked for by all of
 * C's.
 */
#ifndef MARU_NEW_HEADERS_H
#define MARU_NEW_HEADERS_H

#include <limits.h>
#include <stdbool.h>

/* headers_find looks where compilers look for NAME.h by themselves, and says where it is. False where there is none.
 * Blocks on files. */
bool headers_find(const char *name, char path[static PATH_MAX]);

#endif
