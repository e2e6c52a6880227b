/* invoice.h: one line of invoices: what it shows of a product, or why it shows nothing, and what it is worth. Pure.
 *
 * Columns are found by the names in the file's first line: InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
 * UnitPrice, and CustomerID, which may be missing; others are ignored. A line counts under the first reason of the
 * table that applies; REFUSED is for what the catalogue says of a product later.
 *
 * A product's code is five digits and at most two letters, or DCGS and at least one letter or digit (the sister shop's
 * goods); letter case does not matter (85123a is 85123A). invoice.c has the codes of charges: postage, fees, discounts,
 * vouchers. Dates are YYYY-MM-DD HH:MM[:SS], the time of day in London, taken as UTC. Prices are pounds
 * and pence. Titles are in NFC (Unicode), without spaces around them, and with single ones inside.
 */
#ifndef IMPORT_INVOICE_H
#define IMPORT_INVOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

#include "csv.h"

/* name, word for the table, rule for people */
#define REASON_TABLE(X)                                                                                                \
    X(ACCEPTED, "accepted", "shows a product's title and price at a time")                                             \
    X(EMPTY, "empty line", "nothing on it")                                                                            \
    X(ENCODING, "bad encoding", "not UTF-8 (is it --latin1?), or control characters")                                  \
    X(MALFORMED, "malformed", "quotes, number of columns, or a number or date that is none")                           \
    X(CANCELLATION, "cancellation", "InvoiceNo begins with C")                                                         \
    X(CHARGE, "charge", "StockCode is of postage, a fee, a discount, a voucher or samples")                            \
    X(NO_PRODUCT, "no product", "StockCode is not 5 digits and up to 2 letters, nor DCGS and more")                    \
    X(QUANTITY, "no quantity", "Quantity is below 1: returns, breakage, corrections")                                  \
    X(NO_PRICE, "no price", "UnitPrice is 0 or below")                                                                 \
    X(FINE_PRICE, "no whole pence", "UnitPrice is finer than a penny")                                                 \
    X(NO_TITLE, "no description", "Description is empty")                                                              \
    X(REFUSED, "refused", "the catalogue takes no such product, for a reason of its own, told of the first")

enum invoice_reason {
#define X(name, word, rule) INVOICE_##name,
    REASON_TABLE(X)
#undef X
        INVOICE_REASONS
};

const char *invoice_reason_word(enum invoice_reason reason);
const char *invoice_reason_rule(enum invoice_reason reason);

/* Where the columns are: indexes into a record's fields. */
struct invoice_columns {
    size_t invoice, code, title, quantity, date, price;
    size_t customer; /* SIZE_MAX: there is none */
    size_t count;    /* of all columns */
};

/* invoice_columns finds them in a file's first record. INVALID_ARGUMENT where one is missing, or is there twice: which
 * of the two holds would be a guess. Columns of other names may be there as often as they like. */
maru_status invoice_columns(const struct csv_record *header, struct invoice_columns *columns, maru_error *error);

enum { INVOICE_TITLE_MAX = 300, INVOICE_CODE_MAX = 64, INVOICE_NUMBER_MAX = 64 };

struct invoice_line {
    char    product[sizeof "products/" + INVOICE_CODE_MAX]; /* "": none */
    char    title[INVOICE_TITLE_MAX + 1];
    int64_t pence;                                            /* of one; without what is finer than a penny */
    int64_t quantity;                                         /* 0 of EMPTY, ENCODING and MALFORMED, as pence */
    int64_t time;                                             /* seconds since 1970, UTC */
    bool    cancels;                                          /* InvoiceNo begins with C */
    bool    charge;                                           /* it is of no product, and not nothing */
    bool    fine;                                             /* UnitPrice is finer than a penny */
    char    number[INVOICE_NUMBER_MAX + 1];                   /* in capitals; "": not 1..64 of A-Z a-z 0-9 . _ - */
    char    customer[sizeof "customers/" + INVOICE_CODE_MAX]; /* "": nobody knows who */
    char    error[160]; /* of ENCODING and MALFORMED: what was expected, and what came */
};

enum invoice_reason invoice_read(const struct csv_record *record, const struct invoice_columns *columns, bool latin1,
                                 struct invoice_line *line);

#endif
