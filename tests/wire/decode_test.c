/* decode_test.c: one pass over the bytes does what the scan and protobuf-c's unpack do (differ.h). */
#include "differ.h"
#include "random_message.h"
#include "test.h"

#include "all.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "shop/catalog.pb-c.h"
#include "wide.pb-c.h"

#define ALL &wire_test__all__descriptor

enum { ROUNDS = 1500, CHANGES = 12 };

static const ProtobufCMessageDescriptor *const types[] = {
    ALL,
    &catalog__product__descriptor,
    &google__protobuf__file_descriptor_proto__descriptor,
    &google__protobuf__uninterpreted_option__descriptor,
    &google__protobuf__struct__descriptor,
};

/* In memory of just this size: AddressSanitizer sees a read past it. */
static bool check_same(const ProtobufCMessageDescriptor *type, const uint8_t *at, size_t size)
{
    uint8_t    *copy = calloc(size ? size : 1, 1);
    const char *what;

    if (size)
        memcpy(copy, at, size);
    if ((what = differ(type, copy, size))) {
        fprintf(stderr, "# %s: %s:", type->name, what);
        for (size_t i = 0; i < size && i < 200; i++)
            fprintf(stderr, " %02x", copy[i]);
        fprintf(stderr, "\n");
    }
    free(copy);
    return CHECK(what == NULL);
}

/* Decodes b, frees it, and checks how that ends. */
static void check_status(bytes *b, maru_status want, const char *words)
{
    maru_arena       *arena = maru_arena_new(SIZE_MAX);
    ProtobufCMessage *message;
    maru_error        error = {0};

    CHECK_INT(unpack_message(ALL, b->at, b->size, arena, &message, &error), want);
    CHECK_CONTAINS(error.text, words);
    CHECK((message != NULL) == (want == MARU_OK));
    CHECK(message || maru_arena_spent(arena) == 0);
    CHECK_INT(maru_arena_budget(arena), SIZE_MAX / 4);
    maru_arena_free(arena);
    free(b->at);
    *b = (bytes){0};
}

/* Changes, cuts or repeats some of it. */
static void change(rng *r, bytes *b)
{
    size_t at = rng_below(r, b->size);

    switch (rng_below(r, 8)) {
    case 0:
        b->size = at;
        break;
    case 1:
        put(b, "\x8a\x01\x00\xaa\x03\x00\x9a\x03\x00", rng_below(r, 10));
        break;
    case 2:
        b->at[at] ^= (uint8_t)(1 << rng_below(r, 8));
        break;
    default:
        b->at[at] = (uint8_t)(rng_below(r, 2) ? rng_next(r) : rng_below(r, 20));
    }
}

static void check_random(rng *r)
{
    const ProtobufCMessageDescriptor *type = types[rng_below(r, sizeof types / sizeof *types)];
    bytes                             b = {0};

    random_message(r, type, 5, &b);
    check_same(type, b.at, b.size);
    for (int i = 0; i < CHANGES && b.size > 0; i++) {
        change(r, &b);
        check_same(type, b.at, b.size);
    }
    free(b.at);
}

static void check_strings(void)
{
    static const char *const inserts[] = {"", "\xc3\xa9", "\xf0\x9f\x9b\x92", "\x80", "\xed\xa0\x80", "\xff", "\x7f"};

    test_begin("a string of any length, whatever is anywhere in it");
    for (size_t size = 0; size < 70; size++)
        for (size_t at = 0; at <= size; at++)
            for (size_t i = 0; i < 8; i++) {
                uint8_t text[80];
                bytes   b = {0};
                size_t  extra = i < 7 ? strlen(inserts[i]) : 1;

                memset(text, 'a' + (int)size % 26, sizeof text);
                memcpy(text + at, i < 7 ? inserts[i] : "", extra);
                put_delimited(&b, i % 2 ? 15 : 16, text, size > at + extra ? size : at + extra);
                check_same(ALL, b.at, b.size);
                b.at[0] = i % 2 ? 0x82 : 0x7a; /* the same as bytes, and bytes as a string */
                if (i % 2 == 0)
                    memmove(b.at + 1, b.at + 2, --b.size - 1);
                check_same(ALL, b.at, b.size);
                free(b.at);
            }
}

/* count elements of each repeated field, one after the other or all the first, then all the second. */
static void check_array(rng *r, size_t count, bool mixed)
{
    static const struct {
        uint32_t number;
        int      wire, size;
    } fields[] = {{21, 0, 1}, {39, 0, 1}, {28, 5, 4}, {30, 1, 8}, {33, 0, 1},   {35, 2, 1},
                  {36, 2, 1}, {37, 2, 1}, {38, 2, 1}, {41, 2, 1}, {1000, 0, 1}, {25, 0, 1}};
    enum { FIELDS = sizeof fields / sizeof *fields };

    bytes b = {0};

    for (size_t i = 0; i < count * FIELDS; i++) {
        size_t  f = mixed ? i % FIELDS : i / count;
        uint8_t value[8] = {0};

        value[0] = fields[f].wire == 2 ? 0 : (uint8_t)rng_below(r, 128);
        put_tag(&b, fields[f].number, fields[f].wire);
        put(&b, value, (size_t)fields[f].size);
    }
    check_same(ALL, b.at, b.size);
    free(b.at);
}

/* Packed pieces behind each other, and single elements between them. */
static void check_packed(rng *r, uint32_t number, size_t pieces)
{
    bytes b = {0};

    for (size_t i = 0; i < pieces; i++) {
        bytes elements = {0};

        for (size_t left = rng_below(r, 12); left > 0; left--)
            put_varint(&elements, rng_next(r) >> rng_below(r, 64));
        put_delimited(&b, number, elements.at, elements.size);
        put_tag(&b, number, 0);
        put_varint(&b, rng_next(r) >> rng_below(r, 64));
        free(elements.at);
    }
    check_same(ALL, b.at, b.size);
    free(b.at);
}

static void check_arrays(rng *r)
{
    test_begin("arrays of 0 to 70 elements, one after the other and interleaved");
    for (size_t count = 0; count <= 70; count++) {
        check_array(r, count, true);
        check_array(r, count, false);
    }
    test_begin("packed and single elements in one array");
    for (size_t pieces = 0; pieces < 40; pieces++) {
        check_packed(r, 21, pieces);
        check_packed(r, 25, pieces);
        check_packed(r, 33, pieces);
        check_packed(r, 34, pieces);
        check_packed(r, 1000, pieces);
    }
}

static void check_varints(void)
{
    static const uint8_t numbers[] = {1, 2, 4, 5, 7, 9, 13, 14};

    test_begin("varints of 1 to 11 bytes, at the end of the bytes and before it, however they end");
    for (size_t f = 0; f < sizeof numbers; f++)
        for (size_t size = 1; size <= 11; size++)
            for (size_t after = 0; after < 12; after += 2)
                for (int last = 0; last < 256; last += last < 4 ? 1 : 31) {
                    bytes b = {0};

                    put_tag(&b, numbers[f], 0);
                    for (size_t i = 1; i < size; i++)
                        put_byte(&b, last == 2 ? 0x80 : (uint8_t)(0x81 + 17 * i % 127));
                    put_byte(&b, (uint8_t)last);
                    for (size_t i = 0; i < after; i += 2)
                        put(&b, "\x08\x01", 2);
                    check_same(ALL, b.at, b.size);
                    free(b.at);
                }
}

static void check_oneofs(void)
{
    static const char *const members[] = {"\x9a\x03\x01t", "\xa0\x03\x07", "\xaa\x03\x02\x08\x05", "\xb2\x03\x01r"};
    static const uint8_t     sizes[] = {4, 3, 5, 4};

    test_begin("of any three members of a oneof the last counts; a message twice in a row is refused");
    for (int i = 0; i < 64; i++) {
        bytes b = {0};

        for (int j = 0, m = i; j < 3; j++, m /= 4)
            put(&b, members[m % 4], sizes[m % 4]);
        check_same(ALL, b.at, b.size);
        free(b.at);
    }
}

static void check_limits(void)
{
    bytes b = {0};

    test_begin("64 messages in each other are decoded, 65 are not");
    for (int i = 1; i < 64; i++)
        wrap(&b, 37);
    check_same(ALL, b.at, b.size);
    wrap(&b, 37);
    check_same(ALL, b.at, b.size);
    check_status(&b, MARU_RESOURCE_EXHAUSTED, "nested deeper than the limit of 64");

    test_begin("a million fields are decoded, one more is not");
    for (int i = 0; i < 1000000; i++)
        put(&b, "\x08\x01", 2);
    check_same(ALL, b.at, b.size);
    put(&b, "\x08\x01", 2);
    check_same(ALL, b.at, b.size);
    check_status(&b, MARU_RESOURCE_EXHAUSTED, "i32: more fields in the message than the limit of 1000000");
    for (int i = 0; i < 1000000; i++)
        put_byte(&b, 1);
    wrap(&b, 21);
    check_status(&b, MARU_RESOURCE_EXHAUSTED, "r_i32[0]: more fields in the message than the limit of 1000000");

    test_begin("a message takes at most 64 MiB of an arena that has more");
    for (int i = 0; i < 170000; i++)
        put(&b, "\xaa\x02\x00", 3);
    check_status(&b, MARU_RESOURCE_EXHAUSTED, "more memory than the limit of 67108864 bytes");
    for (int i = 0; i < 100000; i++)
        put(&b, "\xaa\x02\x00", 3);
    check_status(&b, MARU_OK, "");
}

static void check_wide(void)
{
    bytes b = {0};

    test_begin("600 fields in each of 64 messages are no reason to refuse");
    for (int i = 0; i < 63; i++)
        wrap(&b, 1);
    check_same(&wire_test__wide__descriptor, b.at, b.size);
    free(b.at);
}

static void check_array_budget(void)
{
    bytes             b = {0};
    maru_arena       *arena = maru_arena_new(4096);
    ProtobufCMessage *message;
    maru_error        error = {0};
    size_t            memory = 0;
    char              words[160];

    test_begin("an array that would fit, had it not to grow, names the limit");
    for (int i = 0; i < 33; i++)
        put(&b, "\xb2\x02\x00", 3); /* nothing but the elements of an array of bytes */
    CHECK_INT(scan_message(ALL, b.at, b.size, &scan_default, &memory, &error), MARU_OK);
    maru_arena_set_budget(arena, memory);
    CHECK_INT(unpack_message(ALL, b.at, b.size, arena, &message, &error), MARU_RESOURCE_EXHAUSTED);
    snprintf(
        words, sizeof words,
        "maru.wiretest.All: unpacked, with room for its arrays to grow, it takes more memory than the limit of %zu "
        "bytes",
        memory);
    CHECK_STR(error.text, words);
    maru_arena_free(arena);
    free(b.at);
}

int main(void)
{
    rng r = rng_seeded("messages and changes to them");

    test_begin("random messages, and what changes make of them, are taken or refused alike, and mean the same");
    for (int i = 0; i < ROUNDS; i++)
        check_random(&r);
    check_strings();
    check_arrays(&r);
    check_varints();
    check_oneofs();
    check_limits();
    check_wide();
    check_array_budget();
    return test_end();
}
