/* lag.h: maru events lag: how far each service is with the events of others. */
#ifndef MARU_LAG_H
#define MARU_LAG_H

#include "command.h"

/* data: as --data was given, or NULL. On stdout, a line also for who does not answer or run; of these on
 * stderr why, and the status to exit with is not 0. */
int lag_print(const command *self, const char *data);

#endif
