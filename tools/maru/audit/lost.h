/* lost.h: an order that checkout's log does not have, and others do: how far it went, and what can safely be done.
 * Pure.
 *
 * No service asks checkout: what was begun goes on without it. What is not begun, and what only checkout would say
 * (that it is cancelled), does not come.
 */
#ifndef MARU_AUDIT_LOST_H
#define MARU_AUDIT_LOST_H

#include "audit/why.h"

/* What ends it at the provider, by hand, where payment lost it as well. */
typedef enum lost_way {
    LOST_NOTHING,
    LOST_VOID,   /* what is held */
    LOST_REFUND, /* what was taken, and is not given back */
} lost_way;

typedef struct lost_order {
    bool                     submitted;                  /* by what others heard, checkout had it once */
    const MaruEvents__Event *newest[BOOK_SERVICE_COUNT]; /* that each service said of it; NULL: none */
    const char              *stands;                     /* how far it went */
    const char              *safe;                       /* what can safely be done, */
    lost_way                 way;                        /* and by what */
    bool                     refundable;                 /* its money can be given back: facts->left of it */
    bool restorable; /* by a newer backup of checkout; not where its money was given back, as it would leave unpaid */
} lost_order;

void lost_find(const why_facts *facts, lost_order *lost);

#endif
