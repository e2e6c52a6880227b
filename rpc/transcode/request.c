/* request.c: path, query and body become the bytes of a request message; a reply becomes JSON (contract:
 * maru/transcode.h).
 *
 * A message is what its pieces say one after the other: nested messages merge (merge.c), and of a scalar the last one
 * counts. So the body comes first, then the query, then what the path says, which neither may contradict. */
#include <string.h>

#include "maru/json.h"
#include "transcode/transcode_impl.h"
#include "json/wire_out.h"

enum { SETTINGS_MAX = TRANSCODE_PARAMS_MAX + TRANSCODE_CAPTURES_MAX + 1 }; /* the query's, the path's, the body's */

/* A field that path, query or body sets, to see whether another contradicts it. */
typedef struct setting {
    const schema_field *path[TRANSCODE_DEPTH_MAX];
    size_t              depth;
} setting;

typedef struct building {
    const transcode_route *route;
    maru_arena            *arena;
    maru_error            *error;
    wire_out               out;
    bool                   has_pieces; /* of nested messages, perhaps */
    wire_bytes             body;       /* what the body said, as part of the message */
    setting               *settings;
    size_t                 setting_count;
} building;

static maru_status no_memory(const building *b)
{
    return maru_error_set(b->error, MARU_RESOURCE_EXHAUSTED, "out of memory for this request");
}

/* The leaf's bytes, in the messages that it is in. */
static maru_status put_leaf(building *b, const setting *s, const uint8_t *bytes, size_t size)
{
    size_t holes[TRANSCODE_DEPTH_MAX];

    b->has_pieces |= s->depth > 1;
    for (size_t i = 0; i + 1 < s->depth; i++) {
        wire_put_tag(&b->out, s->path[i]->number, SCHEMA_WIRE_LEN);
        holes[i] = wire_open(&b->out);
    }
    wire_put_bytes(&b->out, bytes, size);
    for (size_t i = s->depth - 1; i-- > 0;)
        wire_close(&b->out, holes[i]);
    return b->out.failed ? no_memory(b) : MARU_OK;
}

/* name: for words. */
static maru_status read_text(building *b, const setting *s, maru_text name, maru_text plain, wire_bytes *leaf)
{
    maru_error  error;
    maru_status status =
        json_text_to_wire(s->path[s->depth - 1], plain.at, plain.size, b->arena, &leaf->at, &leaf->size, &error);

    if (status != MARU_OK)
        return maru_error_set(b->error, status, "%.*s: %s", (int)(name.size < 100 ? name.size : 100), name.at,
                              error.text);
    return MARU_OK;
}

/* What is said twice. */

static void note_setting(building *b, const schema_field *const *path, size_t depth)
{
    setting *s = &b->settings[b->setting_count++];

    *s = (setting){.depth = depth};
    memcpy(s->path, path, depth * sizeof *path);
}

/* A part of the other, as a wrapper's value is, is said twice too. */
static maru_status check_new(building *b, const setting *s, maru_text name)
{
    int width = (int)(name.size < 100 ? name.size : 100);

    for (size_t i = 0; i < b->setting_count; i++) {
        const setting      *other = &b->settings[i];
        size_t              same = conflict_common(s->path, s->depth, other->path, other->depth);
        const schema_oneof *oneof = conflict_oneof(s->path, s->depth, other->path, other->depth);

        if ((same == s->depth || same == other->depth) && !s->path[same - 1]->repeated)
            return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: given twice", width, name.at);
        if (oneof != NULL)
            return maru_error_set(b->error, MARU_INVALID_ARGUMENT,
                                  "%.*s: a second field of oneof %.80s, of which only one can be set", width, name.at,
                                  oneof->name);
    }
    note_setting(b, s->path, s->depth);
    return MARU_OK;
}

/* The path. */

/* A body may say again what the path says, and nothing else: which of both is meant can't be told. */
static maru_status check_body(building *b, const setting *s, const capture *c, maru_text plain, wire_bytes leaf)
{
    const schema_field *other = conflict_find(b->body, s->path, s->depth, leaf);

    if (other == NULL)
        return MARU_OK;
    if (other != s->path[s->depth - 1])
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT,
                              "%.80s: the path sets %.*s, and of oneof %.80s only one can be set", other->name,
                              (int)c->name.size, c->name.at, other->oneof->name);
    if (other->secret)
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: the path says one thing, and the body another",
                              (int)c->name.size, c->name.at);
    return maru_error_set(
        b->error, MARU_INVALID_ARGUMENT,
        "%.*s: the path says \"%.*s\", and the body something else; want the same in both, or none in "
        "the body",
        (int)c->name.size, c->name.at, (int)(plain.size < 100 ? plain.size : 100), plain.at);
}

static maru_status put_capture(building *b, const capture *c, maru_text escaped)
{
    setting     s = {.depth = c->depth};
    maru_text   plain;
    wire_bytes  leaf;
    maru_status status;

    memcpy(s.path, c->path, sizeof s.path);
    if (!escape_decode(escaped, false, !c->whole, b->arena, &plain))
        return plain.at == NULL
                   ? no_memory(b)
                   : maru_error_set(b->error, MARU_INVALID_ARGUMENT, "path: want two hexadecimal digits after a %%");
    if ((status = read_text(b, &s, c->name, plain, &leaf)) != MARU_OK ||
        (status = check_body(b, &s, c, plain, leaf)) != MARU_OK)
        return status;
    return put_leaf(b, &s, leaf.at, leaf.size);
}

static maru_status put_captures(building *b, const transcode_match *match)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < b->route->capture_count && status == MARU_OK; i++)
        status = put_capture(b, &b->route->captures[i], match->captures[i]);
    return status;
}

/* The query. */

static maru_status unknown(building *b, maru_text name, const schema_message *where, maru_text part)
{
    const char *nearest = schema_nearest_field(where, part.at, part.size);
    size_t      before = (size_t)(part.at - name.at);

    return maru_error_set(
        b->error, MARU_INVALID_ARGUMENT, "%.*s: no such query parameter: %.120s has no field \"%.*s\"%s%.*s%.80s%s",
        (int)(name.size < 100 ? name.size : 100), name.at, where->full_name, (int)(part.size < 60 ? part.size : 60),
        part.at, nearest != NULL ? "; did you mean " : "", (int)(nearest != NULL ? before : 0), name.at,
        nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static maru_status resolve(building *b, maru_text name, setting *s)
{
    const schema_message *where;
    maru_text             part;
    int                   width = (int)(name.size < 100 ? name.size : 100);

    switch (field_path(b->route->method->request, name, s->path, &s->depth, &where, &part)) {
    case PATH_UNKNOWN:
        return unknown(b, name, where, part);
    case PATH_NO_MESSAGE:
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: \"%.*s\" has no fields", width, name.at,
                              (int)(part.size < 60 ? part.size : 60), part.at);
    case PATH_TOO_DEEP:
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: want at most %d parts", width, name.at,
                              TRANSCODE_DEPTH_MAX);
    case PATH_FOUND:
        break;
    }
    if (b->route->body == BODY_FIELD && s->path[0] == b->route->body_field)
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: it is in the body, not in the query", width,
                              name.at);
    if (!json_text_takes(s->path[s->depth - 1]))
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: no query parameter: %s", width, name.at,
                              s->path[s->depth - 1]->map ? "it is a map" : "it is a message; name one of its fields");
    return MARU_OK;
}

static bool is_captured(const transcode_route *route, const setting *s)
{
    for (size_t i = 0; i < route->capture_count; i++)
        if (route->captures[i].depth == s->depth &&
            memcmp(route->captures[i].path, s->path, s->depth * sizeof *s->path) == 0)
            return true;
    return false;
}

static maru_status decode(building *b, maru_text raw_name, maru_text escaped, maru_text *plain)
{
    if (escape_decode(escaped, true, false, b->arena, plain))
        return MARU_OK;
    return plain->at == NULL
               ? no_memory(b)
               : maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: want two hexadecimal digits after a %%",
                                (int)(raw_name.size < 100 ? raw_name.size : 100), raw_name.at);
}

static maru_status put_parameter(building *b, maru_text raw_name, maru_text raw_value)
{
    setting     s;
    maru_text   name, value;
    wire_bytes  leaf;
    maru_status status;

    if ((status = decode(b, raw_name, raw_name, &name)) != MARU_OK ||
        (status = decode(b, raw_name, raw_value, &value)) != MARU_OK)
        return status;
    if (b->route->body == BODY_ALL)
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT,
                              "%.*s: no such query parameter: this method takes all of its fields in the body",
                              (int)(name.size < 100 ? name.size : 100), name.at);
    if ((status = resolve(b, name, &s)) != MARU_OK)
        return status;
    if (is_captured(b->route, &s))
        return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "%.*s: it is in the path, not in the query",
                              (int)(name.size < 100 ? name.size : 100), name.at);
    if ((status = check_new(b, &s, name)) != MARU_OK || (status = read_text(b, &s, name, value, &leaf)) != MARU_OK)
        return status;
    return put_leaf(b, &s, leaf.at, leaf.size);
}

/* What path and body set. A body that is null, or missing, sets nothing. */
static maru_status note_others(building *b)
{
    const transcode_route *route = b->route;

    b->settings = maru_arena_alloc(b->arena, SETTINGS_MAX * sizeof *b->settings);
    if (b->settings == NULL)
        return no_memory(b);
    for (size_t i = 0; i < route->capture_count; i++)
        note_setting(b, route->captures[i].path, route->captures[i].depth);
    if (route->body == BODY_FIELD && b->body.size > 0)
        note_setting(b, &route->body_field, 1);
    return MARU_OK;
}

static maru_status put_query(building *b, maru_text query)
{
    maru_status status = MARU_OK;
    size_t      count = 0;

    if (query.size == 0)
        return MARU_OK;
    if ((status = note_others(b)) != MARU_OK)
        return status;
    while (query.size > 0 && status == MARU_OK) {
        const char *amp = memchr(query.at, '&', query.size), *equals;
        maru_text   one = {.at = query.at, .size = amp != NULL ? (size_t)(amp - query.at) : query.size}, value;

        equals = memchr(one.at, '=', one.size);
        value = equals == NULL ? (maru_text){.at = ""}
                               : (maru_text){.at = equals + 1, .size = (size_t)(one.at + one.size - equals - 1)};
        if (one.size > 0 && count++ == TRANSCODE_PARAMS_MAX)
            return maru_error_set(b->error, MARU_INVALID_ARGUMENT, "want at most %d query parameters",
                                  TRANSCODE_PARAMS_MAX);
        if (one.size > 0)
            status = put_parameter(
                b, (maru_text){.at = one.at, .size = equals == NULL ? one.size : (size_t)(equals - one.at)}, value);
        query = (maru_text){.at = query.at + one.size + (amp != NULL), .size = query.size - one.size - (amp != NULL)};
    }
    return status;
}

/* The body. */

static maru_status put_body(building *b, maru_text body)
{
    static const json_read_options as_services = {.refuse_nul = true}; /* do: docs/wire.md */
    const transcode_route         *route = b->route;
    wire_bytes                    *said = &b->body;
    maru_status                    status;

    if (route->body == BODY_NONE || body.size == 0)
        return MARU_OK;
    status = route->body == BODY_ALL ? json_to_wire(route->method->request, body.at, body.size, &as_services, b->arena,
                                                    &said->at, &said->size, b->error)
                                     : json_field_to_wire(route->body_field, body.at, body.size, &as_services, b->arena,
                                                          &said->at, &said->size, b->error);
    if (status == MARU_OK)
        wire_put_bytes(&b->out, said->at, said->size);
    return status == MARU_OK && b->out.failed ? no_memory(b) : status;
}

/* What was written of nested messages leaf by leaf becomes one. */
static maru_status finish(building *b, wire_bytes *message)
{
    if (!wire_finish(&b->out, &message->at, &message->size) ||
        (b->has_pieces && !merge_pieces(b->route->method->request, message, b->arena)))
        return no_memory(b);
    return MARU_OK;
}

maru_status transcode_request(const transcode_match *match, maru_text query, maru_text body, maru_arena *arena,
                              const uint8_t **bytes, size_t *size, maru_error *error)
{
    building b = {.route = match->route, .arena = arena, .error = error, .out = {.arena = arena, .max = JSON_SIZE_MAX}};
    wire_bytes  message = {.size = 0};
    maru_status status = put_body(&b, body);

    if (status == MARU_OK)
        status = put_query(&b, query);
    if (status == MARU_OK)
        status = put_captures(&b, match);
    if (status == MARU_OK)
        status = finish(&b, &message);
    if (status == MARU_OK) {
        *bytes = message.at;
        *size = message.size;
    }
    return status;
}

maru_status transcode_reply(const transcode_match *match, const void *bytes, size_t size, maru_arena *arena,
                            maru_text *json, maru_error *error)
{
    const schema_field *field = match->route->reply_field;

    return field == NULL
               ? wire_to_json(match->method->response, bytes, size, NULL, arena, &json->at, &json->size, error)
               : wire_field_to_json(field, bytes, size, NULL, arena, &json->at, &json->size, error);
}
