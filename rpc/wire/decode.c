/* decode.c: one pass over the bytes of a message, with a stack of its own (contract: decode.h).
 *
 * A field's memory is where the descriptor says: its offset, and its quantifier_offset for the has_, the n_ or the case
 * of a oneof. The capacity of an array is not kept: it is the next power of two of its elements, at least 16 bytes.
 */
#include "wire/decode.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena_impl.h"
#include "base/utf8.h"
#include "wire/fields.h"
#include "wire/plain_copy.h"
#include "wire/varint.h"
#include "wire/walk.h"

enum {
    DEPTH = 64,        /* scan_default's */
    FIELDS = 1000000,  /* scan_default's */
    COPY_INLINE = 256, /* bytes above this are memcpy's */
};

/* A message that is open: the root, or a sub-message in it. */
typedef struct level {
    ProtobufCMessage *message;
    const uint8_t    *end;
} level;

/* One that waits until a message in it was read, and where that began. */
typedef struct waiting {
    level          around;
    const uint8_t *start;
} waiting;

typedef struct decoder {
    maru_arena    *arena;
    waiting       *outer, *last; /* behind the levels around the innermost; behind all that there may be */
    const uint8_t *limit;        /* where all bytes end */
    size_t         elements;     /* packed ones; fields are counted by decode_message */
    decode_fault   fault;
} decoder;

static const uint8_t *no_room(decoder *d)
{
    d->fault = DECODE_NO_ROOM;
    return NULL;
}

static const uint8_t *skip_value(const uint8_t *at, const uint8_t *end, int wire)
{
    uint64_t ignored;
    size_t   length;

    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return read_varint(at, end, VARINT_MAX, &ignored);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return end - at >= 8 ? at + 8 : NULL;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return (at = read_length(at, end, &length)) ? at + length : NULL;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return end - at >= 4 ? at + 4 : NULL;
    default: /* groups, and what is none */
        return NULL;
    }
}

static INLINE const uint8_t *decode_string(decoder *d, void *member, const uint8_t *at, const uint8_t *end)
{
    size_t   length;
    uint8_t *text;

    if (!(at = read_length(at, end, &length)))
        return NULL;
    if (!(text = arena_take(d->arena, length + 1)))
        return no_room(d);
    text[length] = '\0';
    *(char **)member = (char *)text;
    if (!copy_plain(text, at, length) && utf8_text_size(at, length) != length)
        return NULL;
    return at + length;
}

/* A copy of size bytes, at least one; NULL where there is no room. */
static INLINE uint8_t *copy_bytes(decoder *d, const uint8_t *from, size_t size)
{
    uint8_t *to = arena_take(d->arena, size);

    if (!to)
        return NULL;
    if (size > COPY_INLINE)
        memcpy(to, from, size);
    else
        (void)copy_plain(to, from, size);
    return to;
}

static INLINE const uint8_t *decode_bytes(decoder *d, ProtobufCBinaryData *member, const uint8_t *at,
                                          const uint8_t *end)
{
    size_t length;

    if (!(at = read_length(at, end, &length)))
        return NULL;
    *member = (ProtobufCBinaryData){.len = length};
    if (length > 0 && !(member->data = copy_bytes(d, at, length)))
        return no_room(d);
    return at + length;
}

/* Goes down from here into a message of type in [start, end), which is here then. */
static INLINE const uint8_t *enter(decoder *d, level *here, const ProtobufCMessageDescriptor *type,
                                   const uint8_t *start, const uint8_t *end)
{
    ProtobufCMessage *message;

    if (UNLIKELY(d->outer == d->last))
        return NULL;
    if (UNLIKELY(!(message = arena_take(d->arena, type->sizeof_message))))
        return no_room(d);
    type->message_init(message);
    *d->outer++ = (waiting){.around = *here, .start = start};
    *here = (level){.message = message, .end = end};
    return start;
}

/* One that was given before is refused; *member is NULL where it was not. */
static INLINE const uint8_t *decode_child(decoder *d, level *here, const ProtobufCMessageDescriptor *type,
                                          ProtobufCMessage **member, const uint8_t *at)
{
    size_t length;

    if (!(at = read_length(at, here->end, &length)) || UNLIKELY(*member != NULL))
        return NULL;
    if (!(at = enter(d, here, type, at, at + length)))
        return NULL;
    *member = here->message;
    return at;
}

static INLINE uint64_t unzigzag(uint64_t v)
{
    return v >> 1 ^ (0 - (v & 1));
}

/* A bool is true where any bit of it is, those beyond 64 included. */
static bool any_bit(const uint8_t *at, const uint8_t *end)
{
    uint8_t bits = 0;

    while (at < end)
        bits |= *at++ & 0x7f;
    return bits;
}

/* Reads a varint into a member of type, which is known where this is inlined. */
static INLINE const uint8_t *decode_varint(const decoder *d, ProtobufCType type, void *member, const uint8_t *at,
                                           const uint8_t *end)
{
    const uint8_t *next;
    uint64_t       v;

    if (!(next = read_value(at, end, d->limit, &v)))
        return NULL;
    if (type == PROTOBUF_C_TYPE_INT64)
        *(uint64_t *)member = v;
    else if (type == PROTOBUF_C_TYPE_SINT64)
        *(uint64_t *)member = unzigzag(v);
    else if (type == PROTOBUF_C_TYPE_SINT32)
        *(uint32_t *)member = (uint32_t)unzigzag((uint32_t)v);
    else if (type == PROTOBUF_C_TYPE_BOOL)
        *(protobuf_c_boolean *)member = any_bit(at, next);
    else
        *(uint32_t *)member = (uint32_t)v;
    return next;
}

/* Little-endian machines only, as protobuf-c is built for here. */
static INLINE const uint8_t *decode_fixed(void *member, const uint8_t *at, const uint8_t *end, size_t size)
{
    if (UNLIKELY((size_t)(end - at) < size))
        return NULL;
    if (size == 8)
        memcpy(member, at, 8);
    else
        memcpy(member, at, 4);
    return at + size;
}

static INLINE const uint8_t *decode_scalar(const decoder *d, ProtobufCType type, void *member, const uint8_t *at,
                                           const uint8_t *end)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return decode_fixed(member, at, end, 4);
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return decode_fixed(member, at, end, 8);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return decode_varint(d, PROTOBUF_C_TYPE_INT64, member, at, end);
    case PROTOBUF_C_TYPE_SINT64:
        return decode_varint(d, PROTOBUF_C_TYPE_SINT64, member, at, end);
    case PROTOBUF_C_TYPE_SINT32:
        return decode_varint(d, PROTOBUF_C_TYPE_SINT32, member, at, end);
    case PROTOBUF_C_TYPE_BOOL:
        return decode_varint(d, PROTOBUF_C_TYPE_BOOL, member, at, end);
    default:
        return decode_varint(d, PROTOBUF_C_TYPE_INT32, member, at, end);
    }
}

/* Of an array that holds count elements of size bytes: what it has room for. */
static INLINE size_t capacity(size_t count, size_t size)
{
    size_t room = count < 2 ? count : (size_t)1 << (64 - __builtin_clzll(count - 1));

    return count == 0 || room * size >= ARENA_ALIGN ? room : ARENA_ALIGN / size;
}

/* Makes room for more elements behind the count in *array, and returns where; NULL where there is none. */
static void *add_elements(decoder *d, void **array, size_t count, size_t more, size_t size)
{
    size_t room = capacity(count, size);
    void  *bigger;

    if (count + more > room) {
        if (!(bigger = arena_grow(d->arena, *array, room * size, capacity(count + more, size) * size))) {
            no_room(d);
            return NULL;
        }
        *array = bigger;
    }
    return (uint8_t *)*array + count * size;
}

static size_t count_varints(const uint8_t *at, const uint8_t *end)
{
    size_t count = 0;

    while (at < end)
        count += *at++ < 0x80;
    return count;
}

/* The packed elements in [at, end) go behind those that are there. */
static const uint8_t *decode_elements(decoder *d, uint8_t *message, const ProtobufCFieldDescriptor *field,
                                      const uint8_t *at, const uint8_t *end)
{
    size_t  *n = (size_t *)(message + field->quantifier_offset), size = field_shapes[field->type].size;
    bool     fixed = field_shapes[field->type].wire != PROTOBUF_C_WIRE_TYPE_VARINT;
    size_t   count = fixed ? (size_t)(end - at) / size : count_varints(at, end);
    uint8_t *member;

    if (at == end || count == 0)
        return at == end ? at : NULL;
    d->elements += count;
    if (d->elements > FIELDS || (fixed && count * size != (size_t)(end - at)))
        return NULL;
    if (!(member = add_elements(d, (void **)(message + field->offset), *n, count, size)))
        return NULL;
    *n += count;
    if (fixed) {
        memcpy(member, at, count * size);
        return end;
    }
    for (; at && at < end; member += size)
        at = decode_scalar(d, field->type, member, at, end);
    return at;
}

/* A field that came with another wire type than its own: packed elements, or refused. */
static NOINLINE const uint8_t *decode_packed(decoder *d, uint8_t *message, const ProtobufCFieldDescriptor *field,
                                             int wire, const uint8_t *at, const uint8_t *end)
{
    size_t length;

    if (field->label != PROTOBUF_C_LABEL_REPEATED || wire != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return NULL;
    return (at = read_length(at, end, &length)) ? decode_elements(d, message, field, at, at + length) : NULL;
}

/* Keeps a field that type does not have as it came: its value is [at, ...). */
static NOINLINE const uint8_t *keep_unknown(decoder *d, ProtobufCMessage *message, uint32_t key, const uint8_t *at,
                                            const uint8_t *end)
{
    ProtobufCMessageUnknownField *unknown;
    const uint8_t                *next = skip_value(at, end, key & 7);
    uint8_t                      *data;

    if (!next || key >> 3 == 0)
        return NULL;
    if (!(unknown = add_elements(d, (void **)&message->unknown_fields, message->n_unknown_fields, 1, sizeof *unknown)))
        return NULL;
    if (!(data = copy_bytes(d, at, (size_t)(next - at))))
        return no_room(d);
    *unknown =
        (ProtobufCMessageUnknownField){.tag = key >> 3, .wire_type = key & 7, .len = (size_t)(next - at), .data = data};
    message->n_unknown_fields++;
    return next;
}

/* Reads a value, whose wire type is the field's, into member. */
static INLINE const uint8_t *decode_value(decoder *d, level *here, const ProtobufCFieldDescriptor *field, void *member,
                                          const uint8_t *at)
{
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return decode_string(d, member, at, here->end);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return decode_child(d, here, field->descriptor, member, at);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return decode_bytes(d, member, at, here->end);
    return decode_scalar(d, field->type, member, at, here->end);
}

/* Where the value of a field goes that has a count, a has_ or a case, which is set. NULL where there is no room. */
static NOINLINE void *prepare_member(decoder *d, uint8_t *message, const ProtobufCFieldDescriptor *field)
{
    size_t   *n = (size_t *)(message + field->quantifier_offset);
    uint32_t *which = (uint32_t *)(message + field->quantifier_offset);
    void     *member = message + field->offset;
    bool      fresh = field->label == PROTOBUF_C_LABEL_REPEATED;

    if (fresh) {
        if (!(member = add_elements(d, member, *n, 1, field_shapes[field->type].size)))
            return NULL;
        ++*n;
    } else {
        fresh = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF && *which != field->id;
        *which = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ? field->id : true;
    }
    if (fresh && field->type == PROTOBUF_C_TYPE_MESSAGE)
        *(ProtobufCMessage **)member = NULL;
    return member;
}

/* at is before end. */
static INLINE const uint8_t *read_key(const uint8_t *at, const uint8_t *end, uint32_t *key)
{
    uint64_t v = 0;

    *key = *at;
    if (*key < 0x80)
        return at + 1;
    at = read_long_varint(at, end, VARINT_KEY_MAX, &v);
    *key = (uint32_t)v;
    return at && v <= UINT32_MAX ? at : NULL;
}

/* Reads the field of here whose tag is at at, which is before its end. */
static INLINE const uint8_t *decode_field(decoder *d, level *here, const uint8_t *at)
{
    uint8_t                        *message = (uint8_t *)here->message;
    const ProtobufCFieldDescriptor *field;
    uint32_t                        key;
    void                           *member;

    if (!(at = read_key(at, here->end, &key)))
        return NULL;
    if (UNLIKELY(!(field = find_field(here->message->descriptor, key >> 3))))
        return keep_unknown(d, here->message, key, at, here->end);
    if (UNLIKELY((key & 7) != field_shapes[field->type].wire))
        return decode_packed(d, message, field, key & 7, at, here->end);
    member = message + field->offset;
    if (field->quantifier_offset && !(member = prepare_member(d, message, field)))
        return NULL;
    return decode_value(d, here, field, member, at);
}

static bool is_required(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REQUIRED && !field->default_value;
}

/* Whether type has required fields. Those of proto3 have the label NONE, or are repeated. */
static INLINE bool has_required(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields && type->fields[i].label != PROTOBUF_C_LABEL_NONE; i++)
        if (is_required(type->fields + i))
            return true;
    return false;
}

/* Whether all required fields of here have come: goes over its bytes again. */
static NOINLINE bool find_required(decoder *d, level here)
{
    const ProtobufCMessageDescriptor *type = here.message->descriptor;
    maru_arena_mark                   mark = arena_now(d->arena);
    bool                             *seen = maru_arena_zalloc(d->arena, type->n_fields);
    bool                              all = true;

    if (!seen)
        return no_room(d);
    for (const uint8_t *at = d->outer[-1].start; at < here.end;) {
        uint32_t                        key = (uint32_t)walk_varint(&at);
        const ProtobufCFieldDescriptor *field = find_field(type, key >> 3);

        if (field)
            seen[field - type->fields] = true;
        at = walk_value(at, key & 7);
    }
    for (unsigned i = 0; i < type->n_fields; i++)
        all &= seen[i] || !is_required(type->fields + i);
    maru_arena_rewind(d->arena, mark);
    if (!all)
        d->fault = DECODE_REQUIRED;
    return all;
}

/* Reads the fields of here and of all that is in it. */
static INLINE decode_fault decode_tree(decoder *d, level here, const uint8_t *at)
{
    const waiting *root = d->outer;
    size_t         fields = 0;

    do {
        for (; at < here.end; fields++)
            if (UNLIKELY(!(at = decode_field(d, &here, at))))
                return d->fault;
        if (UNLIKELY(fields + d->elements > FIELDS))
            return DECODE_BAD;
        if (UNLIKELY(has_required(here.message->descriptor)) && !find_required(d, here))
            return d->fault;
        here = (--d->outer)->around;
    } while (d->outer >= root);
    return DECODE_FINE;
}

decode_fault decode_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                            maru_arena *arena, ProtobufCMessage **out)
{
    waiting        outer[DEPTH];
    level          here = {0}; /* around the root is nothing */
    decoder        d = {.arena = arena, .outer = outer, .last = outer + DEPTH, .fault = DECODE_BAD};
    const uint8_t *at = bytes ? bytes : (const uint8_t *)"";
    decode_fault   fault;

    *out = NULL;
    d.limit = at + size;
    if (!enter(&d, &here, type, at, d.limit))
        return d.fault;
    fault = decode_tree(&d, here, at);
    if (fault == DECODE_FINE)
        *out = here.message;
    return fault;
}
