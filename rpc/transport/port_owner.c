/* port_owner.c: see port_owner.h. The kernel lists listening sockets with their inodes, and each process its open ones.
 */
#include "transport/port_owner.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "transport/tcp_address.h"

enum { TCP_LISTEN = 0x0a, UNIX_LISTENS = 0x10000 /* among a socket's flags */ };

/* Where a socket listens. One on every address of IPv6 has those of IPv4 too. */
typedef struct place {
    bool     six;
    uint32_t words[4]; /* as the kernel has them; of IPv4 one */
    unsigned port;
} place;

static bool is_any(const place *p)
{
    return (p->words[0] | p->words[1] | p->words[2] | p->words[3]) == 0;
}

/* Whether one is in the other's way. */
static bool meet(const place *a, const place *b)
{
    if (a->port != b->port)
        return false;
    if (a->six != b->six)
        return is_any(a->six ? a : b);
    return is_any(a) || is_any(b) || memcmp(a->words, b->words, sizeof a->words) == 0;
}

/* IPv4 as IPv6 carries it is IPv4. */
static void set_six(place *p, const uint32_t words[static 4])
{
    static const uint32_t zeros[2];

    p->six = memcmp(words, zeros, sizeof zeros) != 0 || words[2] != htonl(0xffff);
    if (p->six)
        memcpy(p->words, words, sizeof p->words);
    else
        p->words[0] = words[3];
}

static bool place_of(const char *url, place *p)
{
    struct sockaddr_storage    address;
    const struct sockaddr_in  *four = (const struct sockaddr_in *)&address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
    uint32_t                   words[4];
    socklen_t                  size;

    *p = (place){.six = false};
    if (strncmp(url, "tcp://", 6) != 0 || strchr(url + 6, ':') == NULL ||
        tcp_address_look_up(url + 6, &address, &size) != 0)
        return false;
    if (address.ss_family == AF_INET6) {
        memcpy(words, &six->sin6_addr, sizeof words);
        set_six(p, words);
        p->port = ntohs(six->sin6_port);
    } else {
        memcpy(p->words, &four->sin_addr, sizeof four->sin_addr);
        p->port = ntohs(four->sin_port);
    }
    return true;
}

/* The kernel writes an address in words of its own byte order, eight digits each. */
static bool read_place(const char *digits, unsigned port, place *p)
{
    uint32_t words[4];
    size_t   size = strlen(digits);

    *p = (place){.port = port};
    if (size == 8)
        return sscanf(digits, "%8" SCNx32, &p->words[0]) == 1;
    if (size != 32 || sscanf(digits, "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32, &words[0], &words[1], &words[2],
                             &words[3]) != 4)
        return false;
    set_six(p, words);
    return true;
}

static unsigned long tcp_inode(const char *table, const place *wanted)
{
    FILE         *file = fopen(table, "re");
    char          line[512], digits[33];
    unsigned long found = 0;

    while (file != NULL && found == 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned      port, state;
        unsigned long inode;
        place         there;

        if (sscanf(line, " %*d: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*d %*d %lu", digits, &port, &state,
                   &inode) == 4 &&
            state == TCP_LISTEN && read_place(digits, port, &there) && meet(&there, wanted))
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
    place         wanted;

    *out = 0;
    if (strncmp(url, "ipc://", 6) == 0) {
        inode = unix_inode(url + 6);
    } else if (place_of(url, &wanted)) {
        if ((inode = tcp_inode("/proc/net/tcp", &wanted)) == 0)
            inode = tcp_inode("/proc/net/tcp6", &wanted);
    }
    if (inode != 0)
        find_holder(inode, out, size);
}
