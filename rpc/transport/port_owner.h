/* port_owner.h: who listens where we want to, for the error that says so. */
#ifndef MARU_PORT_OWNER_H
#define MARU_PORT_OWNER_H

#include <stddef.h>

/* port_owner writes " by NAME (pid N)" for the process that listens on the tcp address or socket path of url, or on an
 * address that it is part of; "" where it is not to be found (another user's, another network namespace's). Reads
 * /proc; looks the name up. */
void port_owner(const char *url, char *out, size_t size);

#endif
