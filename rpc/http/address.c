/* address.c: HOST:PORT, before anyone tries to listen there (contract: maru/http.h). */
#include <stdlib.h>
#include <string.h>

#include "maru/http.h"

enum { ADDRESS_MAX = 100, PORT_DIGITS = 5, PORT_MAX = 65535 };

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= PORT_DIGITS && text[digits] == 0 && atoi(text) <= PORT_MAX;
}

const char *maru_http_check_address(const char *host_port)
{
    static const char want[] = "HOST:PORT with a port of 0..65535, an IPv6 address in brackets";
    const char       *colon = strrchr(host_port, ':');

    if (colon == NULL || colon == host_port || !is_port(colon + 1) || strlen(host_port) > ADDRESS_MAX ||
        strpbrk(host_port, "/ \t\r\n") != NULL)
        return want;
    if (host_port[0] == '[' ? colon[-1] != ']' : memchr(host_port, ':', (size_t)(colon - host_port)) != NULL)
        return want;
    return NULL;
}
