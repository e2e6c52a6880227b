/* lag.h: maru events lag: how far each service is with the events of others. */
#ifndef MARU_LAG_H
#define MARU_LAG_H

#include "command.h"

/* data: as --data was given, or NULL. On stdout, a line also for who does not answer or run. On stderr, why each does
 * not answer, and in one line how many do not run; the status to exit with is not 0 then. */
int lag_print(const command *self, const char *data);

#endif
