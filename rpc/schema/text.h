/* text.h: text that grows in an arena, up to a bound.
 *
 * Once a piece did not fit, `failed` stays set and further pieces are dropped: whoever builds a text looks once, at the
 * end. What it outgrew stays in the arena, at most as much again as the text.
 */
#ifndef MARU_SCHEMA_TEXT_H
#define MARU_SCHEMA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "maru/arena.h"

typedef struct text {
    maru_arena *arena;
    char       *data;
    size_t      size;
    size_t      capacity; /* at most max; once it has failed, size: nothing fits */
    size_t      max;      /* bytes; a text of exactly max fits */
    bool        failed;   /* past max, or no memory */
    bool        too_big;  /* it failed because it is past max */
} text;

static inline text text_in(maru_arena *arena, size_t max)
{
    return (text){.arena = arena, .max = max};
}

/* text_room makes room for size more bytes and returns where they go, or NULL; size counts only once the caller adds
 * it. */
char *text_more(text *t, size_t size); /* text_room where it does not fit yet */

static inline char *text_room(text *t, size_t size)
{
    return t->data != NULL && size <= t->capacity - t->size ? t->data + t->size : text_more(t, size);
}

static inline void text_add(text *t, const void *bytes, size_t size)
{
    char *room = text_room(t, size);

    if (room == NULL || size == 0)
        return;
    memcpy(room, bytes, size);
    t->size += size;
}

static inline void text_char(text *t, char c)
{
    char *room = text_room(t, 1);

    if (room == NULL)
        return;
    *room = c;
    t->size++;
}

static inline void text_string(text *t, const char *string)
{
    text_add(t, string, strlen(string));
}

void text_printf(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* text_end adds a NUL that is not counted. NULL where anything failed. */
char *text_end(text *t);

#endif
