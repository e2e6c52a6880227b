/* shown.c: makes a peer's text fit to show: cut between characters, with a ? for each control character. */
#include "maru/shown.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static const char more[] = "...";

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* U+0080 to U+009F are control characters of two bytes. */
static bool is_control(const char *at)
{
    unsigned char byte = (unsigned char)*at;

    return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xa0);
}

maru_shown_text maru_shown(const char *text)
{
    maru_shown_text out = {.text = ""}, raw = {.text = ""};
    size_t          size = strnlen(text, MARU_SHOWN_MAX + 1);

    if (size > MARU_SHOWN_MAX) {
        for (size = MARU_SHOWN_MAX - (sizeof more - 1); size > 0 && continues(text[size]);)
            size--;
        memcpy(raw.text + size, more, sizeof more);
    }
    memcpy(raw.text, text, size);
    utf8_clean(out.text, sizeof out.text, raw.text);
    for (size_t i = 0; i < size; i++)
        if (is_control(out.text + i)) {
            if (continues(out.text[i + 1]))
                out.text[i + 1] = '?';
            out.text[i] = '?';
        }
    return out;
}
