/* dying_shim.c: preloaded into maru store: the service ends just when it is looked for among those that run. What had
 * its store open knows its pid by then, and finds nothing under it.
 *
 *   MARU_DYING_PID     whom to kill, once
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../number.h"

enum { PATH_SIZE = 4096 };

/* Until nothing is left of it, or only what its parent has not heard of yet. */
static void end(pid_t pid)
{
    char path[64], target[PATH_SIZE];

    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    kill(pid, SIGKILL);
    while (readlink(path, target, sizeof target) >= 0 || errno != ENOENT)
        ;
}

DIR *opendir(const char *folder)
{
    DIR *(*real)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
    const char *pid = getenv("MARU_DYING_PID");
    char        path[PATH_SIZE];
    uint64_t    number;

    snprintf(path, sizeof path, "%s/catalog.lock", folder);
    if (pid != NULL && number_read(pid, 1, INT32_MAX, &number) && access(path, F_OK) == 0) {
        end((pid_t)number);
        unsetenv("MARU_DYING_PID");
        unsetenv("LD_PRELOAD"); /* nor for what it starts */
    }
    return real(folder);
}
