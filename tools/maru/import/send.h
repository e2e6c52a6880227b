/* send.h: what was gathered, sent to the catalogue. Blocks. */
#ifndef IMPORT_SEND_H
#define IMPORT_SEND_H

#include "maru/client.h"

#include "gather.h"
#include "report.h"

/* send_all sends every request of gather (sorted) and counts the products in report. A product that the catalogue
 * refuses for good is told and counted there, and the others go on. A catalogue that dies is asked again (patience.h).
 * On any other failure error has one line. A repeat of all of it is safe. */
maru_status send_all(maru_runtime *runtime, maru_client *catalog, struct gather *gather, struct report *report,
                     maru_error *error);

#endif
