/* why.h: why an order is where it is: which event comes next, who owes it, and what keeps it. Pure.
 *
 * The facts are the events about the order in each service's log, and how each service's inbox stands; the flow is a
 * table of rules.
 */
#ifndef MARU_AUDIT_WHY_H
#define MARU_AUDIT_WHY_H

#include "audit/book.h"
#include "maru/status.h"

/* What one service says. */
typedef struct why_service {
    const char            *down;   /* why it could not be asked; NULL: it answered */
    maru_status            status; /* of that */
    bool                   blind;  /* its log could not be read: what it said is not known, but for what others heard */
    uint64_t               epoch;  /* of its log */
    MaruEvents__Event    **events;
    size_t                 event_count;
    MaruEvents__Consumer **consumers;
    size_t                 consumer_count;
    MaruEvents__DeadLetter **letters; /* about this order */
    size_t                   letter_count;
} why_service;

typedef struct why_facts {
    const char *order;
    why_service services[BOOK_SERVICE_COUNT];
    const char *detail;     /* payment's own words on where it stands; "" */
    int64_t     kept;       /* book_kept_back of its payment */
    int64_t     left;       /* captured, and not given back or on its way back */
    const char *currency;   /* of both */
    int64_t     authorized; /* by the provider's log: for the order, by its own key, */
    int64_t     taken;      /* captured of that, */
    int64_t     returned;   /* and given back of what was taken */
    const char *taken_in;   /* the currency of that */
    size_t      refunds;    /* that were asked of it, also those that were refused: their keys are used up */
    size_t      voids;      /* the same */
    bool        given_up;   /* nothing is held by it any more */
    bool        spent;      /* the key by which payment gives it up was used for something else (why_is_spent) */

    bool                  settled; /* payment says that it was paid elsewhere: it is of the past */
    Payment__PaymentState paying;  /* where payment says that it stands; 0: it could not be asked, or knows nothing */
} why_facts;

typedef struct why_answer {
    bool                     known;   /* checkout's log has it, or could not be read, and others have */
    const MaruEvents__Event *orphan;  /* checkout's log does not have it, and this is in another's; else NULL */
    bool                     over;    /* nothing is owed */
    const MaruEvents__Event *against; /* it is over, and this is of another end: logs do not agree; else NULL */
    const MaruEvents__Event *last;    /* the newest event about it, of all services */
    book_service             owes;
    const char              *owed;  /* "StockReserved or StockRejected" */
    const MaruEvents__Event *cause; /* that it follows from; where several are wanted, the first that is not read yet */
    const char              *cause_type;
    book_service             cause_of;
    /* What keeps it: the first of these that is so. */
    const char                   *down;     /* the service that owes does not answer */
    bool                          unsure;   /* and what is owed may be in its log: that could not be read */
    const MaruEvents__DeadLetter *letter;   /* the event failed there */
    const MaruEvents__Consumer   *behind;   /* it has not read so far */
    const MaruEvents__Consumer   *awaited;  /* its timers are due, and wait until it has read that producer's log */
    bool                          refused;  /* the provider said no to a refund: a person must ask again */
    bool                          in_vain;  /* it shall void what was captured: that does not come */
    bool                          spent;    /* it shall void, and its key for that is used up: that comes late */
    const char                   *own_pace; /* it has, and this is what it does or waits for */
    const char                   *help;     /* where that does not go on by itself: what somebody must do; else NULL */
} why_answer;

/* Whether events of that aggregate are about the order: its name, or that behind a colon, as the provider's
 * "authorize:orders/7f3a". */
bool why_is_about(const char *aggregate, const char *order);

void why_find(const why_facts *facts, why_answer *answer);

/* why_take adds what an operation of the order's authorisation did to the facts. currency: its own, as long as those
 * live; each operation once. */
void why_take(why_facts *facts, const Provider__Operation *operation, const char *currency);

/* What came of the key by which payment gives up the order's authorisation is none of that, and never will be. */
bool why_is_spent(const Provider__Operation *operation, const char *order);

/* How much of an amount, as payment has it, can be given back by what the provider has left of it: others may have
 * given back some. All, where the provider says nothing of it. */
int64_t why_returnable(const why_facts *facts, int64_t minor);

/* The newest event of that type (its short name) of that service; NULL: there is none. */
const MaruEvents__Event *why_find_event(const why_facts *facts, book_service service, const char *type);

/* why_next_failed is the next of the events that failed at a service, or NULL: the first of each aggregate, since the
 * others wait behind it, without answer->letter. *at begins with 0. What failed is said also where nothing is owed. */
const MaruEvents__DeadLetter *why_next_failed(const why_service *s, const why_answer *answer, size_t *at);

#endif
