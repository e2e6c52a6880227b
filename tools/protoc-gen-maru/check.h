/* check.h: what a .proto may not hold, refused with file, line and column before any code is made. */
#ifndef PROTOC_GEN_MARU_CHECK_H
#define PROTOC_GEN_MARU_CHECK_H

#include "model.h"

/* check_request looks at every file that is to be generated. models has one entry a file of the request, in its order.
 * true where nothing was refused. */
bool check_request(struct schema *schema, const struct model *models);

#endif
