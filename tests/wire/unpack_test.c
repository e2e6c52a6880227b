/* unpack_test.c: unpack on an arena: it takes and refuses what the scan and protobuf-c do, makes the same of it, and
 * nothing is lost on the way back. */
#include "random_message.h"
#include "test.h"

#include "all.pb-c.h"
#include "base/hash.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "maru/message.h"
#include "wire/scan.h"
#include "wire/unpack.h"

#define ALL &wire_test__all__descriptor

enum { ROUNDS = 4000, CHANGES = 20, BUDGET = 64 << 20 };

static maru_status unpack_copy(const uint8_t *at, size_t size, maru_arena *arena, ProtobufCMessage **out,
                               maru_error *error)
{
    uint8_t    *copy = malloc(size ? size : 1);
    maru_status status;

    memcpy(copy, at, size);
    *error = (maru_error){0};
    status = unpack_message(ALL, copy, size, arena, out, error);
    free(copy);
    return status;
}

/* Unpacks what the scan found good in an arena that has four times the memory that the scan counted: arrays double. */
static ProtobufCMessage *unpack_within(const bytes *b, size_t memory, maru_arena *arena)
{
    ProtobufCMessage *message = NULL;
    maru_error        error;

    maru_arena_set_budget(arena, 4 * memory);
    if (!CHECK_INT(unpack_copy(b->at, b->size, arena, &message, &error), MARU_OK))
        fprintf(stderr, "%s\n", error.text);
    CHECK(maru_arena_spent(arena) >= memory);
    return message;
}

/* Packing what was unpacked gives bytes that mean the same, so that packing them again gives the same. */
static void check_round_trip(const ProtobufCMessage *message, maru_arena *arena)
{
    uint8_t          *once, *twice;
    size_t            once_size, twice_size;
    ProtobufCMessage *again;
    maru_error        error = {0};

    maru_arena_set_budget(arena, BUDGET);
    if (!CHECK_INT(pack_message(message, arena, &once, &once_size, &error), MARU_OK) ||
        !CHECK_INT(unpack_message(ALL, once, once_size, arena, &again, &error), MARU_OK) ||
        !CHECK_INT(pack_message(again, arena, &twice, &twice_size, &error), MARU_OK))
        fprintf(stderr, "%s\n", error.text);
    else
        CHECK_MEM(twice, twice_size, once, once_size);
}

static void check_good(rng *r, maru_arena *arena)
{
    bytes             b = {0};
    size_t            memory = 0;
    ProtobufCMessage *message;
    maru_error        error = {0};

    random_message(r, ALL, 6, &b);
    maru_arena_reset(arena);
    put(&b, "", 0);
    if (!CHECK_INT(scan_message(ALL, b.at, b.size, &scan_default, &memory, &error), MARU_OK))
        fprintf(stderr, "%s\n", error.text);
    if ((message = unpack_within(&b, memory, arena))) {
        CHECK(protobuf_c_message_check(message));
        check_round_trip(message, arena);
    }
    free(b.at);
}

/* One message with some of its bytes changed: scan says what is wrong, or unpack works within four times what it
 * counted. */
static void check_changed(rng *r, maru_arena *arena)
{
    bytes      b = {0};
    size_t     memory = 0;
    maru_error error;

    random_message(r, ALL, 5, &b);
    for (int i = 0; i < CHANGES && b.size > 0; i++) {
        ProtobufCMessage *message;

        b.at[rng_below(r, b.size)] = (uint8_t)(rng_below(r, 2) ? rng_next(r) : rng_below(r, 20));
        maru_arena_reset(arena);
        maru_arena_set_budget(arena, BUDGET);
        if (scan_message(ALL, b.at, b.size, &scan_default, &memory, &error) == MARU_OK) {
            unpack_within(&b, memory, arena);
            continue;
        }
        CHECK(unpack_copy(b.at, b.size, arena, &message, &error) == error.code && error.code != MARU_OK);
        CHECK(message == NULL && strlen(error.text) > 10);
        CHECK_INT(maru_arena_spent(arena), 0);
    }
    free(b.at);
}

static void check_budget(maru_arena *arena)
{
    const char        bytes_of[] = "\x7a\x0bhello there";
    ProtobufCMessage *message = NULL;
    maru_error        error;
    size_t            memory = 0;

    test_begin("the arena's budget is asked before anything is taken from it");
    maru_arena_reset(arena);
    CHECK(maru_arena_alloc(arena, 100) != NULL);
    CHECK_INT(scan_message(ALL, (const uint8_t *)bytes_of, 13, &scan_default, &memory, &error), MARU_OK);
    maru_arena_set_budget(arena, 112 + memory - 1);
    CHECK_INT(unpack_copy((const uint8_t *)bytes_of, 13, arena, &message, &error), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(error.text, "text: the message takes more memory than the limit of");
    CHECK_INT(maru_arena_spent(arena), 112);
    maru_arena_set_budget(arena, 112 + memory);
    CHECK_INT(unpack_copy((const uint8_t *)bytes_of, 13, arena, &message, &error), MARU_OK);
    CHECK_STR(((WireTest__All *)message)->text, "hello there");
    CHECK_INT(maru_arena_spent(arena), 112 + memory);
}

static void check_pack_budget(maru_arena *arena)
{
    WireTest__All all = WIRE_TEST__ALL__INIT;
    uint8_t      *packed;
    size_t        size;
    maru_error    error;

    test_begin("packing beyond the arena's budget says so");
    all.text = "hello";
    maru_arena_reset(arena);
    maru_arena_set_budget(arena, 0);
    CHECK_INT(pack_message(&all.base, arena, &packed, &size, &error), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(error.text, "maru.wiretest.All: no memory left for its 7 bytes");
    maru_arena_set_budget(arena, 16);
    CHECK_INT(pack_message(&all.base, arena, &packed, &size, &error), MARU_OK);
    CHECK_MEM(packed, size, "\x7a\x05hello", 7);
    CHECK_INT(pack_size(&all.base), 7);
}

static void check_unknown_stay(maru_arena *arena)
{
    static const char unknown[] = "\x08\x05\xc0\x3e\x07\xc2\x3e\x02\xff\x00";
    ProtobufCMessage *message;
    uint8_t          *packed;
    size_t            size;
    maru_error        error;

    test_begin("unknown fields are written again as they came");
    maru_arena_reset(arena);
    maru_arena_set_budget(arena, BUDGET);
    CHECK_INT(unpack_copy((const uint8_t *)unknown, 10, arena, &message, &error), MARU_OK);
    CHECK_INT(pack_message(message, arena, &packed, &size, &error), MARU_OK);
    CHECK_MEM(packed, size, unknown, 10);
}

/* 1000: 7 wherever a message may be: in it, in child, in each r_child, in an entry of by_number and its value, in the
 * oneof's. */
#define UNKNOWN "\xc0\x3e\x07"

static void check_dropped(maru_arena *arena, const char *from, size_t from_size, const char *want, size_t want_size)
{
    ProtobufCMessage *message;
    uint8_t          *packed;
    size_t            size;
    maru_error        error;

    maru_arena_reset(arena);
    maru_arena_set_budget(arena, BUDGET);
    if (!CHECK_INT(unpack_copy((const uint8_t *)from, from_size, arena, &message, &error), MARU_OK))
        return;
    maru_drop_unknown(message);
    CHECK_INT(pack_message(message, arena, &packed, &size, &error), MARU_OK);
    CHECK_MEM(packed, size, want, want_size);
}

static void check_drop_unknown(maru_arena *arena)
{
    static const char in_all[] =
        "\x08\x05" UNKNOWN "\x8a\x01\x05\x08\x05" UNKNOWN "\xaa\x02\x05\x08\x01" UNKNOWN "\xaa\x02\x03" UNKNOWN
        "\xd2\x02\x0a\x08\x01" UNKNOWN "\x12\x03" UNKNOWN "\xaa\x03\x03" UNKNOWN;
    static const char left[] = "\x08\x05\x8a\x01\x02\x08\x05\xaa\x02\x02\x08\x01\xaa\x02\x00"
                               "\xd2\x02\x04\x08\x01\x12\x00\xaa\x03\x00";

    test_begin("unknown fields can be dropped, of a message and of all that it holds; the others stay");
    check_dropped(arena, in_all, sizeof in_all - 1, left, sizeof left - 1);
    check_dropped(arena, "\xa0\x03\x07" UNKNOWN, 6, "\xa0\x03\x07", 3); /* a number in the oneof is no message */
    check_dropped(arena, "", 0, "", 0);
}

/* id: 1, text: "ab", once in the order of numbers, once the other way round with a zero that need not be said. */
static void check_hash(maru_arena *arena)
{
    static const char in_order[] = "\x08\x01\x7a\x02"
                                   "ab",
                      other[] = "\x7a\x02"
                                "ab\x10\x00\x08\x01";
    ProtobufCMessage *a, *b, *c;
    maru_error        error;

    test_begin("the hash of a message is that of its packed bytes, however it came");
    maru_arena_reset(arena);
    CHECK_INT(unpack_copy((const uint8_t *)in_order, 6, arena, &a, &error), MARU_OK);
    CHECK_INT(unpack_copy((const uint8_t *)other, 8, arena, &b, &error), MARU_OK);
    CHECK_INT(unpack_copy((const uint8_t *)in_order, 2, arena, &c, &error), MARU_OK);
    CHECK(pack_hash(a, FNV1A64_START) == fnv1a64(in_order, 6));
    CHECK(pack_hash(b, FNV1A64_START) == pack_hash(a, FNV1A64_START));
    CHECK(pack_hash(c, FNV1A64_START) != pack_hash(a, FNV1A64_START));
    CHECK(pack_hash(c, 1) != pack_hash(c, 2));
}

static void check_required(maru_arena *arena)
{
    ProtobufCMessage *message;
    maru_error        error;

    test_begin("a required field that is missing is told from memory that is out");
    maru_arena_reset(arena);
    CHECK_INT(unpack_message(&google__protobuf__uninterpreted_option__name_part__descriptor, (const uint8_t *)"", 0,
                             arena, &message, &error),
              MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "google.protobuf.UninterpretedOption.NamePart: a required field is missing");
    CHECK(message == NULL);
    CHECK_INT(maru_arena_spent(arena), 0);
}

int main(void)
{
    rng         r = rng_seeded("random messages");
    maru_arena *arena = maru_arena_new(BUDGET);

    test_begin("unpack takes what the scan counted, or up to four times that, and packs to the same");
    for (int i = 0; i < ROUNDS; i++)
        check_good(&r, arena);
    test_begin("changed bytes are refused, or unpack within four times what the scan counted");
    for (int i = 0; i < ROUNDS; i++)
        check_changed(&r, arena);
    check_budget(arena);
    check_pack_budget(arena);
    check_unknown_stay(arena);
    check_drop_unknown(arena);
    check_hash(arena);
    check_required(arena);
    maru_arena_free(arena);
    return test_end();
}
