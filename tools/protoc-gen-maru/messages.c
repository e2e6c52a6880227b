/* messages.c: see messages.h. */
#include "messages.h"

#include <string.h>

#include "child.h"

static void change_fields(Field **fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fields[i]->has_proto3_optional = false;
}

/* Recursive: the request was seen to be at most SCHEMA_MAX_DEPTH deep before it was parsed. */
static void change_message(Message *message)
{
    change_fields(message->field, message->n_field);
    change_fields(message->extension, message->n_extension);
    for (size_t i = 0; i < message->n_nested_type; i++)
        change_message(message->nested_type[i]);
}

static void change_file(File *file)
{
    change_fields(file->extension, file->n_extension);
    for (size_t i = 0; i < file->n_message_type; i++)
        change_message(file->message_type[i]);
    file->n_service = 0;
    if (file->options != NULL)
        file->options->has_optimize_for = false;
}

static Response *parse(struct schema *schema, const char *program, const struct text *answer, struct text *why)
{
    Response *response = google__protobuf__compiler__code_generator_response__unpack(
        &schema->pool->allocator, answer->size, (const uint8_t *)answer->bytes);

    if (response != NULL && response->error != NULL && response->error[0] != 0)
        text_printf(why, "%s: %s", program, response->error);
    else if (response == NULL)
        text_printf(why, "%s answered with %zu bytes that are no CodeGeneratorResponse", program, answer->size);
    return why->size > 0 ? NULL : response;
}

Response *messages_make(struct schema *schema, const char *program, struct text *why)
{
    Request    *request = schema->request;
    struct text answer = {.pool = schema->pool};
    uint8_t    *bytes;
    size_t      size;

    for (size_t i = 0; i < request->n_proto_file; i++)
        change_file(request->proto_file[i]);
    request->parameter = NULL;
    size = google__protobuf__compiler__code_generator_request__get_packed_size(request);
    bytes = pool_take(schema->pool, size);
    google__protobuf__compiler__code_generator_request__pack(request, bytes);
    if (!child_run(program, bytes, size, &answer, why))
        return NULL;
    return parse(schema, program, &answer, why);
}
