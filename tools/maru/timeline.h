/* timeline.h: what happened to an order, as a table for people: maru order timeline.
 *
 *   orders/7f3a
 *    #       AT  EVENT                BY         BECAUSE OF         DETAIL
 *    1     0 ms  OrderSubmitted       checkout   call PlaceOrder    1 line, 28000 KRW
 *    2     3 ms  StockReserved        inventory  3 ms after 1       2 of 1 product
 *   COMPLETED
 *
 * AT counts from the first row. Rows are in the order in which checkout learnt of the events.
 */
#ifndef MARU_TIMELINE_H
#define MARU_TIMELINE_H

#include <stdbool.h>
#include <stdio.h>

#include "audit/why.h"
#include "command.h"
#include "shop/checkout.pb-c.h"

/* timeline_row writes entry at. Pure; width is how many columns the detail may reach to, 0: as many as it has. Never
 * more bytes of it than columns, and no character in two. */
void timeline_row(const Checkout__Timeline *timeline, size_t at, size_t width, FILE *out);

/* timeline_stuck says, in words, whether what an order waits for does not come by itself: its service can't be asked,
 * or a person must do something. Pure. */
enum { TIMELINE_WORDS = 512 };
bool timeline_stuck(const why_answer *a, char words[static TIMELINE_WORDS]);

/* timeline_show prints the table on stdout and returns the exit status. follow: rows come as they happen, until the
 * order is COMPLETED or CANCELLED and no event is owed of it (audit/why.h); one that is owed and does not come by
 * itself is waited for some seconds, and then said on stderr. Blocks. */
int timeline_show(const command *self, const char *data, const char *order, bool follow);

#endif
