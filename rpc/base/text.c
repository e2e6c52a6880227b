/* text.c: which characters can be seen (contract: maru/text.h). */
#include "maru/text.h"

#include <string.h>

typedef struct range {
    uint32_t first, last;
} range;

static const range controls[] = {{0x01, 0x1f}, {0x7f, 0x9f}, {0x2028, 0x2029}};

/* Spaces; soft hyphen; the fillers of Hangul; Braille of no dots; joiners, marks of direction, selectors of variants,
 * tags, and what else has no width. */
static const range blanks[] = {
    {' ', ' '},       {0xa0, 0xa0},     {0xad, 0xad},     {0x34f, 0x34f},   {0x115f, 0x1160},   {0x1680, 0x1680},
    {0x180b, 0x180f}, {0x2000, 0x200f}, {0x202a, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800},   {0x3000, 0x3000},
    {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xe0000, 0xe007f}, {0xe0100, 0xe01ef},
};

static bool is_in(const range *table, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= table[i].first && c <= table[i].last)
            return true;
    return false;
}
#define IS_IN(table, c) is_in(table, sizeof(table) / sizeof *(table), c)

/* The character at the front of text, and its size. Where it is no UTF-8, a byte is one. */
static size_t take(const char *text, uint32_t *c)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t               size = at[0] < 0xc0 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

    *c = size == 1 ? at[0] : at[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            *c = at[0];
            return 1;
        }
        *c = *c << 6 | (at[i] & 0x3f);
    }
    return size;
}

uint32_t maru_text_control(const char *text, const char *allowed, size_t *at)
{
    uint32_t c;
    size_t   size;

    for (*at = 0; text[*at] != '\0'; *at += size) {
        size = take(text + *at, &c);
        if (IS_IN(controls, c) && (c > 0x7f || strchr(allowed, (int)c) == NULL))
            return c;
    }
    return 0;
}

bool maru_text_is_blank(const char *text)
{
    uint32_t c;

    for (; *text != '\0'; text += take(text, &c)) {
        take(text, &c);
        if (!IS_IN(blanks, c))
            return false;
    }
    return true;
}
