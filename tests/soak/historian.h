/* historian.h: who brings an order of the past, made, paid and delivered elsewhere, and says what came back of it. */
#ifndef MARU_SOAK_HISTORIAN_H
#define MARU_SOAK_HISTORIAN_H

#include "attempt.h"

/* historian_bring places the order of an invoice, twice as whoever got no answer does, and gives some of it back, twice
 * as well. The order's name is put into name. FAILED, with words on stderr, where the second word did anything. */
outcome historian_bring(market *m, const char *invoice, char name[static ORDER_NAME]);

#endif
