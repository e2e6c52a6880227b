/* hide_test.c: no address of a service is left in what the public is told. */
#include "hide.h"

#include <stdio.h>

#include "test.h"

static const char *name_of(void *arg, const char *url, size_t size)
{
    const char *known = arg;

    return strlen(known) == size && memcmp(known, url, size) == 0 ? "cart" : "another service";
}

static const struct {
    const char *sentence, *text, *want;
} rows[] = {
    {"a text without one stays", "name: no product products/x", "name: no product products/x"},
    {"an empty text", "", ""},
    {"a known one", "no answer from ipc:///run/m/cart.sock within the deadline",
     "no answer from cart within the deadline"},
    {"its colon is the sentence's", "ipc:///run/m/cart.sock: the connection was lost", "cart: the connection was lost"},
    {"at the end", "lost ipc:///run/m/cart.sock", "lost cart"},
    {"at the end, with a full stop", "lost ipc:///run/m/cart.sock.", "lost cart."},
    {"in brackets and quotes", "(ipc:///run/m/cart.sock) \"ipc:///run/m/cart.sock\"", "(cart) \"cart\""},
    {"one that is not known", "no connection to ipc:///run/m/cart.sock2: x", "no connection to another service: x"},
    {"of tcp, whose port is its own", "tcp://host.example:80: x, tcp://host:80", "another service: x, another service"},
    {"nothing but the scheme", "ipc://", "another service"},
    {"a scheme that is none", "http://x tcp:/y ipc:", "http://x tcp:/y ipc:"},
};

static void test_rows(void)
{
    char out[128];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_begin(rows[i].sentence);
        CHECK_INT(hide_urls(rows[i].text, name_of, (void *)"ipc:///run/m/cart.sock", out, sizeof out),
                  strcmp(rows[i].text, rows[i].want) != 0);
        CHECK_STR(out, rows[i].want);
    }
}

static void test_room(void)
{
    char out[12] = "...........";

    test_begin("what does not fit is cut off, and nothing is written behind it");
    hide_urls("lost ipc:///run/m/cart.sock", name_of, (void *)"", out, 8);
    CHECK_STR(out, "lost an");
    CHECK_STR(out + 8, "...");
}

int main(void)
{
    test_rows();
    test_room();
    return test_end();
}
