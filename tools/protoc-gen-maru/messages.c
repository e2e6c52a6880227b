/* messages.c: changes a request to what protoc-gen-c takes, runs that, and takes its files. */
#include "messages.h"

#include <string.h>

#include "braces.h"
#include "child.h"
#include "names.h"
#include "option.h"

static void change_fields(Field **fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fields[i]->has_proto3_optional = false;
}

/* Recursive: the request was seen to be at most SCHEMA_MAX_DEPTH deep before it was parsed. */
static void change_message(struct pool *pool, Message *message)
{
    const char *base = option_base_field(pool, message);

    if (strcmp(base, "base") != 0 && !option_names_base(pool, message))
        option_set_base_field(pool, message, base);
    change_fields(message->field, message->n_field);
    change_fields(message->extension, message->n_extension);
    for (size_t i = 0; i < message->n_nested_type; i++)
        change_message(pool, message->nested_type[i]);
}

static void change_file(struct pool *pool, File *file)
{
    change_fields(file->extension, file->n_extension);
    for (size_t i = 0; i < file->n_message_type; i++)
        change_message(pool, file->message_type[i]);
    file->n_service = 0;
    if (file->options != NULL)
        file->options->has_optimize_for = false;
}

/* Whether a name among what was made is stem and ending. */
static bool is_made(struct pool *pool, const Response *response, const char *stem, const char *ending)
{
    const char *name = pool_printf(pool, "%s%s", stem, ending);

    for (size_t i = 0; i < response->n_file; i++)
        if (response->file[i]->name != NULL && strcmp(response->file[i]->name, name) == 0)
            return true;
    return false;
}

/* Every file that asks for C code has it, else why says which is missing. */
static void check_made(struct schema *schema, const char *program, const Response *response, struct text *why)
{
    for (size_t i = 0; i < schema->request->n_file_to_generate; i++) {
        const File *file = schema_file(schema, schema->request->file_to_generate[i]);
        const char *stem = names_stem(schema->pool, file->name);

        if (why->size > 0 || option_of_file(schema->pool, file).no_generate)
            continue;
        if (!is_made(schema->pool, response, stem, ".pb-c.c") || !is_made(schema->pool, response, stem, ".pb-c.h"))
            text_printf(why, "%s answered without %s.pb-c.c or its header", program, stem);
    }
}

static Response *parse(struct schema *schema, const char *program, const struct text *answer, struct text *why)
{
    Response *response = google__protobuf__compiler__code_generator_response__unpack(
        &schema->pool->allocator, answer->size, (const uint8_t *)answer->bytes);

    if (response != NULL && response->error != NULL && response->error[0] != 0)
        text_printf(why, "%s: %s", program, response->error);
    else if (response == NULL)
        text_printf(why, "%s answered with %zu bytes that are no CodeGeneratorResponse", program, answer->size);
    else
        check_made(schema, program, response, why);
    return why->size > 0 ? NULL : response;
}

Response *messages_make(struct schema *schema, const char *program, struct text *why)
{
    Request    *request = schema->request;
    Response   *response;
    struct text answer = {.pool = schema->pool};
    uint8_t    *bytes;
    size_t      size;

    for (size_t i = 0; i < request->n_proto_file; i++)
        change_file(schema->pool, request->proto_file[i]);
    request->parameter = NULL;
    size = google__protobuf__compiler__code_generator_request__get_packed_size(request);
    bytes = pool_take(schema->pool, size);
    google__protobuf__compiler__code_generator_request__pack(request, bytes);
    if (!child_run(program, bytes, size, &answer, why))
        return NULL;
    response = parse(schema, program, &answer, why);
    for (size_t i = 0; response != NULL && i < response->n_file; i++)
        braces_mend(schema, response->file[i]);
    return response;
}
