/* order.c: maru order: what happened to an order (timeline.h); which event it waits for, who owes it, what keeps it,
 * and what can safely be done. */
#include <string.h>

#include "audit/atonce.h"
#include "audit/why.h"
#include "commands.h"
#include "facts.h"
#include "maru/events.h"
#include "maru/name.h"
#include "maru/shown.h"
#include "running.h"
#include "timeline.h"
#include "why_words.h"

enum { FLAG_ORDER_FOLLOW = 1, FLAG_ORDER_DATA };

/* ---- those that came later than the book: they may have failed, too ---- */

typedef struct newcomer {
    const char *name; /* NULL: it is of the book */
    maru_call  *call;
    why_service s;
} newcomer;

typedef struct newcomers {
    const order_facts *f;
    newcomer          *list;
} newcomers;

static void ask_newcomer(void *arg, size_t index)
{
    const newcomers *all = arg;
    newcomer        *one = &all->list[index];

    if (one->name != NULL && (one->call = maru_call_begin(all->f->runtime, 0)) != NULL)
        facts_ask_letters(all->f, one->call, one->name, &one->s);
}

static void print_newcomer(newcomer *one, const order_facts *f, const why_answer *answer, FILE *out)
{
    if (one->name != NULL && one->s.down != NULL)
        fprintf(out, "  note  %s could not be asked: %s: %s\n", one->name, maru_status_name(one->s.status),
                maru_status_words(one->s.status, one->s.down));
    if (one->name != NULL)
        why_print_failed(one->name, &one->s, answer, f->data, out);
    if (one->call != NULL)
        maru_call_end(one->call);
}

static void print_others(const order_facts *f, const why_answer *answer, FILE *out)
{
    running    *list = maru_alloc(f->call, RUNNING_MAX * sizeof *list);
    newcomers   all = {.f = f, .list = maru_alloc(f->call, RUNNING_MAX * sizeof *all.list)};
    rundir      dir;
    size_t      count = 0;
    maru_error  error;
    maru_status status = running_folder(f->data, &dir, &error);

    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, &error);
    for (size_t i = 0; i < count; i++)
        all.list[i] = (newcomer){.name = book_service_of(list[i].name) < BOOK_SERVICE_COUNT ? NULL : list[i].name};
    at_once(count, ask_newcomer, &all);
    for (size_t i = 0; i < count; i++)
        print_newcomer(&all.list[i], f, answer, out);
}

/* ---- the command ---- */

/* What else is to be known of it: what failed, what could not be asked, what was lost. */
static void print_beside(const order_facts *f, const why_answer *answer, FILE *out)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        why_print_failed(book_service_name((book_service)i), &f->facts.services[i], answer, f->data, out);
    print_others(f, answer, out);
    why_print_holes(&f->facts, answer, out);
    why_print_lost(&f->facts, out);
}

/* An order's name as checkout takes it, and in its words: it, which would say so, need not run for that. */
static int check_name(const char *order)
{
    enum { MOST = 64 };
    maru_error error;

    if (maru_name_check("name", order, "orders/", MOST, &error) == MARU_OK)
        return EXIT_FINE;
    return complain_status(error.code, error.text);
}

/* Nobody said anything of it. What payment heard of by the provider may have a name that checkout would not take. */
static int print_unknown(const why_facts *facts)
{
    const why_service *checkout = &facts->services[BOOK_CHECKOUT];
    int                result = *facts->detail == '\0' ? check_name(facts->order) : EXIT_FINE;

    if (result != EXIT_FINE)
        return result;
    return checkout->down != NULL ? complain_status(checkout->status, checkout->down) : why_complain_unknown(facts);
}

static int print_why(const order_facts *f, FILE *out)
{
    const why_facts *facts = &f->facts;
    why_answer       answer;

    why_find(facts, &answer);
    if (answer.known && answer.last != NULL) {
        why_print_answer(&answer, facts, f->data, out);
        print_beside(f, &answer, out);
        return EXIT_FINE;
    }
    if (answer.orphan != NULL) {
        why_print_orphan(&answer, facts, f->data, out);
        print_beside(f, &answer, out);
        return why_complain_orphan(&answer, facts);
    }
    return print_unknown(facts);
}

static int why(const command *self, maru_runtime *runtime, const char *data, const char *order, FILE *out)
{
    order_facts f;
    int         result = EXIT_CANNOT;

    if (facts_ask(&f, runtime, data, order))
        result = print_why(&f, out);
    else
        complain(self, "out of memory");
    facts_close(&f);
    return result;
}

typedef struct order_args {
    const char *data;
    bool        follow;
    const char *words[2]; /* the verb, the order */
} order_args;

static int parse(const command *self, int argc, char **argv, order_args *o)
{
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which, count = 0;
    bool        why, timeline;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_ORDER_DATA)
            o->data = value;
        else if (which == FLAG_ORDER_FOLLOW)
            o->follow = true;
        else if (count < 2)
            o->words[count++] = value;
        else
            return complain_usage(self, "\"%s\": want `why` or `timeline`, and one order", value);
    }
    if (a.exit >= 0)
        return a.exit;
    why = count > 0 && strcmp(o->words[0], "why") == 0;
    timeline = count > 0 && strcmp(o->words[0], "timeline") == 0;
    if (count < 2 || !(why || timeline))
        return complain_usage(self, "want `why` or `timeline`, and an order, such as: maru order why orders/7f3a");
    return o->follow && why ? complain_usage(self, "--follow: only of timeline") : -1;
}

static int run_why(const command *self, const char *data, const char *order)
{
    maru_runtime *runtime;
    maru_error    error;
    int           result, printed;
    output        out;

    if (maru_runtime_new(NULL, &runtime, &error) != MARU_OK)
        return complain_status(error.code, error.text);
    output_open(&out);
    result = why(self, runtime, data, order, out.file);
    printed = output_finish(&out, self);
    maru_runtime_free(runtime);
    return result != EXIT_FINE ? result : printed;
}

static int run(const command *self, int argc, char **argv)
{
    order_args o = {.data = NULL};
    char       order[MARU_AGGREGATE_MAX + 2]; /* one more, by which what is too long is seen */
    int        result = parse(self, argc, argv, &o);

    if (result >= 0)
        return result;
    if (o.words[1][strncmp(o.words[1], "orders/", 7) == 0 ? 7 : 0] == '\0')
        return complain_usage(self, "\"%s\": want an order, such as: maru order %s orders/7f3a", o.words[1],
                              o.words[0]);
    snprintf(order, sizeof order, "%s%s", strncmp(o.words[1], "orders/", 7) == 0 ? "" : "orders/", o.words[1]);
    if (strcmp(o.words[0], "why") != 0)
        return timeline_show(self, o.data, order, o.follow);
    result = strlen(order) > MARU_AGGREGATE_MAX ? check_name(order) : EXIT_FINE; /* no log has such a name */
    return result != EXIT_FINE ? result : run_why(self, o.data, order);
}

static const flag order_flags[] = {
    FLAG_HELP,
    [FLAG_ORDER_FOLLOW] = {"follow", 'f', NULL, "timeline: go on as more happens, until the order is over"},
    [FLAG_ORDER_DATA] = FLAG_DATA,
};

const command order_command = {
    .name = "order",
    .operands = "timeline|why ORDER",
    .summary = "what happened to an order, what it waits for, and what can safely be done",
    .more =
        "  timeline ORDER  its events: when, by which service, because of what, as far as checkout heard of them\n"
        "  why ORDER       which event is owed, by whom, what keeps it, and what can safely be done\n"
        "ORDER is its name (orders/7f3a), or the part after the slash. AT counts from the first event; `3 ms after 1` "
        "is\n"
        "since the event in row 1, which caused this one. Rows are by time, and a cause stands before what it "
        "caused.\n",
    .flags = order_flags,
    .flag_count = sizeof order_flags / sizeof *order_flags,
    .run = run,
};
