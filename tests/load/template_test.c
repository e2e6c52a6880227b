/* template_test.c: templates of requests: what they make, and what is none. */
#include "test.h"

#include <stdlib.h>

#include "load/template.h"

static const char *const      names[] = {"StockCode", "Description"};
static const template_columns columns = {names, 2};
static const char *const      row[] = {"85123A", "WHITE \"HANGING\"\\\nHEART \xea\xb0\x80"};

/* The text that a template makes for call n; the test's to look at until the arena's end. */
static const char *made(maru_arena *arena, const char *text, uint64_t n, uint64_t seed)
{
    const template *t;
    const char     *out;
    size_t          size;
    random_state    random = {seed};
    maru_error      error;

    if (!CHECK_INT(template_read(text, strlen(text), &columns, arena, &t, &error), MARU_OK)) {
        fprintf(stderr, "%s: %s\n", text, error.text);
        return "";
    }
    if (!CHECK_INT(template_write(t, n, row, &random, arena, &out, &size, &error), MARU_OK))
        return "";
    CHECK_INT(strlen(out), size);
    return out;
}

static void test_made(maru_arena *a)
{
    test_begin("text stands as it is");
    CHECK_STR(made(a, "{\"a\": \"$5 {x} \\\"\"}", 7, 1), "{\"a\": \"$5 {x} \\\"\"}");
    CHECK_STR(made(a, "", 7, 1), "");
    CHECK_STR(made(a, "\"$${counter}\"", 7, 1), "\"${counter}\"");
    CHECK_STR(made(a, "$${$${", 7, 1), "${${");
    test_begin("a counter is the number of the call");
    CHECK_STR(made(a, "{\"a\":${counter},\"b\":\"x${counter:1000}\"}", 7, 1), "{\"a\":7,\"b\":\"x1007\"}");
    CHECK_STR(made(a, "${counter:-3}${counter:-3}", 1, 1), "-2-2");
    test_begin("a CSV's values are escaped within a string, and stand as they are outside");
    CHECK_STR(made(a, "{\"${csv:StockCode}\": \"${csv:Description}\"}", 7, 1),
              "{\"85123A\": \"WHITE \\\"HANGING\\\"\\\\\\u000aHEART \xea\xb0\x80\"}");
    CHECK_STR(made(a, "[${csv:StockCode}, \"\\\"${csv:Description}\"]", 7, 1),
              "[85123A, \"\\\"WHITE \\\"HANGING\\\"\\\\\\u000aHEART \xea\xb0\x80\"]");
    CHECK_STR(made(a, "\"\\\\\" ${csv:Description}", 7, 1), "\"\\\\\" WHITE \"HANGING\"\\\nHEART \xea\xb0\x80");
}

static void test_random(maru_arena *a)
{
    const char *uuid = made(a, "${uuid}", 0, 3);
    bool        seen[3] = {false};

    test_begin("random values are of their kind, and the same for the same seed");
    for (uint64_t seed = 0; seed < 200; seed++) {
        long long n = atoll(made(a, "${random:-1..1}", 0, seed));

        if (!CHECK(n >= -1 && n <= 1))
            return;
        seen[n + 1] = true;
    }
    CHECK(seen[0] && seen[1] && seen[2]);
    CHECK_STR(made(a, "${random:-9223372036854775808..-9223372036854775808}", 0, 1), "-9223372036854775808");
    CHECK_INT(strlen(made(a, "${text:100}", 0, 1)), 100);
    CHECK_INT(strspn(made(a, "${text:100}", 0, 1), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
              100);
    CHECK_STR(made(a, "${text:20}${uuid}", 0, 1), made(a, "${text:20}${uuid}", 0, 1));
    CHECK(strcmp(made(a, "${text:20}", 0, 1), made(a, "${text:20}", 0, 2)) != 0);
    CHECK_STR(made(a, "${one:a}", 0, 1), "a");
    CHECK(strlen(made(a, "\"${one:\\u0041|B}\"", 0, 1)) >= 3);
    CHECK_INT(strlen(uuid), 36);
    CHECK(uuid[8] == '-' && uuid[13] == '-' && uuid[14] == '4' && uuid[18] == '-' && uuid[23] == '-');
    CHECK(strchr("89ab", uuid[19]) != NULL);
    CHECK_INT(strspn(uuid, "0123456789abcdef-"), 36);
}

typedef struct wrong_row {
    const char *text, *words;
} wrong_row;

static const wrong_row wrong_table[] = {
    {"{\"a\": \"${conter}\"}", "line 1, column 8: ${conter}: no such value; did you mean counter?"},
    {"\n\n \xea\xb0\x80${xyzzyx}", "line 3, column 3: ${xyzzyx}: no such value; there are counter, random"},
    {"${counter", "${ is never closed"},
    {"${}",
     "line 1, column 1: want ${NAME} or ${NAME:...}, NAME one of counter, random, text, one, uuid, csv, got \"${}\"; "
     "$${ stands for the characters ${"},
    {"{\"a\": \"${\"}",
     "column 8: want ${NAME} or ${NAME:...}, NAME one of counter, random, text, one, uuid, csv, got \"${\"}\";"},
    {"${:4}", "got \"${:4}\"; $${ stands"},
    {"${ counter}", "${ counter}: no such value; did you mean counter?"},
    {"${\n}", "got \"${?}\"; $${ stands"},
    {"${counter:x}", "${counter:FROM}: want a whole number, got \"x\""},
    {"${counter:}", "${counter:FROM}: want a whole number"},
    {"${random}", "want ${random:LOW..HIGH}"},
    {"${random:5..1}", "the lower one first"},
    {"${random:1..9223372036854775808}", "two whole numbers"},
    {"${random:1..2x}", "two whole numbers"},
    {"${text}", "want ${text:N}"},
    {"${text:0}", "N 1..65536"},
    {"${text:65537}", "N 1..65536"},
    {"${one}", "want ${one:A|B|C}"},
    {"${one:}", "want ${one:A|B|C}"},
    {"${uuid:4}", "${uuid}: want nothing behind it"},
    {"${csv}", "want ${csv:COLUMN}"},
    {"${csv:StockCod}", "${csv:StockCod}: the CSV file has no such column; did you mean StockCode?"},
    {"${csv:x}", "no such column; there are StockCode, Description"},
};

static void test_wrong(maru_arena *a)
{
    const template_columns none = {NULL, 0};
    const template        *t;
    maru_error             error;

    test_begin("what is no template is refused, and said where");
    for (size_t i = 0; i < sizeof wrong_table / sizeof *wrong_table; i++) {
        const wrong_row *w = &wrong_table[i];

        error.text[0] = '\0';
        if (!CHECK_INT(template_read(w->text, strlen(w->text), &columns, a, &t, &error), MARU_INVALID_ARGUMENT))
            fprintf(stderr, "%s\n", w->text);
        CHECK_CONTAINS(error.text, w->words);
    }
    CHECK_INT(template_read("${csv:a}", 8, &none, a, &t, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "want --csv FILE");
}

static void test_kinds(maru_arena *a)
{
    const template *t;
    maru_error      error;

    test_begin("a template tells what its text depends on");
    CHECK_INT(template_read("{}", 2, &columns, a, &t, &error), MARU_OK);
    CHECK(!template_varies(t) && !template_has_rows(t));
    CHECK_INT(template_read("${csv:StockCode}", 16, &columns, a, &t, &error), MARU_OK);
    CHECK(!template_varies(t) && template_has_rows(t));
    CHECK_INT(template_read("${counter}", 10, &columns, a, &t, &error), MARU_OK);
    CHECK(template_varies(t) && !template_has_rows(t));
}

/* Each in memory of its own size, so that AddressSanitizer sees a byte too far. */
static void test_prefixes(maru_arena *a)
{
    static const char whole[] =
        "{\"a\\\"\\\\\": \"$${${csv:Description}\", \"b\": ${random:-5..5}, \"${one:x\"|y\\|}\": "
        "[\"${text:3}\", ${counter:1}, \"${uuid}\"]}\\";
    const template *t;
    const char     *out;
    size_t          size, made_count = 0;
    random_state    random = {1};
    maru_error      error;

    test_begin("every beginning of a template is one, or is refused");
    for (size_t n = 0; n < sizeof whole; n++) {
        char *text = malloc(n == 0 ? 1 : n);

        memcpy(text, whole, n);
        if (template_read(text, n, &columns, a, &t, &error) == MARU_OK) {
            CHECK_INT(template_write(t, 1, row, &random, a, &out, &size, &error), MARU_OK);
            CHECK_INT(out[size], 0);
            made_count++;
        } else {
            CHECK_CONTAINS(error.text, "line 1, column ");
        }
        free(text);
    }
    CHECK(made_count > 20 && made_count < sizeof whole);
}

static void test_memory(void)
{
    maru_arena     *small = maru_arena_new(4096);
    const template *t;
    const char     *out;
    size_t          size;
    random_state    random = {1};
    maru_error      error;

    test_begin("where memory is out it says so");
    CHECK_INT(template_read("${text:9000}", 12, &columns, small, &t, &error), MARU_OK);
    CHECK_INT(template_write(t, 0, row, &random, small, &out, &size, &error), MARU_RESOURCE_EXHAUSTED);
    maru_arena_free(small);
}

int main(void)
{
    maru_arena *arena = maru_arena_new(16 << 20);

    test_made(arena);
    test_random(arena);
    test_wrong(arena);
    test_kinds(arena);
    test_prefixes(arena);
    test_memory();
    maru_arena_free(arena);
    return test_end();
}
