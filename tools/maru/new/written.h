/* written.h: the files and folders that were made for a service, so that where not all could be, none stays: what is
 * left of half a project would be in the way of the next try.
 */
#ifndef MARU_NEW_WRITTEN_H
#define MARU_NEW_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>

enum { WRITTEN_MAX = 32 };

typedef struct written {
    char  *paths[WRITTEN_MAX]; /* in the order in which they were made */
    size_t count;
} written;

/* written_note notes what was just made; where memory or room is out it is false, and path is removed. path is then the
 * caller's, as before. */
bool written_note(written *w, const char *path);

/* One of them ends it: remove takes away what was made, the last first, and leaves folders in which there is something
 * else; keep leaves all of it. */
void written_remove(written *w);
void written_keep(written *w);

#endif
