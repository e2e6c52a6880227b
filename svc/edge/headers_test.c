/* headers_test.c: what headers ask for. */
#include "headers.h"

#include "maru/runtime.h"
#include "test.h"

static maru_text text_of(const char *words)
{
    return (maru_text){.at = words, .size = strlen(words)};
}

static void test_types(void)
{
    static const char *const        json[] = {"application/json", "Application/JSON", "application/json; charset=utf-8",
                                              "application/json;charset=\"UTF-8\"", " application/json ; x=y "},
                             *const other[] = {"",
                                               "text/json",
                                               "application/jsonx",
                                               "application/json-patch",
                                               "application/json; charset=latin1",
                                               "application/x-www-form-urlencoded"};

    test_begin("application/json in UTF-8 is JSON, and nothing else");
    for (size_t i = 0; i < sizeof json / sizeof *json; i++)
        CHECK(headers_is_json(text_of(json[i])));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        CHECK(!headers_is_json(text_of(other[i])));
}

static void test_accept(void)
{
    static const char *const        yes[] = {"",
                                             "*/*",
                                             "application/*",
                                             "application/json",
                                             "text/html, */*;q=0.1",
                                             "application/json;q=0.001",
                                             "application/*;q=0, application/json",
                                             "text/html,application/json;v=1"},
                             *const no[] = {"text/html", "application/json;q=0", "application/json;q=0.000, */*",
                                            "application/xml", "application/*;q=0, */*"};

    test_begin("Accept: the most exact range that means JSON decides, and q=0 is a no");
    CHECK(headers_accepts_json((maru_text){0}));
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!CHECK(headers_accepts_json(text_of(yes[i]))))
            fprintf(stderr, "%s\n", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (!CHECK(!headers_accepts_json(text_of(no[i]))))
            fprintf(stderr, "%s\n", no[i]);
}

static void test_timeout(void)
{
    static const char *const none[] = {"",   "0",   "0ms",           "-1",  "1.5s",         "1h",
                                       "ms", "1 s", "12345678901 s", "1sx", "0000000000000"};

    test_begin("Request-Timeout: seconds, or with a unit");
    CHECK_INT(headers_timeout(text_of("2")), 2000);
    CHECK_INT(headers_timeout(text_of("2s")), 2000);
    CHECK_INT(headers_timeout(text_of("1500ms")), 1500);
    CHECK_INT(headers_timeout(text_of("1m")), 60000);
    CHECK_INT(headers_timeout(text_of("999999999m")), INT64_C(59999999940000));
    CHECK_INT(headers_timeout(text_of("0000000000002")), 2000);
    test_begin("Request-Timeout: more digits are more time, which is cut by whoever asks");
    CHECK(headers_timeout(text_of("1234567890")) >= INT64_C(1000000000000));
    CHECK(headers_timeout(text_of("99999999999999999999999999999m")) >= INT64_C(60000000000000));
    CHECK(headers_timeout(text_of("99999999999999999999999999999ms")) >= 1000000000);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK_INT(headers_timeout(text_of(none[i])), -1);
}

static void test_key(void)
{
    char      longest[130];
    maru_text key;

    test_begin("Idempotency-Key: 1..128 characters of printable ASCII, in quotes or without");
    CHECK(headers_key(text_of("abc"), &key) && maru_text_is(key, "abc"));
    CHECK(headers_key(text_of("\"a b\""), &key) && maru_text_is(key, "a b"));
    CHECK(headers_key(text_of("a\"b\\"), &key) && maru_text_is(key, "a\"b\\"));
    CHECK(!headers_key(text_of("\"a\"b\""), &key));
    CHECK(!headers_key(text_of("\"a\\\"b\""), &key));
    CHECK(!headers_key(text_of("\"a\\b\""), &key));
    CHECK(!headers_key(text_of("\"ab"), &key));
    CHECK(!headers_key(text_of("\""), &key));
    CHECK(!headers_key(text_of(""), &key));
    CHECK(!headers_key(text_of("\"\""), &key));
    CHECK(!headers_key(text_of("a\tb"), &key));
    CHECK(!headers_key(text_of("\xed\x8c\x90"), &key));
    memset(longest, 'k', sizeof longest);
    CHECK(headers_key((maru_text){.at = longest, .size = 128}, &key));
    CHECK(!headers_key((maru_text){.at = longest, .size = 129}, &key));
}

static void test_trace(void)
{
    static const char *const        good[] = {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                             *const bad[] = {"",
                                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
                                             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                             "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                             "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                             "00-4bf92f3577b34da6a3ce929d0e0e4736+00f067aa0ba902b7-01",
                                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
                                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-"};
    maru_runtime                   *rt;
    maru_call                      *call;

    test_begin("a traceparent is W3C's, or is not taken");
    if (!CHECK(maru_runtime_new(NULL, &rt, NULL) == MARU_OK))
        return;
    call = maru_call_begin(rt, 0);
    CHECK_INT(maru_call_set_traceparent(call, good[0]), MARU_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(maru_call_set_traceparent(call, bad[i]), MARU_INVALID_ARGUMENT);
    maru_call_end(call);
    maru_runtime_free(rt);
}

static void test_identity(void)
{
    static const char *const        plain[] = {"", "identity", "Identity", " identity , identity", ","},
                             *const coded[] = {"gzip", "x-gzip", "identity, gzip", "br,identity", "identity;q=1", "*"};

    test_begin("identity is the only coding of a body");
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        CHECK(headers_is_identity(text_of(plain[i])));
    for (size_t i = 0; i < sizeof coded / sizeof *coded; i++)
        CHECK(!headers_is_identity(text_of(coded[i])));
}

int main(void)
{
    test_identity();
    test_types();
    test_accept();
    test_timeout();
    test_key();
    test_trace();
    return test_end();
}
