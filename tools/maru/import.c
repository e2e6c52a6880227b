/* import.c: maru import: files of invoice lines, or of products, into the catalogue. */
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "import/bill.h"
#include "import/invoices.h"
#include "import/patience.h"
#include "import/replay.h"
#include "import/send.h"
#include "import/stock.h"
#include "session.h"

enum {
    FLAG_IMPORT_DATA = 1,
    FLAG_IMPORT_TARGET,
    FLAG_IMPORT_CHECKOUT,
    FLAG_IMPORT_PRODUCTS,
    FLAG_IMPORT_LATIN1,
    FLAG_IMPORT_DRY_RUN,
};

struct import {
    const char  *data, *target;
    bool         products, latin1, dry_run;
    const char **files;
    size_t       file_count;
    const char  *checkout;
    session      session; /* to the catalogue; not opened in a dry run, as the next */
    session      orders;  /* to checkout */
};

static int cannot(const command *self, const char *words)
{
    complain(self, "%s", words);
    return EXIT_CANNOT;
}

/* All that is read of invoices. */
struct invoices {
    struct gather gather;
    struct bills  bills;
    struct report report;
    output        out; /* what is told of them */
};

static int read_all(const command *self, const struct import *import, struct invoices *all)
{
    struct file_error error;

    for (size_t i = 0; i < import->file_count; i++)
        if (!invoices_read(import->files[i], import->latin1, &all->gather, &all->bills, &all->report, &error))
            return cannot(self, error.text);
    all->report.products = gather_sort(&all->gather);
    bills_sort(&all->bills);
    return EXIT_FINE;
}

/* What is sold must be in the catalogue first. */
static int send_invoices(struct import *import, struct invoices *all)
{
    maru_error  error;
    maru_status status = send_all(import->session.runtime, import->session.client, &all->gather, &all->report, &error);

    if (status == MARU_OK)
        status = replay_all(import->orders.runtime, import->orders.client, &all->bills, &all->report, &error);
    return status == MARU_OK ? EXIT_FINE : complain_status(error.code, error.text);
}

static int print_all(const command *self, const struct import *import, struct invoices *all)
{
    bool adds_up;
    int  printed;

    report_print(&all->report, import->dry_run);
    bills_tally(&all->bills);
    adds_up = fates_print(&all->bills.fates, all->out.file);
    if (import->dry_run)
        fprintf(all->out.file, "nothing was sent: which orders checkout takes, and what cancellations find there, is "
                               "not known\n");
    else
        report_orders(&all->report, all->bills.repeated);
    printed = output_finish(&all->out, self);
    return adds_up ? printed : cannot(self, "lines, pieces and pence do not add up to what was read");
}

static int wait_for_all(struct import *import, struct invoices *all)
{
    maru_error  error;
    maru_status status = replay_wait(import->orders.runtime, import->orders.client, &all->bills, &all->report, &error);

    return status == MARU_OK ? EXIT_FINE : complain_status(error.code, error.text);
}

/* What became of the invoices is known, and told, before their orders are over: those may have to wait for a service
 * that does not run. */
static int print_and_wait(const command *self, struct import *import, struct invoices *all)
{
    int printed = print_all(self, import, all);
    int waited = import->dry_run ? EXIT_FINE : wait_for_all(import, all);

    return printed != EXIT_FINE ? printed : waited;
}

/* All files are read before anything is sent: a file that can't be read changes nothing. */
static int import_invoices(const command *self, struct import *import)
{
    struct invoices all = {.report.terminal = isatty(STDERR_FILENO)};
    bool            begun = gather_begin(&all.gather) & bills_begin(&all.bills);
    int             result;

    output_open(&all.out);
    all.report.out = all.out.file;
    result = begun ? read_all(self, import, &all) : cannot(self, "out of memory");
    if (result == EXIT_FINE && !import->dry_run)
        result = send_invoices(import, &all);
    if (result == EXIT_FINE)
        result = print_and_wait(self, import, &all);
    else
        output_discard(&all.out);
    gather_free(&all.gather);
    bills_free(&all.bills);
    return result;
}

static int import_products(const command *self, struct import *import)
{
    struct stock_report report = {0};
    maru_error          error;
    size_t              lines;
    output              out;
    int                 printed;

    for (size_t i = 0; i < import->file_count; i++)
        if (stock_read(import->files[i], import->session.runtime, import->session.client, &report, &error) != MARU_OK)
            return error.code == MARU_INVALID_ARGUMENT /* the file: as where invoices cannot be read */
                       ? cannot(self, error.text)
                       : complain_status(error.code, error.text);
    lines = report.created + report.existing + report.refused;
    output_open(&out);
    fprintf(out.file, "lines     %9zu = %zu created + %zu there already + %zu refused\n", lines, report.created,
            report.existing, report.refused);
    printed = output_finish(&out, self);
    return report.refused > 0 ? EXIT_CANNOT : printed;
}

static int import_all(const command *self, struct import *import)
{
    maru_error error;
    int        result;

    if (import->dry_run)
        return import_invoices(self, import);
    if (session_open(&import->session, import->data, import->target, PATIENCE_MS, &error) != MARU_OK ||
        (!import->products &&
         session_open(&import->orders, import->data, import->checkout, PATIENCE_MS, &error) != MARU_OK))
        result = complain_status(error.code, error.text);
    else
        result = import->products ? import_products(self, import) : import_invoices(self, import);
    session_close(&import->orders);
    session_close(&import->session);
    return result;
}

static void parse_one(struct import *import, int which, const char *value)
{
    switch (which) {
    case FLAG_IMPORT_DATA:
        import->data = value;
        break;
    case FLAG_IMPORT_TARGET:
        import->target = value;
        break;
    case FLAG_IMPORT_CHECKOUT:
        import->checkout = value;
        break;
    case FLAG_IMPORT_PRODUCTS:
        import->products = true;
        break;
    case FLAG_IMPORT_LATIN1:
        import->latin1 = true;
        break;
    case FLAG_IMPORT_DRY_RUN:
        import->dry_run = true;
        break;
    default:
        import->files[import->file_count++] = value;
    }
}

static bool any_empty(const struct import *import)
{
    for (size_t i = 0; i < import->file_count; i++)
        if (*import->files[i] == '\0')
            return true;
    return false;
}

static int run(const command *self, int argc, char **argv)
{
    struct import import = {
        .target = "catalog", .checkout = "checkout", .files = calloc((size_t)argc + 1, sizeof *import.files)};
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which, result;

    if (import.files == NULL)
        return cannot(self, "out of memory");
    while ((which = args_next(&a, &value)) != FLAGS_END)
        parse_one(&import, which, value);
    if (a.exit >= 0)
        result = a.exit;
    else if (import.file_count == 0)
        result = complain_usage(self, "want one FILE at least");
    else if (any_empty(&import))
        result = complain_usage(self, "FILE: want a file, got \"\"");
    else if (import.products && (import.latin1 || import.dry_run))
        result = complain_usage(self, "--products goes neither with --latin1 nor with --dry-run");
    else
        result = import_all(self, &import);
    free(import.files);
    return result;
}

static const flag import_flags[] = {
    FLAG_HELP,
    [FLAG_IMPORT_DATA] = FLAG_DATA,
    [FLAG_IMPORT_TARGET] = {"target", 0, "TARGET", "the catalogue: a service's name, or an nng URL (catalog)"},
    [FLAG_IMPORT_CHECKOUT] = {"checkout", 0, "TARGET", "who takes orders, as --target (checkout)"},
    [FLAG_IMPORT_PRODUCTS] = {"products", 0, NULL, "the files are of products, not of invoice lines"},
    [FLAG_IMPORT_LATIN1] = {"latin1", 0, NULL, "the files are in ISO 8859-1, not in UTF-8"},
    [FLAG_IMPORT_DRY_RUN] = {"dry-run", 0, NULL, "count only; send nothing"},
};

const command import_command = {
    .name = "import",
    .operands = "FILE.csv[.gz]...",
    .summary = "bring invoices into the catalogue and among orders, or products into the catalogue",
    .more =
        "Invoice lines: a first line that names the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate "
        "(London,\ntaken as UTC) and UnitPrice (GBP), and CustomerID, where there are customers. Their products, "
        "titles and "
        "prices go into the\ncatalogue, and each invoice becomes an order that is over: paid and delivered elsewhere. "
        "Those "
        "whose number begins with C\ncancel lines of orders before them. Every line is accounted for. Files may be "
        "imported "
        "again.\nProducts: columns name, title, currency, minor, and description, other_titles, attributes; what "
        "is there stays.\n",
    .flags = import_flags,
    .flag_count = sizeof import_flags / sizeof *import_flags,
    .run = run,
};
