/* mask.h: what the paths of a FieldMask have in common in both directions. Pure. */
#ifndef MARU_JSON_MASK_H
#define MARU_JSON_MASK_H

#include <stdbool.h>
#include <stddef.h>

/* Whether path[at] is a * that stands for all of a level: nothing else is between its dots. */
static inline bool mask_star(const char *path, size_t size, size_t at)
{
    return path[at] == '*' && (at == 0 || path[at - 1] == '.') && (at + 1 == size || path[at + 1] == '.');
}

#endif
