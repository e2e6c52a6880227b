/* status.c: names of the status codes, and setup errors in words (contract: maru/status.h). */
#include "maru/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const char *const names[MARU_STATUS_COUNT] = {
#define X(name, number, meaning) [number] = #name,
    MARU_STATUS_TABLE(X)
#undef X
};

static const char *const meanings[MARU_STATUS_COUNT] = {
#define X(name, number, meaning) [number] = (meaning),
    MARU_STATUS_TABLE(X)
#undef X
};

const char *maru_status_name(int status)
{
    return status >= 0 && status < MARU_STATUS_COUNT ? names[status] : names[MARU_UNKNOWN];
}

const char *maru_status_words(int status, const char *message)
{
    if (message[0] != '\0')
        return message;
    return status >= 0 && status < MARU_STATUS_COUNT ? meanings[status] : meanings[MARU_UNKNOWN];
}

int maru_status_parse(const char *name)
{
    for (int i = 0; i < MARU_STATUS_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* A text that was cut may end within a character: that one goes too. */
static void drop_half_character(char *text, size_t size)
{
    size_t start = size;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0)
        text[start - 1] = '\0';
}

maru_status maru_error_set(maru_error *error, maru_status code, const char *format, ...)
{
    va_list args;
    int     size;

    if (!error)
        return code;
    error->code = code;
    va_start(args, format);
    size = vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    if (size < 0)
        error->text[0] = '\0';
    else if ((size_t)size >= sizeof error->text)
        drop_half_character(error->text, sizeof error->text - 1);
    utf8_one_line(error->text);
    return code;
}
