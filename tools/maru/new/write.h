/* write.h: puts the files of a new service into its place. */
#ifndef MARU_NEW_WRITE_H
#define MARU_NEW_WRITE_H

#include <stdio.h>

#include "maru/status.h"
#include "new/place.h"
#include "new/written.h"

/* write_service writes the files of the service, and of the project where it is new, and their paths, one a line, into
 * out. ALREADY_EXISTS where its folder, its .proto or a target of its name is there. On failure nothing is left that
 * was not there before; else made is what was written, for the caller to keep or to remove. version is Maru's. Blocks
 * on files. */
maru_status write_service(const new_place *place, const char *name, const char *version, FILE *out, written *made,
                          maru_error *error);

#endif
