/* text.h: text that grows in an arena, up to a bound.
 *
 * Once a piece did not fit, `failed` stays set and further pieces are dropped: whoever builds a text looks once, at the
 * end. What it outgrew stays in the arena, at most as much again as the text.
 */
#ifndef MARU_SCHEMA_TEXT_H
#define MARU_SCHEMA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "maru/arena.h"

typedef struct text {
    maru_arena *arena;
    char       *data;
    size_t      size;
    size_t      capacity;
    size_t      max;     /* bytes; a text of exactly max fits */
    bool        failed;  /* past max, or no memory */
    bool        too_big; /* it failed because it is past max */
} text;

static inline text text_in(maru_arena *arena, size_t max)
{
    return (text){.arena = arena, .max = max};
}

/* text_room makes room for size more bytes and returns where they go, or NULL; size counts only once the caller adds
 * it. */
char *text_room(text *t, size_t size);
void  text_add(text *t, const void *bytes, size_t size);
void  text_char(text *t, char c);
void  text_string(text *t, const char *string);
void  text_printf(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* text_end adds a NUL that is not counted. NULL where anything failed. */
char *text_end(text *t);

#endif
