/* once_damage_test.c: stored replies of exactly-once calls in a store that was damaged: the time and the size that a
 * damaged record claims are not believed, none that is whole goes because of it, and no key of theirs is told. */
#include <sys/mman.h>

#include "asking.h"
#include "spoil.h"

enum { LARGE = 1000, KEPT = 10, ITEMS = 10, MANY = 300, DAY_MS = 24 * 3600 * 1000, KEY_BEGIN = -9 };

static void begin(asking *c, maru_store_options *options)
{
    *options = kit_options(kit_folder());
    options->once_keep_bytes = KEPT * (LARGE + 3);
    ask_begin(c);
    c->store = kit_open(c->rt, options);
}

static void end(asking *c, maru_store_options *options)
{
    maru_store_close(c->store);
    maru_runtime_free(c->rt);
    kit_folder_end((char *)options->path);
}

/* Of the record of table whose key ends with who and id: closes, changes bits of the byte that lies `at` bytes from
 * those, and opens again. */
static void damage(asking *c, const maru_store_options *options, uint8_t table, off_t at, uint8_t bits)
{
    static const char key[] = "cuid:0\0secret 0";

    maru_store_close(c->store);
    spoil_where(options->path, (spoiling){.needle = key,
                                          .size = sizeof key - 1,
                                          .at = at,
                                          .bits = bits,
                                          .only = table == TABLE_ONCE ? -1 : KEY_BEGIN,
                                          .table = table});
    c->store = kit_open(c->rt, options);
}

static void fill(asking *c, const char *what, int count, size_t filler)
{
    char id[32];

    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%s %d", what, i);
        CHECK_INT(ask(c, id, "body", filler, false).status, MARU_OK);
    }
}

/* It answers, and runs not again. */
static void replayed(asking *c, const char *what, int from, int to)
{
    char id[32];

    for (int i = from; i < to; i++) {
        outcome o;

        snprintf(id, sizeof id, "%s %d", what, i);
        o = ask(c, id, "body", 1, false);
        CHECK_INT(o.status, MARU_OK);
        CHECK_INT(o.runs, 0);
    }
}

/* Something that lies behind what is written later in its page. */
static void put_items(asking *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    char       key[32];

    for (int i = 0; i < ITEMS; i++) {
        kit_item item = {.key = key, .count = i, .filler = 60};

        snprintf(key, sizeof key, "item %d", i);
        CHECK_INT(maru_store_write(c->store, call, kit_put_in, &item), MARU_OK);
    }
    maru_call_end(call);
}

static void check_time(void)
{
    asking             c;
    maru_store_options options;

    test_begin("a damaged time does not make a reply that is young go");
    begin(&c, &options);
    fill(&c, "secret", 2, 1);
    damage(&c, &options, TABLE_ONCE_TIME, KEY_BEGIN + 3, 1); /* 34 years less */
    replayed(&c, "secret", 0, 2);
    replayed(&c, "secret", 0, 2);

    test_begin("and those behind it go when they are too old");
    c.ahead_ms = 8 * (int64_t)DAY_MS;
    CHECK_INT(ask(&c, "", "", 0, false).status, MARU_OK);
    CHECK_INT(ask(&c, "secret 1", "body", 1, false).runs, 1);
    end(&c, &options);
}

static void check_key_size(void)
{
    asking             c;
    maru_store_options options;

    test_begin("nor is a key copied whose size can't be");
    begin(&c, &options);
    put_items(&c);
    fill(&c, "secret", 2, 1);
    damage(&c, &options, TABLE_ONCE_TIME, KEY_BEGIN - 1, 2); /* 512 bytes more */
    replayed(&c, "secret", 0, 2);
    replayed(&c, "secret", 0, 2);
    end(&c, &options);
}

static void check_sum(void)
{
    asking             c;
    maru_store_options options;

    test_begin("a damaged sum is counted again: calls go on, and as many bytes are kept as ever");
    begin(&c, &options);
    fill(&c, "secret", KEPT - 1, LARGE);
    maru_store_close(c.store);
    spoil(options.path, BYTES("\xffreplies"), 8, 1);
    c.store = kit_open(c.rt, &options);
    fill(&c, "more", KEPT, LARGE);
    fill(&c, "after", 1, 1);
    CHECK_INT(ask(&c, "secret 8", "body", 1, false).status, MARU_FAILED_PRECONDITION);
    replayed(&c, "more", 0, KEPT);
    end(&c, &options);
}

static void check_entry(void)
{
    asking             c;
    maru_store_options options;
    const off_t        value = sizeof "cuid:0\0secret 0" - 1;

    test_begin("an entry whose size is damaged costs no other reply its bytes, and goes when it is too old");
    begin(&c, &options);
    fill(&c, "secret", KEPT, LARGE);
    damage(&c, &options, TABLE_ONCE_LARGE, value + 8 + 2, 0x80); /* 8 MiB more */
    fill(&c, "after", 2, 1);
    replayed(&c, "secret", 0, KEPT);
    fill(&c, "more", KEPT, LARGE);
    fill(&c, "after that", 1, 1);
    replayed(&c, "secret", 0, 1); /* it can't lose its bytes */
    CHECK_INT(ask(&c, "secret 1", "body", 1, false).status, MARU_FAILED_PRECONDITION);
    replayed(&c, "more", 0, KEPT);
    c.ahead_ms = 8 * (int64_t)DAY_MS;
    for (int i = 0; i < 3; i++)
        CHECK_INT(ask(&c, "", "", 0, false).status, MARU_OK);
    CHECK_INT(records(&c), 2); /* whose store it is, and a sum */
    fill(&c, "young", KEPT, LARGE);
    fill(&c, "after all", 1, 1);
    replayed(&c, "young", 0, KEPT);
    end(&c, &options);
}

static void check_aged_entry(void)
{
    asking             c;
    maru_store_options options;

    test_begin("nor do they when it has gone: it counts no more");
    begin(&c, &options);
    fill(&c, "secret", 1, LARGE);
    damage(&c, &options, TABLE_ONCE_LARGE, sizeof "cuid:0\0secret 0" - 1 + 8, 1);
    c.ahead_ms = 8 * (int64_t)DAY_MS;
    fill(&c, "young", KEPT, LARGE);
    fill(&c, "after all", 1, 1);
    replayed(&c, "young", 0, KEPT);
    end(&c, &options);
}

/* What goes to standard error between these two. */
static int hear_begin(int *before)
{
    int heard = memfd_create("heard", MFD_CLOEXEC);

    *before = dup(2);
    CHECK(heard >= 0 && *before >= 0 && dup2(heard, 2) == 2);
    return heard;
}

static char *hear_end(int heard, int before)
{
    static char words[8192];
    ssize_t     size = pread(heard, words, sizeof words - 1, 0);

    words[size > 0 ? size : 0] = '\0';
    CHECK_INT(dup2(before, 2), 2);
    close(before);
    close(heard);
    return words;
}

static void check_unreadable(void)
{
    static const char  want[] = "stored replies that are too old or too many stay: the file is damaged";
    asking             c;
    maru_store_options options;
    char               key[32], *words, *at;
    int                heard, before;

    test_begin("where the notes of replies can't be read, writes go on, and it is said once");
    begin(&c, &options);
    for (int i = 0; i < MANY; i++) {
        maru_call *call = maru_call_begin(c.rt, 0);

        snprintf(key, sizeof key, "item %03d", i);
        CHECK_INT(kit_put(c.store, call, key, i), MARU_OK);
        maru_call_end(call);
    }
    fill(&c, "reply", MANY, 1);
    maru_store_close(c.store);
    c.store = kit_open(c.rt, &options);
    spoil_page(options.path, BYTES("\xfd\0\0\0")); /* below all of them */
    heard = hear_begin(&before);
    for (int i = 0; i < 3; i++) {
        maru_call *call = maru_call_begin(c.rt, 0);

        CHECK_INT(kit_put(c.store, call, "item 000", i), MARU_OK);
        maru_call_end(call);
    }
    words = hear_end(heard, before);
    CHECK_CONTAINS(words, want);
    CHECK((at = strstr(words, want)) != NULL && strstr(at + 1, want) == NULL);
    end(&c, &options);
}

static void check_words(void)
{
    asking             c;
    maru_store_options options;
    outcome            o;

    test_begin("who asked, and by which id, is in no word about damage");
    begin(&c, &options);
    fill(&c, "secret", 2, 1);
    damage(&c, &options, TABLE_ONCE, sizeof "cuid:0\0secret 0" - 1, 2);
    o = ask(&c, "secret 0", "body", 1, false);
    CHECK_INT(o.status, MARU_DATA_LOSS);
    CHECK_INT(o.runs, 0);
    CHECK_STR(o.words, "stored replies: a record is damaged: its format is not 1");
    o = ask(&c, "secret 0b", "body", 1, false);
    CHECK_INT(o.status, MARU_DATA_LOSS);
    CHECK_INT(o.runs, 0);
    CHECK_STR(o.words, "stored replies: a record where it would be is damaged: whether it was there is not known");
    replayed(&c, "secret", 1, 2);
    end(&c, &options);
}

int main(void)
{
    check_time();
    check_key_size();
    check_sum();
    check_entry();
    check_aged_entry();
    check_words();
    check_unreadable();
    return test_end();
}
