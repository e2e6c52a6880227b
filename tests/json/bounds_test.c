/* bounds_test.c: what is too deep, too big or too much, in both directions, and memory that runs out at every single
 * allocation. Linked so that every malloc of the library comes by here. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "support.h"
#include "test.h"

enum { STACK = 128 << 10 }; /* of the thread that reads what is deepest: half of a fiber's */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

/* How many mallocs are still good; negative: all. */
static int mallocs_left = -1;

void *__wrap_malloc(size_t size)
{
    if (mallocs_left == 0)
        return NULL;
    mallocs_left -= mallocs_left > 0;
    return __real_malloc(size);
}

typedef struct lab {
    const char        *descriptors;
    const schema_pool *pool;
    maru_arena        *arena;
    maru_error         error;
    blob               wire;
    const char        *json;
} lab;

static maru_status to_wire(lab *l, const char *type, const char *text, const json_read_options *options)
{
    l->error = (maru_error){0};
    return json_to_wire(support_type(l->pool, type), text, strlen(text), options, l->arena, &l->wire.at, &l->wire.size,
                        &l->error);
}

static maru_status to_json(lab *l, const char *type, blob wire, const json_write_options *options)
{
    l->error = (maru_error){0};
    return wire_to_json(support_type(l->pool, type), wire.at, wire.size, options, l->arena, &l->json, NULL, &l->error);
}

/* open, repeated, then middle, then close, repeated. */
static const char *nested(lab *l, size_t times, const char *open, const char *middle, const char *close)
{
    size_t a = strlen(open), b = strlen(middle), c = strlen(close);
    char  *text = maru_arena_alloc(l->arena, times * (a + c) + b + 1), *at = text;

    for (size_t i = 0; i < times; i++, at += a)
        memcpy(at, open, a);
    memcpy(at, middle, b);
    at += b;
    for (size_t i = 0; i < times; i++, at += c)
        memcpy(at, close, c);
    *at = '\0';
    return text;
}

/* Tree.left within Tree.left ... */
static blob nested_wire(lab *l, size_t times, uint8_t tag)
{
    size_t   room = times * 5;
    uint8_t *bytes = maru_arena_alloc(l->arena, room + 1), *at = bytes + room;

    for (size_t i = 0; i < times; i++) {
        size_t size = (size_t)(bytes + room - at);

        at -= 5;
        at[0] = tag;
        for (int k = 1; k < 5; k++, size >>= 7)
            at[k] = (uint8_t)((size & 0x7f) | (k < 4 ? 0x80 : 0));
    }
    return (blob){.at = at, .size = (size_t)(bytes + room - at)};
}

static void depth(lab *l)
{
    test_begin("messages nest 100 deep and no deeper, both ways");
    CHECK_INT(to_wire(l, "Tree", nested(l, 99, "{\"left\":", "{}", "}"), NULL), MARU_OK);
    CHECK_INT(to_json(l, "Tree", l->wire, NULL), MARU_OK);
    CHECK_STR(l->json, nested(l, 99, "{\"left\":", "{}", "}"));
    CHECK_INT(to_wire(l, "Tree", nested(l, 100, "{\"left\":", "{}", "}"), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "nested more than 100 deep");
    CHECK_INT(to_json(l, "Tree", nested_wire(l, 99, 0x12), NULL), MARU_OK);
    CHECK_INT(to_json(l, "Tree", nested_wire(l, 100, 0x12), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(to_json(l, "Tree", nested_wire(l, 1000000, 0x12), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "jsontest.Tree: ");
    CHECK_CONTAINS(l->error.text, ".left.left: messages are nested more than 100 deep");

    test_begin("lists count too: what one direction makes the other takes");
    CHECK_INT(to_wire(l, "Tree", nested(l, 49, "{\"children\":[", "{}", "]}"), NULL), MARU_OK);
    CHECK_INT(to_json(l, "Tree", l->wire, NULL), MARU_OK);
    CHECK_INT(to_wire(l, "Tree", nested(l, 50, "{\"children\":[", "{}", "]}"), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(to_json(l, "Tree", nested_wire(l, 50, 0x1a), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "objects and lists are nested more than 100 deep");

    test_begin("so do the lists of a Value, an Any in an Any, and what is ignored");
    CHECK_INT(to_wire(l, "google.protobuf.Value", nested(l, 33, "[", "null", "]"), NULL), MARU_OK);
    CHECK_INT(to_json(l, "google.protobuf.Value", l->wire, NULL), MARU_OK);
    CHECK_STR(l->json, nested(l, 33, "[", "null", "]"));
    CHECK_INT(to_wire(l, "google.protobuf.Value", nested(l, 1000000, "[", "null", "]"), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(to_wire(l, "Tree", nested(l, 49, "{\"any\":{\"@type\":\"x/jsontest.Tree\",\"left\":", "{}", "}}"), NULL),
              MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(
        to_wire(l, "Scalars", nested(l, 1000000, "{\"x\":", "1", "}"), &(json_read_options){.ignore_unknown = true}),
        MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "line 1, column 501: ");
}

static void sizes(lab *l)
{
    json_read_options  small_in = {.max_size = 16};
    json_write_options small_out = {.max_size = 16};

    test_begin("text and message are bounded, in and out");
    CHECK_INT(to_wire(l, "Scalars", "{\"anInt32\":1}   ", &small_in), MARU_OK);
    CHECK_INT(to_wire(l, "Scalars", "{\"anInt32\":1}    ", &small_in), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "the JSON has 17 bytes, more than 16");
    small_in.max_size = 30;
    CHECK_INT(to_wire(l, "Lists", "{\"int32s\":[-1,-1]}", &small_in), MARU_OK);
    CHECK_INT(to_wire(l, "Lists", "{\"int32s\":[-1,-1,-1]}", &small_in), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "int32s[2]: the message is larger than 30 bytes");
    CHECK_INT(to_json(l, "Scalars", support_from_hex("0801", l->arena), &small_out), MARU_OK);
    CHECK_INT(to_json(l, "Scalars", support_from_hex("08ffffff7f", l->arena), &small_out), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "its JSON is larger than 16 bytes");
    CHECK_INT(to_json(l, "Scalars", nested_wire(l, 4, 0x12), &small_out), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(l->error.text, "the message has 20 bytes, more than 16");
}

static void lines(lab *l)
{
    test_begin("an error says line, column and path, whatever is before it");
    CHECK_INT(to_wire(l, "Lists",
                      "{\n  \"strings\": [\"장터\"], \"items\": [{},\n  {\"name\":\"마루\", \"quantity\": \"x\"}]}",
                      NULL),
              MARU_INVALID_ARGUMENT);
    CHECK_STR(l->error.text, "line 3, column 29: items[1].quantity: want an integer, got \"x\"");
    CHECK_INT(to_wire(l, "Maps", "{\"items\":{\"장터 1\":{\"labels\":{\"k\":5}}}}", NULL), MARU_INVALID_ARGUMENT);
    CHECK_STR(l->error.text, "line 1, column 33: items[\"장터 1\"].labels.k: want a string, got 5");
    CHECK_INT(to_wire(l, "Scalars", "", NULL), MARU_INVALID_ARGUMENT);
    CHECK_STR(l->error.text, "line 1, column 1: want a value, but the text ends here");
    CHECK_INT(to_wire(l, "Scalars", "{\"aString\":\"a\nb\"}", NULL), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(l->error.text, "line 1, column 14: aString: a control character in a string must be escaped");
    CHECK_INT(to_wire(l, "Scalars", "{\"aString\":\"\xff\"}", NULL), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(l->error.text, "line 1, column 13: the text is not UTF-8 here");
    CHECK_INT(json_to_wire(support_type(l->pool, "Scalars"), "{}\0", 3, NULL, l->arena, &l->wire.at, &l->wire.size,
                           &l->error),
              MARU_INVALID_ARGUMENT);
    CHECK_STR(l->error.text, "line 1, column 3: a NUL byte, which no JSON has");
    CHECK_INT(to_wire(l, "Scalars", "\xef\xbb\xbf{}", NULL), MARU_INVALID_ARGUMENT);
    CHECK_STR(l->error.text, "line 1, column 1: want a value, got a byte order mark");
    CHECK(to_wire(l, "Scalars", nested(l, 5000, "1", "", ""), NULL) == MARU_INVALID_ARGUMENT);
    CHECK(to_wire(l, "Scalars", nested(l, 1, "{\"", nested(l, 5000, "한", "", ""), "\":1}"), NULL) ==
          MARU_INVALID_ARGUMENT);

    test_begin("indents are spaces a level");
    CHECK_INT(to_wire(l, "Lists", "{\"int32s\":[1,2],\"items\":[{}],\"values\":[[],{}]}", NULL), MARU_OK);
    CHECK_INT(to_json(l, "Lists", l->wire, &(json_write_options){.indent = 2}), MARU_OK);
    CHECK_STR(l->json, "{\n  \"int32s\": [\n    1,\n    2\n  ],\n  \"items\": [\n    {}\n  ],\n  \"values\": [\n    "
                       "[],\n    {}\n  ]\n}");
}

/* Everything at once: all kinds of fields, escapes, nesting, an Any. */
static const char everything[] = "{\"name\":\"a\\u00e9\",\"children\":[{},{\"name\":\"b\",\"left\":{\"left\":{}}}],"
                                 "\"any\":{\"value\":{\"a\":[1,null,{\"b"
                                 "\":\"\\n\"}],\"c\":{}},\"@type\":\"x/google.protobuf.Struct\"}}";

static void memory(lab *l)
{
    const schema_message *type = support_type(l->pool, "Tree");
    const char           *json;
    blob                  wire;
    maru_error            error;
    size_t                budget, failed = 0;
    maru_status           status;

    test_begin("whichever piece of the arena's memory is missing, the answer is RESOURCE_EXHAUSTED");
    for (budget = 0, status = MARU_RESOURCE_EXHAUSTED; status != MARU_OK && budget < 1 << 20; budget += 64) {
        maru_arena *arena = maru_arena_new(budget);

        status = json_to_wire(type, everything, sizeof everything - 1, NULL, arena, &wire.at, &wire.size, &error);
        if (status == MARU_OK)
            status = wire_to_json(type, wire.at, wire.size, NULL, arena, &json, NULL, &error);
        failed += status == MARU_RESOURCE_EXHAUSTED;
        if (status != MARU_OK)
            CHECK_INT(status, MARU_RESOURCE_EXHAUSTED);
        maru_arena_free(arena);
    }
    CHECK_INT(status, MARU_OK);
    CHECK(failed > 100);

    test_begin("whichever malloc fails, the answer is RESOURCE_EXHAUSTED and nothing leaks");
    status = MARU_RESOURCE_EXHAUSTED;
    for (int n = 1; status != MARU_OK && n < 1000; n++) {
        maru_arena  *arena = maru_arena_new(64 << 20);
        schema_pool *pool;
        blob         whole = support_read_file(l->descriptors), set = whole, file;

        mallocs_left = n;
        pool = schema_pool_new(arena);
        status = pool == NULL ? MARU_RESOURCE_EXHAUSTED : MARU_OK;
        while (status == MARU_OK && support_next_file(&set, &file))
            status = schema_pool_add(pool, file.at, file.size, &error);
        if (status == MARU_OK)
            status = schema_pool_link(pool, &error);
        if (status == MARU_OK)
            status = json_to_wire(schema_find_message(pool, "jsontest.Tree"), everything, sizeof everything - 1, NULL,
                                  arena, &wire.at, &wire.size, &error);
        mallocs_left = -1;
        if (status != MARU_OK && !CHECK_INT(status, MARU_RESOURCE_EXHAUSTED))
            n = 1000;
        free((void *)whole.at);
        maru_arena_free(arena);
    }
    CHECK_INT(status, MARU_OK);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* whatever else the machine does */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What reading costs, the best of three. */
static double cost(lab *l, const char *type, const char *text)
{
    maru_arena_mark mark = maru_arena_now(l->arena);
    double          start = seconds(), best = 1e9, spent;

    for (int i = 0; i < 3; i++) {
        start = seconds();
        CHECK(to_wire(l, type, text, NULL) == MARU_OK);
        spent = seconds() - start;
        best = spent < best ? spent : best;
        maru_arena_rewind(l->arena, mark);
    }
    return best;
}

static void time_is_linear(lab *l)
{
    const char *wide = nested(l, 1, "{\"children\":[{}", nested(l, 50000, ",{}", "", ""), "]}");
    const char *wider = nested(l, 1, "{\"children\":[{}", nested(l, 200000, ",{}", "", ""), "]}");
    const char *many =
        nested(l, 1, "{\"children\":[{}", nested(l, 100000, ",{}", "", ""), "],\"@type\":\"x/jsontest.Tree\"}");
    const char *flat = nested(l, 1, "{\"any\":", many, "}"), *deep = many;

    test_begin("time grows with the text and no faster, in width and in nested Anys");
    CHECK(cost(l, "Tree", wider) < 12 * cost(l, "Tree", wide) + 0.01);
    for (int i = 0; i < 40; i++)
        deep = nested(l, 1, "{\"any\":", deep, ",\"@type\":\"x/jsontest.Tree\"}");
    deep = nested(l, 1, "{\"any\":", deep, "}");
    CHECK(cost(l, "Tree", deep) < 5 * cost(l, "Tree", flat) + 0.005);
}

static void *on_small_stack(void *arg)
{
    lab *l = arg;

    CHECK_INT(to_wire(l, "Tree", nested(l, 99, "{\"left\":", "{}", "}"), NULL), MARU_OK);
    CHECK_INT(to_json(l, "Tree", l->wire, NULL), MARU_OK);
    CHECK_INT(to_wire(l, "google.protobuf.Value", nested(l, 33, "{\"a\":", "null", "}"), NULL), MARU_OK);
    CHECK_INT(to_json(l, "google.protobuf.Value", l->wire, NULL), MARU_OK);
    CHECK_INT(to_wire(l, "Tree", nested(l, 100, "{\"left\":", "{}", "}"), NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(to_json(l, "Tree", nested_wire(l, 1000, 0x12), NULL), MARU_RESOURCE_EXHAUSTED);
    return NULL;
}

static void stack(lab *l)
{
    pthread_attr_t attributes;
    pthread_t      thread;

    test_begin("the deepest message needs less than half of a fiber's stack");
    pthread_attr_init(&attributes);
    CHECK_INT(pthread_attr_setstacksize(&attributes, STACK), 0);
    if (CHECK_INT(pthread_create(&thread, &attributes, on_small_stack, l), 0))
        pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

int main(int argc, char **argv)
{
    lab l = {.descriptors = argc > 1 ? argv[1] : "json_test.desc", .arena = maru_arena_new((size_t)1 << 30)};

    l.pool = support_pool(l.descriptors, l.arena);
    depth(&l);
    sizes(&l);
    lines(&l);
    memory(&l);
    time_is_linear(&l);
    stack(&l);
    maru_arena_free(l.arena);
    return test_end();
}
