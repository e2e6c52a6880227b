/* lag.h: maru events lag: how far each service is with the events of others. */
#ifndef MARU_LAG_H
#define MARU_LAG_H

#include "command.h"

/* data: as --data was given, or NULL. On stdout; what a service did not answer on stderr. The status to exit with. */
int lag_print(const command *self, const char *data);

#endif
