/* method.h: a unary method by its name, as the command line takes it. */
#ifndef MARU_METHOD_H
#define MARU_METHOD_H

#include "command.h"
#include "session.h"

/* method_check is -1 where *name may be a method's, package.Service/Method; a leading / is taken off. Else it
 * complains, and returns EXIT_WRONG_USAGE. */
int method_check(const command *self, const char **name);

/* method_find finds a checked name in what the service of session says of itself. Blocks. UNIMPLEMENTED where target
 * serves no such method (error says which is near), or where it is a stream. *method lives as long as the session. */
maru_status method_find(session *s, const char *target, const char *name, const schema_method **method,
                        maru_error *error);

#endif
