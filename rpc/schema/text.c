/* text.c: text that grows in an arena (contract: text.h). */
#include "schema/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_FIRST = 256 };

static bool grow(text *t, size_t need)
{
    size_t capacity = t->capacity < TEXT_FIRST ? TEXT_FIRST : t->capacity * 2;
    char  *data;

    capacity = capacity < need ? need : capacity;
    capacity = capacity < t->max ? capacity : t->max;
    data = maru_arena_alloc(t->arena, capacity);
    if (data == NULL)
        return false;
    if (t->size > 0)
        memcpy(data, t->data, t->size);
    t->data = data;
    t->capacity = capacity;
    return true;
}

static char *fail(text *t, bool too_big)
{
    t->failed = true;
    t->too_big |= too_big;
    t->capacity = t->size;
    return NULL;
}

char *text_more(text *t, size_t size)
{
    if (t->failed)
        return NULL;
    if (size > t->max - t->size)
        return fail(t, true);
    if ((t->data == NULL || size > t->capacity - t->size) && !grow(t, t->size + size))
        return fail(t, false);
    return t->data + t->size;
}

void text_printf(text *t, const char *format, ...)
{
    va_list args;
    char   *formatted;

    va_start(args, format);
    formatted = maru_arena_vprintf(t->arena, format, args);
    va_end(args);
    if (formatted == NULL)
        fail(t, false);
    else
        text_string(t, formatted);
}

char *text_end(text *t)
{
    char *room;

    if (t->failed)
        return NULL;
    t->max += t->max < SIZE_MAX;
    room = text_room(t, 1);
    if (room == NULL)
        return NULL;
    *room = '\0';
    return t->data;
}
