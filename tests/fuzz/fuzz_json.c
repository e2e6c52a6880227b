/* fuzz_json.c: bytes that claim to be JSON, or a message that claims to have JSON. The first byte says which, and of
 * which type. What is taken comes back: text, wire, text, wire, and the second of each is the third.
 */
#include "fuzz.h"

#include <string.h>

#include "json_test.maru.h"
#include "maru/json.h"

enum { ARENA = 256 << 20 };

static const char *type_of(uint8_t first)
{
    static const char *const types[] = {
        "jsontest.Scalars", "jsontest.Optionals", "jsontest.Lists", "jsontest.Maps",         "jsontest.Choice",
        "jsontest.Known",   "jsontest.Tree",      "jsontest.Outer", "google.protobuf.Value", "google.protobuf.Any",
    };

    return types[first % (sizeof types / sizeof *types)];
}

typedef struct bytes {
    const uint8_t *at;
    size_t         size;
} bytes;

static bool read_text(const schema_message *type, const char *text, size_t size, bool lenient, maru_arena *arena,
                      bytes *wire)
{
    json_read_options options = {.ignore_unknown = lenient};
    maru_error        error = {0};
    maru_status       status = json_to_wire(type, text, size, &options, arena, &wire->at, &wire->size, &error);

    MUST((status == MARU_OK) == (error.text[0] == '\0') && error.code == status);
    MUST(status == MARU_OK || status == MARU_INVALID_ARGUMENT || status == MARU_RESOURCE_EXHAUSTED);
    MUST(strchr(error.text, '\n') == NULL);
    return status == MARU_OK;
}

static bool print_wire(const schema_message *type, bytes wire, maru_arena *arena, const char **text)
{
    maru_error  error = {0};
    maru_status status = wire_to_json(type, wire.at, wire.size, NULL, arena, text, NULL, &error);

    MUST((status == MARU_OK) == (error.text[0] == '\0') && error.code == status);
    MUST(status == MARU_OK || status == MARU_INVALID_ARGUMENT || status == MARU_RESOURCE_EXHAUSTED);
    MUST(strchr(error.text, '\n') == NULL);
    return status == MARU_OK;
}

/* text is what we printed: it is read, and prints as itself; so does what is read from that. */
static void check_stable(const schema_message *type, const char *text, maru_arena *arena)
{
    const char *again;
    bytes       once, twice;

    MUST(read_text(type, text, strlen(text), false, arena, &once));
    MUST(print_wire(type, once, arena, &again));
    MUST(strcmp(text, again) == 0);
    MUST(read_text(type, again, strlen(again), false, arena, &twice));
    MUST(once.size == twice.size && memcmp(once.at, twice.at, once.size) == 0);
}

static void check(const schema_message *type, uint8_t first, bytes input, maru_arena *arena)
{
    const char *text;
    bytes       wire = input;

    if (first < 0x80 && !read_text(type, (const char *)input.at, input.size, first & 0x40, arena, &wire))
        return;
    if (print_wire(type, wire, arena, &text))
        check_stable(type, text, arena);
    else
        MUST(first >= 0x80); /* what was read has JSON */
}

/* Made once: linking costs a hundred times what an input does. It stays reachable, which is no leak. */
static const schema_pool *linked_pool(void)
{
    static schema_pool *pool;

    if (pool == NULL) {
        pool = schema_pool_new(maru_arena_new(ARENA));
        MUST(schema_pool_add_file(pool, &json__test_proto_maru_file, NULL) == MARU_OK);
        MUST(schema_pool_link(pool, NULL) == MARU_OK);
    }
    return pool;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    maru_arena *arena;

    if (size == 0)
        return 0;
    arena = maru_arena_new(ARENA);
    check(schema_find_message(linked_pool(), type_of(data[0] & 0x3f)), data[0],
          (bytes){.at = data + 1, .size = size - 1}, arena);
    maru_arena_free(arena);
    return 0;
}
