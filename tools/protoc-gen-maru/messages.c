/* messages.c: see messages.h. */
#include "messages.h"

#include <string.h>

#include "child.h"
#include "names.h"
#include "option.h"

typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File Made;

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

static const Field *first_of_oneof(const Message *message, size_t index)
{
    for (size_t i = 0; i < message->n_field; i++)
        if (message->field[i]->has_oneof_index && (size_t)message->field[i]->oneof_index == index)
            return message->field[i];
    return NULL;
}

/* The text with its first from replaced by to. */
static char *replace(struct pool *pool, char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);

    if (at == NULL)
        return text;
    *at = 0;
    return pool_printf(pool, "%s%s%s", text, to, at + strlen(from));
}

struct mend {
    struct pool *pool;
    Made        *header;
};

static void mend_type(void *arg, const struct type *type, const struct place *place)
{
    struct mend *mend = arg;

    (void)place;
    for (size_t i = 0; type->message != NULL && i < type->message->n_oneof_decl; i++) {
        const char  *full = pool_printf(mend->pool, "%s.%s", type->name, type->message->oneof_decl[i]->name);
        const char  *unset = pool_printf(mend->pool, ", %s__NOT_SET, ", names_upper(mend->pool, full, type->file));
        const Field *first = first_of_oneof(type->message, i);

        if (first != NULL && option_is_bytes(first))
            mend->header->content = replace(mend->pool, mend->header->content, pool_printf(mend->pool, "%s{0}", unset),
                                            pool_printf(mend->pool, "%s{{0, NULL}}", unset));
    }
}

static void mend_header(struct schema *schema, Made *made)
{
    struct mend mend = {.pool = schema->pool, .header = made};

    for (size_t i = 0; made->name != NULL && made->content != NULL && i < schema->request->n_proto_file; i++) {
        const File *file = schema->request->proto_file[i];

        if (strcmp(made->name, pool_printf(schema->pool, "%s.pb-c.h", names_stem(schema->pool, file->name))) == 0)
            schema_walk(schema->pool, file, mend_type, &mend);
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
        change_file(request->proto_file[i]);
    request->parameter = NULL;
    size = google__protobuf__compiler__code_generator_request__get_packed_size(request);
    bytes = pool_take(schema->pool, size);
    google__protobuf__compiler__code_generator_request__pack(request, bytes);
    if (!child_run(program, bytes, size, &answer, why))
        return NULL;
    response = parse(schema, program, &answer, why);
    for (size_t i = 0; response != NULL && i < response->n_file; i++)
        mend_header(schema, response->file[i]);
    return response;
}
