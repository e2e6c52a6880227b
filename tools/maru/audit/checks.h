/* checks.h: the invariants, each with its name, and the book judged by them. Pure. */
#ifndef MARU_AUDIT_CHECKS_H
#define MARU_AUDIT_CHECKS_H

#include "audit/book.h"

typedef struct audit_check {
    const char *name;
    const char *sentence; /* what must be so */
    bool        at_rest;  /* means something only while nothing is under way */
    void (*run)(book *b);
    unsigned needs;  /* a BOOK_SET: services that must have been asked for the check to be whole */
    bool     partly; /* it looks at each alone: those that were asked are checked all the same */
} audit_check;

/* Ends with a row without name. Those without a run are found by others on their way: the table says by whom. */
extern const audit_check audit_checks[];

/* checks_run judges the book: all checks where it is at rest, else only those that hold at any moment; none that needs
 * a service that could not be asked. */
void checks_run(book *b);

/* Whether a check could not be made, or not wholly, for want of a service, or for damage. */
bool checks_lack(const book *b, const audit_check *check);
/* Of those: it was made in part. */
bool checks_made_partly(const book *b, const audit_check *check);

#endif
