/* tcp_address.h: addresses of tcp: one to listen on, and one in words.
 */
#ifndef MARU_TCP_ADDRESS_H
#define MARU_TCP_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

#include "maru/status.h"

/* tcp_address_listen opens *fd, which does not block and listens at url, tcp://HOST:PORT, and writes the URL with the
 * port that it got into bound. Looks the name up, which may take a while. INVALID_ARGUMENT, ALREADY_EXISTS where it is
 * in use (error says by whom), PERMISSION_DENIED. */
maru_status tcp_address_listen(const char *url, int *fd, char *bound, size_t room, maru_error *error);

/* What tcp_address_listen says of an errno value. */
maru_status tcp_address_failed(const char *url, int code, const char *words, maru_error *error);

/* tcp_address_look_up writes the first address that HOST:PORT has; "*", or nothing, is every one of this machine. 0, or
 * what getaddrinfo says. May take a while. */
int tcp_address_look_up(const char *host_port, struct sockaddr_storage *address, socklen_t *size);

/* tcp_address_say writes "tcp:192.0.2.1", without the port, which is another with each connection; IPv4 is written as
 * IPv4 also where IPv6 carries it. "tcp" where it is not known. */
void tcp_address_say(const struct sockaddr_storage *address, char *out, size_t room);

#endif
