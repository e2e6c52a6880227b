/* libc.h: client functions that would have the name of one of libc's. Compilers refuse some of them where a header is
 * included; others would take the place of libc's for the whole program, and for libmaru. */
#ifndef PROTOC_GEN_MARU_LIBC_H
#define PROTOC_GEN_MARU_LIBC_H

#include "model.h"
#include "schema.h"

/* libc_check refuses the methods of a file that is to be generated whose functions are libc's. */
void libc_check(struct schema *schema, const struct model *model);

#endif
