/* host_port.h: HOST:PORT, as it is written: "127.0.0.1:80", "[::1]:0", "*:8080". Pure: no name is looked up.
 */
#ifndef MARU_HOST_PORT_H
#define MARU_HOST_PORT_H

typedef enum host_port_fault {
    HOST_PORT_FINE,
    HOST_PORT_NO_HOST, /* ":80", "[]:80" */
    HOST_PORT_COLONS,  /* "::1:80": where the port begins is anybody's guess */
    HOST_PORT_OTHER,   /* no port, one that is no number of least_port..65535, or what can't be in a host */
} host_port_fault;

/* Port 0 takes a free one: a place to listen on, and none to call. The first fault, in the order above. */
host_port_fault host_port_check(const char *text, int least_port);

#endif
