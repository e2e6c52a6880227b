/* hide.h: what the public is not told: where services listen. Pure. */
#ifndef SHOP_EDGE_HIDE_H
#define SHOP_EDGE_HIDE_H

#include <stdbool.h>
#include <stddef.h>

/* The name of whoever listens at a URL, which ends at size; never NULL. */
typedef const char *(*hide_name)(void *arg, const char *url, size_t size);

/* hide_urls writes text into out with the names in place of its URLs, ipc://... and tcp://...; what does not fit into
 * room bytes with the NUL is cut off. true where there was one. */
bool hide_urls(const char *text, hide_name name, void *arg, char *out, size_t room);

#endif
