/* each.h: one question to one service, or to all that run on a data folder. Blocks; plain thread. */
#ifndef MARU_EACH_H
#define MARU_EACH_H

#include "command.h"
#include "maru/client.h"
#include "running.h"

/* Asks, and writes what is to be printed; name is the service's, or TARGET as it was given. */
typedef maru_status (*each_ask)(void *arg, const char *name, maru_client *client, maru_call *call, FILE *out);

/* Written before what a service answers, and also where it does not, when all are asked. */
typedef void (*each_title)(const running *who, FILE *out);

/* each_service asks target, or where it is NULL all that run. What was written goes to stdout in one piece; what a
 * service did not answer is said, and the others are asked all the same. title may be NULL. Returns the exit status. */
int each_service(const command *self, const char *data, const char *target, each_title title, each_ask ask, void *arg);

/* each_gather does the same into out, which is the caller's: for those who make something of all answers. */
int each_gather(const command *self, const char *data, const char *target, each_title title, each_ask ask, void *arg,
                FILE *out);

#endif
