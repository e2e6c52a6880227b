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
#include "wire/walk.h"

#define LOW_BITS  UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* What good fields of usual types run through is one function for the compiler; the rest is kept out of it. */
#define INLINE   inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

enum {
    DEPTH = 64,       /* scan_default's */
    FIELDS = 1000000, /* scan_default's */
    KEY_MAX = 5,
    LENGTH_MAX = 5,
    VARINT_MAX = 10,
    COPY_INLINE = 256, /* bytes above this are memcpy's */
};

/* A message that is open: the root, or a sub-message in it. */
typedef struct level {
    ProtobufCMessage *message;
    const uint8_t    *start, *end;
} level;

typedef struct decoder {
    maru_arena    *arena;
    level         *level, *last; /* the innermost that is open; the deepest that may be */
    const uint8_t *limit;        /* where all bytes end */
    size_t         elements;     /* packed ones; fields are counted by decode_message */
    decode_fault   fault;
} decoder;

/* How a field of a type travels, and the size of one in memory. */
typedef struct shape {
    uint8_t wire, size;
} shape;

static const shape shapes[] = {
    [PROTOBUF_C_TYPE_INT32] = {PROTOBUF_C_WIRE_TYPE_VARINT, 4},
    [PROTOBUF_C_TYPE_SINT32] = {PROTOBUF_C_WIRE_TYPE_VARINT, 4},
    [PROTOBUF_C_TYPE_SFIXED32] = {PROTOBUF_C_WIRE_TYPE_32BIT, 4},
    [PROTOBUF_C_TYPE_INT64] = {PROTOBUF_C_WIRE_TYPE_VARINT, 8},
    [PROTOBUF_C_TYPE_SINT64] = {PROTOBUF_C_WIRE_TYPE_VARINT, 8},
    [PROTOBUF_C_TYPE_SFIXED64] = {PROTOBUF_C_WIRE_TYPE_64BIT, 8},
    [PROTOBUF_C_TYPE_UINT32] = {PROTOBUF_C_WIRE_TYPE_VARINT, 4},
    [PROTOBUF_C_TYPE_FIXED32] = {PROTOBUF_C_WIRE_TYPE_32BIT, 4},
    [PROTOBUF_C_TYPE_UINT64] = {PROTOBUF_C_WIRE_TYPE_VARINT, 8},
    [PROTOBUF_C_TYPE_FIXED64] = {PROTOBUF_C_WIRE_TYPE_64BIT, 8},
    [PROTOBUF_C_TYPE_FLOAT] = {PROTOBUF_C_WIRE_TYPE_32BIT, 4},
    [PROTOBUF_C_TYPE_DOUBLE] = {PROTOBUF_C_WIRE_TYPE_64BIT, 8},
    [PROTOBUF_C_TYPE_BOOL] = {PROTOBUF_C_WIRE_TYPE_VARINT, sizeof(protobuf_c_boolean)},
    [PROTOBUF_C_TYPE_ENUM] = {PROTOBUF_C_WIRE_TYPE_VARINT, 4},
    [PROTOBUF_C_TYPE_STRING] = {PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, sizeof(char *)},
    [PROTOBUF_C_TYPE_BYTES] = {PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, sizeof(ProtobufCBinaryData)},
    [PROTOBUF_C_TYPE_MESSAGE] = {PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, sizeof(ProtobufCMessage *)},
};

static const uint8_t *no_room(decoder *d)
{
    d->fault = DECODE_NO_ROOM;
    return NULL;
}

static NOINLINE const uint8_t *read_long_varint(const uint8_t *at, const uint8_t *end, int most, uint64_t *value)
{
    uint64_t v = 0;

    for (int i = 0; i < most && at < end; i++) {
        uint8_t byte = *at++;

        v |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = v;
            return at;
        }
    }
    return NULL;
}

/* Reads a varint of at most most bytes; NULL where there is none. */
static INLINE const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, int most, uint64_t *value)
{
    if (UNLIKELY(at >= end))
        return NULL;
    if (UNLIKELY(*at >= 0x80))
        return read_long_varint(at, end, most, value);
    *value = *at;
    return at + 1;
}

/* The same for values, which are longer: a word at a time, of which the seven bits of each byte are pushed together.
 * The word may reach beyond end, but not beyond limit, where all bytes end. */
static INLINE const uint8_t *read_value(const uint8_t *at, const uint8_t *end, const uint8_t *limit, uint64_t *value)
{
    uint64_t word, last;

    if (UNLIKELY(at >= end))
        return NULL;
    if (*at < 0x80) {
        *value = *at;
        return at + 1;
    }
    if (limit - at < 8)
        return read_long_varint(at, end, VARINT_MAX, value);
    memcpy(&word, at, 8);
    if (!(last = ~word & HIGH_BITS))
        return read_long_varint(at, end, VARINT_MAX, value);
    at += __builtin_ctzll(last) / 8 + 1;
    word &= (last ^ (last - 1)) & ~HIGH_BITS;
    word = (word & 0x007f007f007f007f) | (word & 0x7f007f007f007f00) >> 1;
    word = (word & 0x00003fff00003fff) | (word & 0x3fff00003fff0000) >> 2;
    *value = (word & 0x0fffffff) | word >> 32 << 28;
    return at <= end ? at : NULL;
}

/* Reads the length at at; NULL where not as many bytes follow. */
static INLINE const uint8_t *read_length(const uint8_t *at, const uint8_t *end, size_t *length)
{
    uint64_t v;

    if (!(at = read_varint(at, end, LENGTH_MAX, &v)) || v > (uint64_t)(end - at))
        return NULL;
    *length = (size_t)v;
    return at;
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

/* Has a high bit where one of its bytes is a NUL or no ASCII. */
static INLINE uint64_t not_plain(uint64_t word)
{
    return word | (word - LOW_BITS);
}

static INLINE uint64_t copy_word(uint8_t *to, const uint8_t *from)
{
    uint64_t word;

    memcpy(&word, from, 8);
    memcpy(to, &word, 8);
    return not_plain(word);
}

/* Fewer than 8 bytes, as one word. */
static INLINE uint64_t copy_few(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size >= 4) {
        uint32_t front, back;

        memcpy(&front, from, 4);
        memcpy(&back, from + size - 4, 4);
        memcpy(to, &front, 4);
        memcpy(to + size - 4, &back, 4);
        return not_plain((uint64_t)front << 32 | back);
    }
    if (size >= 2) {
        uint16_t front, back;

        memcpy(&front, from, 2);
        memcpy(&back, from + size - 2, 2);
        memcpy(to, &front, 2);
        memcpy(to + size - 2, &back, 2);
        return not_plain(LOW_BITS << 32 | (uint64_t)front << 16 | back);
    }
    if (size == 0)
        return 0;
    *to = *from;
    return not_plain(LOW_BITS << 8 | *from);
}

/* 16 bytes at a time; size is at least that. The last step overlaps the one before it. */
static INLINE uint64_t copy_many(uint8_t *to, const uint8_t *from, size_t size)
{
    typedef uint8_t pack __attribute__((vector_size(16)));

    pack     bytes, found;
    uint64_t halves[2];

    memcpy(&bytes, from + size - 16, 16);
    memcpy(to + size - 16, &bytes, 16);
    found = bytes | (bytes - 1);
    for (size_t i = 0; i < size - 16; i += 16) {
        memcpy(&bytes, from + i, 16);
        memcpy(to + i, &bytes, 16);
        found |= bytes | (bytes - 1);
    }
    memcpy(halves, &found, 16);
    return halves[0] | halves[1];
}

/* Copies, and says whether all of it is ASCII without a NUL. */
static INLINE bool copy_plain(uint8_t *to, const uint8_t *from, size_t size)
{
    uint64_t found;

    if (size >= 16)
        found = copy_many(to, from, size);
    else if (size >= 8)
        found = copy_word(to, from) | copy_word(to + size - 8, from + size - 8);
    else
        found = copy_few(to, from, size);
    return !(found & HIGH_BITS);
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

/* Goes down into a message of type in [start, end). */
static INLINE const uint8_t *enter(decoder *d, const ProtobufCMessageDescriptor *type, const uint8_t *start,
                                   const uint8_t *end)
{
    ProtobufCMessage *message;

    if (UNLIKELY(d->level == d->last))
        return NULL;
    if (UNLIKELY(!(message = arena_take(d->arena, type->sizeof_message))))
        return no_room(d);
    type->message_init(message);
    *++d->level = (level){.message = message, .start = start, .end = end};
    return start;
}

/* One that was given before is refused; *member is NULL where it was not. */
static INLINE const uint8_t *decode_child(decoder *d, const ProtobufCMessageDescriptor *type, ProtobufCMessage **member,
                                          const uint8_t *at, const uint8_t *end)
{
    size_t length;

    if (!(at = read_length(at, end, &length)) || UNLIKELY(*member != NULL))
        return NULL;
    if (!(at = enter(d, type, at, at + length)))
        return NULL;
    *member = d->level->message;
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
static const uint8_t *decode_elements(decoder *d, const ProtobufCFieldDescriptor *field, const uint8_t *at,
                                      const uint8_t *end)
{
    uint8_t *message = (uint8_t *)d->level->message;
    size_t  *n = (size_t *)(message + field->quantifier_offset), size = shapes[field->type].size;
    bool     fixed = shapes[field->type].wire != PROTOBUF_C_WIRE_TYPE_VARINT;
    size_t   count = fixed ? (size_t)(end - at) / size : count_varints(at, end);
    uint8_t *member;

    if (at == end)
        return at;
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
static NOINLINE const uint8_t *decode_packed(decoder *d, const ProtobufCFieldDescriptor *field, int wire,
                                             const uint8_t *at, const uint8_t *end)
{
    size_t length;

    if (field->label != PROTOBUF_C_LABEL_REPEATED || wire != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return NULL;
    return (at = read_length(at, end, &length)) ? decode_elements(d, field, at, at + length) : NULL;
}

/* Keeps a field that type does not have as it came: its value is [at, ...). */
static NOINLINE const uint8_t *keep_unknown(decoder *d, uint32_t key, const uint8_t *at, const uint8_t *end)
{
    ProtobufCMessage             *message = d->level->message;
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

static NOINLINE const ProtobufCFieldDescriptor *find_in_ranges(const ProtobufCMessageDescriptor *type, uint32_t number)
{
    const ProtobufCIntRange *ranges = type->field_ranges;
    unsigned                 low = 0, high = type->n_field_ranges;

    if (high == 0 || number < (uint32_t)ranges[0].start_value)
        return NULL;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;

        if ((uint32_t)ranges[middle].start_value <= number)
            low = middle;
        else
            high = middle;
    }
    number -= (uint32_t)ranges[low].start_value;
    return number < ranges[low + 1].orig_index - ranges[low].orig_index ? type->fields + ranges[low].orig_index + number
                                                                        : NULL;
}

/* The field of a number, NULL where type has none; 0 is none. Most types number their fields 1, 2, 3. */
static INLINE const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type, uint32_t number)
{
    if (number - 1 < type->n_fields && type->fields[number - 1].id == number)
        return type->fields + number - 1;
    return find_in_ranges(type, number);
}

/* Reads a value, whose wire type is the field's, into member. */
static INLINE const uint8_t *decode_value(decoder *d, const ProtobufCFieldDescriptor *field, void *member,
                                          const uint8_t *at, const uint8_t *end)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return decode_string(d, member, at, end);
    case PROTOBUF_C_TYPE_MESSAGE:
        return decode_child(d, field->descriptor, member, at, end);
    case PROTOBUF_C_TYPE_BYTES:
        return decode_bytes(d, member, at, end);
    default:
        return decode_scalar(d, field->type, member, at, end);
    }
}

/* Where the value of a field goes that has a count, a has_ or a case, which is set. NULL where there is no room. */
static NOINLINE void *prepare_member(decoder *d, const ProtobufCFieldDescriptor *field)
{
    uint8_t  *message = (uint8_t *)d->level->message;
    size_t   *n = (size_t *)(message + field->quantifier_offset);
    uint32_t *which = (uint32_t *)(message + field->quantifier_offset);
    void     *member = message + field->offset;
    bool      fresh = field->label == PROTOBUF_C_LABEL_REPEATED;

    if (fresh) {
        if (!(member = add_elements(d, member, *n, 1, shapes[field->type].size)))
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
    at = read_long_varint(at, end, KEY_MAX, &v);
    *key = (uint32_t)v;
    return at && v <= UINT32_MAX ? at : NULL;
}

/* Reads the field whose tag is at at, which is before the end of the innermost message. */
static INLINE const uint8_t *decode_field(decoder *d, const uint8_t *at)
{
    const uint8_t                  *end = d->level->end;
    uint8_t                        *message = (uint8_t *)d->level->message;
    const ProtobufCFieldDescriptor *field;
    uint32_t                        key;
    void                           *member;

    if (!(at = read_key(at, end, &key)))
        return NULL;
    if (UNLIKELY(!(field = find_field(d->level->message->descriptor, key >> 3))))
        return keep_unknown(d, key, at, end);
    if (UNLIKELY((key & 7) != shapes[field->type].wire))
        return decode_packed(d, field, key & 7, at, end);
    member = message + field->offset;
    if (field->quantifier_offset && !(member = prepare_member(d, field)))
        return NULL;
    return decode_value(d, field, member, at, end);
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

/* Whether all required fields of the innermost message have come: goes over its bytes again. */
static NOINLINE bool find_required(decoder *d)
{
    const ProtobufCMessageDescriptor *type = d->level->message->descriptor;
    maru_arena_mark                   mark = maru_arena_now(d->arena);
    bool                             *seen = maru_arena_zalloc(d->arena, type->n_fields);
    bool                              all = true;

    if (!seen)
        return no_room(d);
    for (const uint8_t *at = d->level->start; at < d->level->end;) {
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

decode_fault decode_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                            maru_arena *arena, ProtobufCMessage **out)
{
    level          levels[DEPTH + 1]; /* the first is never used: the root is in it */
    decoder        d = {.arena = arena, .level = levels, .last = levels + DEPTH, .fault = DECODE_BAD};
    size_t         fields = 0;
    const uint8_t *at = bytes ? bytes : (const uint8_t *)"";

    *out = NULL;
    d.limit = at + size;
    if (!(at = enter(&d, type, at, d.limit)))
        return d.fault;
    do {
        for (; at < d.level->end; fields++)
            if (UNLIKELY(!(at = decode_field(&d, at))))
                return d.fault;
        if (UNLIKELY(fields + d.elements > FIELDS))
            return DECODE_BAD;
        if (UNLIKELY(has_required(d.level->message->descriptor)) && !find_required(&d))
            return d.fault;
    } while (--d.level > levels);
    *out = levels[1].message;
    return DECODE_FINE;
}
