/* names.h: names as a list for a person, "cart, catalog, ..."; each is whole, and "..." says that there are more. Pure.
 *
 *   char  text[NAMES_TEXT] = "";
 *   names list = {.out = text};
 *   for each name: names_put(&list, name);
 */
#ifndef MARU_NAMES_H
#define MARU_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum { NAMES_TEXT = 201 };

typedef struct names {
    char  *out; /* NAMES_TEXT bytes, "" at first */
    size_t used;
    bool   full;
} names;

void names_put(names *list, const char *name);

#endif
