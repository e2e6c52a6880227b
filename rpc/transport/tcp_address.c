/* tcp_address.c: resolves HOST:PORT to listen on, and prints the address of a socket. */
#include "transport/tcp_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "transport/port_owner.h"

enum { BACKLOG = 1024 };

maru_status tcp_address_failed(const char *url, int code, const char *words, maru_error *error)
{
    char owner[128];

    if (code == EADDRINUSE) {
        port_owner(url, owner, sizeof owner);
        return maru_error_set(error, MARU_ALREADY_EXISTS, "%s: in use%s", url, owner);
    }
    if (code == EACCES || code == EPERM)
        return maru_error_set(error, MARU_PERMISSION_DENIED, "%s: cannot listen: %s", url, strerror(code));
    if (code == EADDRNOTAVAIL)
        words = "no address of this machine, or an unknown host";
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: cannot listen: %s", url, words);
}

int tcp_address_look_up(const char *host_port, struct sockaddr_storage *address, socklen_t *size)
{
    const struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    const char           *colon = strrchr(host_port, ':');
    char                  host[256];
    struct addrinfo      *found;
    int                   failed, bracket = *host_port == '[';

    snprintf(host, sizeof host, "%.*s", (int)(colon - host_port) - 2 * bracket, host_port + bracket);
    if ((failed = getaddrinfo(strcmp(host, "*") == 0 || *host == 0 ? NULL : host, colon + 1, &want, &found)) != 0)
        return failed;
    memcpy(address, found->ai_addr, found->ai_addrlen);
    *size = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

/* The descriptor, or a negative errno value. */
static int open_listener(const struct sockaddr_storage *address, socklen_t size)
{
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, failed;

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)address, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    failed = errno;
    close(fd);
    return -failed;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t               size = sizeof address;

    getsockname(fd, (struct sockaddr *)&address, &size);
    return ntohs(address.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&address)->sin6_port
                                               : ((const struct sockaddr_in *)&address)->sin_port);
}

maru_status tcp_address_listen(const char *url, int *fd, char *bound, size_t room, maru_error *error)
{
    static const char       scheme[] = "tcp://";
    const char             *host_port = url + sizeof scheme - 1, *colon = strrchr(url, ':');
    struct sockaddr_storage address;
    socklen_t               size;
    int                     failed;

    if (strncmp(url, scheme, sizeof scheme - 1) != 0 || colon <= host_port)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want tcp://HOST:PORT", url);
    if ((failed = tcp_address_look_up(host_port, &address, &size)) != 0)
        return tcp_address_failed(url, 0, gai_strerror(failed), error);
    if ((*fd = open_listener(&address, size)) < 0)
        return tcp_address_failed(url, -*fd, strerror(-*fd), error);
    snprintf(bound, room, "%.*s:%u", (int)(colon - url), url, port_of(*fd));
    return MARU_OK;
}

void tcp_address_say(const struct sockaddr_storage *address, char *out, size_t room)
{
    const struct sockaddr_in  *four = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    char                       text[INET6_ADDRSTRLEN] = "";

    if (address->ss_family == AF_INET)
        inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
    else if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, text, sizeof text);
    else if (address->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
    snprintf(out, room, "tcp%s%s", *text != 0 ? ":" : "", text);
}
