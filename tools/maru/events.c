/* events.c: maru events: the log of a service as people read it, and how far services are with those of others. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "event_text.h"
#include "lag.h"
#include "letter.h"
#include "maru/events.h"
#include "maru/events.maru.h"
#include "running.h"
#include "session.h"

enum {
    FLAG_EVENTS_AFTER = 1,
    FLAG_EVENTS_FOLLOW,
    FLAG_EVENTS_AGGREGATE,
    FLAG_EVENTS_DATA,
    PAGE = 256,
    WAIT_MS = 5000,
    AWAY_MS = 100
};

typedef struct events_args {
    const char *data, *aggregate;
    uint64_t    after;
    bool        follow;
    const char *words[5];
    int         count;
} events_args;

/* A service without a store (the edge) has neither method. */
static int failed(maru_call *call, maru_status status, const char *service)
{
    maru_error error;

    if (status == MARU_UNIMPLEMENTED)
        maru_error_set(&error, status, "%.200s: has no store, and so no events", service);
    else
        session_fail(call, status, &error);
    return complain_status(status, error.text);
}

/* ---- tail ---- */

static void print_event(session *s, const schema_pool *pool, const MaruEvents__Event *event, FILE *out)
{
    fprintf(out, "%" PRIu64 " ", event->sequence);
    event_print_time(event->time, out);
    fprintf(out, " %s v%" PRIu64 " %s <- %s ", event->aggregate, event->version, event_short_type(event->type),
            *event->causation_id == '\0' ? "-" : event->causation_id);
    event_print_payload(s->arena, pool, event, 0, out);
}

/* A log that was restored meanwhile is followed from where it parts from what was shown. */
static maru_status read_page(session *s, maru_call *call, const events_args *a, uint64_t *after, uint64_t *epoch,
                             MaruEvents__Event ***events, size_t *count)
{
    maru_status status;

    if (a->aggregate != NULL) {
        MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
        MaruEvents__ReadAggregateResponse *response;

        request.aggregate = (char *)a->aggregate;
        request.after = *after;
        request.max = PAGE;
        if ((status = maru_event_log_read_aggregate(s->client, call, &request, &response)) == MARU_OK)
            *events = response->events, *count = response->n_events;
    } else {
        MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
        MaruEvents__ReadResponse *response;

        request.after = *after;
        request.epoch = *epoch;
        request.max = PAGE;
        request.wait_ms = a->follow ? WAIT_MS : 0;
        if ((status = maru_event_log_read(s->client, call, &request, &response)) == MARU_OK) {
            *events = response->events, *count = response->n_events;
            *after = response->epoch == *epoch ? *after : response->after;
            *epoch = response->epoch;
        }
    }
    return status;
}

/* --after counts in the log's epoch as it is now. */
static maru_status ask_epoch(session *s, maru_call *call, uint64_t *epoch)
{
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response;
    maru_status               status;

    request.max = 1;
    status = maru_event_log_read(s->client, call, &request, &response);
    *epoch = status == MARU_OK ? response->epoch : 0;
    return status;
}

typedef struct tailing {
    const command     *self;
    session           *s;
    const schema_pool *pool;
    const events_args *a;
    uint64_t           after, epoch;
    bool               waits; /* the service is away, and that was said */
    bool               any;   /* event was printed */
} tailing;

/* One that is followed may be killed, and started again: that does not end what ends by Ctrl-C. Said once each time. */
static bool is_waited_for(tailing *t, maru_call *call, maru_status status)
{
    maru_error error;

    if (!t->a->follow || (status != MARU_UNAVAILABLE && status != MARU_DEADLINE_EXCEEDED))
        return false;
    if (!t->waits) {
        session_fail(call, status, &error);
        complain(t->self, "%s can't be read now, and is waited for: %s", t->a->words[1], error.text);
    }
    t->waits = true;
    return true;
}

static void pause_a_little(const tailing *t)
{
    maru_call *call = maru_call_begin(t->s->runtime, SESSION_TIMEOUT_MS);

    if (call != NULL) {
        maru_sleep(call, AWAY_MS);
        maru_call_end(call);
    }
}

/* A call of its own, whose arena goes with it. *more: the next page is to be asked for. */
static int tail_page(tailing *t, bool *more)
{
    maru_call          *call = maru_call_begin(t->s->runtime, SESSION_TIMEOUT_MS);
    MaruEvents__Event **events;
    size_t              count = 0;
    int                 result = EXIT_FINE;
    maru_status         status;

    if (call == NULL)
        return complain_status(MARU_RESOURCE_EXHAUSTED, "out of memory");
    status = read_page(t->s, call, t->a, &t->after, &t->epoch, &events, &count);
    for (size_t i = 0; status == MARU_OK && i < count; i++) {
        print_event(t->s, t->pool, events[i], stdout);
        t->after = t->a->aggregate != NULL ? events[i]->version : events[i]->sequence;
    }
    t->any = t->any || count > 0;
    *more = count > 0 || t->a->follow;
    if (status == MARU_OK) {
        result = output_flush(t->self);
        t->waits = false;
    } else if (!is_waited_for(t, call, status))
        result = failed(call, status, t->a->words[1]);
    maru_call_end(call);
    if (t->waits && result == EXIT_FINE)
        pause_a_little(t);
    return result;
}

/* A log knows no names but those of its events: one that was mistyped is seen by this. */
static void complain_none(const tailing *t)
{
    const events_args *a = t->a;

    if (a->after > 0)
        complain(t->self, "%s has no event about %s behind version %" PRIu64, a->words[1], a->aggregate, a->after);
    else
        complain(t->self, "%s has no event about %s", a->words[1], a->aggregate);
}

/* Pages are printed as they come, since a log may be long, and may be followed. */
static int tail_pages(const command *self, session *s, const schema_pool *pool, const events_args *a)
{
    tailing     t = {.self = self, .s = s, .pool = pool, .a = a, .after = a->after};
    maru_call  *call = maru_call_begin(s->runtime, SESSION_TIMEOUT_MS);
    maru_status status = call == NULL ? MARU_RESOURCE_EXHAUSTED : ask_epoch(s, call, &t.epoch);
    bool        more = true;
    int         result = EXIT_FINE;

    if (call == NULL)
        return complain_status(status, "out of memory");
    if (status != MARU_OK)
        result = failed(call, status, a->words[1]);
    maru_call_end(call);
    while (more && result == EXIT_FINE)
        result = tail_page(&t, &more);
    if (result == EXIT_FINE && a->aggregate != NULL && !t.any)
        complain_none(&t);
    return result;
}

static int tail(const command *self, const events_args *a)
{
    session      s;
    schema_pool *pool = NULL;
    maru_error   error;
    maru_status  status = session_open(&s, a->data, a->words[1], SESSION_TIMEOUT_MS, &error);
    int          result;

    if (status == MARU_OK)
        status = session_schema(&s, "", &pool, &error);
    result = status == MARU_OK ? tail_pages(self, &s, pool, a) : complain_status(status, error.text);
    session_close(&s);
    return result;
}

static int lag(const command *self, const events_args *a)
{
    return lag_print(self, a->data);
}

/* ---- dead letters ---- */

static void print_letter(const MaruEvents__DeadLetter *letter, FILE *out)
{
    fprintf(out, "%s %s v%" PRIu64 " %s tries %" PRIu32 "%s%s%s\n", letter->event->producer, letter->event->aggregate,
            letter->event->version, letter->event->type, letter->tries,
            letter->parked      ? " parked"
            : letter->tries > 0 ? " waiting"
                                : " behind",
            *letter->error != '\0' ? ": " : "", letter->error);
}

static maru_status dead_pages(session *s, maru_call *call, const events_args *a, FILE *out)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *response;
    maru_status                          status;

    (void)a;
    request.page_size = PAGE;
    do {
        if ((status = maru_event_inbox_list_dead_letters(s->client, call, &request, &response)) != MARU_OK)
            return status;
        for (size_t i = 0; i < response->n_dead_letters; i++)
            print_letter(response->dead_letters[i], out);
        request.page_token = response->next_page_token;
    } while (*request.page_token != '\0');
    return MARU_OK;
}

static maru_status show_page(session *s, maru_call *call, const events_args *a, FILE *out)
{
    letter_place place = {.data = a->data, .service = a->words[1], .producer = a->words[2], .aggregate = a->words[3]};

    return letter_show(s, call, &place, out);
}

static maru_status retry_page(session *s, maru_call *call, const events_args *a, FILE *out)
{
    MaruEvents__RetryDeadLetterRequest request = MARU_EVENTS__RETRY_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__DeadLetter            *letter;
    maru_status                        status;

    request.producer = (char *)a->words[2];
    request.aggregate = (char *)a->words[3];
    if ((status = maru_event_inbox_retry_dead_letter(s->client, call, &request, &letter)) == MARU_OK)
        fprintf(out, "%s v%" PRIu64 " of %s is tried again\n", letter->event->aggregate, letter->event->version,
                letter->event->producer);
    return status;
}

static maru_status skip_page(session *s, maru_call *call, const events_args *a, FILE *out)
{
    MaruEvents__SkipDeadLetterRequest request = MARU_EVENTS__SKIP_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__DeadLetter           *letter;
    maru_status                       status;

    request.producer = (char *)a->words[2];
    request.aggregate = (char *)a->words[3];
    request.version = strtoull(a->words[4], NULL, 10);
    if ((status = maru_event_inbox_skip_dead_letter(s->client, call, &request, &letter)) == MARU_OK)
        fprintf(out, "%s v%" PRIu64 " of %s is given up: it has no effect there\n", letter->event->aggregate,
                letter->event->version, letter->event->producer);
    return status;
}

typedef maru_status (*inbox_ask)(session *s, maru_call *call, const events_args *a, FILE *out);

static int with_inbox(const command *self, const events_args *a, inbox_ask ask)
{
    session     s;
    maru_call  *call = NULL;
    maru_error  error;
    output      out;
    int         result = EXIT_FINE, printed;
    maru_status status = session_open(&s, a->data, a->words[1], SESSION_TIMEOUT_MS, &error);

    output_open(&out);
    if (status == MARU_OK && (call = maru_call_begin(s.runtime, s.timeout_ms)) == NULL)
        status = maru_error_set(&error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (status != MARU_OK)
        result = complain_status(status, error.text);
    else if ((status = ask(&s, call, a, out.file)) != MARU_OK)
        result = failed(call, status, a->words[1]);
    if (call != NULL)
        maru_call_end(call);
    session_close(&s);
    printed = output_finish(&out, self);
    return result != EXIT_FINE ? result : printed;
}

static int dead(const command *self, const events_args *a)
{
    return with_inbox(self, a, dead_pages);
}

static int show(const command *self, const events_args *a)
{
    return with_inbox(self, a, show_page);
}

static int retry(const command *self, const events_args *a)
{
    return with_inbox(self, a, retry_page);
}

static int skip(const command *self, const events_args *a)
{
    return with_inbox(self, a, skip_page);
}

/* ---- the command ---- */

static const struct verb {
    const char *name;
    int         words; /* with the verb */
    const char *usage;
    int (*run)(const command *self, const events_args *a);
} verbs[] = {
    {"tail", 2, "tail SERVICE", tail},
    {"lag", 1, "lag", lag},
    {"dead", 2, "dead SERVICE", dead},
    {"show", 4, "show SERVICE PRODUCER AGGREGATE", show},
    {"retry", 4, "retry SERVICE PRODUCER AGGREGATE", retry},
    {"skip", 5, "skip SERVICE PRODUCER AGGREGATE VERSION", skip},
};

static int parse_number(const command *self, const char *what, const char *text, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0
               ? -1
               : complain_usage(self, "%s: want a number, got \"%.60s\"", what, text);
}

static int parse_one(const command *self, events_args *a, int which, const char *value)
{
    switch (which) {
    case FLAG_EVENTS_AFTER:
        return parse_number(self, "--after", value, &a->after);
    case FLAG_EVENTS_FOLLOW:
        a->follow = true;
        return -1;
    case FLAG_EVENTS_AGGREGATE:
        a->aggregate = value;
        return -1;
    case FLAG_EVENTS_DATA:
        a->data = value;
        return -1;
    default:
        if (a->count == (int)(sizeof a->words / sizeof *a->words))
            return complain_usage(self, "\"%s\": that is one word too many", value);
        a->words[a->count++] = value;
        return -1;
    }
}

static int parse(const command *self, int argc, char **argv, events_args *a)
{
    args        words = args_of(self, argc, argv);
    const char *value;
    int         which, result = -1;

    while (result < 0 && (which = args_next(&words, &value)) != FLAGS_END)
        result = parse_one(self, a, which, value);
    return result >= 0 ? result : words.exit;
}

/* As maru_emit takes it: no log has another. */
static bool is_aggregate(const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < size; i++)
        if (name[i] <= ' ' || name[i] > '~')
            return false;
    return size >= 1 && size <= MARU_AGGREGATE_MAX;
}

/* An aggregate's events are read at once: there is no waiting for the next. */
static int check_flags(const command *self, const events_args *a)
{
    if (a->aggregate != NULL && !is_aggregate(a->aggregate))
        return complain_usage(self, "--aggregate: want 1..%d characters of ASCII without blanks, got \"%.60s\"",
                              MARU_AGGREGATE_MAX, a->aggregate);
    if (a->follow && a->aggregate != NULL)
        return complain_usage(self, "--follow: not with --aggregate (maru order timeline --follow follows an order)");
    if ((a->follow || a->aggregate != NULL || a->after > 0) && a->count > 0 && strcmp(a->words[0], "tail") != 0)
        return complain_usage(self, "--after, --follow, --aggregate: only of tail");
    return -1;
}

/* What the service says of retry and skip: of show too, for which it is no filter that takes all. */
static int check_letter(const events_args *a)
{
    if (a->count < 4 || (a->words[2][0] != '\0' && a->words[3][0] != '\0'))
        return -1;
    return complain_status(MARU_INVALID_ARGUMENT, "producer, aggregate: want both, as ListDeadLetters says them");
}

static int run(const command *self, int argc, char **argv)
{
    events_args a = {.data = NULL};
    uint64_t    version;
    int         result = parse(self, argc, argv, &a);

    if (result >= 0 || (result = check_flags(self, &a)) >= 0)
        return result;
    for (size_t i = 0; a.count > 0 && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, a.words[0]) != 0)
            continue;
        if (a.count != verbs[i].words)
            return complain_usage(self, "want: maru events %s", verbs[i].usage);
        if (a.count == 5 && (result = parse_number(self, "VERSION", a.words[4], &version)) >= 0)
            return result;
        return (result = check_letter(&a)) >= 0 ? result : verbs[i].run(self, &a);
    }
    return complain_usage(self, "want one of tail, lag, dead, show, retry, skip%s%s%s", a.count > 0 ? ", got \"" : "",
                          a.count > 0 ? a.words[0] : "", a.count > 0 ? "\"" : "");
}

static const flag events_flags[] = {
    FLAG_HELP,
    [FLAG_EVENTS_AFTER] = {"after", 0, "N", "tail: begin after this sequence (with --aggregate: version)"},
    [FLAG_EVENTS_FOLLOW] = {"follow", 'f', NULL, "tail: go on as more events come, until Ctrl-C"},
    [FLAG_EVENTS_AGGREGATE] = {"aggregate", 0, "NAME", "tail: only the events about this"},
    [FLAG_EVENTS_DATA] = FLAG_DATA,
};

const command events_command = {
    .name = "events",
    .operands = "tail|lag|dead|show|retry|skip [WORD...]",
    .summary = "read the log of a service; see who is behind, and mend what failed",
    .more =
        "  tail SERVICE                             its events: sequence, time, aggregate, version, type, cause, "
        "payload\n"
        "  lag                                      how far each service is with the events of others: sequences, how "
        "many\n"
        "                                           are not read, wait, or are dead letters, and what keeps it\n"
        "  dead SERVICE                             events that failed there, and what waits behind them\n"
        "  show SERVICE PRODUCER AGGREGATE          the first of an aggregate in full: event, payload, error, tries, "
        "since "
        "when,\n"
        "                                           what waits behind it, and what can be done\n"
        "  retry SERVICE PRODUCER AGGREGATE         try the first of an aggregate again, now\n"
        "  skip SERVICE PRODUCER AGGREGATE VERSION  give it up: it will have had no effect there\n"
        "SERVICE is where they are read or failed, PRODUCER whose events they are, AGGREGATE what they are about "
        "(orders/7f3a).\n",
    .flags = events_flags,
    .flag_count = sizeof events_flags / sizeof *events_flags,
    .run = run,
};
