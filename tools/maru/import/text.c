/* text.c: text as the application keeps it (text.h). libunistring knows Unicode. */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <uninorm.h>
#include <unistr.h>

#include "maru/text.h"

enum { TEXT_MAX = 4096 };

/* Of ISO 8859-1. */
static bool has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || (*at >= 0x7f && *at < 0xa0))
            return true;
    return false;
}

const char *text_check(const char *text, bool latin1)
{
    size_t at;

    if (!latin1 && u8_check((const uint8_t *)text, strlen(text)) != NULL)
        return "want UTF-8";
    return (latin1 ? has_control(text) : maru_text_control(text, "", &at) != 0) ? "want no control characters" : NULL;
}

/* A run of spaces as one, none around. Returns the length. */
static size_t squeeze(uint8_t *text, size_t size)
{
    size_t out = 0;

    for (size_t i = 0; i < size; i++)
        if (text[i] != ' ' || (out > 0 && text[out - 1] != ' '))
            text[out++] = text[i];
    return out > 0 && text[out - 1] == ' ' ? out - 1 : out;
}

/* ISO 8859-1 is the first 256 characters of Unicode. */
static size_t widen(const char *text, size_t size, uint8_t *out)
{
    size_t made = 0;

    for (size_t i = 0; i < size; i++)
        made += (size_t)u8_uctomb(out + made, (unsigned char)text[i], 2);
    return made;
}

const char *text_clean(const char *text, bool latin1, char *out, size_t size)
{
    uint8_t     wide[2 * TEXT_MAX], normal[2 * TEXT_MAX];
    uint8_t    *normalized = normal;
    size_t      length = strlen(text), made = sizeof normal;
    const char *error = text_check(text, latin1);

    if (error != NULL)
        return error;
    if (length > TEXT_MAX)
        return "want a shorter text";
    if (latin1)
        length = widen(text, length, wide);
    else
        memcpy(wide, text, length);
    if (length == 0)
        made = 0;
    else if ((normalized = u8_normalize(UNINORM_NFC, wide, length, normal, &made)) != normal) {
        free(normalized); /* it needed more room */
        return "want a shorter text";
    }
    made = squeeze(normal, made);
    if (made >= size)
        return "want a shorter text";
    memcpy(out, normal, made);
    out[made] = '\0';
    if (maru_text_is_blank(out))
        out[0] = '\0';
    return NULL;
}

bool text_head(const char *text, bool latin1, char *out, size_t size)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    size_t         used = 0;

    while (at < end) {
        uint8_t wide[4];
        ucs4_t  c = *at;
        int     taken = latin1 ? 1 : u8_mbtouc(&c, at, (size_t)(end - at)), made = u8_uctomb(wide, c, sizeof wide);

        if (made < 1 || used + (size_t)made >= size)
            break;
        memcpy(out + used, wide, (size_t)made);
        used += (size_t)made;
        at += taken;
    }
    out[used] = '\0';
    return at == end;
}
