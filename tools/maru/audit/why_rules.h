/* why_rules.h: the flow of an order as a table of rules. */
#ifndef MARU_AUDIT_WHY_RULES_H
#define MARU_AUDIT_WHY_RULES_H

#include <stdbool.h>

#include "audit/book.h"

/* An event that a rule looks for. type NULL: nothing is looked for. */
typedef struct why_sign {
    book_service service;
    const char  *type;
} why_sign;

enum { WHY_SIGNS = 3 };

/* Of what payment has to ask: some are asked at the same time, and the others wait for their turn. */
#define WHY_ASKS                                                                                                       \
    "it asks the provider, or waits for its turn to, until that answers; by the same key, so that it is done once"

/* Where all of `there` have been and none of `missing`, `owed` is what `owes` should say next, because of `there[0]`.
 * What a service said before something that is there is missing all the same: it may have to say it again. */
typedef struct why_rule {
    why_sign     there[WHY_SIGNS];
    why_sign     missing[WHY_SIGNS];
    book_service owes;
    const char  *owed;
    const char  *own_pace;
    bool         timed; /* by a timer of its own */
} why_rule;

/* why_help is what somebody must do where the provider, by payment's words on it, does not go on by itself; NULL: it
 * does. */
const char *why_help(const char *detail);

/* The first that fits says what is owed; owed NULL: nothing is. */
extern const why_rule why_rules[];
extern const size_t   why_rule_count;

#endif
