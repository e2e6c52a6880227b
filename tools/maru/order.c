/* order.c: maru order: what happened to an order (timeline.h); which event it waits for, who owes it, what keeps it,
 * and what can safely be done. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "audit/gather.h"
#include "audit/why.h"
#include "commands.h"
#include "duration.h"
#include "maru/events.h"
#include "maru/events.maru.h"
#include "running.h"
#include "shop/checkout.maru.h"
#include "shop/payment.maru.h"
#include "timeline.h"

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

static bool asks(Payment__PaymentState state)
{
    return state == PAYMENT__PAYMENT_STATE__AUTHORIZING || state == PAYMENT__PAYMENT_STATE__CAPTURING ||
           state == PAYMENT__PAYMENT_STATE__VOIDING || state == PAYMENT__PAYMENT_STATE__REFUNDING;
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

static void ask_payment(maru_client *client, maru_call *call, why_facts *facts)
{
    Payment__GetPaymentRequest request = PAYMENT__GET_PAYMENT_REQUEST__INIT;
    Payment__Payment          *payment;

    request.order = (char *)facts->order;
    if (payment_get_payment(client, maru_within(call, ASK_MS), &request, &payment) != MARU_OK)
        return;
    facts->detail = payment->detail;
    facts->asks = asks(payment->state);
    facts->kept = book_kept_back(payment);
    facts->currency = facts->kept > 0 ? payment->captured->currency : "";
}

static void ask_service(maru_runtime *runtime, maru_call *call, const char *data, book_service which, why_facts *facts)
{
    why_service *s = &facts->services[which];
    maru_client *client = find_client(runtime, call, data, book_service_name(which), s);
    maru_status  status;

    if (client == NULL)
        return;
    if ((status = ask_log(client, call, facts->order, s)) != MARU_OK ||
        (status = ask_inbox(client, call, s)) != MARU_OK ||
        (status = ask_letters(client, call, facts->order, s)) != MARU_OK)
        set_down(call, s, status, maru_call_message(call));
    if (which == BOOK_PAYMENT && s->down == NULL)
        ask_payment(client, call, facts);
    maru_client_free(client);
}

/* ---- words ---- */

static const char *short_type(const char *type)
{
    const char *dot = strrchr(type, '.');

    return dot == NULL ? type : dot + 1;
}

static const char *ago(const MaruEvents__Event *event, char out[static 32])
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (event->time == NULL)
        return "some time";
    return duration_format((now.tv_sec - event->time->seconds) * 1000 + (now.tv_nsec - event->time->nanos) / 1000000,
                           out);
}

/* A word of a command line so that a shell reads it back as it is. */
static void print_word(const char *word, FILE *out)
{
    const char *plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=@%+,-";

    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    fputc('\'', out);
}

/* maru as it was called here: that finds it again. */
static void begin_command(const char *verb, FILE *out)
{
    fputs("        ", out);
    print_word(program_invocation_name, out);
    fprintf(out, " %s", verb);
}

static void end_command(const char *data, FILE *out)
{
    if (data != NULL) {
        fputs(" --data ", out);
        print_word(data, out);
    }
    fputc('\n', out);
}

/* retry, or skip of its version. */
static void print_mend(const char *verb, const char *service, const MaruEvents__Event *event, const char *data,
                       FILE *out)
{
    const char *words[] = {verb, service, event->producer, event->aggregate};

    begin_command("events", out);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        fputc(' ', out);
        print_word(words[i], out);
    }
    if (strcmp(verb, "skip") == 0)
        fprintf(out, " %" PRIu64, event->version);
    end_command(data, out);
}

/* An event that failed at a service; where: "there", or "at payment". */
static void print_letter(const MaruEvents__DeadLetter *letter, const char *service, const char *where, const char *data,
                         FILE *out)
{
    const MaruEvents__Event *event = letter->event;

    if (!letter->parked) {
        fprintf(out, "%s of %s failed %s %" PRIu32 " times, and is tried again: %s\n", short_type(event->type),
                event->producer, where, letter->tries, letter->error);
        fprintf(out, "  do    nothing is lost: wait, or mend what the words say, and let it be tried at once:\n");
        print_mend("retry", service, event, data, out);
        return;
    }
    fprintf(out, "%s of %s is a dead letter %s after %" PRIu32 " tries: %s\n", short_type(event->type), event->producer,
            where, letter->tries, letter->error);
    fprintf(out, "  do    mend what the words say, then let it be tried again:\n");
    print_mend("retry", service, event, data, out);
    fprintf(out, "  or    give it up, and it will have had no effect there:\n");
    print_mend("skip", service, event, data, out);
}

/* Safe as often as it is asked: payment asks for no more than is left. */
static void print_refused(const why_facts *facts, const char *data, FILE *out)
{
    fprintf(out, "  why   the provider refused to give back %" PRId64 " %s: %s\n", facts->kept, facts->currency,
            facts->detail);
    fprintf(out, "  do    once the reason is gone, let it be given back; more than is left never is:\n");
    begin_command("call", out);
    fprintf(out,
            " payment shop.payment.v1.PaymentService/RefundPayment -d '{\"order\": \"%s\", "
            "\"amount\": {\"currency\": \"%s\", \"minor\": \"%" PRId64 "\"}, \"reason\": \"the order was cancelled\"}'",
            facts->order, facts->currency, facts->kept);
    end_command(data, out);
}

/* What answers nothing within its time holds its lock and its socket: to start it is in vain. */
static void print_down(const char *service, const why_service *s, FILE *out)
{
    fprintf(out, "  why   %s does not answer: %s: %s\n", service, maru_status_name(s->status), s->down);
    if (s->status == MARU_DEADLINE_EXCEEDED)
        fprintf(out,
                "  do    %s runs, and hangs or was stopped: let it go on (kill -CONT), or end it (kill -KILL); maru ps "
                "has its\n"
                "        process, and maru up starts it again: it reads on where it was, and nothing is done twice\n",
                service);
    else
        fprintf(out, "  do    start %s: it reads on where it was, and nothing is done twice\n", service);
}

static void print_reason(const why_answer *a, const why_facts *facts, const char *data, FILE *out)
{
    const char *service = book_service_name(a->owes);

    if (a->down != NULL) {
        print_down(service, &facts->services[a->owes], out);
    } else if (a->letter != NULL) {
        fputs("  why   ", out);
        print_letter(a->letter, service, "there", data, out);
    } else if (a->behind != NULL) {
        fprintf(out, "  why   %s has not read that event yet: it is %" PRIu64 " events of %s behind%s%s\n", service,
                a->cause->sequence - a->behind->sequence, a->behind->producer, *a->behind->trouble != '\0' ? ": " : "",
                a->behind->trouble);
        fprintf(out, "  do    nothing is lost: see that both run, and mend what the words say\n");
    } else if (a->refused) {
        print_refused(facts, data, out);
    } else {
        fprintf(out, "  why   %s has that event: %s\n", service, a->own_pace);
        fprintf(out, "  do    wait: it goes on by itself\n");
    }
}

static void print_against(const why_answer *a, const char *data, FILE *out)
{
    fprintf(out, "  over  no event is owed, but %s of %s is of another end (%s)\n", short_type(a->against->type),
            a->against->producer, a->against->id);
    fprintf(out, "  why   the logs do not agree: so it is where a store was lost, or is of another time\n");
    fprintf(out, "  do    see what else does not agree:\n");
    begin_command("audit", out);
    end_command(data, out);
}

static void print_answer(const why_answer *a, const why_facts *facts, const char *data, FILE *out)
{
    char when[32];

    fprintf(out, "%s\n", facts->order);
    fprintf(out, "  last  %s, said by %s %s ago (%s)\n", short_type(a->last->type), a->last->producer,
            ago(a->last, when), a->last->id);
    if (a->against != NULL) {
        print_against(a, data, out);
        return;
    }
    if (a->over) {
        fprintf(out, "  over  no event is owed\n");
        return;
    }
    fprintf(out, "  owed  %s, by %s, because of %s of %s (%s)\n", a->owed, book_service_name(a->owes), a->cause_type,
            book_service_name(a->cause_of), a->cause->id);
    print_reason(a, facts, data, out);
}

/* A service that can't be asked leaves a hole in the facts: said, since what is owed may be another thing then. */
static void print_holes(const why_facts *facts, const why_answer *a, FILE *out)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (facts->services[i].down != NULL && (a->down == NULL || (book_service)i != a->owes))
            fprintf(out, "  note  %s could not be asked: %s: %s\n", book_service_name((book_service)i),
                    maru_status_name(facts->services[i].status), facts->services[i].down);
}

/* What failed is never left out: also where it keeps nothing that is owed. */
static void print_failed(const char *service, const why_service *s, const why_answer *a, const char *data, FILE *out)
{
    const MaruEvents__DeadLetter *letter;
    char                          where[RUNNING_NAME_MAX + 8];
    size_t                        at = 0;

    snprintf(where, sizeof where, "at %s", service);
    while ((letter = why_next_failed(s, a, &at)) != NULL) {
        fputs("  also  ", out);
        print_letter(letter, service, where, data, out);
    }
}

/* Those that came later than the book may have failed, too. */
static void print_others(maru_runtime *runtime, maru_call *call, const char *data, const why_facts *facts,
                         const why_answer *a, FILE *out)
{
    running    *list = maru_alloc(call, RUNNING_MAX * sizeof *list);
    rundir      dir;
    size_t      count = 0;
    maru_error  error;
    maru_status status = running_folder(data, &dir, &error);

    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, &error);
    for (size_t i = 0; status == MARU_OK && i < count; i++) {
        why_service  s = {.down = NULL};
        maru_client *client;
        maru_status  asked = MARU_OK;

        if (book_service_of(list[i].name) < BOOK_SERVICE_COUNT)
            continue;
        if ((client = find_client(runtime, call, data, list[i].name, &s)) != NULL &&
            (asked = ask_letters(client, call, facts->order, &s)) != MARU_OK && asked != MARU_UNIMPLEMENTED)
            set_down(call, &s, asked, maru_call_message(call));
        maru_client_free(client);
        if (s.down != NULL)
            fprintf(out, "  note  %s could not be asked: %s: %s\n", list[i].name, maru_status_name(s.status), s.down);
        print_failed(list[i].name, &s, a, data, out);
    }
}

/* ---- the command ---- */

static int why(const command *self, maru_runtime *runtime, const char *data, const char *order, FILE *out)
{
    maru_call *call = maru_call_begin(runtime, 0);
    why_facts  facts = {.order = order, .detail = "", .currency = ""};
    why_answer answer;
    int        result = EXIT_FINE;

    if (call == NULL) {
        complain(self, "out of memory");
        return EXIT_CANNOT;
    }
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        ask_service(runtime, call, data, (book_service)i, &facts);
    why_find(&facts, &answer);
    if (answer.known && answer.last != NULL) {
        print_answer(&answer, &facts, data, out);
        for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
            print_failed(book_service_name((book_service)i), &facts.services[i], &answer, data, out);
        print_others(runtime, call, data, &facts, &answer, out);
        print_holes(&facts, &answer, out);
    } else if (facts.services[BOOK_CHECKOUT].down != NULL) {
        result = complain_status(facts.services[BOOK_CHECKOUT].status, facts.services[BOOK_CHECKOUT].down);
    } else {
        complain(self, "%s: checkout's log knows no such order", order);
        result = EXIT_STATUS + MARU_NOT_FOUND;
    }
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
    snprintf(order, sizeof order, "%s%s", strncmp(o.words[1], "orders/", 7) == 0 ? "" : "orders/", o.words[1]);
    return strcmp(o.words[0], "why") == 0 ? run_why(self, o.data, order) : timeline_show(o.data, order, o.follow);
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
