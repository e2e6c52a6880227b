/* text.h: bytes that grow. Always ends with a 0 byte that size does not count. Memory is the pool's. */
#ifndef PROTOC_GEN_MARU_TEXT_H
#define PROTOC_GEN_MARU_TEXT_H

#include <stddef.h>

#include "pool.h"

struct text {
    struct pool *pool;
    char        *bytes; /* NULL while empty */
    size_t       size;
    size_t       room;
};

void text_append(struct text *text, const void *bytes, size_t size);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* text_string adds a C string literal with its quotes; text_comment a block comment of its lines, one blank stripped
 * from the front of each and nothing in it that could end it. */
void text_string(struct text *text, const char *value);
void text_comment(struct text *text, const char *value);

#endif
