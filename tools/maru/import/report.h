/* report.h: what became of every line of an import: counted here, printed so that the sums can be checked. */
#ifndef IMPORT_REPORT_H
#define IMPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "invoice.h"

struct report {
    FILE       *out;  /* results go there */
    const char *path; /* of the file being read */
    size_t      reasons[INVOICE_REASONS];
    size_t      file_lines;                               /* of the file being read, without its first */
    size_t      products;                                 /* different ones, of accepted lines */
    size_t      created, changed, unchanged, refused;     /* of these */
    size_t      cut, left_out;                            /* products of which the catalogue does not keep all; times */
    size_t      orders_new, orders_there, orders_refused; /* made by this import, or before or by another */
    size_t      guests;                                   /* of the first two: of no customer */
    size_t      cancels_found, cancels_partly, cancels_unmatched, cancels_refused; /* invoices */
    bool        terminal;                                                          /* progress goes to stderr */
};

/* report_count counts a line. error is for the reasons that have one: the first few of each reason are told on stderr
 * with file and line. */
void report_count(struct report *report, enum invoice_reason reason, size_t line, const char *error);

/* report_refused moves the lines of a product from those that were accepted: the catalogue does not take it, words say
 * why. report_cut: of how many times of a product the catalogue keeps none. The first few of each are told on stderr.
 */
void report_refused(struct report *report, const char *product, size_t lines, const char *words);
void report_cut(struct report *report, const char *product, size_t times);

void   report_file(const struct report *report); /* a file and its lines */
void   report_progress(const struct report *report, const char *doing, size_t done);
void   report_progress_end(const struct report *report);
size_t report_lines(const struct report *report);
/* The table; dry: nothing was sent. */
void report_print(const struct report *report, bool dry);
/* What became of invoices; repeated: lines that are the same as one before. */
void report_orders(const struct report *report, size_t repeated);

#endif
