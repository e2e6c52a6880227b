/* conflict.c: what the body says of a field that the path has said already (contract: transcode_impl.h). */
#include <string.h>

#include "transcode/transcode_impl.h"
#include "json/wire_in.h"

/* Both were written by json_to_wire: a field without presence that is zero is not there, and each is there once. */
static bool find(wire_bytes message, uint32_t number, wire_element *found)
{
    wire_in in = wire_read(message);

    while (wire_next(&in, found))
        if (found->number == number)
            return true;
    return false;
}

/* The message that the leaf is in, as the body has it; false where it has none. */
static bool find_parent(wire_bytes *message, const schema_field *const *path, size_t depth)
{
    wire_element element;

    for (size_t i = 0; i + 1 < depth; i++) {
        if (!find(*message, path[i]->number, &element))
            return false;
        *message = element.bytes;
    }
    return true;
}

static bool same(const wire_element *a, const wire_element *b)
{
    return a->wire == b->wire && (a->wire == SCHEMA_WIRE_LEN ? a->bytes.size == b->bytes.size &&
                                                                   memcmp(a->bytes.at, b->bytes.at, a->bytes.size) == 0
                                                             : a->bits == b->bits);
}

static const schema_field *other_of_oneof(wire_bytes parent, const schema_field *leaf)
{
    const schema_message *type = leaf->parent;
    wire_element          element;

    for (size_t i = 0; leaf->oneof != NULL && i < type->field_count; i++)
        if (type->fields[i].oneof == leaf->oneof && &type->fields[i] != leaf &&
            find(parent, type->fields[i].number, &element))
            return &type->fields[i];
    return NULL;
}

const schema_field *conflict_find(wire_bytes body, const schema_field *const *path, size_t depth, wire_bytes leaf)
{
    const schema_field *field = path[depth - 1];
    wire_element        said, want;

    if (!find_parent(&body, path, depth))
        return NULL;
    if (find(body, field->number, &said))
        return find(leaf, field->number, &want) && same(&said, &want) ? NULL : field;
    return other_of_oneof(body, field);
}
