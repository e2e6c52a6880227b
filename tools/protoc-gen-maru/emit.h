/* emit.h: the text of X.maru.h and X.maru.c, as rpc/include/maru/service.h says. Pure: a model in, text out. */
#ifndef PROTOC_GEN_MARU_EMIT_H
#define PROTOC_GEN_MARU_EMIT_H

#include "model.h"

/* A file's serialized descriptor without its source info, and the hash of it and of all that it imports. */
struct embedded {
    const uint8_t *bytes;
    size_t         size;
    uint64_t       fingerprint;
};

void emit_header(struct text *out, const struct schema *schema, const struct model *model);
void emit_source(struct text *out, const struct schema *schema, const struct model *model,
                 const struct embedded *embedded);

/* emit_no_messages writes X.pb-c.h and X.pb-c.c of a file for which option no_generate asks no types. */
void emit_no_messages(struct text *header, struct text *source, const struct schema *schema, const File *file);

#endif
