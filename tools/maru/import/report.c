/* report.c: what became of every line of an import (report.h). */
#include "report.h"

enum { TOLD_MAX = 5, PROGRESS_LINES = 8192 };

static const char *last_told(size_t count)
{
    return count == TOLD_MAX ? " (further ones are only counted)" : "";
}

void report_count(struct report *report, enum invoice_reason reason, size_t line, const char *error)
{
    size_t count = ++report->reasons[reason];

    report->file_lines++;
    if (error != NULL && error[0] != '\0' && count <= TOLD_MAX) {
        report_progress_end(report);
        fprintf(stderr, "%s:%zu: %s: %s%s\n", report->path, line, invoice_reason_word(reason), error, last_told(count));
    }
    if (report->file_lines % PROGRESS_LINES == 0)
        report_progress(report, "lines", report->file_lines);
}

void report_refused(struct report *report, const char *product, size_t lines, const char *words)
{
    report->reasons[INVOICE_ACCEPTED] -= lines;
    report->reasons[INVOICE_REFUSED] += lines;
    if (++report->refused > TOLD_MAX)
        return;
    report_progress_end(report);
    fprintf(stderr, "%s: %s: %s%s\n", product, invoice_reason_word(INVOICE_REFUSED), words, last_told(report->refused));
}

void report_cut(struct report *report, const char *product, size_t times)
{
    report->left_out += times;
    if (++report->cut > TOLD_MAX)
        return;
    report_progress_end(report);
    fprintf(stderr,
            "%s: seen more often, or under more titles and prices, than the catalogue keeps: without the oldest "
            "%zu%s\n",
            product, times, last_told(report->cut));
}

void report_progress(const struct report *report, const char *doing, size_t done)
{
    if (report->terminal)
        fprintf(stderr, "\r\033[K%s: %zu %s", report->path, done, doing);
}

void report_progress_end(const struct report *report)
{
    if (report->terminal)
        fprintf(stderr, "\r\033[K");
}

void report_file(const struct report *report)
{
    report_progress_end(report);
    fprintf(report->out, "%s: %zu lines after the first, which names the columns\n", report->path, report->file_lines);
}

size_t report_lines(const struct report *report)
{
    size_t lines = 0;

    for (int i = 0; i < INVOICE_REASONS; i++)
        lines += report->reasons[i];
    return lines;
}

void report_print(const struct report *report, bool dry)
{
    size_t lines = report_lines(report);
    size_t accepted = report->reasons[INVOICE_ACCEPTED];

    fprintf(report->out, "lines     %9zu\n", lines);
    for (int i = 0; i < INVOICE_REASONS; i++)
        if (report->reasons[i] > 0 || i == INVOICE_ACCEPTED)
            fprintf(report->out, "  %-16s %9zu   %s\n", invoice_reason_word(i), report->reasons[i],
                    invoice_reason_rule(i));
    fprintf(report->out, "sum       %9zu accepted + %zu refused = %zu\n", accepted, lines - accepted, lines);
    if (dry)
        fprintf(report->out, "products  %9zu   nothing was sent\n", report->products);
    else
        fprintf(report->out, "products  %9zu   %zu created, %zu changed, %zu unchanged, %zu refused\n",
                report->products, report->created, report->changed, report->unchanged, report->refused);
    if (report->cut > 0)
        fprintf(report->out, "left out  %9zu   times that titles and prices were seen, the oldest of %zu products\n",
                report->left_out, report->cut);
}

void report_orders(const struct report *report, size_t repeated)
{
    size_t orders = report->orders_new + report->orders_there + report->orders_refused;
    size_t cancels =
        report->cancels_found + report->cancels_partly + report->cancels_unmatched + report->cancels_refused;

    fprintf(report->out, "orders    %9zu = %zu placed + %zu there already + %zu refused; %zu of guests\n", orders,
            report->orders_new, report->orders_there, report->orders_refused, report->guests);
    fprintf(report->out, "cancels   %9zu = %zu matched + %zu in part + %zu unmatched + %zu refused\n", cancels,
            report->cancels_found, report->cancels_partly, report->cancels_unmatched, report->cancels_refused);
    fprintf(report->out, "repeated  %9zu   the same in all columns as a line before; kept\n", repeated);
}
