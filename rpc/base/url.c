/* url.c: says what is wrong with a URL (contract: url.h). */
#include "base/url.h"

#include <stdbool.h>
#include <string.h>

#include "base/host_port.h"
#include "base/utf8.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Every address of a machine is where one listens: nobody is there to be called. */
static bool is_any(const char *rest)
{
    return begins(rest, "*:");
}

static const char *check_tcp(const char *rest, int least_port)
{
    bool listens = least_port == 0;

    switch (!listens && is_any(rest) ? HOST_PORT_NO_HOST : host_port_check(rest, least_port)) {
    case HOST_PORT_FINE:
        return NULL;
    case HOST_PORT_NO_HOST:
        return listens ? "tcp://HOST:PORT with a host (* is every address of this machine)"
                       : "tcp://HOST:PORT with a host";
    case HOST_PORT_COLONS:
        return "an IPv6 address in brackets, tcp://[ADDRESS]:PORT";
    default:
        return listens ? "tcp://HOST:PORT with a port of 0..65535" : "tcp://HOST:PORT with a port of 1..65535";
    }
}

static const char *check_ipc(const char *path)
{
    if (path[0] != '/' || path[1] == '\0')
        return "ipc:// and an absolute path";
    return strlen(path) > SOCKET_PATH_MAX ? "a socket path of at most 107 bytes" : NULL;
}

static const char *check(const char *text, int least_port)
{
    if (utf8_has_control(text))
        return "a URL without control characters";
    if (begins(text, "tcp://"))
        return check_tcp(text + strlen("tcp://"), least_port);
    if (begins(text, "ipc://"))
        return check_ipc(text + strlen("ipc://"));
    return "tcp://HOST:PORT or ipc:///PATH";
}

const char *url_check_listen(const char *text)
{
    return check(text, 0);
}

const char *url_check_call(const char *text)
{
    return check(text, 1);
}
