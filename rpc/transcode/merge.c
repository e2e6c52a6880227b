/* merge.c: what is said of a nested message in pieces, as one (contract: transcode_impl.h). */
#include <string.h>

#include "maru/json.h"
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

static bool note_piece(pieces *all, const schema_message *type, const wire_element *element)
{
    const schema_field *field = single(type, element);

    if (field == NULL)
        return false;
    all[field->index].size += element->bytes.size;
    return ++all[field->index].count > 1;
}

/* *any: something of it, besides what is nested deeper, is there in pieces. NULL where memory is out. */
static pieces *count_pieces(const schema_message *type, wire_bytes message, maru_arena *arena, bool *any)
{
    pieces      *all = maru_arena_zalloc(arena, (type->field_count + 1) * sizeof *all);
    wire_in      in = wire_read(message);
    wire_element element;

    *any = false;
    while (all != NULL && wire_next(&in, &element))
        *any |= note_piece(all, type, &element);
    return all;
}

static bool write_message(wire_out *out, const schema_message *type, wire_bytes message, maru_arena *arena);

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
    fine = write_message(out, field->message, (wire_bytes){.at = p->joined, .size = p->joined_size}, arena);
    wire_close(out, hole);
    return fine;
}

/* What lies between pieces is copied as one. */
static bool write_merged(wire_out *out, const schema_message *type, wire_bytes message, pieces *all, maru_arena *arena)
{
    wire_in        in = wire_read(message);
    const uint8_t *from = message.at, *at = message.at;
    wire_element   element;

    for (; wire_next(&in, &element); at = in.at) {
        const schema_field *field = single(type, &element);

        if (field == NULL || all[field->index].count == 1)
            continue;
        wire_put_bytes(out, from, (size_t)(at - from));
        from = in.at;
        if (!write_piece(out, field, &all[field->index], element.bytes, arena))
            return false;
    }
    wire_put_bytes(out, from, (size_t)(at - from));
    return !out->failed;
}

static bool write_message(wire_out *out, const schema_message *type, wire_bytes message, maru_arena *arena)
{
    bool    any;
    pieces *all = count_pieces(type, message, arena, &any);

    if (all == NULL)
        return false;
    if (any)
        return write_merged(out, type, message, all, arena);
    wire_put_bytes(out, message.at, message.size);
    return !out->failed;
}

bool merge_pieces(const schema_message *type, wire_bytes *message, maru_arena *arena)
{
    wire_out out = {.arena = arena, .max = JSON_SIZE_MAX};
    bool     any;
    pieces  *all = count_pieces(type, *message, arena, &any);

    if (all == NULL)
        return false;
    return !any || (write_merged(&out, type, *message, all, arena) && wire_finish(&out, &message->at, &message->size));
}
