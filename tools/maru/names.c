/* names.c: puts names behind each other as long as they fit whole. */
#include "names.h"

#include <stdio.h>
#include <string.h>

static const char more[] = ", ...";

void names_put(names *list, const char *name)
{
    const char *between = list->used > 0 ? ", " : "";
    size_t      room = NAMES_TEXT - list->used;

    if (list->full)
        return;
    list->full = strlen(between) + strlen(name) + sizeof more > room;
    if (list->full)
        snprintf(list->out + list->used, room, "%s", more + (list->used > 0 ? 0 : strlen(", ")));
    else
        list->used += (size_t)snprintf(list->out + list->used, room, "%s%s", between, name);
}
