/* hide_test.c: no address of a service is left in what the public is told, and no customer's words are changed. */
#include "hide.h"

#include <stdio.h>

#include "test.h"

static const char address[] = "ipc:///run/my shop, (one)/cart.sock";

static const struct {
    const char *sentence, *text, *want;
} rows[] = {
    {"a text without one stays", "/X/Y: the deadline had passed", "/X/Y: the deadline had passed"},
    {"an empty text", "", ""},
    {"blanks, commas and brackets are part of it", "no answer from ipc:///run/my shop, (one)/cart.sock in time",
     "no answer from cart in time"},
    {"its colon is the sentence's", "ipc:///run/my shop, (one)/cart.sock: lost", "cart: lost"},
    {"at the end, and twice", "ipc:///run/my shop, (one)/cart.sock ipc:///run/my shop, (one)/cart.sock", "cart cart"},
    {"another is not known", "lost ipc:///run/my shop", "lost ipc:///run/my shop"},
};

static void test_rows(void)
{
    char out[128];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_begin(rows[i].sentence);
        CHECK_INT(hide_address(rows[i].text, address, "cart", out, sizeof out),
                  strcmp(rows[i].text, rows[i].want) != 0);
        CHECK_STR(out, rows[i].want);
    }
}

static void test_ours(void)
{
    const char *lost = "ipc:///run/my shop, (one)/cart.sock: the connection was lost while the call was in flight: x";

    test_begin("words of our own client: without an origin, or of a connection to this address that was lost");
    CHECK(hide_ours(MARU_DEADLINE_EXCEEDED, "no answer", "", address));
    CHECK(hide_ours(MARU_UNAVAILABLE, lost, "cart/1", address));
    test_begin("those of a service are not, wherever else they have it");
    CHECK(!hide_ours(MARU_NOT_FOUND, lost, "cart/1", address));
    CHECK(!hide_ours(MARU_UNAVAILABLE, lost, "cart/1", "ipc:///run/other.sock"));
    CHECK(!hide_ours(MARU_UNAVAILABLE, "ipc:///run/my shop, (one)/cart.sock is no product", "cart/1", address));
}

static void test_room(void)
{
    char out[12] = "...........";

    test_begin("what does not fit is cut off, and nothing is written behind it");
    hide_address("lost ipc:///run/my shop, (one)/cart.sock", address, "another", out, 8);
    CHECK_STR(out, "lost an");
    CHECK_STR(out + 8, "...");
}

static void test_long(void)
{
    char long_one[300] = "tcp://", words[400], out[400];

    test_begin("an address that a client's words have cut off");
    memset(long_one + 6, 'x', sizeof long_one - 7);
    long_one[sizeof long_one - 1] = 0;
    snprintf(words, sizeof words, "no connection to %.200s within the deadline", long_one);
    CHECK(hide_address(words, long_one, "cart", out, sizeof out));
    CHECK_STR(out, "no connection to cart within the deadline");
}

static const struct {
    const char *sentence;
    maru_status status;
    const char *words, *want;
} behind[] = {
    {"words of another service end before the sentence with an address", MARU_UNAVAILABLE,
     "nothing was done: /X/Y: no answer from ipc:///run/my shop, (one)/cart.sock within", "nothing was done"},
    {"whichever it is", MARU_RESOURCE_EXHAUSTED, "nothing was done: calls waiting for tcp://10.0.0.7:81: limit 1",
     "nothing was done"},
    {"the first counts", MARU_DEADLINE_EXCEEDED, "a: tcp://b:1: ipc:///c: lost", "a"},
    {"where only whose method it was is before it", MARU_UNAVAILABLE, "/shop.cart.v1.Cart/Get: no answer from ipc:///c",
     "a service behind this one was not reached"},
    {"or that of two hops", MARU_DEADLINE_EXCEEDED,
     "/shop.cart.v1.Cart/Get: /shop.tax.v1.Tax/Get: no answer from tcp://c:1",
     "a service behind this one did not answer in time"},
    {"a path is no method", MARU_UNAVAILABLE, "/var/lib is full: tcp://c:1: lost", "/var/lib is full"},
    {"what stands behind a method stays", MARU_UNAVAILABLE, "/X/Y: nothing was done: tcp://c:1: lost",
     "/X/Y: nothing was done"},
    {"where nothing is before it", MARU_UNAVAILABLE, "ipc:///run/a b: the connection was lost",
     "a service behind this one was not reached"},
    {"without an address they stay", MARU_UNAVAILABLE, "the disk is full: no room", "the disk is full: no room"},
    {"what quotes a request stays", MARU_NOT_FOUND, "name: no product ipc:///run/my shop, (one)/cart.sock",
     "name: no product ipc:///run/my shop, (one)/cart.sock"},
};

static void test_behind(void)
{
    char out[128];

    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        test_begin(behind[i].sentence);
        CHECK_INT(hide_behind(behind[i].status, behind[i].words, out, sizeof out),
                  strcmp(behind[i].words, behind[i].want) != 0);
        CHECK_STR(out, behind[i].want);
    }
}

static const struct {
    const char *sentence;
    maru_status status;
    const char *words, *want;
} inside[] = {
    {"a store that is full", MARU_RESOURCE_EXHAUSTED, "the store of checkout: commit: the file system is full",
     "the service can't do that now"},
    {"of a service behind", MARU_RESOURCE_EXHAUSTED, "/X/Y: the store of cart: items: out of memory",
     "the service can't do that now"},
    {"one that is closing", MARU_UNAVAILABLE, "the store of cart is closing", "the service can't do that now"},
    {"one whose disk became read-only", MARU_PERMISSION_DENIED,
     "the store of cart: commit: the file system is read-only", "the service can't do that now"},
    {"of a service behind, too", MARU_PERMISSION_DENIED, "/X/Y: the store of cart: carts: permission denied",
     "the service can't do that now"},
    {"a record that is damaged", MARU_DATA_LOSS, "carts: the record at \"a\" is damaged: its checksum is wrong",
     "the service failed"},
    {"what must not happen", MARU_INTERNAL, "products/tea: 3 on hand, 4 reserved cannot be", "the service failed"},
    {"what nobody knows", MARU_UNKNOWN, "", "the service failed"},
};

static void test_inside(void)
{
    char out[128];

    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        test_begin(inside[i].sentence);
        CHECK(hide_inside(inside[i].status, inside[i].words, out, sizeof out));
        CHECK_STR(out, inside[i].want);
    }
    test_begin("a limit of what is asked, and what quotes a request, are the customer's to read");
    CHECK(!hide_inside(MARU_RESOURCE_EXHAUSTED, "items: want at most 100 in a cart", out, sizeof out));
    CHECK(!hide_inside(MARU_NOT_FOUND, "name: no product the store of cart: x", out, sizeof out));
    CHECK(!hide_inside(MARU_INVALID_ARGUMENT, "title: the store of cart: x", out, sizeof out));
    CHECK(!hide_inside(MARU_PERMISSION_DENIED, "orders: this order is not yours", out, sizeof out));
    CHECK(!hide_inside(MARU_UNAVAILABLE, "the provider was not reached", out, sizeof out));
}

int main(void)
{
    test_rows();
    test_ours();
    test_room();
    test_long();
    test_behind();
    test_inside();
    return test_end();
}
