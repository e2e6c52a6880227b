/* reader.c: has libmaru's own reader of descriptors read what generated code will carry (contract: reader.h). */
#include "reader.h"

#include <string.h>

#include "maru/schema.h"

/* Of the memory in which a client compares a peer's files with its own (rpc/client/contract.c), half. */
enum { BUDGET = 32 << 20 };

static maru_status read_all(schema_pool *schema, const struct reader_file *files, size_t count, maru_error *error)
{
    for (size_t i = 0; i < count; i++) {
        maru_status status = schema_pool_add(schema, files[i].bytes, files[i].size, error);

        if (status != MARU_OK)
            return status;
    }
    return schema_pool_link(schema, error);
}

static const char *copy(struct pool *pool, const char *text)
{
    return text == NULL ? NULL : pool_strndup(pool, text, strlen(text));
}

bool reader_read(struct pool *pool, const struct reader_file *files, size_t count, struct reader_fault *fault)
{
    maru_arena  *arena = maru_arena_new(BUDGET);
    schema_pool *schema = arena == NULL ? NULL : schema_pool_new(arena);
    maru_error   error = {.text = "out of memory"};
    bool         read = schema != NULL && read_all(schema, files, count, &error) == MARU_OK;

    if (!read) {
        schema_place place = schema == NULL ? (schema_place){0} : schema_pool_place(schema);

        *fault = (struct reader_fault){.words = copy(pool, error.text),
                                       .file = copy(pool, place.file),
                                       .type = copy(pool, place.type),
                                       .member = copy(pool, place.member)};
    }
    if (arena != NULL)
        maru_arena_free(arena);
    return read;
}
