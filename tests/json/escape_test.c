/* escape_test.c: what must be escaped in a string is, wherever it stands in a string of whatever length: strings are
 * looked at sixteen bytes at once.
 */
#include "test.h"

#include <stdio.h>

#include "json/writer.h"

enum { LONGEST = 50 };

static const struct {
    const char *piece, *printed;
} pieces[] = {
    {"\"", "\\\""},
    {"\\", "\\\\"},
    {"\n", "\\n"},
    {"\x01", "\\u0001"},
    {"\x1f", "\\u001f"},
    {"\x7f", "\\u007f"},
    {"\xc2\x80", "\\u0080"},
    {"\xc2\x9f", "\\u009f"},
    {"\xc2\xa0", "\xc2\xa0"},
    {" ", " "},
    {"!", "!"},
    {"~", "~"},
    {"\xc3\xa9", "\xc3\xa9"},
    {"\xea\xb0\x80", "\xea\xb0\x80"},
    {"[", "["},
};

/* A string of size letters, with a piece behind the first at of them. */
static void check(maru_arena *arena, size_t size, size_t at, const char *piece, const char *printed)
{
    writer w = {.out = text_in(arena, 1000)};
    char   string[2 * LONGEST], want[2 * LONGEST];
    int    length =
        snprintf(string, sizeof string, "%.*s%s%.*s", (int)at, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
                 piece, (int)(size - at), "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ");

    snprintf(want, sizeof want, "\"%.*s%s%s\"", (int)at, string, printed, string + at + strlen(piece));
    writer_string(&w, string, (size_t)length);
    CHECK_STR(text_end(&w.out), want);
}

int main(void)
{
    maru_arena *arena = maru_arena_new(1 << 20);
    writer      w = {.out = text_in(arena, 1000)};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        test_begin(pieces[i].printed);
        for (size_t size = 0; size < LONGEST; size++)
            for (size_t at = 0; at <= size; at++) {
                check(arena, size, at, pieces[i].piece, pieces[i].printed);
                maru_arena_reset(arena);
            }
    }
    test_begin("a string of nothing");
    writer_string(&w, NULL, 0);
    CHECK_STR(text_end(&w.out), "\"\"");
    test_begin("one that does not fit is left out, and said to be");
    w.out = text_in(arena, 10);
    writer_string(&w, "123456789", 9);
    CHECK(w.out.failed && w.out.too_big);
    CHECK(text_end(&w.out) == NULL);
    maru_arena_free(arena);
    return test_end();
}
