/* compat.c: what breaks on the wire between two versions of a service (contract: maru/schema.h).
 *
 * Walks pairs of message types, ours and theirs, breadth first from the request and the response of each method. A pair
 * that was met is not walked again: that is how recursive types end, and why a type that is reached twice is said to
 * break once, by the shortest path.
 */
#include <stdint.h>
#include <string.h>

#include "schema/pool.h"
#include "schema/text.h"

enum {
    PATH_PARTS = 16,        /* of a path in a message, the last ones */
    METHOD_BREAKS_MAX = 32, /* that are named, a method */
    TEXT_MAX = 4096,
};

typedef struct pair {
    const schema_message *ours;
    const schema_message *theirs;
    const struct pair    *from; /* the pair whose field led here; NULL: request or response itself */
    const char           *via;  /* the name of that field, or "request", "response" */
    const struct pair    *next; /* in the queue */
} pair;

typedef struct walk {
    maru_arena   *arena;
    const char   *method;
    pair        **met; /* open addressing; its size is a power of two, at least twice the pairs */
    size_t        met_size;
    size_t        pairs;
    pair         *last;
    schema_break *breaks;
    size_t        count, capacity;
    size_t        of_method;
    maru_status   status;
    maru_error   *error;
} walk;

static void walk_no_memory(walk *w)
{
    w->status =
        maru_error_set(w->error, MARU_RESOURCE_EXHAUSTED, "%s: no memory left to compare the two versions", w->method);
}

/* ---- what was found ---- */

static void *double_array(walk *w, const void *from, size_t count, size_t *capacity, size_t size)
{
    size_t more = *capacity > 0 ? *capacity * 2 : 8;
    void  *to = maru_arena_alloc(w->arena, more * size);

    if (to == NULL)
        return NULL;
    if (count > 0)
        memcpy(to, from, count * size);
    *capacity = more;
    return to;
}

static void add_break(walk *w, const char *words)
{
    if (words == NULL || (w->count == w->capacity &&
                          !(w->breaks = double_array(w, w->breaks, w->count, &w->capacity, sizeof *w->breaks)))) {
        walk_no_memory(w);
        return;
    }
    w->breaks[w->count++] = (schema_break){.method = w->method, .text = words};
    w->of_method++;
}

static void add_path(text *out, const pair *at)
{
    const char *parts[PATH_PARTS];
    size_t      count = 0;

    for (; at != NULL && count < PATH_PARTS; at = at->from)
        parts[count++] = at->via;
    text_string(out, at != NULL ? "..." : "");
    while (count-- > 0)
        text_printf(out, "%s%s", parts[count], count > 0 ? "." : "");
}

/* "request.items.quantity (field 2): int32 here, string there" */
static void break_field(walk *w, const pair *at, const schema_field *field, const char *here, const char *there)
{
    text words = text_in(w->arena, TEXT_MAX);

    if (w->of_method >= METHOD_BREAKS_MAX)
        return;
    add_path(&words, at);
    text_printf(&words, ".%s (field %u): %s here, %s there", field->name, field->number, here, there);
    add_break(w, text_end(&words));
}

/* ---- the pairs that were met ---- */

static size_t pair_slot(const walk *w, const schema_message *ours, const schema_message *theirs)
{
    uint64_t hash = ((uintptr_t)ours >> 4) * 0x9e3779b97f4a7c15u + ((uintptr_t)theirs >> 4);

    hash *= 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    for (size_t at = (size_t)hash & (w->met_size - 1);; at = (at + 1) & (w->met_size - 1)) {
        const pair *found = w->met[at];

        if (found == NULL || (found->ours == ours && found->theirs == theirs))
            return at;
    }
}

static bool grow_met(walk *w)
{
    size_t size = w->met_size > 0 ? w->met_size * 2 : 64;
    pair **old = w->met;
    size_t old_size = w->met_size;

    w->met = maru_arena_zalloc(w->arena, size * sizeof(pair *));
    if (w->met == NULL)
        return false;
    w->met_size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i] != NULL)
            w->met[pair_slot(w, old[i]->ours, old[i]->theirs)] = old[i];
    return true;
}

static void meet(walk *w, const pair *from, const char *via, const schema_message *ours, const schema_message *theirs)
{
    pair  *met;
    size_t slot;

    if (w->status != MARU_OK)
        return;
    if (w->pairs * 2 >= w->met_size && !grow_met(w)) {
        walk_no_memory(w);
        return;
    }
    slot = pair_slot(w, ours, theirs);
    if (w->met[slot] != NULL)
        return;
    if (w->pairs == SCHEMA_COMPAT_PAIRS_MAX) {
        w->status =
            maru_error_set(w->error, MARU_RESOURCE_EXHAUSTED, "%s: more than %d pairs of message types to compare",
                           w->method, SCHEMA_COMPAT_PAIRS_MAX);
        return;
    }
    met = maru_arena_alloc(w->arena, sizeof *met);
    if (met == NULL) {
        walk_no_memory(w);
        return;
    }
    *met = (pair){.ours = ours, .theirs = theirs, .from = from, .via = via};
    w->met[slot] = met;
    w->pairs++;
    if (w->last != NULL)
        w->last->next = met;
    w->last = met;
}

/* ---- one pair ---- */

typedef enum wire_class {
    CLASS_VARINT = 1, /* cut or widened as C does */
    CLASS_ZIGZAG,
    CLASS_FIXED32,
    CLASS_FIXED64,
    CLASS_FLOAT,
    CLASS_DOUBLE,
    CLASS_BYTES,
    CLASS_MESSAGE,
    CLASS_GROUP,
} wire_class;

static wire_class class_of(schema_type type)
{
    static const unsigned char classes[] = {
        [SCHEMA_INT32] = CLASS_VARINT,     [SCHEMA_INT64] = CLASS_VARINT,    [SCHEMA_UINT32] = CLASS_VARINT,
        [SCHEMA_UINT64] = CLASS_VARINT,    [SCHEMA_BOOL] = CLASS_VARINT,     [SCHEMA_ENUM] = CLASS_VARINT,
        [SCHEMA_SINT32] = CLASS_ZIGZAG,    [SCHEMA_SINT64] = CLASS_ZIGZAG,   [SCHEMA_FIXED32] = CLASS_FIXED32,
        [SCHEMA_SFIXED32] = CLASS_FIXED32, [SCHEMA_FIXED64] = CLASS_FIXED64, [SCHEMA_SFIXED64] = CLASS_FIXED64,
        [SCHEMA_FLOAT] = CLASS_FLOAT,      [SCHEMA_DOUBLE] = CLASS_DOUBLE,   [SCHEMA_STRING] = CLASS_BYTES,
        [SCHEMA_BYTES] = CLASS_BYTES,      [SCHEMA_MESSAGE] = CLASS_MESSAGE, [SCHEMA_GROUP] = CLASS_GROUP,
    };

    return (wire_class)classes[type];
}

static bool types_fit(schema_type a, schema_type b)
{
    return class_of(a) == class_of(b) || (a == SCHEMA_BYTES && b == SCHEMA_MESSAGE) ||
           (a == SCHEMA_MESSAGE && b == SCHEMA_BYTES);
}

/* A singular reader takes the last of several values, but no packed ones. */
static bool labels_fit(const schema_field *a, const schema_field *b)
{
    return a->repeated == b->repeated || !(a->packed || b->packed);
}

static const char *whole_type(walk *w, const schema_field *field)
{
    const char *type = schema_type_name(field, w->arena);
    const char *label = field->packed ? "packed repeated " : field->repeated && !field->map ? "repeated " : "";
    const char *whole = type == NULL ? NULL : maru_arena_printf(w->arena, "%s%s", label, type);

    if (whole == NULL)
        walk_no_memory(w);
    return whole;
}

static void compare_fields(walk *w, const pair *at, const schema_field *ours, const schema_field *theirs)
{
    if (!types_fit(ours->type, theirs->type) || !labels_fit(ours, theirs)) {
        const char *here = whole_type(w, ours), *there = whole_type(w, theirs);

        if (here != NULL && there != NULL)
            break_field(w, at, ours, here, there);
    } else if (ours->message != NULL && theirs->message != NULL)
        meet(w, at, ours->name, ours->message, theirs->message);
}

/* Of the fields that both sides know, those in one oneof of a must be in one oneof of b. Else one side may set two of
 * which the other keeps one. firsts has room for a field a oneof of a. */
static const schema_field *split_oneof(const schema_message *a, const schema_message *b, const schema_field **firsts)
{
    for (size_t i = 0; i < a->field_count; i++) {
        const schema_field *field = &a->fields[i], *other, *first;

        if (field->oneof == NULL || (other = schema_field_by_number(b, field->number)) == NULL)
            continue;
        first = firsts[field->oneof->index];
        if (first == NULL)
            firsts[field->oneof->index] = other;
        else if (other->oneof == NULL || other->oneof != first->oneof)
            return field;
    }
    return NULL;
}

static void compare_oneofs(walk *w, const pair *at, const schema_message *a, const schema_message *b, bool ours)
{
    static const char    alone[] = "excludes the others of its oneof", together[] = "may be set beside them";
    const schema_field **firsts = maru_arena_zalloc(w->arena, (a->oneof_count + 1) * sizeof(schema_field *));
    const schema_field  *split;

    if (firsts == NULL) {
        walk_no_memory(w);
        return;
    }
    split = split_oneof(a, b, firsts);
    if (split != NULL)
        break_field(w, at, split, ours ? alone : together, ours ? together : alone);
}

static void compare_messages(walk *w, const pair *at)
{
    const schema_message *ours = at->ours, *theirs = at->theirs;

    for (size_t i = 0; w->status == MARU_OK && i < ours->field_count; i++) {
        const schema_field *other = schema_field_by_number(theirs, ours->fields[i].number);

        if (other != NULL)
            compare_fields(w, at, &ours->fields[i], other);
    }
    if (w->status == MARU_OK && ours->oneof_count > 0)
        compare_oneofs(w, at, ours, theirs, true);
    if (w->status == MARU_OK && theirs->oneof_count > 0)
        compare_oneofs(w, at, theirs, ours, false);
}

/* ---- one method ---- */

static void compare_stream(walk *w, const schema_method *ours, const schema_method *theirs, uint32_t flag,
                           const char *what)
{
    bool here = ours->flags & flag, there = theirs->flags & flag;

    if (here != there)
        add_break(w, maru_arena_printf(w->arena, "%s: %s here, %s there", what, here ? "a stream" : "one message",
                                       there ? "a stream" : "one message"));
}

static void compare_methods(walk *w, const schema_method *ours, const schema_method *theirs)
{
    const pair *at;

    if (w->met != NULL)
        memset(w->met, 0, w->met_size * sizeof *w->met);
    w->method = ours->name;
    w->pairs = w->of_method = 0;
    w->last = NULL;
    compare_stream(w, ours, theirs, MARU_METHOD_CLIENT_STREAM, "request");
    compare_stream(w, ours, theirs, MARU_METHOD_SERVER_STREAM, "response");
    meet(w, NULL, "request", ours->request, theirs->request);
    at = w->last; /* the queue begins with the request */
    meet(w, NULL, "response", ours->response, theirs->response);
    for (; w->status == MARU_OK && at != NULL; at = at->next)
        compare_messages(w, at);
}

maru_status schema_compat(const schema_service *ours, const schema_service *theirs, maru_arena *arena,
                          const schema_break **breaks, size_t *count, maru_error *error)
{
    walk w = {.arena = arena, .status = MARU_OK, .error = error};

    for (size_t i = 0; w.status == MARU_OK && i < ours->method_count; i++) {
        const schema_method *other = schema_service_method(theirs, ours->methods[i].name);

        if (other != NULL)
            compare_methods(&w, &ours->methods[i], other);
    }
    *breaks = w.breaks;
    *count = w.count;
    return w.status;
}
