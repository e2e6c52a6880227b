/* utf8.c: checks UTF-8, eight ASCII bytes at a time (contract: utf8.h). */
#include "base/utf8.h"

#include <string.h>

#define LOW_BITS  UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The second byte's range depends on the first: overlong forms, surrogates and what is above U+10FFFF lie outside. */
static bool second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return is_tail(second);
    }
}

/* Of the character of more than one byte at the front, at most left bytes long; 0 where it is none. */
static size_t character_size(const uint8_t *at, size_t left)
{
    size_t size = at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;

    if (size == 0 || size > left || !second_fits(at[0], at[1]))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (!is_tail(at[i]))
            return 0;
    return size;
}

/* Of the front that is ASCII without a NUL, in whole words. */
static size_t plain_words(const uint8_t *at, size_t left)
{
    size_t size = 0;

    for (; left - size >= 16; size += 16) {
        uint64_t words[2];

        memcpy(words, at + size, sizeof words);
        if ((words[0] | (words[0] - LOW_BITS) | words[1] | (words[1] - LOW_BITS)) & HIGH_BITS)
            break;
    }
    for (; left - size >= 8; size += 8) {
        uint64_t word;

        memcpy(&word, at + size, sizeof word);
        if ((word | (word - LOW_BITS)) & HIGH_BITS)
            break;
    }
    return size;
}

size_t utf8_text_size(const uint8_t *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        size_t step = plain_words(bytes + done, size - done);

        done += step;
        if (done == size)
            break;
        step = bytes[done] < 0x80 ? bytes[done] != 0 : character_size(bytes + done, size - done);
        if (step == 0)
            break;
        done += step;
    }
    return done;
}

bool utf8_valid(const uint8_t *bytes, size_t size)
{
    size_t done = utf8_text_size(bytes, size);

    while (done < size && bytes[done] == 0)
        done += 1 + utf8_text_size(bytes + done + 1, size - done - 1);
    return done == size;
}

const char *utf8_clean(char *out, size_t room, const char *text)
{
    size_t left = strlen(text), done = 0;

    while (left > 0 && done + 1 < room) {
        size_t size = left < room - 1 - done ? left : room - 1 - done;
        size_t good = utf8_text_size((const uint8_t *)text, size);

        memcpy(out + done, text, good);
        done += good;
        text += good;
        left -= good;
        if (good == size)
            continue;
        if (size < left + good && character_size((const uint8_t *)text, left) > size - good)
            break; /* a whole one, which does not fit */
        out[done++] = '?';
        text++;
        left--;
    }
    out[done] = 0;
    return out;
}

bool utf8_has_control(const char *text)
{
    while ((unsigned char)*text >= ' ' && *text != 0x7f)
        text++;
    return *text != '\0';
}

/* In UTF-8 those of C1 are c2 80 to c2 9f. */
static bool is_c1(const char *at)
{
    return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xa0;
}

static char *blank(char *text, char kept)
{
    for (char *at = text; *at; at++) {
        if (*at != kept && ((unsigned char)*at < ' ' || *at == 0x7f))
            *at = ' ';
        else if (is_c1(at))
            at[0] = at[1] = ' ';
    }
    return text;
}

char *utf8_one_line(char *text)
{
    return blank(text, '\0');
}

char *utf8_lines(char *text)
{
    return blank(text, '\n');
}
