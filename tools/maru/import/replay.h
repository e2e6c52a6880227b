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

/* replay_all sends all invoices (sorted), waits until their orders are over, and notes in each line what became of it.
 * What checkout refuses for good is told on stderr and counted; anything else ends it, with one line in error. A repeat
 * of all of it is safe. */
maru_status replay_all(maru_runtime *runtime, maru_client *checkout, struct bills *bills, struct report *report,
                       maru_error *error);

#endif
