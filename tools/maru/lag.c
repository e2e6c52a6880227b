/* lag.c: see lag.h. All are asked at the same time, for their inbox and for how long their log is: a consumer knows of
 * its producer only what that said last, which may have been long ago.
 */
#include "lag.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/atonce.h"
#include "away.h"
#include "maru/events.maru.h"
#include "running.h"
#include "session.h"

typedef struct asked {
    const char                        *name;
    session                            s;
    maru_call                         *call; /* its arena has the answers */
    maru_status                        status;
    maru_error                         error;
    MaruEvents__ListConsumersResponse *inbox; /* NULL: none, as of a service without a store */
    MaruEvents__ReadResponse          *log;   /* NULL: it could not be read */
} asked;

typedef struct fleet {
    const char *data;
    running    *list;
    asked      *asked;
    size_t      count;
    away        away;
} fleet;

/* ---- asking ---- */

static maru_status ask_inbox(asked *one)
{
    MaruEvents__ListConsumersRequest request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    maru_status status = maru_event_inbox_list_consumers(one->s.client, one->call, &request, &one->inbox);

    if (status == MARU_OK)
        return status;
    one->inbox = NULL;
    return status == MARU_UNIMPLEMENTED ? MARU_OK : session_fail(one->call, status, &one->error);
}

/* What can't be read of it is maru audit's to say. */
static void ask_log(asked *one)
{
    MaruEvents__ReadRequest request = MARU_EVENTS__READ_REQUEST__INIT;

    request.max = 1;
    if (maru_event_log_read(one->s.client, one->call, &request, &one->log) != MARU_OK)
        one->log = NULL;
}

static void ask_one(void *arg, size_t index)
{
    fleet *all = arg;
    asked *one = &all->asked[index];

    one->name = all->list[index].name;
    one->status = session_open(&one->s, all->data, one->name, SESSION_TIMEOUT_MS, &one->error);
    if (one->status == MARU_OK && (one->call = maru_call_begin(one->s.runtime, one->s.timeout_ms)) == NULL)
        one->status = maru_error_set(&one->error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (one->status == MARU_OK && (one->status = ask_inbox(one)) == MARU_OK && one->inbox != NULL)
        ask_log(one);
}

static maru_status find_fleet(fleet *all, maru_error *error)
{
    rundir      dir;
    maru_status status = running_folder(all->data, &dir, error);

    all->list = calloc(RUNNING_MAX, sizeof *all->list);
    if (status == MARU_OK && all->list == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (status == MARU_OK)
        status = running_list(&dir, all->list, RUNNING_MAX, &all->count, error);
    if (status == MARU_OK && (all->asked = calloc(all->count + 1, sizeof *all->asked)) == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    return status == MARU_OK ? away_list(&dir, all->list, all->count, &all->away, error) : status;
}

static void fleet_free(fleet *all)
{
    for (size_t i = 0; all->asked != NULL && i < all->count; i++) {
        if (all->asked[i].call != NULL)
            maru_call_end(all->asked[i].call);
        if (all->asked[i].name != NULL)
            session_close(&all->asked[i].s);
    }
    free(all->asked);
    free(all->list);
}

/* ---- saying ---- */

static const asked *find_producer(const fleet *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->asked[i].name, name) == 0)
            return &all->asked[i];
    return NULL;
}

/* Where the producer answers, its own log counts. Of another epoch it is not known how much was read. */
static void mend_lag(const asked *producer, MaruEvents__Consumer *c)
{
    if (producer == NULL || producer->log == NULL || producer->log->epoch != c->epoch ||
        producer->log->last <= c->sequence)
        return;
    c->last = producer->log->last;
    c->lag = c->last - c->sequence;
}

static void print_reason(const fleet *all, const char *consumer, const MaruEvents__Consumer *c, FILE *out)
{
    const asked *producer = find_producer(all, c->producer);

    if (!running_serves(all->list, all->count, c->producer))
        fprintf(out, "  no %s runs here", c->producer);
    else if (producer != NULL && producer->status != MARU_OK)
        fprintf(out, "  %s does not answer (%s): what it said since is not known", c->producer,
                maru_status_name(producer->status));
    else if (*c->trouble != '\0')
        fprintf(out, "  %s", c->trouble);
    if (c->ahead > 0)
        fprintf(out, "  %" PRIu64 " that had their effect are not in its log (restored)", c->ahead);
    if (c->waits_for)
        fprintf(out, "  timers of %s wait for it%s", consumer, c->restored ? " (restored)" : "");
    else if (c->restored)
        fprintf(out, "  not read to its end since %s was restored", consumer);
    fprintf(out, "\n");
}

static void print_consumers(const fleet *all, const asked *one, FILE *out)
{
    for (size_t i = 0; one->inbox != NULL && i < one->inbox->n_consumers; i++) {
        MaruEvents__Consumer *c = one->inbox->consumers[i];

        mend_lag(find_producer(all, c->producer), c);
        fprintf(out, "%-12s %-12s %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64, one->name,
                c->producer, c->sequence, c->last, c->lag, c->waiting, c->parked);
        print_reason(all, one->name, c, out);
    }
}

/* A line without figures: how far it has read, only its own store knows. */
static void print_unknown(const char *name, FILE *out)
{
    fprintf(out, "%-12s %-12s %10s %10s %8s %8s %8s  ", name, "-", "-", "-", "-", "-", "-");
}

static int print_silent(const fleet *all, size_t index, FILE *out)
{
    const asked *one = &all->asked[index];

    print_unknown(one->name, out);
    fprintf(out, "does not answer (%s; pid %" PRId64 "): how far it has read is not known\n",
            maru_status_name(one->status), all->list[index].holder.pid);
    return complain_status(one->status, one->error.text);
}

/* Each has its line; on stderr all together have one, which says why the status is not 0. */
static int print_away(const away *a, FILE *out)
{
    char words[96];

    for (size_t i = 0; i < a->count; i++) {
        print_unknown(a->names[i], out);
        fprintf(out, "does not run: what it has not read waits in the logs\n");
    }
    if (a->count == 0)
        return EXIT_FINE;
    snprintf(words, sizeof words, "%zu service%s not run: how far %s read is not known", a->count,
             a->count == 1 ? " does" : "s do", a->count == 1 ? "it has" : "they have");
    return complain_status(MARU_UNAVAILABLE, words);
}

static int print_all(const command *self, const fleet *all)
{
    output out;
    int    silent = EXIT_FINE, off, printed;

    output_open(&out);
    fprintf(out.file, "%-12s %-12s %10s %10s %8s %8s %8s\n", "consumer", "producer", "read", "last", "lag", "waiting",
            "parked");
    for (size_t i = 0; i < all->count; i++)
        if (all->asked[i].status == MARU_OK)
            print_consumers(all, &all->asked[i], out.file);
        else
            silent = print_silent(all, i, out.file);
    off = print_away(&all->away, out.file);
    printed = output_finish(&out, self);
    return silent != EXIT_FINE ? silent : off != EXIT_FINE ? off : printed;
}

int lag_print(const command *self, const char *data)
{
    fleet      *all = calloc(1, sizeof *all);
    maru_error  error;
    maru_status status;
    int         result;

    if (all == NULL)
        return complain_status(MARU_RESOURCE_EXHAUSTED, "out of memory");
    all->data = data;
    if ((status = find_fleet(all, &error)) == MARU_OK)
        at_once(all->count, ask_one, all);
    result = status == MARU_OK ? print_all(self, all) : complain_status(status, error.text);
    fleet_free(all);
    free(all);
    return result;
}
