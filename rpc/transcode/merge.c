/* merge.c: what is said of a nested message in pieces, as one (contract: transcode_impl.h). */
#include <string.h>

#include "transcode/transcode_impl.h"

/* What is given of one field, in all its pieces. */
typedef struct pieces {
    size_t   count, size; /* that there are */
    size_t   taken, joined_size;
    uint8_t *joined;
} pieces;

/* NULL: not of a message that is there once at most. */
static const schema_field *single(const schema_message *type, const wire_element *element)
{
    const schema_field *field = schema_field_by_number(type, element->number);

    return field != NULL && !field->repeated && field->type == SCHEMA_MESSAGE && element->wire == SCHEMA_WIRE_LEN
               ? field
               : NULL;
}

static pieces *count_pieces(const schema_message *type, wire_bytes message, maru_arena *arena)
{
    pieces      *all = maru_arena_alloc(arena, (type->field_count + 1) * sizeof *all);
    wire_in      in = wire_read(message);
    wire_element element;

    if (all == NULL)
        return NULL;
    memset(all, 0, (type->field_count + 1) * sizeof *all);
    while (wire_next(&in, &element)) {
        const schema_field *field = single(type, &element);

        if (field != NULL) {
            all[field->index].count++;
            all[field->index].size += element.bytes.size;
        }
    }
    return all;
}

/* The last piece brings all of them. */
static bool write_piece(wire_out *out, const schema_field *field, pieces *p, wire_bytes piece, maru_arena *arena)
{
    size_t hole;
    bool   fine;

    if (p->joined == NULL && (p->joined = maru_arena_alloc(arena, p->size + 1)) == NULL)
        return false;
    if (piece.size > 0)
        memcpy(p->joined + p->joined_size, piece.at, piece.size);
    p->joined_size += piece.size;
    if (++p->taken < p->count)
        return true;
    wire_put_tag(out, field->number, SCHEMA_WIRE_LEN);
    hole = wire_open(out);
    fine = merge_write(out, field->message, (wire_bytes){.at = p->joined, .size = p->joined_size}, arena);
    wire_close(out, hole);
    return fine;
}

bool merge_write(wire_out *out, const schema_message *type, wire_bytes message, maru_arena *arena)
{
    pieces        *all = count_pieces(type, message, arena);
    wire_in        in = wire_read(message);
    const uint8_t *at = message.at;
    wire_element   element;

    if (all == NULL)
        return false;
    for (; wire_next(&in, &element); at = in.at) {
        const schema_field *field = single(type, &element);

        if (field == NULL || all[field->index].count == 1)
            wire_put_bytes(out, at, (size_t)(in.at - at));
        else if (!write_piece(out, field, &all[field->index], element.bytes, arena))
            return false;
    }
    return !out->failed;
}
