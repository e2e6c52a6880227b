/* invoices.c: files of invoice lines (invoices.h). */
#include "invoices.h"

#include <stdio.h>
#include <string.h>

#include "invoice.h"

struct reading {
    struct gather         *gather;
    struct bills          *bills;
    struct report         *report;
    struct file_error     *error;
    struct invoice_columns columns;
    bool                   named; /* the columns, by the first line */
    bool                   latin1;
};

static bool fail(struct reading *reading, size_t line, const char *words, const char *what)
{
    snprintf(reading->error->text, sizeof reading->error->text, "%s:%zu: %.300s%s", reading->report->path, line, words,
             what);
    return false;
}

static bool take_header(struct reading *reading, enum csv_event event, const struct csv_record *record)
{
    maru_error error;

    if (event != CSV_RECORD)
        return fail(reading, record->line, "want a first line that names the columns, got ",
                    event == CSV_BLANK ? "an empty one" : "one that is no CSV");
    if (invoice_columns(record, &reading->columns, &error) != MARU_OK)
        return fail(reading, record->line, error.text, "");
    reading->named = true;
    return true;
}

static bool take(void *arg, enum csv_event event, const struct csv_record *record)
{
    struct reading     *reading = arg;
    struct invoice_line line = {.error = ""};
    enum invoice_reason reason = INVOICE_EMPTY;

    if (!reading->named)
        return take_header(reading, event, record);
    if (event == CSV_RECORD)
        reason = invoice_read(record, &reading->columns, reading->latin1, &line);
    if (event == CSV_MALFORMED)
        reason = INVOICE_MALFORMED;
    report_count(reading->report, reason, record->line, event == CSV_MALFORMED ? record->error : line.error);
    if (bills_add(reading->bills, event == CSV_RECORD ? record : NULL, reason, &line) &&
        (reason != INVOICE_ACCEPTED || gather_add(reading->gather, line.product, line.title, line.pence, line.time)))
        return true;
    return fail(reading, record->line, "more lines than memory takes at once; import fewer files at a time", "");
}

bool invoices_read(const char *path, bool latin1, struct gather *gather, struct bills *bills, struct report *report,
                   struct file_error *error)
{
    struct reading reading = {.gather = gather, .bills = bills, .report = report, .error = error, .latin1 = latin1};

    report->path = path;
    report->file_lines = 0;
    if (!bills_file(bills))
        return fail(&reading, 1, "out of memory", "");
    if (!file_read(path, take, &reading, error)) {
        report_progress_end(report);
        return false;
    }
    if (!reading.named)
        return fail(&reading, 1, "want a first line that names the columns, got an empty file", "");
    report_file(report);
    return true;
}
