/* written.c: what was made, to be taken away again (written.h). */
#include "new/written.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool written_note(written *w, const char *path)
{
    if (w->count < WRITTEN_MAX && (w->paths[w->count] = strdup(path)) != NULL) {
        w->count++;
        return true;
    }
    remove(path);
    return false;
}

void written_keep(written *w)
{
    while (w->count > 0)
        free(w->paths[--w->count]);
}

void written_remove(written *w)
{
    for (size_t i = w->count; i > 0; i--)
        remove(w->paths[i - 1]);
    written_keep(w);
}
