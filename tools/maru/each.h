/* each.h: one question to one service, or to all that run on a data folder, all at once: of those that hang, all
 * together take as long as one. Blocks; plain thread. */
#ifndef MARU_EACH_H
#define MARU_EACH_H

#include <stdbool.h>

#include "command.h"
#include "maru/client.h"
#include "running.h"

/* Asks, and writes what is to be printed; name is the service's, or TARGET as it was given. Where all are asked, each
 * has a thread of its own: arg is the same for all, and is only read. */
typedef maru_status (*each_ask)(void *arg, const char *name, maru_client *client, maru_call *call, FILE *out);

/* Written before what a service answers, and also where it does not, when all are asked. */
typedef void (*each_title)(const running *who, FILE *out);

/* What was written of one that was asked, "" where it did not answer; in the order of names, on the thread that asked
 * for all. text is valid until it returns. False where memory is out. */
typedef bool (*each_take)(void *arg, const running *who, const char *text);

/* each_service asks target, or where it is NULL all that run. What was written goes to stdout in one piece; what a
 * service did not answer is said, and the others are asked all the same. title may be NULL. Returns the exit status. */
int each_service(const command *self, const char *data, const char *target, each_title title, each_ask ask, void *arg);

/* each_gather asks all that run and gives what was written to take, with taker, for those who make something of all
 * answers. none is the exit status where nothing runs, which is said. */
int each_gather(const command *self, const char *data, each_ask ask, void *arg, each_take take, void *taker, int none);

#endif
