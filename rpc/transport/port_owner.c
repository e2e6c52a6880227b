/* port_owner.c: see port_owner.h. The kernel lists listening sockets with their inodes, and each process its open ones.
 */
#include "transport/port_owner.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TCP_LISTEN = 0x0a, UNIX_LISTENS = 0x10000 /* among a socket's flags */ };

static unsigned long tcp_inode(const char *table, unsigned port)
{
    FILE         *file = fopen(table, "re");
    char          line[512];
    unsigned long found = 0;

    while (file != NULL && found == 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned      local, state;
        unsigned long inode;

        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*d %*d %lu", &local, &state,
                   &inode) == 3 &&
            local == port && state == TCP_LISTEN)
            found = inode;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* Each connection that was accepted has the listener's path too. */
static unsigned long unix_inode(const char *path)
{
    FILE         *file = fopen("/proc/net/unix", "re");
    char          line[512], at[256];
    unsigned long found = 0, inode;
    unsigned      flags;

    while (file != NULL && found == 0 && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%*s %*s %*s %x %*s %*s %lu %255s", &flags, &inode, at) == 3 && (flags & UNIX_LISTENS) != 0 &&
            strcmp(at, path) == 0)
            found = inode;
    if (file != NULL)
        fclose(file);
    return found;
}

static bool holds(const char *pid, const char *socket_name)
{
    char           path[64], target[64];
    DIR           *dir;
    struct dirent *entry;
    bool           found = false;

    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    if ((dir = opendir(path)) == NULL)
        return false;
    while (!found && (entry = readdir(dir)) != NULL) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);

        target[n < 0 ? 0 : n] = 0;
        found = strcmp(target, socket_name) == 0;
    }
    closedir(dir);
    return found;
}

static void describe(const char *pid, char *out, size_t size)
{
    char  path[64], name[32] = "?";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
    if ((file = fopen(path, "re")) != NULL) {
        if (fgets(name, sizeof name, file) != NULL)
            name[strcspn(name, "\n")] = 0;
        fclose(file);
    }
    snprintf(out, size, " by %s (pid %s)", name, pid);
}

static void find_holder(unsigned long inode, char *out, size_t size)
{
    char           socket_name[64];
    DIR           *proc = opendir("/proc");
    struct dirent *entry;

    snprintf(socket_name, sizeof socket_name, "socket:[%lu]", inode);
    while (proc != NULL && (entry = readdir(proc)) != NULL)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && holds(entry->d_name, socket_name)) {
            describe(entry->d_name, out, size);
            break;
        }
    if (proc != NULL)
        closedir(proc);
}

void port_owner(const char *url, char *out, size_t size)
{
    unsigned long inode = 0;

    *out = 0;
    if (strncmp(url, "ipc://", 6) == 0) {
        inode = unix_inode(url + 6);
    } else if (strrchr(url, ':') != NULL) {
        unsigned port = (unsigned)strtoul(strrchr(url, ':') + 1, NULL, 10);

        if ((inode = tcp_inode("/proc/net/tcp", port)) == 0)
            inode = tcp_inode("/proc/net/tcp6", port);
    }
    if (inode != 0)
        find_holder(inode, out, size);
}
