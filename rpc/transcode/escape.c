/* escape.c: percent-encoding, one way (contract: transcode_impl.h). */
#include <string.h>

#include "transcode/transcode_impl.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of an escape at the start of text; -1 where it is none. */
static int escaped_byte(maru_text text)
{
    int high, low;

    if (text.size < 3 || text.at[0] != '%' || (high = hex(text.at[1])) < 0 || (low = hex(text.at[2])) < 0)
        return -1;
    return high << 4 | low;
}

static maru_text skip(maru_text text, size_t size)
{
    return (maru_text){.at = text.at + size, .size = text.size - size};
}

bool escape_decode(maru_text text, bool plus, bool keep_slash, maru_arena *arena, maru_text *decoded)
{
    char  *out;
    size_t size = 0;

    *decoded = text;
    if (memchr(text.at, '%', text.size) == NULL && (!plus || memchr(text.at, '+', text.size) == NULL))
        return true;
    if ((out = maru_arena_alloc(arena, text.size + 1)) == NULL) {
        *decoded = (maru_text){0};
        return false;
    }
    while (text.size > 0) {
        int byte = text.at[0] == '%' ? escaped_byte(text) : text.at[0] == '+' && plus ? ' ' : (unsigned char)text.at[0];

        if (byte < 0)
            return false;
        if (byte == '/' && text.at[0] == '%' && keep_slash) {
            memcpy(out + size, text.at, 3);
            size += 3;
        } else {
            out[size++] = (char)byte;
        }
        text = skip(text, text.at[0] == '%' ? 3 : 1);
    }
    *decoded = (maru_text){.at = out, .size = size};
    return true;
}

bool escape_equals(maru_text escaped, maru_text literal)
{
    while (escaped.size > 0 && literal.size > 0) {
        int byte = escaped.at[0] == '%' ? escaped_byte(escaped) : (unsigned char)escaped.at[0];

        if (byte != (unsigned char)literal.at[0])
            return false;
        escaped = skip(escaped, escaped.at[0] == '%' ? 3 : 1);
        literal = skip(literal, 1);
    }
    return escaped.size == 0 && literal.size == 0;
}
