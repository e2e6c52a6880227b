/* messages.h: message code, which protoc-gen-c makes from a request that was changed to what it takes. */
#ifndef PROTOC_GEN_MARU_MESSAGES_H
#define PROTOC_GEN_MARU_MESSAGES_H

#include "schema.h"

/* messages_make changes the request for good, runs program, and returns its answer. NULL where it failed; why then has
 * one line. What is changed, in every file: proto3_optional is cleared, which leaves a oneof of one member, the same
 * bytes on the wire (protoc-gen-c refuses it otherwise); services go, since Maru makes their code; optimize_for goes,
 * since it would take the names out of the descriptors. One thing is mended in the answer: the INIT macro of a message
 * with a oneof that begins with bytes lacks braces, and its users would be warned of it. */
Response *messages_make(struct schema *schema, const char *program, struct text *why);

#endif
