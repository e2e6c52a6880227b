/* scan.c: walks over a serialized message with a stack of its own (contract: scan.h).
 *
 * Refused beside what is no protobuf: a singular message field given twice. Protobuf merges the two; that is not done
 * here, and no serializer writes it.
 */
#include "wire/scan.h"

#include <stdbool.h>

#include "base/utf8.h"
#include "wire/fields.h"
#include "wire/scan_state.h"

const scan_limits scan_default = {.depth = 64, .fields = 1000000, .memory = 64 << 20};

enum {
    VARINT_MAX = 10,
    KEY_MAX = 5,
    LENGTH_MAX = 5,
};

/* What an arena hands out for size bytes. */
static size_t rounded(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

/* Reads a varint of at most most bytes; NULL where there is none. */
static inline const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, int most, uint64_t *value)
{
    uint64_t v = 0;

    if (at < end && *at < 0x80) {
        *value = *at;
        return at + 1;
    }
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

static const uint8_t *skip_varint(scan *s, const uint8_t *at)
{
    uint64_t       ignored;
    const uint8_t *next = read_varint(at, s->level->end, VARINT_MAX, &ignored);

    return next ? next : scan_fail(s, MARU_INVALID_ARGUMENT, "bad varint: want at most 10 bytes, the last below 128");
}

static const uint8_t *skip_fixed(scan *s, const uint8_t *at, size_t size)
{
    size_t left = (size_t)(s->level->end - at);

    return size <= left ? at + size
                        : scan_fail(s, MARU_INVALID_ARGUMENT, "truncated: want %zu bytes, got %zu", size, left);
}

/* Reads the length at at, and checks that as many bytes follow. */
static const uint8_t *read_length(scan *s, const uint8_t *at, size_t *length)
{
    const uint8_t *end = s->level->end;
    uint64_t       v;

    if (!(at = read_varint(at, end, LENGTH_MAX, &v)))
        return scan_fail(s, MARU_INVALID_ARGUMENT, "bad length: want at most 5 bytes, the last below 128");
    if (v > (uint64_t)(end - at))
        return scan_fail(s, MARU_INVALID_ARGUMENT, "truncated: want %llu bytes, got %zu", (unsigned long long)v,
                         (size_t)(end - at));
    *length = (size_t)v;
    return at;
}

static const uint8_t *skip_value(scan *s, const uint8_t *at, int wire)
{
    size_t length;

    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return skip_varint(s, at);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return skip_fixed(s, at, 8);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return (at = read_length(s, at, &length)) ? at + length : NULL;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return skip_fixed(s, at, 4);
    default:
        return scan_fail(s, MARU_INVALID_ARGUMENT, "wire type %d: want 0, 1, 2 or 5 (groups are not supported)", wire);
    }
}

/* Notes that the field at index was seen in this message; whether it was before. */
static bool see(scan *s, size_t index)
{
    uint64_t *word = s->level->seen + index / 64;
    uint64_t  bit = UINT64_C(1) << index % 64;
    bool      before = *word & bit;

    *word |= bit;
    return before;
}

/* Another member of its oneof takes the place of those that were seen. */
static void forget_others(scan *s, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCMessageDescriptor *type = s->level->type;

    for (size_t i = 0; i < type->n_fields; i++)
        if (type->fields[i].quantifier_offset == field->quantifier_offset && type->fields + i != field)
            s->level->seen[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static size_t seen_words(const ProtobufCMessageDescriptor *type)
{
    return (type->n_fields + 63) / 64;
}

/* Goes down into a message of type in [start, start+size); the limits are checked by the caller. */
static const uint8_t *enter(scan *s, const ProtobufCMessageDescriptor *type, const uint8_t *start, size_t size)
{
    size_t    words = seen_words(type);
    uint64_t *seen = s->level ? s->level->seen + seen_words(s->level->type) : s->seen;

    if (s->depth == s->limits->depth || s->depth == SCAN_DEPTH_MAX)
        return scan_fail(s, MARU_RESOURCE_EXHAUSTED, "nested deeper than the limit of %zu", s->depth);
    if (words > (size_t)(s->seen + SCAN_SEEN_WORDS - seen))
        return scan_fail(s, MARU_RESOURCE_EXHAUSTED, "nested messages have more fields than the limit of %d",
                         64 * SCAN_SEEN_WORDS);
    for (size_t i = 0; i < words; i++)
        seen[i] = 0;
    s->level = s->levels + s->depth++;
    *s->level = (scan_level){.type = type, .start = start, .end = start + size, .seen = seen, .tag = start};
    s->memory += rounded(type->sizeof_message);
    return start;
}

static const uint8_t *check_text(scan *s, const uint8_t *at, size_t size)
{
    size_t good = utf8_text_size(at, size);

    if (good == size)
        return at + size;
    if (at[good] == 0)
        return scan_fail(s, MARU_INVALID_ARGUMENT, "NUL at byte %zu of the string", good);
    return scan_fail(s, MARU_INVALID_ARGUMENT, "not UTF-8 at byte %zu of the string", good);
}

/* Counts the varints in [at, end); a length of 0 where one is bad. */
static bool count_varints(const uint8_t *at, const uint8_t *end, size_t *count)
{
    uint64_t ignored;

    for (*count = 0; at < end; ++*count)
        if (!(at = read_varint(at, end, VARINT_MAX, &ignored)))
            return false;
    return true;
}

static const uint8_t *scan_packed(scan *s, const uint8_t *at, field_shape form)
{
    size_t length, count;

    if (!(at = read_length(s, at, &length)))
        return NULL;
    if (form.wire == PROTOBUF_C_WIRE_TYPE_VARINT) {
        if (!count_varints(at, at + length, &count))
            return scan_fail(s, MARU_INVALID_ARGUMENT, "bad varint in the packed elements");
    } else {
        count = length / form.size;
        if (length % form.size != 0)
            return scan_fail(s, MARU_INVALID_ARGUMENT, "packed elements: want a multiple of %d bytes, got %zu",
                             form.size, length);
    }
    s->fields += count;
    s->memory += count * form.size;
    return at + length;
}

/* A string, bytes or a message. */
static const uint8_t *scan_delimited(scan *s, const uint8_t *at, const ProtobufCFieldDescriptor *field)
{
    size_t length;

    if (!(at = read_length(s, at, &length)))
        return NULL;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return enter(s, field->descriptor, at, length);
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        s->memory += rounded(length);
        return at + length;
    }
    s->memory += rounded(length + 1);
    return check_text(s, at, length);
}

static const uint8_t *scan_known(scan *s, const uint8_t *at, int wire)
{
    const ProtobufCFieldDescriptor *field = s->level->field;
    size_t                          index = (size_t)(field - s->level->type->fields);
    field_shape                     form = field_shapes[field->type];

    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        if (wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && form.wire != wire)
            return scan_packed(s, at, form);
        s->memory += form.size;
    } else {
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            forget_others(s, field);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && see(s, index))
            return scan_fail(s, MARU_INVALID_ARGUMENT, "given twice: want a message field once");
    }
    if (wire != form.wire)
        return scan_fail(s, MARU_INVALID_ARGUMENT, "wire type: want %d, got %d", form.wire, wire);
    if (wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return scan_delimited(s, at, field);
    return skip_value(s, at, wire);
}

/* Unknown fields are kept: their bytes, and an array of what they are. */
static const uint8_t *scan_unknown(scan *s, const uint8_t *at, int wire)
{
    const uint8_t *next = skip_value(s, at, wire);

    if (next)
        s->memory += sizeof(ProtobufCMessageUnknownField) + rounded((size_t)(next - at));
    return next;
}

static const uint8_t *scan_field(scan *s, const uint8_t *at)
{
    scan_level    *level = s->level;
    const uint8_t *tag = at;
    uint64_t       key;

    at = read_varint(at, level->end, KEY_MAX, &key);
    level->tag = tag;
    level->number = 0;
    if (!at || key > UINT32_MAX || key >> 3 == 0)
        return scan_fail(s, MARU_INVALID_ARGUMENT, "bad field number: want 1..536870911 in at most 5 bytes");
    level->number = (uint32_t)(key >> 3);
    level->field = find_field(level->type, level->number);
    s->fields++;
    return level->field ? scan_known(s, at, key & 7) : scan_unknown(s, at, key & 7);
}

static const uint8_t *check_limits(scan *s, const uint8_t *at)
{
    if (s->fields > s->limits->fields)
        return scan_fail(s, MARU_RESOURCE_EXHAUSTED, "more fields in the message than the limit of %zu",
                         s->limits->fields);
    if (s->memory > s->limits->memory)
        return scan_fail(s, MARU_RESOURCE_EXHAUSTED, "the message takes more memory than the limit of %zu bytes",
                         s->limits->memory);
    return at;
}

/* Walks to the end of the root; NULL where something was wrong. */
static const uint8_t *walk(scan *s, const uint8_t *at)
{
    while (at && (at = check_limits(s, at))) {
        while (at == s->level->end) {
            if (--s->depth == 0)
                return at;
            s->level--;
        }
        at = scan_field(s, at);
    }
    return NULL;
}

maru_status scan_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                         const scan_limits *limits, size_t *memory, maru_error *error)
{
    /* Set level by level: not initialised here, that would cost more than the scan of a small message. */
    scan_level levels[SCAN_DEPTH_MAX];
    uint64_t   seen[SCAN_SEEN_WORDS];
    scan       s = {.limits = limits, .error = error, .bytes = bytes, .levels = levels, .seen = seen};

    if (!bytes)
        bytes = s.bytes = (const uint8_t *)"";
    if (!walk(&s, enter(&s, type, bytes, size)))
        return s.status;
    if (memory)
        *memory = s.memory;
    return MARU_OK;
}
