/* schema.c: indexes a request's types by name, and looks up comments and places for errors. */
#include "schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MESSAGE = 4, FILE_ENUM = 5, MESSAGE_NESTED = 3, MESSAGE_ENUM = 4, REFUSALS_SHOWN = 20 };

typedef Google__Protobuf__SourceCodeInfo__Location Location;

struct place place_of(const File *file, size_t count, ...)
{
    struct place place = {.file = file};
    va_list      args;

    va_start(args, count);
    while (place.depth < count && place.depth < SCHEMA_MAX_PATH)
        place.path[place.depth++] = va_arg(args, int);
    va_end(args);
    return place;
}

struct place place_in(const struct place *outer, int32_t field, int32_t index)
{
    struct place place = *outer;

    if (place.depth + 2 <= SCHEMA_MAX_PATH) {
        place.path[place.depth++] = field;
        place.path[place.depth++] = index;
    }
    return place;
}

/* The location whose path is the first depth numbers of place's; else the first of something in it. */
static const Location *find_location(const struct place *place, size_t depth)
{
    const Google__Protobuf__SourceCodeInfo *info = place->file->source_code_info;
    const Location                         *within = NULL;

    for (size_t i = 0; info != NULL && i < info->n_location; i++) {
        const Location *location = info->location[i];

        if (location->n_path < depth || memcmp(location->path, place->path, depth * sizeof *place->path) != 0)
            continue;
        if (location->n_path == depth)
            return location;
        within = within == NULL ? location : within;
    }
    return within;
}

static int compare_paths(const int32_t *a, size_t a_size, const int32_t *b, size_t b_size)
{
    for (size_t i = 0; i < a_size && i < b_size; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return (a_size > b_size) - (a_size < b_size);
}

static int compare_locations(const void *left, const void *right)
{
    const Location *a = *(const Location *const *)left, *b = *(const Location *const *)right;

    return compare_paths(a->path, a->n_path, b->path, b->n_path);
}

static int compare_place(const void *key, const void *element)
{
    const struct place *place = key;
    const Location     *location = *(const Location *const *)element;

    return compare_paths(place->path, place->depth, location->path, location->n_path);
}

struct comments schema_comments(struct pool *pool, const File *file)
{
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;
    struct comments                         comments = {.count = info == NULL ? 0 : info->n_location};

    if (comments.count == 0)
        return comments;
    comments.locations = pool_take(pool, comments.count * sizeof *comments.locations);
    memcpy(comments.locations, info->location, comments.count * sizeof *comments.locations);
    qsort(comments.locations, comments.count, sizeof *comments.locations, compare_locations);
    return comments;
}

const char *place_comment(const struct comments *comments, const struct place *place)
{
    const Location *const *found = comments->count == 0 ? NULL
                                                        : bsearch(place, comments->locations, comments->count,
                                                                  sizeof *comments->locations, compare_place);
    const Location        *location = found == NULL ? NULL : *found;

    if (location == NULL)
        return "";
    if (location->leading_comments != NULL)
        return location->leading_comments;
    return location->trailing_comments != NULL ? location->trailing_comments : "";
}

const char *place_text(struct pool *pool, const struct place *place)
{
    const Location *location = NULL;

    for (size_t depth = place->depth; depth > 0 && location == NULL; depth--)
        location = find_location(place, depth);
    if (location == NULL || location->n_span < 3)
        return pool_printf(pool, "%s:1:1", place->file->name);
    return pool_printf(pool, "%s:%d:%d", place->file->name, location->span[0] + 1, location->span[1] + 1);
}

void schema_refuse(struct schema *schema, const struct place *place, const char *format, ...)
{
    va_list args;
    char    words[1024];

    if (schema->refusal_count++ >= REFUSALS_SHOWN)
        return;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text_printf(&schema->refusals, "%s%s: %s", schema->refusals.size > 0 ? "\n" : "", place_text(schema->pool, place),
                words);
}

void schema_warn(struct schema *schema, const struct place *place, const char *format, ...)
{
    va_list args;
    char    words[1024];

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text_printf(&schema->warnings, "%s: warning: %s\n", place_text(schema->pool, place), words);
}

/* protoc puts its own words before the first line, so that is not one that an editor should find a place in. */
const char *schema_refused(const struct schema *schema)
{
    size_t count = schema->refusal_count;

    if (count > REFUSALS_SHOWN)
        return pool_printf(schema->pool, "nothing is made: %zu refusals, of which these are the first %d\n%s", count,
                           REFUSALS_SHOWN, schema->refusals.bytes);
    return pool_printf(schema->pool, "nothing is made: %zu refusal%s\n%s", count, count == 1 ? "" : "s",
                       schema->refusals.bytes);
}

struct walk {
    struct pool *pool;
    const File  *file;
    schema_visit visit;
    void        *arg;
};

static void walk_enum(const struct walk *walk, const Enum *enumeration, const char *scope, const struct place *place)
{
    struct type type = {.name = pool_printf(walk->pool, "%s.%s", scope, enumeration->name),
                        .file = walk->file,
                        .enumeration = enumeration};

    walk->visit(walk->arg, &type, place);
}

/* Recursive: the request was seen to be at most SCHEMA_MAX_DEPTH deep before it was parsed. */
static void walk_message(const struct walk *walk, const Message *message, const char *scope, const struct place *place)
{
    struct type type = {
        .name = pool_printf(walk->pool, "%s.%s", scope, message->name), .file = walk->file, .message = message};

    walk->visit(walk->arg, &type, place);
    for (size_t i = 0; i < message->n_nested_type; i++) {
        struct place inner = place_in(place, MESSAGE_NESTED, (int32_t)i);

        walk_message(walk, message->nested_type[i], type.name, &inner);
    }
    for (size_t i = 0; i < message->n_enum_type; i++) {
        struct place inner = place_in(place, MESSAGE_ENUM, (int32_t)i);

        walk_enum(walk, message->enum_type[i], type.name, &inner);
    }
}

void schema_walk(struct pool *pool, const File *file, schema_visit visit, void *arg)
{
    bool        packaged = file->package != NULL && file->package[0] != 0;
    const char *scope = packaged ? pool_printf(pool, ".%s", file->package) : "";
    struct walk walk = {.pool = pool, .file = file, .visit = visit, .arg = arg};

    for (size_t i = 0; i < file->n_message_type; i++) {
        struct place place = place_of(file, 2, FILE_MESSAGE, (int)i);

        walk_message(&walk, file->message_type[i], scope, &place);
    }
    for (size_t i = 0; i < file->n_enum_type; i++) {
        struct place place = place_of(file, 2, FILE_ENUM, (int)i);

        walk_enum(&walk, file->enum_type[i], scope, &place);
    }
}

static void count_type(void *arg, const struct type *type, const struct place *place)
{
    (void)type;
    (void)place;
    ((struct schema *)arg)->type_count++;
}

static void keep_type(void *arg, const struct type *type, const struct place *place)
{
    struct schema *schema = arg;

    (void)place;
    schema->types[schema->type_count++] = *type;
}

static int compare_types(const void *left, const void *right)
{
    return strcmp(((const struct type *)left)->name, ((const struct type *)right)->name);
}

static void index_types(struct schema *schema)
{
    const Request *request = schema->request;

    for (size_t i = 0; i < request->n_proto_file; i++)
        schema_walk(schema->pool, request->proto_file[i], count_type, schema);
    schema->types = pool_take(schema->pool, schema->type_count * sizeof *schema->types);
    schema->type_count = 0;
    for (size_t i = 0; i < request->n_proto_file; i++)
        schema_walk(schema->pool, request->proto_file[i], keep_type, schema);
    if (schema->type_count > 0)
        qsort(schema->types, schema->type_count, sizeof *schema->types, compare_types);
}

bool schema_open(struct schema *schema, struct pool *pool, Request *request)
{
    *schema = (struct schema){.pool = pool, .request = request, .refusals = {.pool = pool}, .warnings = {.pool = pool}};
    index_types(schema);
    for (size_t i = 0; i < request->n_file_to_generate; i++) {
        File missing = {.name = request->file_to_generate[i]};

        if (schema_file(schema, missing.name) == NULL)
            schema_refuse(schema, &(struct place){.file = &missing}, "is to be generated, but is not in the request");
    }
    return schema->refusal_count == 0;
}

const File *schema_file(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->request->n_proto_file; i++)
        if (strcmp(schema->request->proto_file[i]->name, name) == 0)
            return schema->request->proto_file[i];
    return NULL;
}

const struct type *schema_type(const struct schema *schema, const char *name)
{
    struct type key = {.name = name};

    if (schema->type_count == 0)
        return NULL;
    return bsearch(&key, schema->types, schema->type_count, sizeof key, compare_types);
}

bool schema_generates(const struct schema *schema, const File *file)
{
    for (size_t i = 0; i < schema->request->n_file_to_generate; i++)
        if (strcmp(schema->request->file_to_generate[i], file->name) == 0)
            return true;
    return false;
}
