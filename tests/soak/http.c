/* http.c: see http.h. */
#include "http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    const char        *colon = strchr(address, ':');
    char               host[64];
    int                fd;

    if (colon == NULL)
        return -1;
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    to.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1 || (fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static int send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return 0;
        bytes += sent;
        size -= (size_t)sent;
    }
    return 1;
}

/* Until the edge closes, as it was asked to. */
static size_t read_all(int fd, int ms, char reply[static HTTP_REPLY])
{
    struct pollfd in = {.fd = fd, .events = POLLIN};
    size_t        size = 0;
    ssize_t       got;

    while (size < HTTP_REPLY - 1 && poll(&in, 1, ms) == 1 && (got = read(fd, reply + size, HTTP_REPLY - 1 - size)) > 0)
        size += (size_t)got;
    reply[size] = '\0';
    return size;
}

int http_post(const char *address, const char *path, const char *json, int ms, char reply[static HTTP_REPLY])
{
    char  request[4096];
    int   fd = connect_to(address), status = 0;
    int   size = snprintf(request, sizeof request,
                          "POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
                            "Content-Length: %zu\r\n\r\n%s",
                          path, address, strlen(json), json);
    char *body;

    if (fd < 0)
        return 0;
    if (send_all(fd, request, (size_t)size) && read_all(fd, ms, reply) > 0 &&
        sscanf(reply, "HTTP/1.1 %d", &status) == 1 && (body = strstr(reply, "\r\n\r\n")) != NULL)
        memmove(reply, body + 4, strlen(body + 4) + 1);
    else
        status = 0;
    close(fd);
    return status;
}

int http_text(const char *json, const char *name, char *into, size_t size)
{
    char        quoted[64];
    const char *at;

    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    if ((at = strstr(json, quoted)) == NULL)
        return 0;
    at += strlen(quoted);
    at += strspn(at, " ");
    if (*at++ != '"')
        return 0;
    snprintf(into, size, "%.*s", (int)strcspn(at, "\""), at);
    return 1;
}
