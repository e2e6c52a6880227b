/* csv_test.c: the CSV reader: RFC 4180 as it is written, what is broken, and any cut of the input into pieces. */
#include "import/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* What was read, as text: fields in [ ], a record a line; (blank), !LINE for a malformed one. */
struct script {
    char   text[4096];
    size_t used;
};

static void say(struct script *script, const char *format, const char *word, size_t line)
{
    script->used +=
        (size_t)snprintf(script->text + script->used, sizeof script->text - script->used, format, word, line);
}

static void take(struct csv *csv, struct script *script)
{
    struct csv_record record;
    enum csv_event    event;

    while ((event = csv_next(csv, &record)) != CSV_MORE) {
        if (event == CSV_MALFORMED)
            say(script, "!%.0s%zu", "", record.line);
        if (event == CSV_BLANK)
            say(script, "(blank%.0s %zu)", "", record.line);
        for (size_t i = 0; event == CSV_RECORD && i < record.count; i++)
            say(script, "[%s]", record.fields[i], 0);
        if (event == CSV_RECORD)
            say(script, "%.0s%zu", "", record.line);
        say(script, ";", "", 0);
    }
}

/* Reads size bytes in pieces of step. */
static void read_in(const char *bytes, size_t size, size_t step, struct script *script)
{
    struct csv csv;

    script->used = 0;
    script->text[0] = '\0';
    CHECK(csv_begin(&csv));
    for (size_t at = 0; at < size; at += step) {
        CHECK(csv_feed(&csv, bytes + at, size - at < step ? size - at : step));
        take(&csv, script);
    }
    csv_finish(&csv);
    take(&csv, script);
    csv_free(&csv);
}

static void check(const char *input, const char *want)
{
    struct script script;

    for (size_t step = 1; step <= strlen(input) + 1; step++) {
        read_in(input, strlen(input), step, &script);
        if (!CHECK_STR(script.text, want))
            return;
    }
}

static void test_well_formed(void)
{
    test_begin("lines end with LF, CR LF, or the file's end, in whatever pieces they come");
    check("a,b\nc,d\n", "[a][b]1;[c][d]2;");
    check("a,b\r\nc,d\r\n", "[a][b]1;[c][d]2;");
    check("a,b\r\nc,d", "[a][b]1;[c][d]2;");
    check("", "");
    test_begin("empty fields are fields, and an empty line is none");
    check(",\n,,\n", "[][]1;[][][]2;");
    check("a\n\n\r\nb\n", "[a]1;(blank 2);(blank 3);[b]4;");
    check("\"\"\n", "[]1;");
    test_begin("quotes hold commas, quotes and line ends, and lines are counted through them");
    check("\"a,b\",c\n", "[a,b][c]1;");
    check("\"7\"\" SINGLE\",x\n", "[7\" SINGLE][x]1;");
    check("\"a\nb\r\nc\",x\nd\n", "[a\nb\r\nc][x]1;[d]4;");
    test_begin("a lone CR is text, as are bytes above 127");
    check("a\rb,\xa3\xff\n", "[a\rb][\xa3\xff]1;");
}

static void test_mark(void)
{
    test_begin("a byte order mark before all is no part of the first field, which may be quoted, or of a blank line");
    check("\xef\xbb\xbf\"n\",x\n", "[n][x]1;");
    check("\xef\xbb\xbfn,x\n", "[n][x]1;");
    check("\xef\xbb\xbf\r\nn\n", "(blank 1);[n]2;");
    check("\xef\xbb\xbf", "");
    test_begin("a second one, one further on, and a part of one are text");
    check("\xef\xbb\xbf\xef\xbb\xbfn\n", "[\xef\xbb\xbfn]1;");
    check("n\n\xef\xbb\xbfx\n", "[n]1;[\xef\xbb\xbfx]2;");
    check("\n\xef\xbb\xbfx\n", "(blank 1);[\xef\xbb\xbfx]2;");
    check("\xef\xbbn\n", "[\xef\xbbn]1;");
    check("\xef\xbb", "[\xef\xbb]1;");
}

static void test_malformed(void)
{
    test_begin("a broken line costs itself and no other");
    check("a\nb\"c,d\ne\n", "[a]1;!2;[e]3;");
    check("a\n\"b\"c,d\ne\n", "[a]1;!2;[e]3;");
    test_begin("a quote that is never closed costs its line only");
    check("a\n\"b,c\nd,e\nf\n", "[a]1;!2;[d][e]3;[f]4;");
    check("a\n\"b,c\n\"d\",e\nf\n", "[a]1;!2;[d][e]3;[f]4;");
    check("\"", "!1;");
}

static void test_limits(void)
{
    size_t        size = 200000;
    char         *big = malloc(size + 1);
    struct script script;

    test_begin("a record of more than 65536 bytes is refused, its memory bounded, and the next is read");
    memset(big, 'x', size);
    memcpy(big + size - 3, "\ny\n", 3);
    for (size_t step = 1000; step < 300000; step *= 3) {
        read_in(big, size, step, &script);
        CHECK_STR(script.text, "!1;[y]2;");
    }
    test_begin("a quote that swallows more than that costs its first line");
    big[0] = '"';
    big[5] = '\n';
    read_in(big, size, 4096, &script);
    CHECK_STR(script.text, "!1;!2;[y]3;");
    test_begin("a NUL byte is refused");
    read_in("a\0b\nc\n", 6, 2, &script);
    CHECK_STR(script.text, "!1;[c]2;");
    test_begin("more than 64 fields are refused");
    memset(big, ',', 64);
    memcpy(big + 64, "\nz\n", 3);
    read_in(big, 67, 9, &script);
    CHECK_STR(script.text, "!1;[z]2;");
    free(big);
}

/* The words of the first record that is none. */
static void check_error(const char *input, size_t size, const char *want)
{
    struct csv        csv;
    struct csv_record record;
    enum csv_event    event;

    CHECK(csv_begin(&csv) && csv_feed(&csv, input, size));
    csv_finish(&csv);
    while ((event = csv_next(&csv, &record)) != CSV_MALFORMED && CHECK(event != CSV_MORE))
        ;
    if (CHECK_INT(event, CSV_MALFORMED))
        CHECK_STR(record.error, want);
    csv_free(&csv);
}

static void test_where(void)
{
    test_begin("what is wrong further on than the line that it costs is told with its own line");
    check_error("a\n\"b\nc\nd\0e\nf\n", 13, "want text, got a NUL byte (on line 4)");
    check_error("a\n\"b\nc\"d\n", 9,
                "want a comma or the line's end after a closing quote, got other text (on line 3)");
    check_error("\"a\nb", 4, "want a closing quote, got the end of the file (on line 2)");
    check_error("a\nb\0\n", 5, "want text, got a NUL byte");
}

/* Whatever comes: no crash, no lost line. The number of events is that of the lines where nothing is quoted. */
static void test_random(void)
{
    static const char alphabet[] = "a,\"\n\r\n,\xc3";
    unsigned          seed = 20101201;
    struct script     whole, pieces;
    char              input[64];

    test_begin("random bytes read the same in one piece as in many (seed 20101201)");
    for (int round = 0; round < 20000; round++) {
        size_t size = (size_t)rand_r(&seed) % sizeof input;

        for (size_t i = 0; i < size; i++)
            input[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        read_in(input, size, sizeof input, &whole);
        read_in(input, size, 1 + (size_t)rand_r(&seed) % 5, &pieces);
        if (!CHECK_STR(pieces.text, whole.text))
            return;
    }
}

int main(void)
{
    test_well_formed();
    test_mark();
    test_malformed();
    test_limits();
    test_where();
    test_random();
    return test_end();
}
