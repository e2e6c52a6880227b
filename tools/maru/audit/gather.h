/* gather.h: fills the book by calls: public methods and logs, never a store. Blocks; plain thread. */
#ifndef MARU_AUDIT_GATHER_H
#define MARU_AUDIT_GATHER_H

#include "audit/book.h"
#include "audit/others.h"
#include "maru/client.h"
#include "maru/runtime.h"

/* Where the services are; clients and calls live as long as the book. */
typedef struct gather_shop {
    maru_runtime  *runtime;
    maru_client   *clients[BOOK_SERVICE_COUNT];
    maru_call     *calls[BOOK_SERVICE_COUNT];   /* their arenas hold what was answered */
    maru_error     missing[BOOK_SERVICE_COUNT]; /* why there is no client */
    other_services others;
    int64_t pulse_ms; /* how long one may take for a question that is answered at once; 0: as long as it is usual */
} gather_shop;

/* data as --data was given, or NULL. A service that does not run is missing; UNAVAILABLE only where none does.
 * gather_close after it, whatever it says. */
maru_status gather_open(gather_shop *shop, const char *data, maru_error *error);
void        gather_close(gather_shop *shop);

/* gather_run asks everything. What is missing, or answers UNAVAILABLE or DEADLINE_EXCEEDED, is unseen in the book
 * (book_lacks), and the rest is asked all the same. Other errors name the service. */
maru_status gather_run(gather_shop *shop, book *b, maru_error *error);

/* gather_pulse asks only how far logs and inboxes are: enough for book_at_rest, where called twice with nothing
 * between, and then `still` is whether both said the same. Who hangs is waited for as long as within_ms, but for some
 * seconds at least and at most. */
maru_status gather_pulse(gather_shop *shop, book *b, int64_t within_ms, maru_error *error);

/* gather_give_up: whoever the book lacks is missing from now on. */
void gather_give_up(gather_shop *shop, const book *b);

#endif
