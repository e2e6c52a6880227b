/* hide.h: what the public is not told: where services listen, and what goes on inside them. Pure.
 *
 * What a customer sent is never changed: one who sees that a guess is rewritten knows that it is right. So nothing is
 * looked for in words that may quote a request.
 */
#ifndef SHOP_EDGE_HIDE_H
#define SHOP_EDGE_HIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "maru/status.h"

/* hide_ours: whether words are of our own client, for the address that it calls, and not of a service. Those of a
 * connection that was lost have the origin of whoever was lost, and begin with the address. */
bool hide_ours(maru_status status, const char *words, const char *origin, const char *address);

/* hide_address writes text into out with name in place of address, wherever it stands; what does not fit into room
 * bytes with the NUL is cut off. For the words of our own client, which have that one address, and nothing that a
 * customer sent. true where it stood there. */
bool hide_address(const char *text, const char *address, const char *name, char *out, size_t room);

/* hide_behind is for a service's words of another one that it called, whose address nobody here knows: they end before
 * the sentence that has one, whichever address it is. Only what a client says of the way has one, with the statuses
 * UNAVAILABLE, DEADLINE_EXCEEDED and RESOURCE_EXHAUSTED; other words stay. true where they were cut. */
bool hide_behind(maru_status status, const char *words, char *out, size_t room);

/* hide_inside is for a service's words of what is wrong with itself, be it the one that was called or another behind
 * it: all of INTERNAL, UNKNOWN and DATA_LOSS, and of other statuses what is said of a store ("the store of checkout:
 * commit: the file system is full"), but of those that quote a request. Others are put into words that say no more than
 * the status does; true where they were. */
bool hide_inside(maru_status status, const char *words, char *out, size_t room);

#endif
