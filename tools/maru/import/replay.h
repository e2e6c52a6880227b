/* replay.h: invoices, replayed through checkout in order of time: sales become orders, cancellations what came back of
 * them. Blocks.
 *
 * One after the other, so that orders have the numbers that their times give them. The clock is driven by the invoices:
 * each order is made at its invoice's time, and nothing of it waits for a time of today.
 */
#ifndef IMPORT_REPLAY_H
#define IMPORT_REPLAY_H

#include "maru/client.h"

#include "bill.h"
#include "report.h"

/* replay_all sends all invoices (sorted), and notes in each line what became of it. What checkout refuses for good is
 * told on stderr and counted; anything else ends it, with one line in error. A repeat of all of it is safe. */
maru_status replay_all(maru_runtime *runtime, maru_client *checkout, struct bills *bills, struct report *report,
                       maru_error *error);

/* replay_wait waits until the orders of all invoices that were sent are over. DEADLINE_EXCEEDED where one is not for a
 * minute; it changes nothing of what was noted. */
maru_status replay_wait(maru_runtime *runtime, maru_client *checkout, struct bills *bills, struct report *report,
                        maru_error *error);

#endif
