/* fuzz_schema.c: bytes that claim to be a FileDescriptorSet. Where a pool links, everything in it can be found,
 * printed, compared with itself without a break and with its neighbour without a crash, and has JSON.
 */
#include "fuzz.h"

#include <string.h>

#include "maru/json.h"
#include "json/wire_in.h"

enum { ARENA = 16 << 20, SERVICES = 8, MESSAGES = 64 };

static void check_status(maru_status status, const maru_error *error)
{
    MUST((status == MARU_OK) == (error->text[0] == '\0') && error->code == status);
    MUST(status == MARU_OK || status == MARU_INVALID_ARGUMENT || status == MARU_RESOURCE_EXHAUSTED);
    MUST(strchr(error->text, '\n') == NULL);
}

static bool fill(schema_pool *pool, const uint8_t *data, size_t size)
{
    wire_in      in = wire_read((wire_bytes){.at = data, .size = size});
    wire_element element;
    maru_error   error = {0};
    maru_status  status = MARU_OK;

    while (status == MARU_OK && wire_next(&in, &element))
        status = schema_pool_add(pool, element.bytes.at, element.bytes.size, &error);
    if (status == MARU_OK)
        status = schema_pool_link(pool, &error);
    check_status(status, &error);
    return status == MARU_OK;
}

static void check_message(const schema_pool *pool, const schema_message *message, maru_arena *arena)
{
    maru_error     error = {0};
    const char    *text;
    const uint8_t *bytes;
    size_t         size;
    maru_status    status;

    MUST(schema_find_message(pool, message->full_name) == message);
    for (size_t i = 0; i < message->field_count; i++) {
        const schema_field *field = &message->fields[i];

        MUST(field->index == i && schema_field_by_number(message, field->number) == field);
        MUST(schema_field_by_text(message, field->json_name, strlen(field->json_name)) == field);
        MUST((field->message != NULL) == (field->type == SCHEMA_MESSAGE || field->type == SCHEMA_GROUP));
    }
    status = schema_print(pool, message->full_name, arena, &text, &error);
    check_status(status, &error);
    error = (maru_error){0};
    status = wire_to_json(message, NULL, 0, &(json_write_options){.emit_defaults = true}, arena, &text, &size, &error);
    check_status(status, &error);
    if (status == MARU_OK)
        MUST(json_to_wire(message, text, size, NULL, arena, &bytes, &size, &error) == MARU_OK);
}

static void check_services(const schema_service *one, const schema_service *other, maru_arena *arena)
{
    const schema_break *breaks;
    size_t              count;
    maru_error          error = {0};
    maru_status         status = schema_compat(one, other, arena, &breaks, &count, &error);

    check_status(status, &error);
    MUST(status != MARU_OK || one != other || count == 0);
}

static void check_file(const schema_pool *pool, const schema_file *file, maru_arena *arena)
{
    const char *text;
    maru_error  error = {0};

    for (size_t i = 0; i < file->message_count && i < MESSAGES; i++)
        check_message(pool, &file->messages[i], arena);
    for (size_t i = 0; i < file->enum_count && i < MESSAGES; i++)
        MUST(schema_find_enum(pool, file->enums[i].full_name) == &file->enums[i]);
    for (size_t i = 0; i < file->service_count && i < SERVICES; i++) {
        check_status(schema_print(pool, file->services[i].full_name, arena, &text, &error), &error);
        check_services(&file->services[i], &file->services[i], arena);
        check_services(&file->services[0], &file->services[i], arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    maru_arena  *arena = maru_arena_new(ARENA);
    schema_pool *pool = schema_pool_new(arena);

    if (fill(pool, data, size)) {
        size_t                    count;
        const schema_file *const *files = schema_pool_files(pool, &count);

        maru_arena_set_budget(arena, 16 * (size_t)ARENA);
        for (size_t i = 0; i < count; i++)
            check_file(pool, files[i], arena);
    }
    maru_arena_free(arena);
    return 0;
}
