/* arena_test.c: memory that is given back all at once; budget, scratch scopes, and every malloc made to fail once. */
#include <stdlib.h>

#include "test.h"

#include "all.pb-c.h"
#include "maru/arena.h"
#include "wire/unpack.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define IS_POISONED(at) __asan_address_is_poisoned(at)
#else
#define IS_POISONED(at) ((void)(at), true)
#endif

/* The linker sends every malloc of the program here. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static struct {
    long made;
    long fail_at; /* 0: none */
} mallocs;

void *__wrap_malloc(size_t size)
{
    return ++mallocs.made == mallocs.fail_at ? NULL : __real_malloc(size);
}

static void check_alignment(void)
{
    maru_arena *arena = maru_arena_new(1 << 20);

    test_begin("memory is aligned to 16, and every address is its own");
    for (size_t size = 0; size < 300; size++) {
        char *a = maru_arena_alloc(arena, size), *b = maru_arena_alloc(arena, 0);

        CHECK(a && b && a != b && (uintptr_t)a % 16 == 0 && (uintptr_t)b % 16 == 0);
        memset(a, 0xee, size);
    }
    CHECK(maru_arena_alloc(arena, SIZE_MAX) == NULL);
    CHECK(maru_arena_alloc(arena, SIZE_MAX - 15) == NULL);
    CHECK(maru_arena_alloc(arena, SIZE_MAX / 2) == NULL);
    maru_arena_free(arena);
    maru_arena_free(NULL);
}

static void check_contents(void)
{
    maru_arena *arena = maru_arena_new(8 << 20);
    uint8_t    *all[2000];
    char       *text;
    uint8_t     zero[500] = {0};

    test_begin("what was taken stays as it was written, across blocks and beside big ones");
    for (size_t i = 0; i < 2000; i++) {
        all[i] = maru_arena_alloc(arena, i % 100 == 0 ? 20000 + i : i);
        memset(all[i], (int)(i % 251), i % 100 == 0 ? 20000 + i : i);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t j = 0; j < (i % 100 == 0 ? 20000 + i : i); j += 7)
            if (all[i][j] != i % 251)
                CHECK_INT(all[i][j], i % 251);
    CHECK_MEM(maru_arena_zalloc(arena, 500), 500, zero, 500);
    CHECK_MEM(maru_arena_memdup(arena, "abc", 3), 3, "abc", 3);
    CHECK_STR(maru_arena_strdup(arena, "장터"), "장터");
    CHECK_STR(maru_arena_printf(arena, "%d of %s", 3, "many"), "3 of many");
    text = maru_arena_printf(arena, "%0*d", 5000, 1);
    CHECK(text && strlen(text) == 5000 && text[4999] == '1');
    text = maru_arena_printf(arena, "%0255d", 1);
    CHECK(text && strlen(text) == 255);
    text = maru_arena_printf(arena, "%0256d", 1);
    CHECK(text && strlen(text) == 256);
    maru_arena_free(arena);
}

static void check_budget(void)
{
    maru_arena *arena = maru_arena_new(1000);

    test_begin("an arena hands out its budget, and no byte more");
    CHECK_INT(maru_arena_budget(arena), 1000);
    CHECK(maru_arena_alloc(arena, 984) != NULL);
    CHECK_INT(maru_arena_spent(arena), 992);
    CHECK(maru_arena_alloc(arena, 1) == NULL);
    CHECK(maru_arena_printf(arena, "%0300d", 1) == NULL);
    CHECK(maru_arena_strdup(arena, "no") == NULL);
    CHECK(maru_arena_zalloc(arena, 1) == NULL);
    maru_arena_set_budget(arena, 1008);
    CHECK(maru_arena_alloc(arena, 16) != NULL);
    CHECK(maru_arena_alloc(arena, 0) == NULL);
    maru_arena_set_budget(arena, 5);
    CHECK(maru_arena_alloc(arena, 1) == NULL);
    maru_arena_reset(arena);
    CHECK_INT(maru_arena_spent(arena), 0);
    maru_arena_set_budget(arena, 100);
    CHECK(maru_arena_alloc(arena, 96) != NULL);
    CHECK(maru_arena_alloc(arena, 1) == NULL);
    maru_arena_free(arena);
}

/* Takes count times size inside a scope, and leaves it. */
static void check_scope(maru_arena *arena, size_t count, size_t size)
{
    char           *before = maru_arena_strdup(arena, "before");
    maru_arena_mark mark = maru_arena_now(arena);
    size_t          spent = maru_arena_spent(arena);
    char           *first = maru_arena_alloc(arena, size);

    for (size_t i = 1; i < count; i++)
        memset(maru_arena_alloc(arena, size), 1, size);
    maru_arena_rewind(arena, mark);
    CHECK_INT(maru_arena_spent(arena), spent);
    CHECK_STR(before, "before");
    if (size < 100)
        CHECK(IS_POISONED(first));
}

static void check_big_budget(void)
{
    maru_arena *arena = maru_arena_new(100000);

    test_begin("big pieces count, and leave the rest of the block and of the budget to small ones");
    CHECK(maru_arena_alloc(arena, 16) != NULL);
    CHECK(maru_arena_alloc(arena, 40000) != NULL);
    CHECK_INT(maru_arena_spent(arena), 40016);
    CHECK(maru_arena_alloc(arena, 59952) != NULL);
    CHECK(maru_arena_alloc(arena, 48) == NULL);
    CHECK(maru_arena_alloc(arena, 20000) == NULL);
    CHECK(maru_arena_alloc(arena, 32) != NULL);
    CHECK(maru_arena_alloc(arena, 0) == NULL);
    CHECK_INT(maru_arena_spent(arena), 100000);
    maru_arena_reset(arena);
    CHECK_INT(maru_arena_spent(arena), 0);
    CHECK(maru_arena_alloc(arena, 100000) != NULL);
    maru_arena_free(arena);
}

static void check_scopes(void)
{
    maru_arena *arena = maru_arena_new(16 << 20);
    char       *big;

    test_begin("a scope gives back what was taken in it: in its block, in further ones, in big ones");
    for (int i = 0; i < 10; i++) {
        check_scope(arena, 1, 50);
        check_scope(arena, 1000, 500);
        check_scope(arena, 10, 100000);
        big = maru_arena_alloc(arena, 50000);
        memset(big, 7, 50000);
        check_scope(arena, 3, 50000);
        CHECK(big[0] == 7 && big[49999] == 7);
    }
    maru_arena_free(arena);
}

static void check_poison(void)
{
    maru_arena *arena = maru_arena_new(1 << 20);
    char       *at = maru_arena_alloc(arena, 20);

    test_begin("under AddressSanitizer, memory that was not handed out or was given back is poisoned");
    memset(at, 1, 20);
    CHECK(IS_POISONED(at + 20) && IS_POISONED(at + 32));
    maru_arena_reset(arena);
    CHECK(IS_POISONED(at));
    CHECK(maru_arena_alloc(arena, 10) == at);
    memset(at, 1, 10);
    CHECK(IS_POISONED(at + 10));
    maru_arena_free(arena);
}

static void check_steady(void)
{
    maru_arena *arena = maru_arena_new(1 << 20);
    long        before = mallocs.made;

    test_begin("an arena that is reset allocates nothing for what fits its first block");
    for (int i = 0; i < 1000; i++) {
        for (int j = 0; j < 30; j++)
            CHECK(maru_arena_alloc(arena, 100) != NULL);
        maru_arena_reset(arena);
    }
    CHECK_INT(mallocs.made, before);
    maru_arena_free(arena);
}

/* Blocks of all kinds; false where memory was out. What was taken before stays. */
static bool use_arena(maru_arena *arena)
{
    char *kept = maru_arena_strdup(arena, "kept");
    bool  all = true;

    for (size_t i = 0; i < 40; i++)
        all &= maru_arena_alloc(arena, i % 8 == 0 ? 40000 : 3000) != NULL;
    all &= maru_arena_printf(arena, "%05000d", 1) != NULL;
    CHECK_STR(kept, "kept");
    return all;
}

static void check_failing_arena(void)
{
    long made;

    test_begin("whichever malloc of an arena fails, it says NULL and goes on");
    for (long n = 1;; n++) {
        maru_arena *arena;
        bool        all;

        mallocs.made = 0;
        mallocs.fail_at = n;
        arena = maru_arena_new(1 << 20);
        if (!CHECK((arena == NULL) == (n == 1)) || !arena)
            continue;
        all = use_arena(arena);
        made = mallocs.made;
        mallocs.fail_at = 0;
        CHECK(all == (made < n));
        maru_arena_reset(arena);
        CHECK(use_arena(arena));
        maru_arena_free(arena);
        if (made < n)
            break;
    }
    CHECK(made > 8);
}

/* 400 sub-messages, in need of several blocks. */
static size_t pack_many(uint8_t *out)
{
    size_t size = 0;

    for (int i = 0; i < 400; i++, size += 8)
        memcpy(out + size,
               "\xaa\x02\x05\x7a\x03"
               "abc",
               8);
    return size;
}

static void check_failing_unpack(void)
{
    uint8_t           bytes[400 * 8];
    size_t            size = pack_many(bytes);
    maru_status       status = MARU_RESOURCE_EXHAUSTED;
    ProtobufCMessage *message;
    maru_error        error;
    long              n;

    test_begin("whichever malloc of an unpack fails, it says so and gives back what it took");
    for (n = 1; status != MARU_OK; n++) {
        maru_arena *arena = maru_arena_new(8 << 20);

        mallocs.made = 0;
        mallocs.fail_at = n;
        status = unpack_message(&wire_test__all__descriptor, bytes, size, arena, &message, &error);
        mallocs.fail_at = 0;
        if (status != MARU_OK) {
            CHECK_INT(status, MARU_RESOURCE_EXHAUSTED);
            CHECK_STR(error.text, "maru.wiretest.All: out of memory while unpacking");
            CHECK_INT(maru_arena_spent(arena), 0);
        }
        maru_arena_free(arena);
    }
    CHECK(n > 4);
}

int main(void)
{
    check_alignment();
    check_contents();
    check_budget();
    check_big_budget();
    check_scopes();
    check_poison();
    check_steady();
    check_failing_arena();
    check_failing_unpack();
    return test_end();
}
