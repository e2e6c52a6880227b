/* conflict.c: what is said twice, and not the same (contract: transcode_impl.h). */
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

static bool same(const wire_element *a, const wire_element *b)
{
    return a->wire == b->wire && (a->wire == SCHEMA_WIRE_LEN ? a->bytes.size == b->bytes.size &&
                                                                   memcmp(a->bytes.at, b->bytes.at, a->bytes.size) == 0
                                                             : a->bits == b->bits);
}

static const schema_field *other_of_oneof(wire_bytes parent, const schema_field *field)
{
    const schema_message *type = field->parent;
    wire_element          element;

    for (size_t i = 0; field->oneof != NULL && i < type->field_count; i++)
        if (type->fields[i].oneof == field->oneof && &type->fields[i] != field &&
            find(parent, type->fields[i].number, &element))
            return &type->fields[i];
    return NULL;
}

const schema_field *conflict_find(wire_bytes body, const schema_field *const *path, size_t depth, wire_bytes leaf)
{
    const schema_field *field = path[depth - 1];
    wire_element        said, want;

    for (size_t i = 0; i < depth; i++) {
        if (!find(body, path[i]->number, &said))
            return other_of_oneof(body, path[i]);
        body = said.bytes;
    }
    return find(leaf, field->number, &want) && same(&said, &want) ? NULL : field;
}

size_t conflict_common(const schema_field *const *a, size_t a_depth, const schema_field *const *b, size_t b_depth)
{
    size_t i = 0;

    while (i < a_depth && i < b_depth && a[i] == b[i])
        i++;
    return i;
}

const schema_oneof *conflict_oneof(const schema_field *const *a, size_t a_depth, const schema_field *const *b,
                                   size_t b_depth)
{
    size_t common = conflict_common(a, a_depth, b, b_depth);

    return common < a_depth && common < b_depth && a[common]->oneof == b[common]->oneof ? a[common]->oneof : NULL;
}
