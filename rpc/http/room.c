/* room.c: how many connections there may be. Each is a descriptor, and so is each service that is called and each
 * operator who asks: clients may not have them all. Once they are out nobody is let in, and a service that was lost
 * can't be connected again.
 */
#include <sys/resource.h>

#include "http/http_impl.h"

enum {
    OTHERS = 192,    /* descriptors that are kept: services, operators, and what the process has in any case */
    SHARE_OF_FEW = 4 /* where there are less than twice as many: one of so many is for connections */
};

size_t http_room(size_t wanted)
{
    struct rlimit files;
    size_t        most;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return wanted;
    most = files.rlim_cur > 2 * OTHERS ? files.rlim_cur - OTHERS : files.rlim_cur / SHARE_OF_FEW;
    return wanted < most ? wanted : most > 0 ? most : 1;
}
