/* host_port.c: whether a text is HOST:PORT, and what is wrong with it where it is not. */
#include "base/host_port.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_DIGITS = 5, PORT_MAX = 65535 };

static bool is_port(const char *text, int least)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= PORT_DIGITS && text[digits] == 0 && atoi(text) >= least && atoi(text) <= PORT_MAX;
}

host_port_fault host_port_check(const char *text, int least_port)
{
    const char *colon = strrchr(text, ':');

    if (colon == NULL || strpbrk(text, "/ \t\r\n") != NULL)
        return HOST_PORT_OTHER;
    if (colon == text || strncmp(text, "[]", strlen("[]")) == 0)
        return HOST_PORT_NO_HOST;
    if (text[0] == '[' ? colon[-1] != ']' : memchr(text, ':', (size_t)(colon - text)) != NULL)
        return HOST_PORT_COLONS;
    return is_port(colon + 1, least_port) ? HOST_PORT_FINE : HOST_PORT_OTHER;
}
