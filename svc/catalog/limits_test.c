/* limits_test.c: how much a product may hold, and what leaves or gives way where a limit is reached; over real calls.
 */
#include <string.h>

#include "check.h"
#include "mask.h"
#include "normal.h"
#include "testing.h"

/* A text of size bytes, in the memory of the call. */
static char *text_of(struct fixture *f, size_t size)
{
    char *text = maru_alloc(f->call, size + 1);

    memset(text, 'x', size);
    text[size] = '\0';
    return text;
}

static void test_description(struct fixture *f)
{
    Catalog__Product *wanted, *after;

    begin(f, "a description has at most 10000 bytes, and of control characters only tabs and line ends");
    create_simple(f, "products/d", "D", 1);
    wanted = product(f, "products/d", "", NULL);
    wanted->description = text_of(f, DESCRIPTION_MAX_BYTES);
    wanted->description[0] = '\t';
    wanted->description[1] = '\n';
    CHECK_INT(update(f, wanted, "description", &after), MARU_OK);
    wanted->description[2] = '\r';
    refused(f, update(f, wanted, "description", &after), MARU_INVALID_ARGUMENT,
            "product.description: want no control characters, got U+000D at byte 2");
    wanted->description = text_of(f, DESCRIPTION_MAX_BYTES + 1);
    refused(f, update(f, wanted, "description", &after), MARU_INVALID_ARGUMENT,
            "product.description: want 0..10000 bytes, got 10001");
    CHECK_INT(get(f, "products/d", &after), MARU_OK);
    CHECK_INT(strlen(after->description), DESCRIPTION_MAX_BYTES);
}

static void refused_attribute(struct fixture *f, const char *key, const char *value, const char *words)
{
    Catalog__Product *wanted = product(f, "products/a", "", NULL), *after;

    wanted->attributes = (Catalog__Product__AttributesEntry *[]){attribute(f, key, value)};
    wanted->n_attributes = 1;
    refused(f, update(f, wanted, "attributes", &after), MARU_INVALID_ARGUMENT, words);
}

static void test_attributes(struct fixture *f)
{
    Catalog__Product__AttributesEntry *all[ATTRIBUTES_MAX + 1];
    Catalog__Product                  *wanted, *after;

    begin(f, "attributes: at most 100, with keys of at most 64 bytes and values of at most 1000");
    create_simple(f, "products/a", "A", 1);
    wanted = product(f, "products/a", "", NULL);
    wanted->attributes = all;
    for (int i = 0; i <= ATTRIBUTES_MAX; i++) {
        all[i] = attribute(f, text_of(f, ATTRIBUTE_KEY_MAX_BYTES), text_of(f, i == 0 ? ATTRIBUTE_VALUE_MAX_BYTES : 0));
        all[i]->key[0] = (char)('a' + i / 26);
        all[i]->key[1] = (char)('a' + i % 26);
    }
    wanted->n_attributes = ATTRIBUTES_MAX;
    CHECK_INT(update(f, wanted, "attributes", &after), MARU_OK);
    CHECK_INT(after->n_attributes, ATTRIBUTES_MAX);
    wanted->n_attributes = ATTRIBUTES_MAX + 1;
    refused(f, update(f, wanted, "attributes", &after), MARU_INVALID_ARGUMENT,
            "product.attributes: want at most 100, got 101");
    refused_attribute(f, text_of(f, ATTRIBUTE_KEY_MAX_BYTES + 1), "",
                      "product.attributes key: want 1..64 bytes, got 65");
    refused_attribute(f, "si\nze", "L", "product.attributes key: want no control characters, got U+000A at byte 2");
    refused_attribute(f, "size", text_of(f, ATTRIBUTE_VALUE_MAX_BYTES + 1),
                      "product.attributes[size]: want 0..1000 bytes, got 1001");
    refused_attribute(f, "size", "L\x7f", "product.attributes[size]: want no control characters, got U+007F at byte 1");
}

static void test_unseen(struct fixture *f)
{
    static const struct {
        const char *title, *words;
    } table[] = {
        {"A\xc2\x85", "want no control characters, got U+0085 at byte 1"},
        {"\xc2\x9f", "want no control characters, got U+009F at byte 0"},
        {"\xea\xb9\x80\xe2\x80\xa8", "want no control characters, got U+2028 at byte 3"},
        {"A\xe2\x80\xa9", "want no control characters, got U+2029 at byte 1"},
        {"\xe2\x80\x8b", "want some text, got only spaces or what can't be seen"},
        {" \xe2\x80\x8f\xe2\x80\xae", "want some text, got only spaces or what can't be seen"},
        {"\xe2\x81\xa0\xef\xbb\xbf\xe3\x80\x80", "want some text, got only spaces or what can't be seen"},
    };
    Catalog__Product *made;

    begin(f, "control characters beyond ASCII's are refused too, and titles of which nothing can be seen");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        refused(f, create(f, product(f, "products/unseen", table[i].title, money(f, "GBP", 1)), &made),
                MARU_INVALID_ARGUMENT, table[i].words);
    begin(f, "what joins and parts what can be seen is text");
    CHECK_INT(create(f, product(f, "products/seen", "\xc2\xa0\xe2\x80\x8d\xea\xb9\x80", money(f, "GBP", 1)), &made),
              MARU_OK);
}

static void check_two_keys(struct fixture *f, const char *one, const char *two, bool taken)
{
    Catalog__Product *wanted = product(f, "products/normal", "", NULL), *after;

    wanted->attributes = (Catalog__Product__AttributesEntry *[]){attribute(f, one, "1"), attribute(f, two, "2")};
    wanted->n_attributes = 2;
    if (!taken)
        refused(f, update(f, wanted, "attributes", &after), MARU_INVALID_ARGUMENT,
                "product.attributes: want keys that differ as Unicode NFC, got \"\xc3\xa9\" twice");
    else if (CHECK_INT(update(f, wanted, "attributes", &after), MARU_OK) && CHECK_INT(after->n_attributes, 1))
        CHECK_STR(after->attributes[0]->value, "2");
}

static void test_normal(struct fixture *f)
{
    Catalog__Product *wanted, *after;

    begin(f, "text becomes Unicode NFC: title, description, other titles, attributes");
    wanted = product(f, "products/normal", "e\xcc\x81", money(f, "GBP", 1));
    wanted->description = (char *)"\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8";
    wanted->other_titles = (char *[]){(char *)"a", (char *)"A\xcc\x8a"};
    wanted->n_other_titles = 2;
    wanted->attributes =
        (Catalog__Product__AttributesEntry *[]){attribute(f, "e\xcc\x81", "1"), attribute(f, "z", "e\xcc\x81")};
    wanted->n_attributes = 2;
    if (!CHECK_INT(create(f, wanted, &after), MARU_OK))
        return;
    CHECK_STR(after->title, "\xc3\xa9");
    CHECK_STR(after->description, "\xea\xb0\x81");
    CHECK_STR(after->other_titles[1], "\xc3\x85");
    CHECK_STR(after->attributes[0]->value, "\xc3\xa9");
    CHECK_STR(after->attributes[1]->key, "\xc3\xa9");
    begin(f, "so that a length is that of what is kept");
    wanted = product(f, "products/normal", text_of(f, TITLE_MAX_BYTES + 1), NULL);
    memcpy(wanted->title, "e\xcc\x81", 3);
    CHECK_INT(update(f, wanted, "title", &after), MARU_OK);
    CHECK_INT(strlen(after->title), TITLE_MAX_BYTES);
    wanted->title = text_of(f, 3 * TITLE_MAX_BYTES + 1);
    memcpy(wanted->title, "e\xcc\x81", 3);
    refused(f, update(f, wanted, "title", &after), MARU_INVALID_ARGUMENT,
            "product.title: want at most 300 bytes as Unicode NFC and 900 before that, got 901");
    wanted->title = text_of(f, 7);
    memcpy(wanted->title, "\xe1\xbe\xbe\xcc\x88\xcd\x81", 7);
    CHECK_INT(update(f, wanted, "title", &after), MARU_OK);
    CHECK_STR(after->title, "\xce\x90");
    begin(f, "two attributes that become one are refused, in either order; the same key twice is not");
    check_two_keys(f, "e\xcc\x81", "\xc3\xa9", false);
    check_two_keys(f, "\xc3\xa9", "e\xcc\x81", false);
    check_two_keys(f, "e\xcc\x81", "e\xcc\x81", true);
}

static void test_normal_memory(struct fixture *f)
{
    Catalog__Product *wanted;
    const maru_arena *arena;
    maru_error        error;
    size_t            before;

    begin(f, "text that is NFC as it comes in takes nothing of the call's memory, other text what its NFC needs");
    wanted = product(f, "products/normal", "\xea\xb9\x80\xec\xb9\x98", NULL);
    wanted->description = (char *)"caf\xc3\xa9 \xea\xb0\x81 \xcc\x81";
    wanted->other_titles = (char *[]){(char *)"\xe9\xa4\x83\xe5\xad\x90"};
    wanted->n_other_titles = 1;
    wanted->attributes = (Catalog__Product__AttributesEntry *[]){attribute(f, "\xed\x81\xac", "\xea\xb9\x80")};
    wanted->n_attributes = 1;
    arena = maru_call_arena(f->call);
    before = maru_arena_spent(arena);
    CHECK_INT(normal_product(f->call, wanted, ~0u, &error), MARU_OK);
    CHECK_INT(maru_arena_spent(arena), before);
    wanted->title = (char *)"e\xcc\x81";
    CHECK_INT(normal_product(f->call, wanted, ~0u, &error), MARU_OK);
    CHECK_STR(wanted->title, "\xc3\xa9");
    CHECK_INT(maru_arena_spent(arena), before + 16);
}

static Catalog__Product *with_history(struct fixture *f, const char *name, size_t count, int64_t first_seconds)
{
    Catalog__Product *wanted = product(f, name, "P", NULL);

    wanted->prices = maru_alloc(f->call, count * sizeof wanted->prices[0]);
    wanted->n_prices = count;
    for (size_t i = 0; i < count; i++)
        wanted->prices[i] = price_at(f, "GBP", 100 + (int64_t)i, first_seconds + (int64_t)i);
    return wanted;
}

static void test_history(struct fixture *f)
{
    Catalog__Product *after;

    begin(f, "a history has at most 1000 prices: one more is refused, and a new price takes the oldest one's place");
    refused(f, create(f, with_history(f, "products/h", PRICES_MAX + 1, 1), &after), MARU_INVALID_ARGUMENT,
            "product.prices: want 1..1000, got 1001");
    CHECK_INT(create(f, with_history(f, "products/h", PRICES_MAX, 1), &after), MARU_OK);
    CHECK_INT(update(f, product(f, "products/h", "", money(f, "GBP", 7)), "price", &after), MARU_OK);
    if (!CHECK_INT(after->n_prices, PRICES_MAX))
        return;
    CHECK_INT(after->prices[0]->price->minor, 101);
    CHECK_INT(after->prices[PRICES_MAX - 2]->price->minor, 100 + PRICES_MAX - 1);
    CHECK_INT(after->prices[PRICES_MAX - 1]->price->minor, 7);
}

/* In a history that ends in the future, as after a clock that was set back. */
static void test_clock_behind(struct fixture *f)
{
    static const int64_t future = INT64_C(200000000000);
    Catalog__Product    *wanted, *after;

    begin(f, "where the clock is behind the last price, a new one comes a nanosecond after that");
    wanted = with_history(f, "products/c", 1, future);
    wanted->prices[0]->since->nanos = 999999998;
    CHECK_INT(create(f, wanted, &after), MARU_OK);
    CHECK_INT(update(f, product(f, "products/c", "", money(f, "GBP", 7)), "price", &after), MARU_OK);
    CHECK_INT(after->n_prices, 2);
    CHECK_INT(after->prices[1]->since->seconds, future);
    CHECK_INT(after->prices[1]->since->nanos, 999999999);
    CHECK_INT(update(f, product(f, "products/c", "", money(f, "GBP", 8)), "price", &after), MARU_OK);
    CHECK_INT(after->n_prices, 3);
    CHECK_INT(after->prices[2]->since->seconds, future + 1);
    CHECK_INT(after->prices[2]->since->nanos, 0);
}

static void test_end_of_time(struct fixture *f)
{
    static const int64_t last = INT64_C(253402300799);
    Catalog__Product    *wanted, *after;

    begin(f, "a price of the last second of all is refused, since none could come after it");
    wanted = with_history(f, "products/e", 1, last);
    refused(f, create(f, wanted, &after), MARU_INVALID_ARGUMENT,
            "product.prices[0].since: want a time from 1970 to 9999-12-31T23:59:58.999999999Z");
    begin(f, "after one just before it others come, and the product is read and listed");
    wanted = with_history(f, "products/e", 1, last - 1);
    wanted->prices[0]->since->nanos = 999999999;
    CHECK_INT(create(f, wanted, &after), MARU_OK);
    for (int i = 0; i < 2; i++)
        CHECK_INT(update(f, product(f, "products/e", "", money(f, "GBP", 7 + i)), "price", &after), MARU_OK);
    CHECK_INT(get(f, "products/e", &after), MARU_OK);
    CHECK_INT(after->n_prices, 3);
    CHECK_INT(after->prices[2]->since->seconds, last);
    CHECK_INT(after->prices[2]->since->nanos, 1);
}

int main(void)
{
    run(test_description);
    run(test_attributes);
    run(test_unseen);
    run(test_normal);
    run(test_normal_memory);
    run(test_history);
    run(test_clock_behind);
    run(test_end_of_time);
    return test_end();
}
