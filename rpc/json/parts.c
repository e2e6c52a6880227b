/* parts.c: a message's elements in order of their fields (contract: to_json.h).
 *
 * JSON has a field's values in one place, a message has them where its writer put them. So a message is looked over
 * once, and every element of a known field noted as one number, (index of the field) << 32 | offset. Sorted, they are
 * the fields in order of declaration and the values of each as they came; most writers have them so already. The
 * numbers of the messages that are open are one stack, so that the memory they take is bounded by the message's size.
 * In front of them are, one a oneof, the member that came last and where it began to be the last.
 */
#include <stdlib.h>
#include <string.h>

#include "json/to_json.h"

enum { FIRST_ENTRIES = 64, FIRST_KEYS = 16 };

#define NO_FIELD  UINT32_MAX /* index of no field: a map's entry that was replaced */
#define NO_MEMBER UINT64_MAX

static uint32_t entry_field(uint64_t entry)
{
    return (uint32_t)(entry >> 32);
}

static uint32_t entry_offset(uint64_t entry)
{
    return (uint32_t)entry;
}

static inline bool push(to_json *c, uint64_t entry)
{
    if (c->entry_count == c->entry_capacity) {
        size_t    capacity = c->entry_capacity > 0 ? c->entry_capacity * 2 : FIRST_ENTRIES;
        uint64_t *entries = maru_arena_alloc(c->w.out.arena, capacity * sizeof *entries);

        if (entries == NULL)
            return to_json_no_memory(c);
        if (c->entry_count > 0)
            memcpy(entries, c->entries, c->entry_count * sizeof *entries);
        c->entries = entries;
        c->entry_capacity = capacity;
    }
    c->entries[c->entry_count++] = entry;
    return true;
}

/* Whether an element is of its field, packed or not. What is not counts as unknown. */
bool parts_wire_fits(const schema_field *field, schema_wire wire)
{
    if (field->type == SCHEMA_GROUP)
        return false;
    return wire == schema_type_wire(field->type) ||
           (wire == SCHEMA_WIRE_LEN && field->repeated && schema_type_packable(field->type));
}

static bool note(to_json *c, const parts *p, const schema_field *field, size_t offset)
{
    uint64_t entry = (uint64_t)field->index << 32 | offset;

    if (field->oneof != NULL) {
        uint64_t *last = &c->entries[p->base + field->oneof->index];

        if (*last == NO_MEMBER || entry_field(*last) != field->index)
            *last = entry;
    }
    return push(c, entry);
}

static int order_entries(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void sort_entries(to_json *c, const parts *p)
{
    uint64_t *entries;
    size_t    count = c->entry_count - p->at;

    if (count < 2)
        return;
    entries = c->entries + p->at;
    for (size_t i = 1; i < count; i++)
        if (entries[i - 1] > entries[i]) {
            qsort(entries, count, sizeof *entries, order_entries);
            return;
        }
}

bool parts_fail(to_json *c, const schema_message *type, wire_bytes message, const wire_in *in)
{
    return to_json_fail(c, MARU_INVALID_ARGUMENT, "%s, at byte %zu of this %.120s", in->problem,
                        (size_t)(in->at - message.at), type->full_name);
}

bool parts_open(to_json *c, parts *p, const schema_message *type, wire_bytes message)
{
    wire_in        in = wire_read(message);
    wire_element   element;
    const uint8_t *start = in.at;

    *p = (parts){.message = message, .type = type, .base = c->entry_count};
    for (size_t i = 0; i < type->oneof_count; i++)
        if (!push(c, NO_MEMBER))
            return false;
    p->at = c->entry_count;
    for (; wire_next(&in, &element); start = in.at) {
        const schema_field *field = schema_field_by_number(type, element.number);

        if (field != NULL && parts_wire_fits(field, element.wire) && !note(c, p, field, (size_t)(start - message.at)))
            return false;
    }
    if (in.problem != NULL)
        return parts_fail(c, type, message, &in);
    sort_entries(c, p);
    return true;
}

bool parts_next(to_json *c, parts *p, field_run *run)
{
    while (p->at < c->entry_count) {
        uint64_t            entry = c->entries[p->at];
        const schema_field *field = &p->type->fields[entry_field(entry)];

        *run = (field_run){.field = field, .first = p->at};
        while (p->at < c->entry_count && entry_field(c->entries[p->at]) == field->index)
            p->at++;
        run->end = p->at;
        if (field->oneof == NULL)
            return true;
        entry = c->entries[p->base + field->oneof->index];
        while (run->first < run->end && c->entries[run->first] < entry)
            run->first++;
        if (entry_field(entry) == field->index)
            return true;
    }
    return false;
}

void parts_close(to_json *c, const parts *p)
{
    c->entry_count = p->base;
}

wire_element parts_element(const to_json *c, const parts *p, size_t entry)
{
    size_t       offset = entry_offset(c->entries[entry]);
    wire_in      in = wire_read((wire_bytes){.at = p->message.at + offset, .size = p->message.size - offset});
    wire_element element;

    wire_next(&in, &element);
    return element;
}

static bool join(to_json *c, wire_bytes *to, wire_bytes more)
{
    uint8_t *joined = maru_arena_alloc(c->w.out.arena, to->size + more.size + 1);

    if (joined == NULL)
        return to_json_no_memory(c);
    if (to->size > 0)
        memcpy(joined, to->at, to->size);
    if (more.size > 0)
        memcpy(joined + to->size, more.at, more.size);
    *to = (wire_bytes){.at = joined, .size = to->size + more.size};
    return true;
}

bool parts_message(to_json *c, const parts *p, const field_run *run, wire_bytes *message)
{
    size_t   size = 0;
    uint8_t *joined;

    *message = parts_element(c, p, run->end - 1).bytes;
    if (run->end - run->first == 1)
        return true;
    for (size_t i = run->first; i < run->end; i++)
        size += parts_element(c, p, i).bytes.size;
    joined = maru_arena_alloc(c->w.out.arena, size + 1);
    if (joined == NULL)
        return to_json_no_memory(c);
    *message = (wire_bytes){.at = joined, .size = size};
    for (size_t i = run->first; i < run->end; i++) {
        wire_bytes piece = parts_element(c, p, i).bytes;

        if (piece.size > 0)
            memcpy(joined, piece.at, piece.size);
        joined += piece.size;
    }
    return true;
}

/* ---- maps ---- */

bool map_entry_read(to_json *c, const schema_message *entry, wire_bytes bytes, map_entry_parts *found)
{
    wire_in      in = wire_read(bytes);
    wire_element element;

    *found = (map_entry_parts){.has_key = false};
    while (wire_next(&in, &element)) {
        const schema_field *field = schema_field_by_number(entry, element.number);

        if (field == NULL || !parts_wire_fits(field, element.wire))
            continue;
        if (field->number == 1) {
            found->key = element;
            found->has_key = true;
            continue;
        }
        if (found->has_value && field->message != NULL) {
            if (!join(c, &found->value.bytes, element.bytes))
                return false;
        } else {
            found->value = element;
        }
        found->has_value = true;
    }
    if (in.problem != NULL)
        return to_json_fail(c, MARU_INVALID_ARGUMENT, "%s, in an entry of this map", in.problem);
    return true;
}

static int order_key_values(const entry_key *x, const entry_key *y)
{
    size_t both = x->bytes.size < y->bytes.size ? x->bytes.size : y->bytes.size;
    int    order = both > 0 ? memcmp(x->bytes.at, y->bytes.at, both) : 0;

    if (x->bits != y->bits)
        return x->bits < y->bits ? -1 : 1;
    return order != 0 ? order : (x->bytes.size > y->bytes.size) - (x->bytes.size < y->bytes.size);
}

static int order_keys(const void *a, const void *b)
{
    const entry_key *x = a, *y = b;
    int              order = order_key_values(x, y);

    return order != 0 ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static bool key_room(to_json *c, size_t count)
{
    size_t capacity = c->key_capacity > 0 ? c->key_capacity * 2 : FIRST_KEYS;

    if (count <= c->key_capacity)
        return true;
    capacity = capacity < count ? count : capacity;
    c->keys = maru_arena_alloc(c->w.out.arena, capacity * sizeof *c->keys);
    c->key_capacity = c->keys == NULL ? 0 : capacity;
    return c->keys != NULL || to_json_no_memory(c);
}

/* A key's value in its type: an int32 may travel in five bytes or in ten. */
static uint64_t key_bits(const schema_field *field, uint64_t bits)
{
    switch (field->type) {
    case SCHEMA_BOOL:
        return bits != 0;
    case SCHEMA_INT32:
    case SCHEMA_UINT32:
    case SCHEMA_SINT32:
        return (uint32_t)bits;
    default:
        return bits;
    }
}

bool parts_drop_replaced(to_json *c, const parts *p, const field_run *run)
{
    const schema_message *entry = run->field->message;
    size_t                count = run->end - run->first;

    if (count == 1)
        return true;
    if (!key_room(c, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        map_entry_parts found;

        if (!map_entry_read(c, entry, parts_element(c, p, run->first + i).bytes, &found))
            return false;
        c->keys[i] = (entry_key){.bits = key_bits(schema_field_by_number(entry, 1), found.key.bits),
                                 .bytes = found.key.bytes,
                                 .entry = run->first + i};
    }
    qsort(c->keys, count, sizeof *c->keys, order_keys);
    for (size_t i = 1; i < count; i++)
        if (order_key_values(&c->keys[i - 1], &c->keys[i]) == 0)
            c->entries[c->keys[i - 1].entry] |= (uint64_t)NO_FIELD << 32;
    return true;
}

bool parts_is_replaced(const to_json *c, size_t entry)
{
    return entry_field(c->entries[entry]) == NO_FIELD;
}
