/* files.h: how many connections a process may open files for: each is a descriptor, and so is everything else that it
 * opens. Once they are out nobody is let in on any address, nobody can be told so, and what was lost can't be connected
 * again: so connections may not have them all.
 */
#ifndef MARU_FILES_H
#define MARU_FILES_H

#include <stddef.h>

typedef struct files_wish {
    size_t connections;
    size_t kept;  /* descriptors for all else; fewer, where that is less: */
    size_t parts; /* one of so many parts of those that are left when its own are open */
} files_wish;

typedef struct files_room {
    size_t connections; /* at least 1 */
    size_t spare;       /* those that are left then, for those who find no room to be told so; at least 1 */
    size_t limit;       /* of the process, where that is why there are fewer connections than wished for; else 0 */
} files_room;

/* files_share_of is it for a limit, of which so many are open: pure. files_share asks the system for both. */
files_room files_share_of(const files_wish *wish, size_t limit, size_t open);
files_room files_share(const files_wish *wish);

#endif
