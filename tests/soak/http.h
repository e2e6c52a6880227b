/* http.h: one request to the edge, as a client that knows nothing of Maru makes it. */
#ifndef MARU_SOAK_HTTP_H
#define MARU_SOAK_HTTP_H

#include <stddef.h>

enum { HTTP_REPLY = 64 * 1024 };

/* http_post sends a JSON body to http://ADDRESS/PATH on a connection of its own, and waits up to ms. The status, and
 * the body in reply (cut where it is longer); 0 where there was no answer. address is HOST:PORT, an IPv4 address.
 * Blocks. */
int http_post(const char *address, const char *path, const char *json, int ms, char reply[static HTTP_REPLY]);

/* http_text finds the string that stands behind "NAME": in flat JSON, without escapes. False where there is none. */
int http_text(const char *json, const char *name, char *into, size_t size);

#endif
