/* alive.h: the parts of alive_test.c, each over the same running shop, which it leaves whole. */
#ifndef MARU_TEST_ALIVE_H
#define MARU_TEST_ALIVE_H

#include "shop.h"

/* outages.c: what works while a service is stopped, and what waits for it. */
void outages(shop *s);

/* whys.c: maru order why says what an order waits for, and what helps. */
void whys(shop *s);

/* follows.c: maru order timeline --follow ends when an order is over, and not before; it and why take the same names.
 */
void follows(shop *s);

/* How long shipping packs from now on; it is started anew. */
bool pack_in(shop *s, int ms);

/* events_cli.c: maru events. */
void events_cli(shop *s);

/* free.c: what costs nothing is ordered, too. */
void free_orders(shop *s);

/* newcomer.c: a service that nobody knew of counts all orders. program: its path. */
void newcomer(shop *s, const char *program);

/* Whether maru order why ORDER says part, sooner or later; text is what it said last. */
enum { ALIVE_TEXT = 4096 };
bool why_says(shop *s, const char *order, const char *part, char text[static ALIVE_TEXT]);

/* The order's first event in checkout's log becomes a dead letter at a service that does not run and never heard of it.
 */
bool park_submit(shop *s, const char *service, const char *order);

#endif
