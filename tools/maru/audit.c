/* audit.c: maru audit: is everything so that must be so? Looks at all services of the shop, by their public methods and
 * logs. */
#include <inttypes.h>

#include "audit/checks.h"
#include "audit/gather.h"
#include "commands.h"
#include "duration.h"

enum {
    FLAG_AUDIT_AT_REST = 1,
    FLAG_AUDIT_WAIT,
    FLAG_AUDIT_LIST,
    FLAG_AUDIT_DATA,
    FINDINGS_SHOWN = 100,
    EXIT_INCOMPLETE = 3,
    POLL_MS = 100,
};

typedef struct audit_args {
    const char *data;
    bool        at_rest, list;
    int64_t     wait_ms;
} audit_args;

static void print_checks(FILE *out)
{
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        fprintf(out, "%-15s %s%s\n", check->name, check->sentence,
                check->at_rest ? " (while nothing is under way)" : "");
}

static void print_findings(const book *b, FILE *out)
{
    size_t shown = 0;

    for (const book_finding *f = b->findings; f != NULL && shown < FINDINGS_SHOWN; f = f->next, shown++)
        fprintf(out, "%s: %s: %s\n", f->check, f->where, f->words);
    if (shown < b->finding_count)
        fprintf(out, "... and %zu more\n", b->finding_count - shown);
}

/* Said apart, as it is nothing that can be mended. */
static void print_losses(const book *b, FILE *out)
{
    size_t shown = 0;

    for (const book_finding *f = b->losses; f != NULL && shown < FINDINGS_SHOWN; f = f->next, shown++)
        fprintf(out, "lost: %s: %s: %s\n", f->check, f->where, f->words);
}

/* By what the verdict goes by: an order that is over by its state is under way while payment still asks, and one that
 * is not over goes on only while anything does. */
static void print_counts(const book *b, FILE *out)
{
    book_counts c = book_count(b);

    fprintf(out, "orders %zu: completed %zu, cancelled %zu, under way %zu", c.orders, c.completed, c.cancelled,
            c.under_way);
    if (c.settling > 0)
        fprintf(out, " (%zu of them over, but for the provider's answer)", c.settling);
    if (c.stuck > 0)
        fprintf(out, ", stuck %zu", c.stuck);
    if (c.unknown > 0)
        fprintf(out, ", not known to checkout %zu", c.unknown);
    fprintf(out, "; products %zu, events %" PRIu64 "\n", b->stock_count, b->event_count);
}

static bool is_at_rest(const book *b)
{
    return book_at_rest(b) && b->under_way == 0;
}

/* What could not be asked, and what was not checked for want of it. */
static void print_unseen(const book *b, FILE *out)
{
    const char *between = "not checked: ";

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (b->unseen[i] != NULL)
            fprintf(out, "not seen: %s\n", b->unseen[i]);
    for (size_t i = 0; i < b->other_count; i++)
        if (b->others[i].unseen != NULL)
            fprintf(out, "not seen: %s\n", b->others[i].unseen);
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (checks_lack(b, check)) {
            fprintf(out, "%s%s%s", between, check->name, checks_made_partly(b, check) ? " (not all of it)" : "");
            between = ", ";
        }
    fprintf(out, "\n");
}

/* The last line; clean as far as it was looked at. */
static int print_clean(const book *b, const audit_args *a, FILE *out)
{
    bool incomplete = !book_is_whole(b);

    if (incomplete)
        fprintf(out, "audit: INCOMPLETE: what was checked is clean\n");
    else if (is_at_rest(b))
        fprintf(out, b->losses == NULL ? "audit: clean\n" : "audit: clean, but for what restored stores lost\n");
    else if (!a->at_rest)
        fprintf(out, "audit: clean, as far as can be told while %s are under way\n",
                book_at_rest(b) ? "orders" : "events");
    else if (b->under_way > 0)
        fprintf(out, "audit: NOT at rest: %zu order%s for the provider or for %s time\n", b->under_way,
                b->under_way == 1 ? " waits" : "s wait", b->under_way == 1 ? "its" : "their");
    else
        fprintf(out, "audit: NOT at rest: events are under way\n");
    if (incomplete)
        return EXIT_INCOMPLETE;
    return a->at_rest && !is_at_rest(b) ? EXIT_CANNOT : EXIT_FINE;
}

/* The last line is the verdict. */
static int print_verdict(const book *b, const audit_args *a, FILE *out)
{
    print_findings(b, out);
    print_losses(b, out);
    if (!book_is_whole(b))
        print_unseen(b, out);
    print_counts(b, out);
    if (b->finding_count == 0)
        return print_clean(b, a, out);
    fprintf(out, "audit: NOT clean: %zu finding%s%s\n", b->finding_count, b->finding_count == 1 ? "" : "s",
            !book_is_whole(b) ? ", and not all was checked" : "");
    return EXIT_CANNOT;
}

/* A book that holds nothing but how far logs and inboxes are. Who hangs until the time of call is over is not waited
 * for once more. */
static maru_status have_stopped(gather_shop *shop, maru_call *call, bool *stopped, maru_error *error)
{
    book        b;
    maru_status status = book_open(&b) ? gather_pulse(shop, &b, maru_call_left_ms(call), error)
                                       : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");

    *stopped = status == MARU_OK && book_at_rest(&b);
    if (status == MARU_OK && maru_call_left_ms(call) == 0)
        gather_give_up(shop, &b);
    book_close(&b);
    return status;
}

/* Until two looks in a row find that nothing moves, or the time of call is over, which says that it is. */
static maru_status wait_for_events(gather_shop *shop, maru_call *call, bool *over, maru_error *error)
{
    int         quiet = 0;
    bool        stopped;
    maru_status status = MARU_OK;

    while (quiet < 2 && !*over && (status = have_stopped(shop, call, &stopped, error)) == MARU_OK) {
        quiet = stopped ? quiet + 1 : 0;
        *over = maru_sleep(call, POLL_MS) != MARU_OK;
    }
    return status;
}

static maru_status judge(gather_shop *shop, book *b, maru_error *error)
{
    maru_status status =
        book_open(b) ? gather_run(shop, b, error) : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");

    if (status == MARU_OK)
        checks_run(b);
    if (status == MARU_OK && b->out_of_memory)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
    return status;
}

/* Judges again while orders go on by themselves, until the time of call is over; it costs as much as there is to read,
 * so it is done the more rarely the longer it lasts. */
static maru_status judge_at_rest(gather_shop *shop, maru_call *call, book *b, maru_error *error)
{
    bool        over = false;
    int64_t     ms = POLL_MS;
    maru_status status;

    while ((status = wait_for_events(shop, call, &over, error)) == MARU_OK &&
           (status = judge(shop, b, error)) == MARU_OK && !is_at_rest(b) && !over) {
        book_close(b);
        over = maru_sleep(call, ms *= 2) != MARU_OK;
    }
    return status;
}

static int audit(const audit_args *a, FILE *out)
{
    gather_shop shop;
    book        b = {.arena = NULL};
    maru_error  error;
    maru_call  *call = NULL;
    int         result;
    maru_status status = gather_open(&shop, a->data, &error);

    if (status == MARU_OK && (call = maru_call_begin(shop.runtime, a->wait_ms)) == NULL)
        status = maru_error_set(&error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (status == MARU_OK)
        status = a->wait_ms > 0 ? judge_at_rest(&shop, call, &b, &error) : judge(&shop, &b, &error);
    result = status == MARU_OK ? print_verdict(&b, a, out) : complain_status(status, error.text);
    book_close(&b);
    if (call != NULL)
        maru_call_end(call);
    gather_close(&shop);
    return result;
}

static int parse(const command *self, int argc, char **argv, audit_args *a)
{
    args        words = args_of(self, argc, argv);
    const char *value;
    int         which;

    while ((which = args_next(&words, &value)) != FLAGS_END) {
        if (which == FLAG_AUDIT_AT_REST)
            a->at_rest = true;
        else if (which == FLAG_AUDIT_LIST)
            a->list = true;
        else if (which == FLAG_AUDIT_DATA)
            a->data = value;
        else if (which == FLAG_AUDIT_WAIT && (a->wait_ms = duration_parse(value)) > 0)
            a->at_rest = true;
        else if (which == FLAG_AUDIT_WAIT)
            return complain_usage(self, "--wait: " DURATION_WANT ", got \"%s\"", value);
        else
            return complain_usage(self, "\"%s\": want flags only", value);
    }
    return words.exit;
}

static int run(const command *self, int argc, char **argv)
{
    audit_args a = {.data = NULL};
    int        result = parse(self, argc, argv, &a), printed;
    output     out;

    if (result >= 0)
        return result;
    output_open(&out);
    if (a.list)
        print_checks(out.file);
    result = a.list ? EXIT_FINE : audit(&a, out.file);
    printed = output_finish(&out, self);
    return result != EXIT_FINE ? result : printed;
}

static const flag audit_flags[] = {
    FLAG_HELP,
    [FLAG_AUDIT_AT_REST] = {"at-rest", 0, NULL, "that something is still under way is wrong too"},
    [FLAG_AUDIT_WAIT] = {"wait", 0, "TIME",
                         "first wait until nothing is under way, at most so long (implies --at-rest)"},
    [FLAG_AUDIT_LIST] = {"list", 0, NULL, "print the checks by name, and what each says"},
    [FLAG_AUDIT_DATA] = FLAG_DATA,
};

const command audit_command = {
    .name = "audit",
    .operands = "",
    .summary = "check across all services that orders, stock and money agree",
    .more =
        "Reads public methods and event logs only. Each finding is a line: CHECK: WHERE: WORDS. The last line is the\n"
        "verdict. A service that does not run or does not answer is said, and the rest is checked; a damaged record is "
        "a\n"
        "finding, and the rest is checked. Exit status: 0 clean,\n"
        "1 not clean, 3 incomplete (clean, as far as it could be checked), 64 + the code of a call that failed "
        "otherwise.\n",
    .flags = audit_flags,
    .flag_count = sizeof audit_flags / sizeof *audit_flags,
    .run = run,
};
