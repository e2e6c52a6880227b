/* readable.h: refuses files whose embedded descriptors libmaru could not read at run time. */
#ifndef PROTOC_GEN_MARU_READABLE_H
#define PROTOC_GEN_MARU_READABLE_H

#include "emit.h"

/* readable_check reads each file that is to be generated, with all that it imports, as reflection, the edge and the
 * comparison of contracts will, and refuses what these would: of each file the first thing. models and embedded
 * (embed_all) are of the request's files, in their order. */
bool readable_check(struct schema *schema, const struct model *models, const struct embedded *embedded);

#endif
