/* text.c: appends text, printf and comments to a growing string of the pool. */
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_room(struct text *text, size_t more)
{
    size_t room = text->room == 0 ? 256 : text->room;
    char  *bytes;

    if (text->bytes != NULL && text->room - text->size > more)
        return;
    while (room - text->size <= more)
        room *= 2;
    bytes = pool_take(text->pool, room);
    if (text->size > 0)
        memcpy(bytes, text->bytes, text->size);
    text->bytes = bytes;
    text->room = room;
}

void text_append(struct text *text, const void *bytes, size_t size)
{
    make_room(text, size);
    if (size > 0)
        memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = 0;
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    int     size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    make_room(text, (size_t)size);
    va_start(args, format);
    vsnprintf(text->bytes + text->size, (size_t)size + 1, format, args);
    va_end(args);
    text->size += (size_t)size;
}

void text_string(struct text *text, const char *value)
{
    text_append(text, "\"", 1);
    for (; *value != 0; value++) {
        if (*value == '"' || *value == '\\' || *value == '?')
            text_printf(text, "\\%c", *value);
        else if (isprint((unsigned char)*value))
            text_append(text, value, 1);
        else
            text_printf(text, "\\%03o", (unsigned char)*value);
    }
    text_append(text, "\"", 1);
}

/* One character of a comment. A blank parts what would end the comment, begin another, or be a trigraph. */
static void comment_char(struct text *text, char c)
{
    char last = text->bytes[text->size - 1];

    if ((last == '*' && c == '/') || (last == '/' && c == '*') || (last == '?' && c == '?'))
        text_append(text, " ", 1);
    text_append(text, &c, 1);
}

static void comment_line(struct text *text, const char *line, size_t size, const char *lead)
{
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        size--;
    text_printf(text, "%s", size == 0 && strcmp(lead, " * ") == 0 ? " *" : lead);
    for (size_t i = size > 0 && line[0] == ' ' ? 1 : 0; i < size; i++)
        comment_char(text, (unsigned char)line[i] < ' ' ? ' ' : line[i]);
}

void text_comment(struct text *text, const char *value)
{
    const char *lead = "/* ";
    size_t      left = strlen(value);

    while (left > 0 && isspace((unsigned char)value[left - 1]))
        left--;
    while (left > 0) {
        const char *end = memchr(value, '\n', left);
        size_t      size = end == NULL ? left : (size_t)(end - value);

        comment_line(text, value, size, lead);
        lead = " * ";
        size += end != NULL;
        left -= size;
        value += size;
        text_append(text, left == 0 ? " */\n" : "\n", left == 0 ? 4 : 1);
    }
}
