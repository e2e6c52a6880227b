/* verdict.c: see verdict.h. */
#include "verdict.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

bool verdict_ask(const fleet *f, int wait_s, char verdict[static VERDICT])
{
    char  command[4096], line[1024];
    FILE *out;
    int   status;

    snprintf(command, sizeof command, "'%s/maru' audit --data '%s' --wait %ds 2>&1", f->bin, f->data, wait_s);
    snprintf(verdict, VERDICT, "audit: could not be run");
    if ((out = popen(command, "r")) == NULL)
        return false;
    while (fgets(line, sizeof line, out) != NULL) {
        if (strncmp(line, "audit: ", 7) != 0)
            fprintf(stderr, "  %s", line);
        line[strcspn(line, "\n")] = '\0';
        snprintf(verdict, VERDICT, "%.250s", line);
    }
    status = pclose(out);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool verdict_folder_make(verdict_folder *folder, const char *name, const char *given)
{
    *folder = (verdict_folder){.name = name, .made = given == NULL};
    snprintf(folder->path, sizeof folder->path, "%s", given != NULL ? given : "/tmp/maru-soak-XXXXXX");
    if (given == NULL && mkdtemp(folder->path) == NULL) {
        perror(folder->path);
        return false;
    }
    return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void verdict_folder_leave(verdict_folder *folder, bool well)
{
    if (well && folder->made)
        nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    else if (!well)
        fprintf(stderr, "%s: stores and logs are left in %s\n", folder->name, folder->path);
}
