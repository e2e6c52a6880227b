/* scan_test.c: what the scan, and with it unpack, refuses, with which status and words; and the hostile inputs. */
#include <time.h>

#include "bytes.h"
#include "test.h"

#include "all.pb-c.h"
#include "google/api/http.pb-c.h"
#include "shop/cart.pb-c.h"
#include "wide.pb-c.h"
#include "wire/scan.h"

#define ALL &wire_test__all__descriptor

/* bytes are a C string with its NULs; words is what the error must say, all of it up to "(at byte". */
#define BYTES(text) text, sizeof text - 1

static const struct {
    const char *sentence;
    const char *bytes;
    size_t      size;
    maru_status status;
    const char *words;
} cases[] = {
    {"no bytes are an empty message", BYTES(""), MARU_OK, ""},
    {"fields in any order are taken", BYTES("\x7a\x02hi\x08\x01\x68\x01"), MARU_OK, ""},
    {"a scalar twice is taken: the last wins", BYTES("\x08\x01\x08\x02"), MARU_OK, ""},
    {"a string twice is taken", BYTES("\x7a\x02hi\x7a\x02ho"), MARU_OK, ""},
    {"two members of a oneof are taken: the last wins", BYTES("\x9a\x03\x02hi\xaa\x03\x00"), MARU_OK, ""},
    {"an unknown field of each kind is taken",
     BYTES("\xc0\x3e\x07\xc1\x3e\1\2\3\4\5\6\7\x8\xc2\x3e\x02\xff\xff\xc5\x3e\1\2\3\4"), MARU_OK, ""},
    {"the highest field number is taken", BYTES("\xf8\xff\xff\xff\x0f\x01"), MARU_OK, ""},
    {"a tag in more bytes than it needs is taken", BYTES("\x88\x00\x01"), MARU_OK, ""},
    {"packed where unpacked is declared is taken", BYTES("\xba\x02\x03\x01\x02\x03"), MARU_OK, ""},
    {"unpacked where packed is declared is taken", BYTES("\xa8\x01\x05\xa8\x01\x06"), MARU_OK, ""},
    {"empty packed elements are taken", BYTES("\xaa\x01\x00"), MARU_OK, ""},
    {"a varint of 10 bytes is taken", BYTES("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), MARU_OK, ""},
    {"an enum's unknown number is taken", BYTES("\x70\x63"), MARU_OK, ""},
    {"UTF-8 of every length is taken", BYTES("\x7a\x0a\x41\xc3\xa9\xed\x9f\xbf\xf4\x8f\xbf\xbf"), MARU_OK, ""},
    {"bytes need not be UTF-8", BYTES("\x82\x01\x02\xff\x00"), MARU_OK, ""},
    {"the value of a map entry may be left out", BYTES("\xd2\x02\x02\x08\x01"), MARU_OK, ""},

    {"field number 0 in one byte", BYTES("\x00\x01"), MARU_INVALID_ARGUMENT,
     "maru.wiretest.All: bad field number: want 1..536870911 in at most 5 bytes (at byte 0)"},
    {"field number 0 in two bytes, which protobuf-c would take", BYTES("\x80\x00\x01"), MARU_INVALID_ARGUMENT,
     "maru.wiretest.All: bad field number"},
    {"a field number above 2^29-1", BYTES("\xf8\xff\xff\xff\x1f\x01"), MARU_INVALID_ARGUMENT,
     "maru.wiretest.All: bad field number"},
    {"a tag of 6 bytes", BYTES("\x88\x80\x80\x80\x80\x00\x01"), MARU_INVALID_ARGUMENT,
     "maru.wiretest.All: bad field number"},
    {"a tag that is cut", BYTES("\x08\x01\xf8\xff"), MARU_INVALID_ARGUMENT, "maru.wiretest.All: bad field number"},
    {"the number that is bad is not the one before", BYTES("\x08\x01\x00"), MARU_INVALID_ARGUMENT,
     "maru.wiretest.All: bad field number: want 1..536870911 in at most 5 bytes (at byte 2)"},
    {"a value that is missing", BYTES("\x08"), MARU_INVALID_ARGUMENT, "i32: bad varint"},
    {"a varint that is cut", BYTES("\x08\xff"), MARU_INVALID_ARGUMENT, "i32: bad varint"},
    {"a varint of 11 bytes", BYTES("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), MARU_INVALID_ARGUMENT,
     "i64: bad varint: want at most 10 bytes, the last below 128 (at byte 0)"},
    {"a fixed32 that is cut", BYTES("\x45\1\2\3"), MARU_INVALID_ARGUMENT, "f32: truncated: want 4 bytes, got 3"},
    {"a fixed64 that is cut", BYTES("\x51\1\2\3"), MARU_INVALID_ARGUMENT, "f64: truncated: want 8 bytes, got 3"},
    {"a string that is cut", BYTES("\x7a\x05hi"), MARU_INVALID_ARGUMENT, "text: truncated: want 5 bytes, got 2"},
    {"a length that is cut", BYTES("\x7a\xff"), MARU_INVALID_ARGUMENT, "text: bad length"},
    {"a length of 4 GiB less one byte", BYTES("\x7a\xff\xff\xff\xff\x0f"), MARU_INVALID_ARGUMENT,
     "text: truncated: want 4294967295 bytes, got 0"},
    {"a length of 6 bytes", BYTES("\x7a\x82\x80\x80\x80\x80\x00hi"), MARU_INVALID_ARGUMENT, "text: bad length"},
    {"a sub-message that is longer than the one around it", BYTES("\x8a\x01\x02\x8a\x01\x05\x08\x01"),
     MARU_INVALID_ARGUMENT, "child.child: bad length"},
    {"a field that goes past the end of its sub-message", BYTES("\x8a\x01\x03\x7a\x05hi\x08\x01"),
     MARU_INVALID_ARGUMENT, "child.text: truncated: want 5 bytes, got 1 (at byte 3)"},

    {"a group", BYTES("\xc3\x3e\xc4\x3e"), MARU_INVALID_ARGUMENT,
     "field 1000: wire type 3: want 0, 1, 2 or 5 (groups are not supported) (at byte 0)"},
    {"the end of a group", BYTES("\xc4\x3e"), MARU_INVALID_ARGUMENT, "field 1000: wire type 4"},
    {"wire type 6", BYTES("\xc6\x3e"), MARU_INVALID_ARGUMENT, "field 1000: wire type 6"},
    {"wire type 7", BYTES("\xc7\x3e"), MARU_INVALID_ARGUMENT, "field 1000: wire type 7"},
    {"a group of a known number", BYTES("\x0b\x0c"), MARU_INVALID_ARGUMENT, "i32: wire type: want 0, got 3"},
    {"a string where a number is wanted", BYTES("\x0a\x01\x31"), MARU_INVALID_ARGUMENT,
     "i32: wire type: want 0, got 2"},
    {"a number where a string is wanted", BYTES("\x78\x01"), MARU_INVALID_ARGUMENT, "text: wire type: want 2, got 0"},
    {"a fixed32 where a fixed64 is wanted", BYTES("\x55\1\2\3\4"), MARU_INVALID_ARGUMENT,
     "f64: wire type: want 1, got 5"},
    {"a string where a bool is wanted, which protobuf-c would take", BYTES("\x6a\x01\x31"), MARU_INVALID_ARGUMENT,
     "flag: wire type: want 0, got 2"},
    {"a fixed64 where a bool is wanted, which protobuf-c would take", BYTES("\x69\1\2\3\4\5\6\7\x8"),
     MARU_INVALID_ARGUMENT, "flag: wire type: want 0, got 1"},
    {"a number where a message is wanted", BYTES("\x88\x01\x01"), MARU_INVALID_ARGUMENT,
     "child: wire type: want 2, got 0"},
    {"a number where repeated strings are wanted", BYTES("\x98\x02\x01"), MARU_INVALID_ARGUMENT,
     "r_text[0]: wire type: want 2, got 0"},

    {"packed fixed32 that are no multiple of 4", BYTES("\xe2\x01\x05\1\2\3\4\5"), MARU_INVALID_ARGUMENT,
     "r_f32[0]: packed elements: want a multiple of 4 bytes, got 5"},
    {"packed fixed64 that are no multiple of 8", BYTES("\xf2\x01\x07\1\2\3\4\5\6\7"), MARU_INVALID_ARGUMENT,
     "r_f64[0]: packed elements: want a multiple of 8 bytes, got 7"},
    {"a packed varint that is cut", BYTES("\xaa\x01\x02\x01\xff"), MARU_INVALID_ARGUMENT,
     "r_i32[0]: bad varint in the packed elements"},
    {"a packed varint of 11 bytes", BYTES("\xaa\x01\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     MARU_INVALID_ARGUMENT, "r_i32[0]: bad varint in the packed elements"},

    {"a string of Latin-1",
     BYTES("\x7a\x04"
           "caf\xe9"),
     MARU_INVALID_ARGUMENT, "text: not UTF-8 at byte 3 of the string (at byte 0)"},
    {"a surrogate", BYTES("\x7a\x03\xed\xa0\x80"), MARU_INVALID_ARGUMENT, "text: not UTF-8 at byte 0"},
    {"an overlong slash", BYTES("\x7a\x02\xc0\xaf"), MARU_INVALID_ARGUMENT, "text: not UTF-8 at byte 0"},
    {"an overlong form of 3 bytes", BYTES("\x7a\x03\xe0\x80\xaf"), MARU_INVALID_ARGUMENT, "text: not UTF-8 at byte 0"},
    {"an overlong form of 4 bytes", BYTES("\x7a\x04\xf0\x80\x80\xaf"), MARU_INVALID_ARGUMENT,
     "text: not UTF-8 at byte 0"},
    {"a character above U+10FFFF", BYTES("\x7a\x04\xf4\x90\x80\x80"), MARU_INVALID_ARGUMENT,
     "text: not UTF-8 at byte 0"},
    {"half a character at the end",
     BYTES("\x7a\x0a"
           "12345678\xed\x9f"),
     MARU_INVALID_ARGUMENT, "text: not UTF-8 at byte 8"},
    {"a NUL in a string, which C would cut there",
     BYTES("\x7a\x09"
           "1234567\0009"),
     MARU_INVALID_ARGUMENT, "text: NUL at byte 7 of the string"},
    {"a NUL far into a string",
     BYTES("\x7a\x0c"
           "1234567890\0002"),
     MARU_INVALID_ARGUMENT, "text: NUL at byte 10"},
    {"the key of a map entry that is not UTF-8", BYTES("\xca\x02\x00\xca\x02\x03\x0a\x01\xff"), MARU_INVALID_ARGUMENT,
     "counts[1].key: not UTF-8"},

    {"a message field given twice, of which protobuf-c would lose scalars",
     BYTES("\x8a\x01\x02\x08\x01\x08\x07\x8a\x01\x02\x20\x01"), MARU_INVALID_ARGUMENT,
     "child: given twice: want a message field once (at byte 7)"},
    {"a message member of a oneof given twice", BYTES("\xaa\x03\x00\xaa\x03\x00"), MARU_INVALID_ARGUMENT,
     "c_child: given twice"},
    {"the message value of a map entry given twice", BYTES("\xd2\x02\x06\x08\x01\x12\x00\x12\x00"),
     MARU_INVALID_ARGUMENT, "by_number[0].value: given twice"},
    {"a message field once in each of two elements is taken", BYTES("\xaa\x02\x03\x8a\x01\x00\xaa\x02\x03\x8a\x01\x00"),
     MARU_OK, ""},

    {"the path names elements",
     BYTES("\xaa\x02\x00\x9a\x02\x02hi\xaa\x02\x00\xaa\x02\x09\xaa\x02\x00\xaa\x02\x03\x7a\x01\xff"),
     MARU_INVALID_ARGUMENT, "r_child[2].r_child[1].text: not UTF-8 at byte 0 of the string (at byte 20)"},
};

static maru_status scan_bytes(const ProtobufCMessageDescriptor *type, const uint8_t *at, size_t size,
                              const scan_limits *limits, size_t *memory, maru_error *error)
{
    uint8_t    *copy = malloc(size ? size : 1); /* of just this size: AddressSanitizer sees a read past it */
    maru_status status;

    memcpy(copy, at, size);
    *error = (maru_error){0};
    status = scan_message(type, copy, size, limits, memory, error);
    free(copy);
    return status;
}

static void check_case(size_t i)
{
    maru_error error;
    size_t     memory = 0;

    test_begin(cases[i].sentence);
    CHECK_INT(scan_bytes(ALL, (const uint8_t *)cases[i].bytes, cases[i].size, &scan_default, &memory, &error),
              cases[i].status);
    CHECK(strncmp(error.text, cases[i].words, strlen(cases[i].words)) == 0);
    CHECK_INT(error.code, cases[i].status);
    CHECK((memory > 0) == (cases[i].status == MARU_OK));
    CHECK_INT(scan_message(ALL, (const uint8_t *)cases[i].bytes, cases[i].size, &scan_default, NULL, NULL),
              cases[i].status);
}

/* What is wrong wherever it is cut short is never out of bounds; what was fine may become wrong, and says so. */
static void check_cuts(void)
{
    maru_error error;

    test_begin("every case, cut short anywhere, gets an answer");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t size = 0; size < cases[i].size; size++) {
            maru_status status = scan_bytes(ALL, (const uint8_t *)cases[i].bytes, size, &scan_default, NULL, &error);

            CHECK(status == MARU_OK || status == MARU_INVALID_ARGUMENT);
            CHECK((status == MARU_OK) == (error.text[0] == '\0'));
        }
}

/* Scans b, wants status and words, prints how long it took, and frees b. */
static void check_bytes(const ProtobufCMessageDescriptor *type, bytes *b, const scan_limits *limits, maru_status status,
                        const char *words)
{
    maru_error error;
    clock_t    began = clock();

    CHECK_INT(scan_bytes(type, b->at, b->size, limits, NULL, &error), status);
    CHECK_CONTAINS(error.text, words);
    printf("# %zu bytes: %ld us; %s\n", b->size, (long)(clock() - began) * (1000000 / CLOCKS_PER_SEC), error.text);
    free(b->at);
}

/* depth messages, the root counted, each but the last holding the next. */
static bytes nested(size_t depth, uint32_t number)
{
    bytes  b = {0};
    size_t room = 6 * depth;
    size_t at = room;

    b.at = malloc(room ? room : 1);
    for (size_t i = 1; i < depth; i++) {
        bytes head = {0};

        put_tag(&head, number, 2);
        put_varint(&head, room - at);
        at -= head.size;
        memcpy(b.at + at, head.at, head.size);
        free(head.at);
    }
    memmove(b.at, b.at + at, room - at);
    b.size = room - at;
    b.room = room;
    return b;
}

static bytes many(size_t count, uint32_t number, int wire, const void *value, size_t size)
{
    bytes b = {0};

    for (size_t i = 0; i < count; i++) {
        put_tag(&b, number, wire);
        put(&b, value, size);
    }
    return b;
}

static void check_depth(void)
{
    bytes       b;
    scan_limits limits = scan_default;

    test_begin("64 messages in each other are taken, 65 are not");
    b = nested(64, 17);
    check_bytes(ALL, &b, &scan_default, MARU_OK, "");
    b = nested(65, 17);
    check_bytes(ALL, &b, &scan_default, MARU_RESOURCE_EXHAUSTED, "child: nested deeper than the limit of 64 (at byte");
    test_begin("16,000 messages in each other, in 58 KB, are refused");
    b = nested(16000, 11);
    CHECK(b.size < 61000);
    check_bytes(&google__api__http_rule__descriptor, &b, &scan_default, MARU_RESOURCE_EXHAUSTED,
                "nested deeper than the limit of 64");
    test_begin("a limit above 100 is held to 100");
    limits.depth = SIZE_MAX;
    b = nested(100, 17);
    check_bytes(ALL, &b, &limits, MARU_OK, "");
    b = nested(101, 17);
    check_bytes(ALL, &b, &limits, MARU_RESOURCE_EXHAUSTED, "nested deeper than the limit of 100");
    test_begin("a limit of 1 takes a message with none in it");
    limits.depth = 1;
    b = nested(1, 17);
    check_bytes(ALL, &b, &limits, MARU_OK, "");
    b = nested(2, 17);
    check_bytes(ALL, &b, &limits, MARU_RESOURCE_EXHAUSTED, "child: nested deeper than the limit of 1");
}

static void check_memory(void)
{
    bytes       b = many(325000, 37, 2, "\0", 1);
    size_t      memory = 0;
    maru_error  error;
    scan_limits limits = scan_default;

    test_begin("976 KB of empty sub-messages are refused before they take 64 MiB");
    CHECK(b.size > 970000);
    check_bytes(ALL, &b, &scan_default, MARU_RESOURCE_EXHAUSTED, "more memory than the limit of 67108864 bytes");
    b = many(488000, 2, 2, "\0", 1);
    limits.memory = 32 << 20;
    check_bytes(&cart__cart__descriptor, &b, &limits, MARU_RESOURCE_EXHAUSTED,
                "memory than the limit of 33554432 bytes");
    test_begin("4 MiB of empty sub-messages are refused before they take 64 MiB");
    b = many(2 << 20, 2, 2, "\0", 1);
    check_bytes(&cart__cart__descriptor, &b, &scan_default, MARU_RESOURCE_EXHAUSTED,
                "memory than the limit of 67108864");

    test_begin("the limit of memory is exact");
    b = many(100, 35, 2, "\3abc", 4);
    CHECK_INT(scan_bytes(ALL, b.at, b.size, &scan_default, &memory, &error), MARU_OK);
    limits.memory = memory;
    CHECK_INT(scan_bytes(ALL, b.at, b.size, &limits, &memory, &error), MARU_OK);
    limits.memory = memory - 1;
    check_bytes(ALL, &b, &limits, MARU_RESOURCE_EXHAUSTED, "the message takes more memory than the limit of");
}

static void check_fields(void)
{
    bytes       b;
    scan_limits limits = {.depth = 64, .fields = 1000, .memory = SIZE_MAX / 2};

    test_begin("the limit of fields is exact");
    b = many(1000, 1, 0, "\1", 1);
    check_bytes(ALL, &b, &limits, MARU_OK, "");
    b = many(1001, 1, 0, "\1", 1);
    check_bytes(ALL, &b, &limits, MARU_RESOURCE_EXHAUSTED, "i32: more fields in the message than the limit of 1000");
    test_begin("packed elements count, and their field does too");
    b = (bytes){0};
    for (int i = 0; i < 1000; i++)
        put_byte(&b, 1);
    wrap(&b, 21);
    check_bytes(ALL, &b, &limits, MARU_RESOURCE_EXHAUSTED,
                "r_i32[0]: more fields in the message than the limit of 1000");
    test_begin("2 million unknown fields are refused");
    b = many(2000000, 100, 0, "\1", 1);
    check_bytes(ALL, &b, &scan_default, MARU_RESOURCE_EXHAUSTED, "field 100: ");
    test_begin("4 MiB of packed varints are refused");
    b = (bytes){0};
    for (int i = 0; i < 4 << 20; i++)
        put_byte(&b, 1);
    wrap(&b, 21);
    check_bytes(ALL, &b, &scan_default, MARU_RESOURCE_EXHAUSTED,
                "more fields in the message than the limit of 1000000");
    test_begin("a million copies of one message field, whose merge is quadratic, are refused at the second");
    b = many(1000000, 17, 2, "\3\xa8\x01\x01", 4);
    check_bytes(ALL, &b, &scan_default, MARU_INVALID_ARGUMENT, "child: given twice");
}

static void check_wide(void)
{
    bytes b = {0};

    test_begin("messages with more fields than can be watched are refused, and say so");
    for (int i = 0; i < 63; i++)
        wrap(&b, 1);
    check_bytes(&wire_test__wide__descriptor, &b, &scan_default, MARU_RESOURCE_EXHAUSTED,
                "nested messages have more fields than the limit of 32768");
    test_begin("a field given twice is found in a message of 600 fields");
    b = (bytes){0};
    put(&b, "\xc0\x25\x01\xb8\x25\x01\x0a\x00\x0a\x00", 10);
    check_bytes(&wire_test__wide__descriptor, &b, &scan_default, MARU_INVALID_ARGUMENT, "child: given twice");
}

static void check_long_path(void)
{
    bytes      b = {0};
    maru_error error;

    test_begin("the front of a long path is left out");
    put(&b, "\x7a\x01\xff", 3);
    for (int i = 0; i < 60; i++)
        wrap(&b, 53);
    CHECK_INT(scan_bytes(ALL, b.at, b.size, &scan_default, NULL, &error), MARU_INVALID_ARGUMENT);
    CHECK(strncmp(error.text, "...c_child.", 11) == 0);
    CHECK_CONTAINS(error.text, ".c_child.c_child.text: not UTF-8 at byte 0 of the string (at byte ");
    CHECK(strlen(error.text) < 300);
    free(b.at);
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(i);
    check_cuts();
    check_depth();
    check_memory();
    check_fields();
    check_wide();
    check_long_path();
    return test_end();
}
