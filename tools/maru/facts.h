/* facts.h: what the services say of one order, asked of all at the same time (audit/why.h). Blocks; plain thread. */
#ifndef MARU_FACTS_H
#define MARU_FACTS_H

#include <stdbool.h>

#include "audit/why.h"
#include "maru/client.h"
#include "maru/runtime.h"

typedef struct order_facts {
    maru_runtime *runtime;
    const char   *data; /* as --data was given, or NULL */
    why_facts     facts;
    maru_call    *calls[BOOK_SERVICE_COUNT]; /* their arenas hold what was answered */
    maru_call    *call;                      /* for what comes after that */
} order_facts;

/* facts_ask: false where memory is out. What does not answer is said in the facts, and costs some seconds at most.
 * facts_close after it, whatever it says; order, data and runtime live as long. */
bool facts_ask(order_facts *f, maru_runtime *runtime, const char *data, const char *order);
void facts_close(order_facts *f);

/* facts_ask_letters asks one more service only for what failed there of the order. s, from zero, lives as long as call,
 * which is not among those of f. */
void facts_ask_letters(const order_facts *f, maru_call *call, const char *name, why_service *s);

#endif
