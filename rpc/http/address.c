/* address.c: HOST:PORT, before anyone tries to listen there (contract: maru/http.h). */
#include <string.h>

#include "base/host_port.h"
#include "maru/http.h"

enum { ADDRESS_MAX = 100 };

const char *maru_http_check_address(const char *host_port)
{
    static const char want[] = "HOST:PORT with a port of 0..65535, an IPv6 address in brackets";

    if (strlen(host_port) > ADDRESS_MAX)
        return want;
    switch (host_port_check(host_port, 0)) {
    case HOST_PORT_FINE:
        return NULL;
    case HOST_PORT_NO_HOST:
        return "HOST:PORT with a host (* is every address of this machine)";
    default:
        return want;
    }
}
