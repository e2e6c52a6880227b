/* round_trip_test.c: what has JSON comes back from it: random messages, from a seed that is printed (MARU_SEED takes it
 * again), and texts that were damaged at random. */
#include <stdlib.h>

#include "random_wire.h"
#include "support.h"
#include "test.h"

enum { ROUNDS = 20000, DAMAGES = 20000 };

static const char *const types[] = {"Scalars", "Optionals", "Lists", "Maps", "Choice", "Known", "Tree", "Outer"};

typedef struct lab {
    const schema_pool *pool;
    maru_arena        *arena;
    rng                random;
    unsigned           printed; /* how many had JSON */
} lab;

static bool say(const char *what, const char *type, blob wire, const char *one, const char *other, maru_arena *arena)
{
    fprintf(stderr, "%s: %s of %s\n  %s\n  %s\n", type, what, support_to_hex(wire, arena), one, other);
    return false;
}

/* wire -> text -> wire -> text: the two texts are the same. Options that change how it is written are as good. */
static bool comes_back(lab *l, const schema_message *type, blob wire, const json_write_options *options)
{
    maru_error  error;
    const char *one, *two;
    size_t      size;
    blob        again;

    if (wire_to_json(type, wire.at, wire.size, options, l->arena, &one, &size, &error) != MARU_OK)
        return true;
    l->printed++;
    if (json_to_wire(type, one, size, NULL, l->arena, &again.at, &again.size, &error) != MARU_OK)
        return say("the text is refused", type->full_name, wire, one, error.text, l->arena);
    if (wire_to_json(type, again.at, again.size, options, l->arena, &two, NULL, &error) != MARU_OK)
        return say("it does not print again", type->full_name, wire, one, error.text, l->arena);
    return strcmp(one, two) == 0 || say("it prints otherwise", type->full_name, wire, one, two, l->arena);
}

static blob random_message(lab *l, const schema_message *type)
{
    wire_out out = {.arena = l->arena, .max = 1 << 20};
    blob     wire = {0};

    random_wire(&l->random, type, 4, &out);
    if (!wire_finish(&out, &wire.at, &wire.size))
        abort();
    return wire;
}

static const schema_message *random_type(lab *l)
{
    return support_type(l->pool, types[rng_below(&l->random, sizeof types / sizeof *types)]);
}

static void round_trips(lab *l)
{
    bool held = true;

    test_begin("random messages come back from their JSON");
    for (int i = 0; i < ROUNDS && held; i++) {
        const schema_message *type = random_type(l);
        json_write_options    options = {.indent = (unsigned)rng_below(&l->random, 3),
                                         .proto_names = rng_below(&l->random, 2),
                                         .enums_as_numbers = rng_below(&l->random, 2)};

        held = comes_back(l, type, random_message(l, type), &options);
        maru_arena_reset(l->arena);
    }
    CHECK(held);
    CHECK(l->printed > ROUNDS / 2);
}

static void damage(lab *l, char *text, size_t *size)
{
    static const char bits[] = "{}[]\",:0123456789.eE+-\\untrufalse\xed\xa0 \n";
    size_t            at = rng_below(&l->random, *size);

    switch (rng_below(&l->random, 3)) {
    case 0:
        text[at] = bits[rng_below(&l->random, sizeof bits - 1)];
        break;
    case 1:
        memmove(text + at, text + at + 1, *size - at);
        (*size)--;
        break;
    default:
        *size = at + 1;
        break;
    }
}

static void damaged(lab *l)
{
    unsigned refused = 0;
    bool     held = true;

    test_begin("damaged JSON is refused in one line, or read as something that comes back");
    for (int i = 0; i < DAMAGES && held; i++) {
        const schema_message *type = random_type(l);
        blob                  wire = random_message(l, type);
        maru_error            error = {0};
        const char           *text;
        size_t                size;

        if (wire_to_json(type, wire.at, wire.size, NULL, l->arena, &text, &size, &error) == MARU_OK) {
            damage(l, (char *)text, &size);
            if (json_to_wire(type, text, size, NULL, l->arena, &wire.at, &wire.size, &error) != MARU_OK) {
                refused++;
                held = strncmp(error.text, "line ", 5) == 0 && strchr(error.text, '\n') == NULL;
            } else {
                held = comes_back(l, type, wire, NULL);
            }
        }
        maru_arena_reset(l->arena);
    }
    CHECK(held);
    CHECK(refused > DAMAGES / 4);
}

/* Any bytes are a message or an error. */
static void noise(lab *l)
{
    bool held = true;

    test_begin("random bytes print and come back, or have no JSON");
    for (int i = 0; i < DAMAGES && held; i++) {
        const schema_message *type = random_type(l);
        blob                  wire = random_message(l, type);

        for (size_t k = rng_below(&l->random, 3); k > 0 && wire.size > 0; k--)
            ((uint8_t *)wire.at)[rng_below(&l->random, wire.size)] = (uint8_t)rng_next(&l->random);
        held = comes_back(l, type, wire, NULL);
        maru_arena_reset(l->arena);
    }
    CHECK(held);
}

int main(int argc, char **argv)
{
    maru_arena *of_pool = maru_arena_new(64 << 20);
    lab l = {.pool = support_pool(argc > 1 ? argv[1] : "json_test.desc", of_pool), .arena = maru_arena_new(64 << 20)};

    l.random = rng_seeded("round trips");
    round_trips(&l);
    damaged(&l);
    noise(&l);
    maru_arena_free(l.arena);
    maru_arena_free(of_pool);
    return test_end();
}
