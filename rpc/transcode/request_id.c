/* request_id.c: a request's own id, where it came beside the request (contract: maru/transcode.h). */
#include <string.h>

#include "maru/json.h"
#include "transcode/transcode_impl.h"

static const schema_field *field_of(const schema_method *method)
{
    static const char   name[] = "request_id";
    const schema_field *field = schema_field_by_text(method->request, name, sizeof name - 1);

    if (field == NULL || strcmp(field->name, name) != 0 || field->type != SCHEMA_STRING || field->repeated ||
        field->oneof != NULL || (method->flags & MARU_METHOD_NO_SIDE_EFFECTS) != 0)
        return NULL;
    return field;
}

bool transcode_takes_request_id(const transcode_match *match)
{
    return field_of(match->method) != NULL;
}

static bool is_set(wire_bytes message, const schema_field *field)
{
    wire_in      in = wire_read(message);
    wire_element element;

    while (wire_next(&in, &element))
        if (element.number == field->number)
            return true;
    return false;
}

/* What stands behind a message is part of it. */
static maru_status append(wire_bytes message, wire_bytes leaf, maru_arena *arena, const uint8_t **bytes, size_t *size,
                          maru_error *error)
{
    uint8_t *both = maru_arena_alloc(arena, message.size + leaf.size);

    if (both == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory for this request");
    if (message.size > 0)
        memcpy(both, message.at, message.size);
    memcpy(both + message.size, leaf.at, leaf.size);
    *bytes = both;
    *size = message.size + leaf.size;
    return MARU_OK;
}

maru_status transcode_put_request_id(const transcode_match *match, maru_text id, maru_arena *arena,
                                     const uint8_t **bytes, size_t *size, maru_error *error)
{
    const schema_field *field = field_of(match->method);
    wire_bytes          message = {.at = *bytes, .size = *size}, leaf;
    maru_status         status = json_text_to_wire(field, id.at, id.size, arena, &leaf.at, &leaf.size, error);

    if (status != MARU_OK)
        return status;
    if (conflict_find(message, &field, 1, leaf) != NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "%s: the Idempotency-Key says \"%.*s\", and the request something else; want the same in "
                              "both, or one of them",
                              field->name, (int)(id.size < 128 ? id.size : 128), id.at);
    return is_set(message, field) ? MARU_OK : append(message, leaf, arena, bytes, size, error);
}
