/* order.c: maru order: what happened to an order (timeline.h); which event it waits for, who owes it, what keeps it,
 * and what can safely be done. */
#include <inttypes.h>
#include <string.h>

#include "audit/atonce.h"
#include "audit/gather.h"
#include "audit/heard.h"
#include "audit/why.h"
#include "commands.h"
#include "maru/events.h"
#include "maru/events.maru.h"
#include "running.h"
#include "shop/checkout.maru.h"
#include "shop/payment.maru.h"
#include "timeline.h"
#include "why_words.h"

enum { FLAG_ORDER_FOLLOW = 1, FLAG_ORDER_DATA, ASK_MS = 3000, LETTERS = 1000 };

/* ---- facts ---- */

static maru_status ask_log(maru_client *client, maru_call *call, const char *order, why_service *s)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    maru_status                        status;

    request.aggregate = (char *)order;
    request.max = 1000;
    status = maru_event_log_read_aggregate(client, maru_within(call, ASK_MS), &request, &response);
    if (status == MARU_OK) {
        s->events = response->events;
        s->event_count = response->n_events;
        s->epoch = response->epoch;
    }
    return status;
}

static maru_status ask_inbox(maru_client *client, maru_call *call, why_service *s)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;
    maru_status status = maru_event_inbox_list_consumers(client, maru_within(call, ASK_MS), &request, &response);

    if (status == MARU_OK) {
        s->consumers = response->consumers;
        s->consumer_count = response->n_consumers;
    }
    return status;
}

/* Those of a page that are about the order, behind those that are there. */
static void take_letters(maru_call *call, const char *order, const MaruEvents__ListDeadLettersResponse *page,
                         why_service *s)
{
    MaruEvents__DeadLetter **all = maru_alloc(call, (s->letter_count + page->n_dead_letters) * sizeof *all);

    for (size_t i = 0; i < s->letter_count; i++)
        all[i] = s->letters[i];
    s->letters = all;
    for (size_t i = 0; i < page->n_dead_letters; i++)
        if (why_is_about(page->dead_letters[i]->event->aggregate, order))
            s->letters[s->letter_count++] = page->dead_letters[i];
}

/* Of all producers: the provider's are about the order under another name. */
static maru_status ask_letters(maru_client *client, maru_call *call, const char *order, why_service *s)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *response;
    maru_status                          status;

    request.page_size = LETTERS;
    do {
        status = maru_event_inbox_list_dead_letters(client, maru_within(call, ASK_MS), &request, &response);
        if (status != MARU_OK)
            return status;
        take_letters(call, order, response, s);
        request.page_token = response->next_page_token;
    } while (*request.page_token != '\0');
    return MARU_OK;
}

static void set_down(maru_call *call, why_service *s, maru_status status, const char *words)
{
    s->status = status;
    s->down = maru_strdup(call, words);
}

/* NULL: it does not run, and s says so. */
static maru_client *find_client(maru_runtime *runtime, maru_call *call, const char *data, const char *name,
                                why_service *s)
{
    maru_client *client = NULL;
    maru_error   error;
    char         url[LOCK_WORDS_MAX];
    int64_t      now = 0; /* what does not run is said, not waited for */
    maru_status  status = running_target(data, name, &now, url, &error);

    if (status == MARU_OK)
        status = maru_client_new(runtime, url, NULL, &client, &error);
    if (status != MARU_OK)
        set_down(call, s, status, error.text);
    return client;
}

/* Of an order of which it heard nothing yet there is no payment. */
static void ask_payment(maru_client *client, maru_call *call, why_facts *facts)
{
    Payment__GetPaymentRequest request = PAYMENT__GET_PAYMENT_REQUEST__INIT;
    Payment__Payment          *payment;
    maru_status                status;

    request.order = (char *)facts->order;
    status = payment_get_payment(client, maru_within(call, ASK_MS), &request, &payment);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        set_down(call, &facts->services[BOOK_PAYMENT], status, maru_call_message(call));
    if (status != MARU_OK)
        return;
    facts->detail = payment->detail;
    facts->paying = payment->state;
    facts->kept = book_kept_back(payment);
    facts->currency = facts->kept > 0 ? payment->captured->currency : "";
}

/* Each with a call of its own: they are asked at the same time. */
typedef struct asking {
    maru_runtime *runtime;
    const char   *data;
    why_facts    *facts;
    maru_call    *calls[BOOK_SERVICE_COUNT];
} asking;

static void ask_service(void *arg, size_t index)
{
    const asking *a = arg;
    const char   *data = a->data;
    maru_runtime *runtime = a->runtime;
    maru_call    *call = a->calls[index];
    book_service  which = (book_service)index;
    why_facts    *facts = a->facts;
    why_service  *s = &facts->services[which];
    maru_client  *client = find_client(runtime, call, data, book_service_name(which), s);
    maru_status   status;

    s->blind = client == NULL || (status = ask_log(client, call, facts->order, s)) != MARU_OK;
    if (client == NULL)
        return;
    if (s->blind || (status = ask_inbox(client, call, s)) != MARU_OK ||
        (status = ask_letters(client, call, facts->order, s)) != MARU_OK)
        set_down(call, s, status, maru_call_message(call));
    if (which == BOOK_PAYMENT && s->down == NULL)
        ask_payment(client, call, facts);
    maru_client_free(client);
}

/* What checkout heard of those whose log could not be read. Where it can't be asked either, that stays unknown. */
static void ask_timeline(const asking *a, maru_call *call)
{
    why_service                 *s = &a->facts->services[BOOK_CHECKOUT];
    Checkout__GetTimelineRequest request = CHECKOUT__GET_TIMELINE_REQUEST__INIT;
    Checkout__Timeline          *timeline;
    maru_client                 *client;
    bool                         blind = false;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        blind = blind || a->facts->services[i].blind;
    if (!blind || s->blind || (client = find_client(a->runtime, call, a->data, "checkout", s)) == NULL)
        return;
    request.name = (char *)a->facts->order;
    if (checkout_get_timeline(client, maru_within(call, ASK_MS), &request, &timeline) == MARU_OK)
        heard_fill(a->facts, timeline, maru_alloc(call, (timeline->n_entries + 1) * sizeof(MaruEvents__Event)),
                   maru_alloc(call, (timeline->n_entries + 1) * sizeof(MaruEvents__Event *)));
    maru_client_free(client);
}

/* ---- those that came later than the book: they may have failed, too ---- */

typedef struct newcomer {
    const char *name; /* NULL: it is of the book */
    maru_call  *call;
    why_service s;
} newcomer;

typedef struct newcomers {
    const asking *a;
    newcomer     *list;
} newcomers;

static void ask_newcomer(void *arg, size_t index)
{
    const newcomers *all = arg;
    newcomer        *one = &all->list[index];
    maru_client     *client;
    maru_status      status = MARU_OK;

    if (one->name == NULL || (one->call = maru_call_begin(all->a->runtime, 0)) == NULL ||
        (client = find_client(all->a->runtime, one->call, all->a->data, one->name, &one->s)) == NULL)
        return;
    status = ask_letters(client, one->call, all->a->facts->order, &one->s);
    if (status != MARU_OK && status != MARU_UNIMPLEMENTED)
        set_down(one->call, &one->s, status, maru_call_message(one->call));
    maru_client_free(client);
}

static void print_newcomer(newcomer *one, const asking *a, const why_answer *answer, FILE *out)
{
    if (one->name != NULL && one->s.down != NULL)
        fprintf(out, "  note  %s could not be asked: %s: %s\n", one->name, maru_status_name(one->s.status),
                one->s.down);
    if (one->name != NULL)
        why_print_failed(one->name, &one->s, answer, a->data, out);
    if (one->call != NULL)
        maru_call_end(one->call);
}

static void print_others(const asking *a, maru_call *call, const why_answer *answer, FILE *out)
{
    running    *list = maru_alloc(call, RUNNING_MAX * sizeof *list);
    newcomers   all = {.a = a, .list = maru_alloc(call, RUNNING_MAX * sizeof *all.list)};
    rundir      dir;
    size_t      count = 0;
    maru_error  error;
    maru_status status = running_folder(a->data, &dir, &error);

    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, &error);
    for (size_t i = 0; i < count; i++)
        all.list[i] = (newcomer){.name = book_service_of(list[i].name) < BOOK_SERVICE_COUNT ? NULL : list[i].name};
    at_once(count, ask_newcomer, &all);
    for (size_t i = 0; i < count; i++)
        print_newcomer(&all.list[i], a, answer, out);
}

/* ---- the command ---- */

static int print_why(const command *self, const asking *a, maru_call *call, FILE *out)
{
    const why_facts *facts = a->facts;
    why_answer       answer;

    why_find(facts, &answer);
    if (answer.known && answer.last != NULL) {
        why_print_answer(&answer, facts, a->data, out);
        for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
            why_print_failed(book_service_name((book_service)i), &facts->services[i], &answer, a->data, out);
        print_others(a, call, &answer, out);
        why_print_holes(facts, &answer, out);
        why_print_lost(facts, out);
        return EXIT_FINE;
    }
    if (answer.orphan != NULL)
        return why_complain_orphan(facts->order, answer.orphan);
    if (facts->services[BOOK_CHECKOUT].down != NULL)
        return complain_status(facts->services[BOOK_CHECKOUT].status, facts->services[BOOK_CHECKOUT].down);
    complain(self, "%s: checkout's log knows no such order", facts->order);
    return EXIT_STATUS + MARU_NOT_FOUND;
}

static int why(const command *self, maru_runtime *runtime, const char *data, const char *order, FILE *out)
{
    maru_call *call = maru_call_begin(runtime, 0);
    why_facts  facts = {.order = order, .detail = "", .currency = ""};
    asking     a = {.runtime = runtime, .data = data, .facts = &facts};
    bool       memory = call != NULL;
    int        result = EXIT_CANNOT;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        memory = (a.calls[i] = maru_call_begin(runtime, 0)) != NULL && memory;
    if (memory) {
        at_once(BOOK_SERVICE_COUNT, ask_service, &a);
        ask_timeline(&a, call);
        result = print_why(self, &a, call, out);
    } else {
        complain(self, "out of memory");
    }
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (a.calls[i] != NULL)
            maru_call_end(a.calls[i]);
    if (call != NULL)
        maru_call_end(call);
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
    char       order[MARU_AGGREGATE_MAX + 1];
    int        result = parse(self, argc, argv, &o);

    if (result >= 0)
        return result;
    if (o.words[1][strncmp(o.words[1], "orders/", 7) == 0 ? 7 : 0] == '\0')
        return complain_usage(self, "\"%s\": want an order, such as: maru order %s orders/7f3a", o.words[1],
                              o.words[0]);
    snprintf(order, sizeof order, "%s%s", strncmp(o.words[1], "orders/", 7) == 0 ? "" : "orders/", o.words[1]);
    return strcmp(o.words[0], "why") == 0 ? run_why(self, o.data, order) : timeline_show(self, o.data, order, o.follow);
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
        "since the event in row 1, which caused this one.\n",
    .flags = order_flags,
    .flag_count = sizeof order_flags / sizeof *order_flags,
    .run = run,
};
