/* write.h: puts the files of a new service into its place. */
#ifndef MARU_NEW_WRITE_H
#define MARU_NEW_WRITE_H

#include <stdio.h>

#include "maru/status.h"
#include "new/place.h"

/* write_service writes the files of the service, and of the project where it is new, and their paths, one a line, into
 * out. ALREADY_EXISTS, and nothing is written, where its folder or its .proto is there. What fails later leaves what
 * was written. version is Maru's. Blocks on files. */
maru_status write_service(const new_place *place, const char *name, const char *version, FILE *out, maru_error *error);

#endif
