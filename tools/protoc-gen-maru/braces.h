/* braces.h: a mend for what protoc-gen-c writes.
 *
 * The INIT macro of a message initialises a oneof by `NAME__NOT_SET, {0}`. Where the oneof begins with bytes, which are
 * a struct in C, -Wmissing-braces warns everyone who uses the macro.
 */
#ifndef PROTOC_GEN_MARU_BRACES_H
#define PROTOC_GEN_MARU_BRACES_H

#include "schema.h"

typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File Made;

/* braces_mend puts the missing braces into made, where that is the header of a file of the request. */
void braces_mend(struct schema *schema, Made *made);

#endif
