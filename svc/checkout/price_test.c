/* price_test.c: sums and tax, at their edges. */
#include "price.h"

#include "test.h"

/* The formula by wide numbers: total * P / (100 + P), half to even. */
static int64_t tax_widely(int percent, int64_t total)
{
    unsigned __int128 n = (unsigned __int128)(uint64_t)total * (unsigned)percent, d = (unsigned)(100 + percent);
    unsigned __int128 tax = n / d, twice = n % d * 2;

    return (int64_t)(tax + (twice > d || (twice == d && tax % 2 == 1)));
}

static void taxes(void)
{
    test_begin("pounds: a sixth of the total is tax; halves go to the even penny");
    CHECK_INT(price_tax("GBP", 0), 0);
    CHECK_INT(price_tax("GBP", 2), 0);  /* 0.33 */
    CHECK_INT(price_tax("GBP", 3), 0);  /* 0.5 */
    CHECK_INT(price_tax("GBP", 4), 1);  /* 0.67 */
    CHECK_INT(price_tax("GBP", 9), 2);  /* 1.5 */
    CHECK_INT(price_tax("GBP", 15), 2); /* 2.5 */
    CHECK_INT(price_tax("GBP", 21), 4); /* 3.5 */
    CHECK_INT(price_tax("GBP", 120), 20);
    CHECK_INT(price_tax("GBP", 123), 20); /* 20.5 */
    CHECK_INT(price_tax("GBP", 129), 22); /* 21.5 */
    test_begin("won: an eleventh, where no halves are");
    CHECK_INT(price_tax("KRW", 5), 0); /* 0.4545 */
    CHECK_INT(price_tax("KRW", 6), 1); /* 0.5454 */
    CHECK_INT(price_tax("KRW", 11), 1);
    CHECK_INT(price_tax("KRW", 18000), 1636); /* 1636.36 */
    test_begin("other currencies have none");
    CHECK_INT(price_tax("EUR", 1000), 0);
    CHECK_INT(price_tax("", 1000), 0);
    test_begin("up to the last number that there is, as wide arithmetic says");
    for (int64_t i = 0; i < 5000; i++) {
        CHECK_INT(price_tax("GBP", i), tax_widely(20, i));
        CHECK_INT(price_tax("KRW", i), tax_widely(10, i));
        CHECK_INT(price_tax("GBP", INT64_MAX - i), tax_widely(20, INT64_MAX - i));
        CHECK_INT(price_tax("KRW", INT64_MAX - i), tax_widely(10, INT64_MAX - i));
    }
}

struct basket {
    Shop__Money     prices[3], totals[3];
    Checkout__Line  lines[3];
    Checkout__Line *pointers[3];
    Shop__Money     total;
};

static void fill(struct basket *b, const int64_t prices[3], const int64_t quantities[3])
{
    b->total = (Shop__Money)SHOP__MONEY__INIT;
    for (int i = 0; i < 3; i++) {
        b->prices[i] = b->totals[i] = (Shop__Money)SHOP__MONEY__INIT;
        b->prices[i].currency = (char *)"GBP";
        b->prices[i].minor = prices[i];
        b->lines[i] = (Checkout__Line)CHECKOUT__LINE__INIT;
        b->lines[i].product = (char *)(i == 0 ? "products/a" : i == 1 ? "products/b" : "products/c");
        b->lines[i].quantity = quantities[i];
        b->lines[i].price = &b->prices[i];
        b->lines[i].total = &b->totals[i];
        b->pointers[i] = &b->lines[i];
    }
}

static void sums(void)
{
    struct basket b;
    maru_error    error;

    test_begin("a line is price times quantity, the total is all of them, in their currency");
    fill(&b, (int64_t[]){295, 0, 1000000000000}, (int64_t[]){74215, 5, 1000000});
    CHECK_INT(price_lines(b.pointers, 3, &b.total, &error), MARU_OK);
    CHECK_INT(b.totals[0].minor, 295 * 74215);
    CHECK_STR(b.totals[0].currency, "GBP");
    CHECK_INT(b.totals[1].minor, 0);
    CHECK_INT(b.total.minor, 295 * 74215 + INT64_C(1000000000000000000));
    CHECK_STR(b.total.currency, "GBP");
    test_begin("the last number that there is passes, one more is refused, as is a line that does not fit alone");
    fill(&b, (int64_t[]){INT64_MAX - 7, 3, 1}, (int64_t[]){1, 2, 1});
    CHECK_INT(price_lines(b.pointers, 3, &b.total, &error), MARU_OK);
    CHECK_INT(b.total.minor, INT64_MAX);
    fill(&b, (int64_t[]){INT64_MAX - 7, 4, 0}, (int64_t[]){1, 2, 1});
    CHECK_INT(price_lines(b.pointers, 3, &b.total, &error), MARU_OUT_OF_RANGE);
    CHECK_CONTAINS(error.text, "total: 2 of products/b make it more than 64 bits hold");
    fill(&b, (int64_t[]){INT64_MAX / 2 + 1, 4, 0}, (int64_t[]){2, 2, 1});
    CHECK_INT(price_lines(b.pointers, 3, &b.total, &error), MARU_OUT_OF_RANGE);
    CHECK_CONTAINS(error.text, "2 of products/a");
    test_begin("currencies are not mixed");
    fill(&b, (int64_t[]){1, 1, 1}, (int64_t[]){1, 1, 1});
    b.prices[2].currency = (char *)"KRW";
    CHECK_INT(price_lines(b.pointers, 3, &b.total, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "lines: want one currency, GBP as what is before, got KRW for products/c");
}

static void texts(void)
{
    maru_arena *arena = maru_arena_new(4096);
    Shop__Money money = SHOP__MONEY__INIT;

    test_begin("money for people");
    money.currency = (char *)"GBP";
    money.minor = 1205;
    CHECK_STR(price_text(arena, &money), "12.05 GBP");
    money.currency = (char *)"KRW";
    CHECK_STR(price_text(arena, &money), "1205 KRW");
    CHECK_STR(price_text(arena, NULL), "nothing");
    maru_arena_free(arena);
}

int main(void)
{
    taxes();
    sums();
    texts();
    return test_end();
}
