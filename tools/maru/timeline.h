/* timeline.h: what happened to an order, as a table for people: maru order timeline.
 *
 *   orders/7f3a
 *    #       AT  EVENT                BY         BECAUSE OF         DETAIL
 *    1     0 ms  OrderSubmitted       checkout   call PlaceOrder    1 line, 28000 KRW
 *    2     3 ms  StockReserved        inventory  3 ms after 1       2 pieces of 1 product
 *   COMPLETED
 *
 * AT counts from the first row. Rows are in the order of their times, with a cause before what it caused: checkout's
 * timeline is in the order in which it learnt of the events, and it may hear of an effect first.
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

/* timeline_arrange puts the entries from `from` on into an order for people: rows[i] is the entry of row i. The first
 * of all stays the first; then by time, but a cause before what it caused, whatever their clocks say; ties keep their
 * order. causes is room for as many as rows. Pure. */
void timeline_arrange(const Checkout__Timeline *timeline, size_t from, size_t *rows, size_t *causes);

/* timeline_stuck says, in words, whether what an order waits for does not come by itself: its service can't be asked,
 * or a person must do something. Pure. */
enum { TIMELINE_WORDS = 512 };
bool timeline_stuck(const why_answer *a, char words[static TIMELINE_WORDS]);

/* timeline_show prints the table on stdout and returns the exit status. follow: rows come as they happen (those of one
 * look in the order of timeline_arrange, behind what was printed), until the
 * order is COMPLETED or CANCELLED and no event is owed of it (audit/why.h); one that is owed and does not come by
 * itself is waited for some seconds, and then said on stderr. Blocks. */
int timeline_show(const command *self, const char *data, const char *order, bool follow);

#endif
