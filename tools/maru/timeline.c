/* timeline.c: prints an order's timeline row by row, and polls checkout for more until it is over. */
#include "timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands.h"
#include "duration.h"
#include "facts.h"
#include "maru/runtime.h"
#include "session.h"
#include "shop/checkout.maru.h"
#include "why_words.h"

enum {
    LOOK_MS = 40,
    SETTLE_LOOKS = 12, /* without news, after the order's end: then it is asked whether anything is owed yet */
    STUCK_MOST = 6,    /* so often in a row that is found to come by nothing, or can't be asked */
    CAUSE_SIZE = 64,
    DETAIL_AT = 68, /* the column in which details begin */
    LEAST_WIDTH = 80
};

/* ---- a row ---- */

static const char *last_part(const char *text, char separator)
{
    const char *found = strrchr(text, separator);

    return found == NULL ? text : found + 1;
}

static int64_t ms_of(const Google__Protobuf__Timestamp *time)
{
    return time == NULL ? 0 : time->seconds * 1000 + time->nanos / 1000000;
}

/* Times of a flow are milliseconds or seconds; those that took longer are read in words. */
static const char *wait_text(int64_t ms, char out[static 32])
{
    if (ms >= 10000)
        return duration_format(ms, out);
    snprintf(out, 32, "%" PRId64 " ms", ms < 0 ? 0 : ms);
    return out;
}

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* A cause is a row, a call, a timer or task of a service, or an event that is none of the order's: of the provider. */
static void cause_text(const Checkout__Timeline *timeline, const Checkout__TimelineEntry *entry,
                       char out[static CAUSE_SIZE])
{
    const char *cause = entry->causation_id, *method = strrchr(cause, '/');
    char        wait[32];

    for (size_t i = 0; i < timeline->n_entries; i++)
        if (strcmp(timeline->entries[i]->event_id, cause) == 0) {
            snprintf(out, CAUSE_SIZE, "%s after %zu", wait_text(entry->after_ms, wait), i + 1);
            return;
        }
    if (begins(cause, "call ") && method != NULL)
        snprintf(out, CAUSE_SIZE, "call %.*s", (int)strcspn(method + 1, " "), method + 1);
    else if (begins(cause, "timer ") || begins(cause, "task "))
        snprintf(out, CAUSE_SIZE, "%.*s", (int)strcspn(cause, "/"), cause);
    else if (*cause != '\0')
        snprintf(out, CAUSE_SIZE, "news of %.*s", (int)strcspn(cause, "-"), cause);
    else
        snprintf(out, CAUSE_SIZE, "-");
}

/* So many bytes of text that no character is cut. */
static size_t fitting(const char *text, size_t most)
{
    size_t size = strlen(text);

    if (size <= most)
        return size;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

void timeline_row(const Checkout__Timeline *timeline, size_t at, size_t width, FILE *out)
{
    const Checkout__TimelineEntry *entry = timeline->entries[at];
    char                           wait[32], cause[CAUSE_SIZE];
    size_t                         room = width > DETAIL_AT ? width - DETAIL_AT : strlen(entry->detail);

    cause_text(timeline, entry, cause);
    fprintf(out, "%3zu %8s  %-21s  %-9s  %-17s", at + 1,
            wait_text(ms_of(entry->time) - ms_of(timeline->entries[0]->time), wait), last_part(entry->type, '.'),
            entry->service, cause);
    fprintf(out, "%s%.*s\n", *entry->detail != '\0' ? "  " : "", (int)fitting(entry->detail, room), entry->detail);
}

/* ---- the order of rows ---- */

static const size_t no_cause = SIZE_MAX;

static bool is_earlier(const Google__Protobuf__Timestamp *a, const Google__Protobuf__Timestamp *b)
{
    if (a == NULL || b == NULL)
        return a == NULL && b != NULL;
    return a->seconds != b->seconds ? a->seconds < b->seconds : a->nanos < b->nanos;
}

/* Of each entry that has no row yet: which other of them it waits for. */
static void find_causes(const Checkout__Timeline *timeline, size_t from, size_t *causes)
{
    for (size_t i = from; i < timeline->n_entries; i++) {
        causes[i] = no_cause;
        for (size_t j = from; j < timeline->n_entries && causes[i] == no_cause; j++)
            if (j != i && strcmp(timeline->entries[j]->event_id, timeline->entries[i]->causation_id) == 0)
                causes[i] = j;
    }
}

/* The place in rows, from at on, of the next row: the first of those that wait for none. Where each waits for another,
 * which only damaged causes do, the one that was heard first. */
static size_t find_next(const Checkout__Timeline *timeline, const size_t *rows, const size_t *causes, size_t at)
{
    size_t next = timeline->n_entries;

    for (size_t i = at; i < timeline->n_entries; i++)
        if (causes[rows[i]] == no_cause &&
            (next == timeline->n_entries ||
             is_earlier(timeline->entries[rows[i]]->time, timeline->entries[rows[next]]->time)))
            next = i;
    return at == 0 || next == timeline->n_entries ? at : next;
}

void timeline_arrange(const Checkout__Timeline *timeline, size_t from, size_t *rows, size_t *causes)
{
    find_causes(timeline, from, causes);
    for (size_t i = from; i < timeline->n_entries; i++)
        rows[i] = i;
    for (size_t at = from; at < timeline->n_entries; at++) {
        size_t next = find_next(timeline, rows, causes, at), entry = rows[next];

        memmove(&rows[at + 1], &rows[at], (next - at) * sizeof *rows);
        rows[at] = entry;
        for (size_t i = from; i < timeline->n_entries; i++)
            causes[i] = causes[i] == entry ? no_cause : causes[i];
    }
}

/* ---- the table ---- */

/* The rows that are on stdout: of each, its entry's place in checkout's timeline. */
typedef struct table {
    size_t *rows;
    size_t  count;
} table;

typedef struct look {
    Checkout__Order    *order; /* NULL: checkout knows none of that name */
    Checkout__Timeline *timeline;
} look;

static maru_status look_at(maru_client *checkout, maru_call *call, const char *name, look *seen)
{
    Checkout__GetOrderRequest    order = CHECKOUT__GET_ORDER_REQUEST__INIT;
    Checkout__GetTimelineRequest timeline = CHECKOUT__GET_TIMELINE_REQUEST__INIT;
    maru_status                  status;

    seen->order = NULL;
    order.name = timeline.name = (char *)name;
    if ((status = checkout_get_order(checkout, call, &order, &seen->order)) != MARU_OK)
        return status;
    return checkout_get_timeline(checkout, call, &timeline, &seen->timeline);
}

static bool is_over(const Checkout__Order *order)
{
    return order->state == CHECKOUT__ORDER_STATE__COMPLETED || order->state == CHECKOUT__ORDER_STATE__CANCELLED;
}

static size_t terminal_width(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col < LEAST_WIDTH ? LEAST_WIDTH : size.ws_col;
}

static void print_end(const Checkout__Order *order)
{
    const ProtobufCEnumDescriptor *states = &checkout__order_state__descriptor,
                                  *reasons = &checkout__cancel_reason__descriptor;
    const ProtobufCEnumValue *state = protobuf_c_enum_descriptor_get_value(states, (int)order->state),
                             *reason = protobuf_c_enum_descriptor_get_value(reasons, (int)order->reason);

    printf("%s", state == NULL ? "of a state that this maru does not know" : state->name);
    if (order->reason != CHECKOUT__CANCEL_REASON__CANCEL_REASON_UNSPECIFIED)
        printf(": %s%s%s", reason == NULL ? "" : reason->name, *order->detail != '\0' ? ", " : "", order->detail);
    printf("\n");
}

/* What is on stdout stays there: those that came since are put behind it. */
static maru_status print_rows(maru_call *call, const Checkout__Timeline *timeline, table *shown)
{
    size_t                    count = timeline->n_entries;
    size_t                   *rows;
    Checkout__TimelineEntry **entries;
    Checkout__Timeline        arranged = *timeline;

    if (count <= shown->count)
        return MARU_OK;
    if ((rows = realloc(shown->rows, count * sizeof *rows)) == NULL)
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "out of memory");
    shown->rows = rows;
    entries = maru_alloc(call, count * sizeof *entries);
    timeline_arrange(timeline, shown->count, rows, maru_alloc(call, count * sizeof *rows));
    for (size_t i = 0; i < count; i++)
        entries[i] = timeline->entries[rows[i]];
    arranged.entries = entries;
    for (; shown->count < count; shown->count++)
        timeline_row(&arranged, shown->count, terminal_width(), stdout);
    return MARU_OK;
}

static maru_status print_news(maru_call *call, const look *now, const char *order, table *shown, bool last)
{
    maru_status status;

    if (shown->count == 0)
        printf("%s\n%3s %8s  %-21s  %-9s  %-17s  %s\n", order, "#", "AT", "EVENT", "BY", "BECAUSE OF", "DETAIL");
    status = print_rows(call, now->timeline, shown);
    if (last && status == MARU_OK)
        print_end(now->order);
    return status;
}

/* Each look is a call of its own, whose arena goes with it. */
static maru_status show_news(session *s, const char *order, table *shown, bool *over, bool last, maru_error *error)
{
    maru_call  *call = maru_call_begin(s->runtime, s->timeout_ms);
    look        now;
    maru_status status = call == NULL ? maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory")
                                      : look_at(s->client, call, order, &now);

    if (call != NULL && status == MARU_NOT_FOUND && now.order == NULL)
        maru_error_set(error, status, WHY_UNKNOWN, order);
    else if (call != NULL && (status != MARU_OK || (status = print_news(call, &now, order, shown, last)) != MARU_OK))
        session_fail(call, status, error);
    else if (status == MARU_OK)
        *over = is_over(now.order);
    if (call != NULL)
        maru_call_end(call);
    return status;
}

static maru_status pause_a_little(session *s)
{
    maru_call  *call = maru_call_begin(s->runtime, s->timeout_ms);
    maru_status status = call == NULL ? MARU_RESOURCE_EXHAUSTED : maru_sleep(call, LOOK_MS);

    if (call != NULL)
        maru_call_end(call);
    return status;
}

/* ---- whether more comes ---- */

typedef struct following {
    const char *data, *order;
    table       shown;
    int         overs;  /* in a row that nothing was owed */
    int         stucks; /* in a row that what is owed did not come by itself */
    char        words[TIMELINE_WORDS];
} following;

bool timeline_stuck(const why_answer *a, char words[static TIMELINE_WORDS])
{
    if (!a->known)
        snprintf(words, TIMELINE_WORDS, "its events are not in checkout's log");
    else if (a->over || (a->down == NULL && a->letter == NULL && !a->refused && !a->in_vain && a->help == NULL))
        return false;
    else
        snprintf(words, TIMELINE_WORDS, "%s is owed by %s, %s%s", a->owed, book_service_name(a->owes),
                 a->down != NULL     ? "which can't be asked: "
                 : a->letter != NULL ? "where an event failed"
                 : a->in_vain        ? "who shall void what was captured"
                 : a->refused        ? "whom the provider refused it"
                                     : "who asks the provider, which needs a person",
                 a->down != NULL ? a->down : "");
    return true;
}

/* All that the four have said about it. */
static size_t count_said(const why_facts *facts)
{
    return facts->services[BOOK_CHECKOUT].event_count + facts->services[BOOK_INVENTORY].event_count +
           facts->services[BOOK_PAYMENT].event_count + facts->services[BOOK_SHIPPING].event_count;
}

/* By all that maru order why knows: the order's state says when it is decided, and not when all is undone. */
static maru_status ask_whether_more(session *s, following *f, bool *more, maru_error *error)
{
    order_facts facts;
    why_answer  answer;

    if (!facts_ask(&facts, s->runtime, f->data, f->order)) {
        facts_close(&facts);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    }
    why_find(&facts.facts, &answer);
    f->stucks = timeline_stuck(&answer, f->words) ? f->stucks + 1 : 0;
    f->overs = answer.known && answer.over ? f->overs + 1 : 0;
    /* What was just said is not in the timeline yet. */
    *more = f->stucks < STUCK_MOST && f->overs < 2 && (f->overs == 0 || f->shown.count < count_said(&facts.facts));
    facts_close(&facts);
    return MARU_OK;
}

static maru_status follow_on(const command *self, session *s, following *f, int *written, maru_error *error)
{
    bool        over = false, more = true;
    int         quiet = 0;
    maru_status status = MARU_OK;

    while (more && *written == EXIT_FINE && status == MARU_OK) {
        size_t before = f->shown.count;

        if ((status = show_news(s, f->order, &f->shown, &over, false, error)) != MARU_OK)
            break;
        *written = output_flush(self);
        quiet = over && f->shown.count == before ? quiet + 1 : 0;
        if (quiet == SETTLE_LOOKS) {
            quiet = 0;
            status = ask_whether_more(s, f, &more, error);
        }
        if (more && status == MARU_OK)
            status = pause_a_little(s);
    }
    return status;
}

int timeline_show(const command *self, const char *data, const char *order, bool follow)
{
    session     s;
    following   f = {.data = data, .order = order};
    maru_error  error = {0};
    bool        over;
    int         written = EXIT_FINE;
    maru_status status = session_open(&s, data, "checkout", SESSION_TIMEOUT_MS, &error);

    if (status == MARU_OK && follow)
        status = follow_on(self, &s, &f, &written, &error);
    if (status == MARU_OK && written == EXIT_FINE)
        status = show_news(&s, order, &f.shown, &over, true, &error);
    if (written == EXIT_FINE)
        written = output_flush(self);
    session_close(&s);
    free(f.shown.rows);
    if (status != MARU_OK)
        return complain_status(status, error.text);
    if (f.stucks == STUCK_MOST && written == EXIT_FINE) {
        complain(self, "%s: more is to come, but not by itself: %s; see maru order why %s", order, f.words, order);
        return EXIT_CANNOT;
    }
    return written;
}
