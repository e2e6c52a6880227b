/* book.h: all that the audit was told, order by order. Pure: others fill it (gather.h, fold.h), checks.h judges it.
 *
 * It holds what the services' own methods say, and beside it what their logs say when they are folded: the two must
 * agree. All memory is the book's arena, or that of whoever made the messages, which lives as long.
 */
#ifndef MARU_AUDIT_BOOK_H
#define MARU_AUDIT_BOOK_H

#include <stdbool.h>

#include "maru/arena.h"
#include "maru/events.pb-c.h"
#include "shop/checkout.pb-c.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/provider.pb-c.h"
#include "shop/shipping.pb-c.h"

/* The services that an order goes through: name, and whether it has a log. */
#define BOOK_SERVICES(X)                                                                                               \
    X(CHECKOUT, "checkout")                                                                                            \
    X(INVENTORY, "inventory")                                                                                          \
    X(PAYMENT, "payment")                                                                                              \
    X(SHIPPING, "shipping")                                                                                            \
    X(PROVIDER, "provider")                                                                                            \
    X(CART, "cart")

typedef enum book_service {
#define X(id, name) BOOK_##id,
    BOOK_SERVICES(X)
#undef X
        BOOK_SERVICE_COUNT
} book_service;

const char  *book_service_name(book_service service);
book_service book_service_of(const char *name); /* BOOK_SERVICE_COUNT: it is none of them */

/* The last part of an event's type: "StockReserved". */
const char *book_short_type(const char *type);

/* Minor units; 0 where there is no money. */
int64_t book_minor(const Shop__Money *money);

/* What the provider's ledger says of an order. */
typedef struct book_ledger {
    int64_t     authorized, captured, refunded; /* minor units */
    unsigned    authorizations, captures, voids;
    const char *currency; /* of the first operation that has one; NULL: none has */
    const char *other;    /* another one that was seen beside it; NULL: none was */
} book_ledger;

/* One authorisation under an order's name, with what followed it. */
typedef struct book_charge {
    struct book_charge *next;
    const char         *key;
    book_ledger         ledger;
    bool                foreign; /* it is not the shop's (foreign.h) */
    bool                told;    /* the provider's log has the news of its capture */
} book_charge;

/* What the logs say of an order, folded. States are the services' own; 0 where the log says nothing. */
typedef struct book_folded {
    Checkout__OrderState        order;
    Inventory__ReservationState reservation;
    Payment__PaymentState       payment;
    Shipping__ShipmentState     shipment;
    bool                        cancel_refused; /* by shipping */
    int64_t                     total;          /* as it was submitted */
    int64_t                     captured, refunded;
    uint64_t                    versions[BOOK_SERVICE_COUNT]; /* the newest of each service: how many there are */
} book_folded;

/* What checkout's timeline of an order holds, counted. */
typedef struct book_heard {
    uint64_t    entries[BOOK_SERVICE_COUNT]; /* of each service */
    uint64_t    of_old[BOOK_SERVICE_COUNT];  /* of those: of an older epoch than the service's log */
    uint64_t    newest[BOOK_SERVICE_COUNT];  /* the highest version of the log's own epoch; 0: there is none */
    const char *twin;                        /* the id of an event that is in it twice; NULL: none is */
    bool        unread;                      /* it is damaged */
} book_heard;

typedef struct book_order {
    const char             *name;
    Checkout__Order        *order; /* NULL: that service does not know it, as the next three */
    Inventory__Reservation *reservation;
    Payment__Payment       *payment;
    Shipping__Shipment     *shipment;
    book_ledger             ledger;  /* all, until foreign.h takes out what is not the shop's */
    book_charge            *charges; /* that make it, in the order of their first operation */
    book_ledger             foreign; /* what is not the shop's */
    book_folded             folded;
    book_heard              heard;
} book_order;

typedef struct book_stock {
    Inventory__Stock     *stock;
    Inventory__Movement **movements;
    size_t                movement_count;
    int64_t               reserved; /* by live reservations: the audit's own sum, as the next */
    int64_t               shipped;  /* by those that were shipped */
    int64_t               returned; /* of those */
} book_stock;

/* A service's log and inbox. */
typedef struct book_log {
    uint64_t               epoch;
    uint64_t               last;     /* sequence, when the audit began */
    uint64_t               last_end; /* and when it ended */
    bool                   still;    /* they are the same */
    bool                   broken;   /* it could not be read to its end: what follows from it is not known */
    MaruEvents__Consumer **consumers;
    size_t                 consumer_count;
} book_log;

/* The inbox of a service that runs beside those: what it says of itself is not known here, but nothing may stay
 * undelivered. */
typedef struct book_other {
    const char            *name;
    const char            *unseen; /* why it could not be asked; NULL: it was */
    MaruEvents__Consumer **consumers;
    size_t                 consumer_count;
} book_other;

/* What is wrong: found while reading, or by a check. */
typedef struct book_finding {
    struct book_finding *next;
    const char          *check; /* its name */
    const char          *where; /* an order, a product, a service */
    const char          *words;
} book_finding;

typedef struct book {
    maru_arena   *arena;
    book_order  **orders; /* a hash table by name */
    size_t        room, order_count;
    book_stock   *stock; /* sorted by product */
    size_t        stock_count;
    book_log      logs[BOOK_SERVICE_COUNT];
    const char   *unseen[BOOK_SERVICE_COUNT]; /* why a service could not be asked (all); NULL: it was */
    unsigned      marred;                     /* a BOOK_SET: what they list was not heard to its end, for damage */
    size_t        unheard;                    /* timelines that could not be read */
    book_other   *others;                     /* sorted by name */
    size_t        other_count;
    uint64_t      event_count;
    book_finding *findings, **findings_end;
    size_t        finding_count;
    book_finding *losses, **losses_end; /* what restored stores lost: told, and not wrong */
    size_t        under_way;            /* orders that wait for a timer or for the provider: they go on by themselves */
    bool          out_of_memory;
} book;

bool book_open(book *b);
void book_close(book *b);

/* The order of that name, made where it is not there. Names are copied. NULL where memory is out, which the book notes.
 */
book_order *book_order_of(book *b, const char *name);

/* The order of that name; NULL where it is not there. */
book_order *book_order_named(const book *b, const char *name);

/* The order's authorisation of that key, made where it is not there. The key is copied. NULL where memory is out, which
 * the book notes. */
book_charge *book_charge_of(book *b, book_order *o, const char *key);

/* That of the order's own key; NULL where the provider has none. */
const book_charge *book_own_charge(const book_order *o);

/* Notes the currency of one more operation. */
void book_take_currency(book_ledger *ledger, const char *currency);

/* Walks over all orders, in no order: index from 0 to b->room; NULL where there is none at index. */
book_order *book_order_at(const book *b, size_t index);

/* What an order waits for that comes by itself, though no event is under way: a timer, or an answer of the provider.
 * NULL: nothing does. */
const char *book_goes_on(const book_order *o);

/* Payment, which heard of it, wants to give up what the provider captured, by somebody else's word: it can't be voided
 * any more, and that is not settled by itself. told: the provider's log has the news of that. While it has not, payment
 * will hear of it and give it back: whoever does so before gives it back beside payment. */
bool book_is_vain(Payment__PaymentState paying, bool told);

/* The same of an order of the book, where all that was said is heard. */
bool book_voids_in_vain(const book_order *o);

/* How much of a cancelled order's money stays with us, since the provider refused to give it back: until a person asks
 * for it again. 0: none does. payment may be NULL. */
int64_t book_kept_back(const Payment__Payment *payment);

book_stock *book_stock_of(const book *b, const char *product); /* NULL where there is none */

void book_find(book *b, const char *check, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* book_lose notes what a restored store lost. */
void book_lose(book *b, const char *check, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The parts of an event's id: PRODUCER-EPOCH(16 hex)-SEQUENCE. Both are 0 where it is none. */
void book_read_id(const char *id, uint64_t *epoch, uint64_t *sequence);

/* book_lacks notes that a service could not be asked all, in words that are copied: what it did say is not to be relied
 * on. The first words stay. */
void book_lacks(book *b, book_service service, const char *words);

/* book_mar notes what is damaged at a service, as a finding: what that lists is not to be relied on, and its log and
 * inbox are. words begin with its name. */
void book_mar(book *b, book_service service, const char *words);

/* book_unhear notes that an order's timeline is damaged, as a finding. */
void book_unhear(book *b, book_order *o, const char *words);

/* Sets of services. book_unseen is those that could not be asked. */
#define BOOK_SET(service) (1u << (service))
unsigned book_unseen(const book *b);
bool     book_is_whole(const book *b); /* all were asked, those beside the flow too, and nothing is damaged */

/* book_mend_lags: a consumer knows what its producer had when it asked last; the producer itself knows better. Of
 * another epoch it has read nothing. */
void book_mend_lags(book *b);

/* All logs stood still while they were read, every consumer has read all, and no event waits to be tried again; those
 * behind a dead letter do not count, since they wait for a person. Not where a service of ours is unseen; the provider
 * consumes nothing, and may be. */
bool book_at_rest(const book *b);

/* How orders stand, by what a verdict goes by. Those that checkout knows are of one of the first four kinds. */
typedef struct book_counts {
    size_t orders; /* that checkout knows */
    size_t completed, cancelled;
    size_t under_way; /* they go on by themselves, or events may still move them */
    size_t stuck;     /* they are not over, and nothing moves them */
    size_t settling;  /* of those under way: COMPLETED or CANCELLED, and payment still asks the provider */
    size_t unknown;   /* to checkout, and known to others */
} book_counts;

book_counts book_count(const book *b);

#endif
