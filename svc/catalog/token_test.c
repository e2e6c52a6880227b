/* token_test.c: page tokens: there and back, and nothing else is taken for one. */
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static void test_there_and_back(void)
{
    char       name[TOKEN_NAME_MAX + 1] = "", back[TOKEN_NAME_MAX + 1], token[TOKEN_MAX];
    maru_error error;

    test_begin("a name of any length comes back from its token");
    for (size_t size = 1; size <= TOKEN_NAME_MAX; size++) {
        memset(name, 'a' + (int)(size % 26), size);
        token_of(name, token);
        CHECK(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(token));
        CHECK_INT(token_parse(token, back, &error), MARU_OK);
        CHECK_STR(back, name);
    }
}

static void test_malformed(void)
{
    static const char *const bad[] = {"", "A", "AQ", "products/1", "!!!!", "AQAAAAA", "AQAAAABw", "=", "한국"};
    char                     back[TOKEN_NAME_MAX + 1], token[TOKEN_MAX], wrong[TOKEN_MAX + 8];
    char                     longer[5000];
    maru_error               error;

    test_begin("what is no token is refused in words");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(token_parse(bad[i], back, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "page_token: want the next_page_token of the page before, got 6 bytes");
    memset(longer, 'A', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK_INT(token_parse(longer, back, &error), MARU_INVALID_ARGUMENT);
    test_begin("a token with any one character changed, one more or one less is refused");
    token_of("products/85123A", token);
    for (size_t i = 0; i < strlen(token); i++) {
        snprintf(wrong, sizeof wrong, "%s", token);
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        CHECK_INT(token_parse(wrong, back, &error), MARU_INVALID_ARGUMENT);
        wrong[i] = '\0';
        CHECK_INT(token_parse(wrong, back, &error), MARU_INVALID_ARGUMENT);
    }
    snprintf(wrong, sizeof wrong, "%sA", token);
    CHECK_INT(token_parse(wrong, back, &error), MARU_INVALID_ARGUMENT);
}

int main(void)
{
    test_there_and_back();
    test_malformed();
    return test_end();
}
