/* request.h: the CodeGeneratorRequest that protoc writes to standard input. */
#ifndef PROTOC_GEN_MARU_REQUEST_H
#define PROTOC_GEN_MARU_REQUEST_H

#include "schema.h"

/* request_read reads standard input to its end. NULL, with a line on stderr, where that is no request, or one whose
 * messages are nested deeper than SCHEMA_MAX_DEPTH. In what it returns every thing has a name. Blocks. */
Request *request_read(struct pool *pool);

#endif
