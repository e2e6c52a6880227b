/* bill.h: invoices, each with its lines, as checkout takes them. Pure.
 *
 * Lines go in as they are read; bills_sort puts the invoices in order of time, those of one time as they came. An
 * invoice is one of its file: the same number in another file is another one (and checkout sees that it is the same).
 */
#ifndef IMPORT_BILL_H
#define IMPORT_BILL_H

#include "maru/arena.h"
#include "shop/checkout.pb-c.h"

#include "fate.h"

enum { BILL_LINES_MAX = 1000 }; /* of goods, of charges, and of goods that come back */

struct bill_line {
    struct bill_line *next;
    const char       *product; /* "": a charge */
    const char       *title;
    int64_t           quantity, pence;
    enum fate         fate; /* SOLD, CHARGED or RETURNED, or why not: as far as is known */
};

struct bill {
    const char       *number;
    const char       *customer; /* of the first line that has one; "": a guest's */
    const char       *order;    /* that it became; NULL: none */
    int64_t           time;     /* of the earliest line */
    bool              cancels;
    size_t            place; /* as they came */
    struct bill_line *first, **last;
    size_t            goods, charges, returns; /* how many lines */
};

struct bills {
    struct bill **all;
    size_t        count, room;
    struct bill **slots; /* a hash table of this file's, by number */
    size_t        slot_count, slot_room;
    uint64_t     *seen; /* a hash table of sums of records */
    size_t        seen_count, seen_room;
    size_t        repeated; /* lines that are the same as one before, in all columns */
    maru_arena   *arena;    /* holds all of them */
    struct fates  fates;
};

bool bills_begin(struct bills *bills); /* false where memory is out, as the next two */
void bills_free(struct bills *bills);
bool bills_file(struct bills *bills); /* a file begins */
bool bills_add(struct bills *bills, const struct csv_record *record, enum invoice_reason reason,
               const struct invoice_line *line);

/* bills_sort is to be called once, after all lines. */
void bills_sort(struct bills *bills);

/* bill_order is the order that an invoice is; bill_return what it cancels. NULL where it has no line of that kind (any
 * more), or arena is out. */
Checkout__PlacePastOrderRequest  *bill_order(const struct bill *bill, maru_arena *arena);
Checkout__ReturnPastGoodsRequest *bill_return(const struct bill *bill, maru_arena *arena);

/* bill_refuse gives all its lines that fate, and it has none left; bill_returned tells each of bill_return's what the
 * answer says of it. Returns how many of them have that fate. */
void   bill_refuse(struct bill *bill, enum fate fate);
void   bill_returned(struct bill *bill, const Checkout__ReturnPastGoodsResponse *response);
size_t bill_count(const struct bill *bill, enum fate fate);

/* bills_tally counts all lines under their fates. Once, at the end. */
void bills_tally(struct bills *bills);

#endif
