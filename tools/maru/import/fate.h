/* fate.h: what became of every line as a part of orders: lines, pieces and pence, so that all of a file adds up. Pure.
 *
 * What a line is worth is its quantity times its price in whole pence (what is finer is left out); of a line that can't
 * be read, nothing.
 */
#ifndef IMPORT_FATE_H
#define IMPORT_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "maru/status.h"

#include "invoice.h"

/* name, word for the table, whether it is in the shop now, rule for people */
#define FATE_TABLE(X)                                                                                                  \
    X(SOLD, "sold", true, "a line of an order")                                                                        \
    X(CHARGED, "charged", true, "postage, fees, discounts of an order")                                                \
    X(RETURNED, "returned", true, "cancels as many of a line of an order before it")                                   \
    X(UNMATCHED, "unmatched", false, "cancels what no order before it has, of that customer, at that price")           \
    X(TOO_OFTEN, "returned often", false, "cancels what an order before it has, of which 100 cancellations gave back") \
    X(NOTHING_BACK, "cancels no goods", false, "a cancellation of a charge, or of no pieces or no price")              \
    X(NO_GOODS, "charge alone", false, "a charge on an invoice without goods")                                         \
    X(EMPTY, "empty line", false, "as above, as the next ones")                                                        \
    X(ENCODING, "bad encoding", false, "")                                                                             \
    X(MALFORMED, "malformed", false, "")                                                                               \
    X(NO_PRODUCT, "no product", false, "")                                                                             \
    X(QUANTITY, "no quantity", false, "")                                                                              \
    X(NO_PRICE, "no price", false, "")                                                                                 \
    X(FINE_PRICE, "no whole pence", false, "")                                                                         \
    X(NO_TITLE, "no description", false, "")                                                                           \
    X(NO_NUMBER, "no invoice", false, "InvoiceNo is not 1..64 of A-Z a-z 0-9 . _ -")                                   \
    X(TOO_MANY, "too many pieces", false, "Quantity is above 1000000")                                                 \
    X(TOO_LONG, "too many lines", false, "an invoice of more than 1000 lines of goods, of charges, or that cancel")    \
    X(OTHER, "differs", false, "the invoice was imported before with other lines, customer or time, and stays so")     \
    X(BELOW_ZERO, "below zero", false, "an invoice that comes to less than nothing")                                   \
    X(TOO_MUCH, "too much", false, "an invoice that comes to more pence than 64 bits hold")                            \
    X(REFUSED, "refused", false, "checkout takes no such invoice, for a reason of its own, told of the first")

enum fate {
#define X(name, word, in, rule) FATE_##name,
    FATE_TABLE(X)
#undef X
        FATES
};

/* Quantities are of up to 12 digits, and prices in pence nearly so: their products do not fit into 64 bits. */
typedef __int128 wide;

struct tally {
    size_t lines;
    wide   units, pence;
};

struct fates {
    struct tally of[FATES];
    struct tally all; /* as the lines were read: the sum of the others, or something is wrong here */
};

/* fate_of says what a line is before its invoice is looked at: SOLD, CHARGED and RETURNED are then still to be seen. */
enum fate fate_of(enum invoice_reason reason, const struct invoice_line *line);

/* fate_of_refusal says what the lines of an invoice are that checkout refused for good, with that status. */
enum fate   fate_of_refusal(maru_status status);
const char *fate_word(enum fate fate);
const char *fate_rule(enum fate fate);

void fates_add(struct tally *tally, int64_t quantity, int64_t pence);
void fates_read(struct fates *fates, const struct invoice_line *line); /* into all */

/* The table. False where it does not add up. */
bool fates_print(const struct fates *fates, FILE *out);

#endif
