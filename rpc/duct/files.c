/* files.c: shares what files a process may open between connections and all else. */
#include "duct/files.h"

#include <dirent.h>
#include <sys/resource.h>

enum { LATER = 16 }; /* descriptors of its own that a process opens once it has a server */

/* How many descriptors are open; a guess where the system does not tell. */
static size_t open_files(void)
{
    enum { GUESS = 32 };
    DIR   *dir = opendir("/proc/self/fd");
    size_t count = 0;

    if (dir == NULL)
        return GUESS;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 3; /* ".", ".." and that of dir */
}

files_room files_share_of(const files_wish *wish, size_t limit, size_t open)
{
    size_t taken = open + LATER, left = limit > taken + 2 ? limit - taken : 2;
    size_t part = left / wish->parts > 0 ? left / wish->parts : 1, most = left - part;

    if (limit > wish->kept && limit - wish->kept > most)
        most = limit - wish->kept;
    if (wish->connections <= most)
        return (files_room){.connections = wish->connections, .spare = part};
    return (files_room){.connections = most, .spare = part, .limit = limit};
}

files_room files_share(const files_wish *wish)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY ||
        wish->connections + wish->kept <= files.rlim_cur)
        return (files_room){.connections = wish->connections, .spare = wish->kept};
    return files_share_of(wish, files.rlim_cur, open_files());
}
