/* child.h: running a program with bytes in and bytes out. */
#ifndef PROTOC_GEN_MARU_CHILD_H
#define PROTOC_GEN_MARU_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* child_run starts program (a path, or a name that PATH finds) without arguments, feeds it size bytes on its standard
 * input and collects its standard output until it ends. Both go on at once, so that neither side waits for the other.
 * Its standard error is ours. Blocks. false where it could not be run or did not end with 0; why then says so. */
bool child_run(const char *program, const uint8_t *bytes, size_t size, struct text *out, struct text *why);

#endif
