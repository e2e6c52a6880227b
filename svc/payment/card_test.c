/* card_test.c: numbers of cards, their expiry, and the keys of orders. */
#include "card.h"

#include "order.h"
#include "test.h"

struct row {
    const char *text;
    const char *words; /* NULL: it is right */
};

static void test_numbers(void)
{
    static const struct row rows[] = {
        {"4242424242424242", NULL},
        {"4242 4242 4242 4242", NULL},
        {" 4000 0000 0000 0010 ", NULL},
        {"378282246310005", NULL},
        {"000000000000", NULL},
        {"4000000000000000002", "check digit"},
        {"4242424242424241", "check digit"},
        {"4242424242422442", "check digit"},
        {"", "want 12..19 digits, got 0"},
        {"42424242424", "want 12..19 digits, got 11"},
        {"42424242424242424242", "want 12..19 digits, got 20"},
        {"4242-4242-4242-4242", "something else at character 5"},
        {"4242424242424242x", "something else at character 17"},
        {"\xef\xbc\x94", "something else at character 1"},
    };
    maru_error error = {0};

    test_begin("a number has 12 to 19 digits and the right check digit; no error shows one of them");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        maru_status status = card_check(rows[i].text, &error);

        CHECK_STR(maru_status_name(status), rows[i].words == NULL ? "OK" : "INVALID_ARGUMENT");
        if (rows[i].words != NULL)
            CHECK_CONTAINS(error.text, rows[i].words);
        CHECK(strstr(error.text, "4242") == NULL);
    }
}

static void test_one_wrong(void)
{
    char       number[] = "4000000000000010";
    maru_error error;

    test_begin("one wrong digit is always found");
    for (int i = 0; i < 16; i++)
        for (char digit = '0'; digit <= '9'; digit++) {
            char was = number[i];

            number[i] = digit;
            CHECK_INT(card_check(number, &error) == MARU_OK, digit == was);
            number[i] = was;
        }
}

static void test_expiry(void)
{
    static const char *const right[] = {"01/29", "12/99"};
    static const char *const wrong[] = {"", "00/29", "13/29", "1/29", "01/2029", "01-29", "a1/29", "01/2x"};
    maru_error               error;

    test_begin("an expiry is MM/YY");
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        CHECK_INT(card_check_expiry(right[i], &error), MARU_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_INT(card_check_expiry(wrong[i], &error), MARU_INVALID_ARGUMENT);
}

static void test_keys(void)
{
    static const char *const wrong[] = {"",
                                        "void",
                                        "void:",
                                        "void:orders/",
                                        "void:orders/7f:",
                                        "void:orders/7f:1",
                                        "void:orders/7f/8",
                                        "void:7f",
                                        "voidorders/7f",
                                        "Void:orders/7f",
                                        "authorized:orders/7f",
                                        "orders/7f",
                                        "refund:orders/7f",
                                        "refund:orders/7f:",
                                        "refund:orders/7f:01",
                                        "refund:orders/7f:-1",
                                        "refund:orders/7f:1 ",
                                        "refund:orders/7f:4294967297"};
    char                     key[ORDER_KEY_MAX + 1], order[ORDER_NAME_MAX + 1];
    order_ask                ask;
    unsigned                 number;

    test_begin("a key tells its order, what is asked, and which refund");
    for (int i = ORDER_AUTHORIZE; i <= ORDER_REFUND; i++) {
        order_key("orders/7f3a", i, 12, key);
        CHECK(order_of_key(key, order, &ask, &number));
        CHECK_STR(order, "orders/7f3a");
        CHECK_INT(ask, i);
        CHECK_INT(number, i == ORDER_REFUND ? 12 : 0);
    }
    CHECK_STR(key, "refund:orders/7f3a:12");
    test_begin("and what is none of ours is none");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(!order_of_key(wrong[i], order, &ask, &number));
    memset(order, 'a', ORDER_NAME_MAX);
    memcpy(order, "orders/", 7);
    order[ORDER_NAME_MAX] = '\0';
    CHECK(order_is_name(order));
    order_key(order, ORDER_REFUND, 4294967295, key);
    CHECK(order_of_key(key, order, &ask, &number) && number == 4294967295);
}

int main(void)
{
    test_numbers();
    test_one_wrong();
    test_expiry();
    test_keys();
    return test_end();
}
