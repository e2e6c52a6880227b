/* fuzz_route.c: routes of the zoo (tests/edge/zoo.proto). The input is lines: METHOD TARGET, then a body. What is found
 * must be found again, and its request must be one that prints and reads as the same; or, where the first byte is a
 * '/', the input is a template. */
#include "fuzz.h"

#include <string.h>

#include "maru/json.h"
#include "maru/transcode.h"
#include "transcode/transcode_impl.h"
#include "zoo.maru.h"

enum { BUDGET = 16 << 20 };

static void ignore(void *arg, const char *words)
{
    (void)arg;
    MUST(*words != 0);
}

static transcode *routes_in(maru_arena *arena)
{
    schema_pool *pool = schema_pool_new(arena);
    transcode   *t = transcode_new(arena);

    MUST(schema_pool_add_file(pool, zoo_maru_service.file, NULL) == MARU_OK);
    MUST(schema_pool_link(pool, NULL) == MARU_OK);
    MUST(transcode_add(t, schema_find_service(pool, "zoo.v1.Zoo"), NULL, ignore, NULL, NULL) == MARU_OK);
    MUST(transcode_add(t, schema_find_service(pool, "zoo.v1.Wrong"), NULL, ignore, NULL, NULL) == MARU_OK);
    return t;
}

static maru_text cut(maru_text *rest, char at)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, at, rest->size);
    maru_text   part = {.at = rest->at, .size = end != NULL ? (size_t)(end - rest->at) : rest->size};

    *rest = (maru_text){.at = rest->at + part.size + (end != NULL), .size = rest->size - part.size - (end != NULL)};
    return part;
}

/* A request that was made has JSON, which is it again. */
static void check_request(const transcode_match *m, const uint8_t *bytes, size_t size, maru_arena *arena)
{
    const char    *json, *again_json;
    const uint8_t *again;
    size_t         json_size, again_size, again_json_size;
    maru_error     error;

    if (wire_to_json(m->method->request, bytes, size, NULL, arena, &json, &json_size, &error) != MARU_OK)
        return; /* a time that is out of range can be put together of two pieces */
    MUST(json_to_wire(m->method->request, json, json_size, NULL, arena, &again, &again_size, &error) == MARU_OK);
    MUST(wire_to_json(m->method->request, again, again_size, NULL, arena, &again_json, &again_json_size, &error) ==
         MARU_OK);
    MUST(json_size == again_json_size && memcmp(json, again_json, json_size) == 0);
}

static void check_captures(const transcode_match *m, maru_text path)
{
    for (size_t i = 0; i < m->route->capture_count; i++)
        MUST(m->captures[i].size == 0 ||
             (m->captures[i].at > path.at && m->captures[i].at + m->captures[i].size <= path.at + path.size));
}

static void ask(const transcode *t, maru_text rest, maru_arena *arena)
{
    char            method[32];
    maru_text       verb = cut(&rest, ' '), target = cut(&rest, '\n'), path = cut(&target, '?');
    const char     *allowed = transcode_methods(t, path, arena);
    transcode_match m;
    const uint8_t  *bytes;
    size_t          size;
    maru_error      error = {0};
    maru_status     status;

    snprintf(method, sizeof method, "%.*s", (int)(verb.size < 20 ? verb.size : 20), verb.at);
    if (!transcode_find(t, method, path, &m))
        return;
    MUST(allowed != NULL);
    check_captures(&m, path);
    status = transcode_request(&m, target, rest, arena, &bytes, &size, &error);
    MUST(status == MARU_OK || status == MARU_INVALID_ARGUMENT || status == MARU_RESOURCE_EXHAUSTED);
    if (status == MARU_OK)
        check_request(&m, bytes, size, arena);
    else
        MUST(*error.text != 0);
}

static void parse(const uint8_t *data, size_t size, maru_arena *arena)
{
    char      *words = maru_arena_zalloc(arena, size + 1);
    template  *t = maru_arena_alloc(arena, sizeof *t);
    maru_error error = {0};

    memcpy(words, data, size);
    if (template_parse(words, arena, t, &error) != MARU_OK) {
        MUST(*error.text != 0);
        return;
    }
    MUST(t->segment_count >= 1 && t->segment_count <= TRANSCODE_SEGMENTS_MAX);
    for (size_t i = 0; i < t->capture_count; i++)
        MUST(t->captures[i].first < t->captures[i].end && t->captures[i].end <= t->segment_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static transcode *routes; /* the same for every input */
    maru_arena       *arena = maru_arena_new(BUDGET);

    if (routes == NULL)
        routes = routes_in(maru_arena_new(BUDGET));
    if (size > 0 && data[0] == '/')
        parse(data, size, arena);
    else
        ask(routes, (maru_text){.at = (const char *)data, .size = size}, arena);
    maru_arena_free(arena);
    return 0;
}
