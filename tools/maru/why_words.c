/* why_words.c: prints the answer of maru order why line by line: last, owed, why, do, also, note. */
#include "why_words.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "audit/lost.h"
#include "commands.h"
#include "duration.h"
#include "paste.h"
#include "running.h"

static const char *ago(const MaruEvents__Event *event, char out[static 32])
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (event->time == NULL)
        return "some time";
    return duration_format((now.tv_sec - event->time->seconds) * 1000 + (now.tv_nsec - event->time->nanos) / 1000000,
                           out);
}

/* An event that failed at a service; where: "there", or "at payment". */
static void print_letter(const MaruEvents__DeadLetter *letter, const char *service, const char *where, const char *data,
                         FILE *out)
{
    const MaruEvents__Event *event = letter->event;

    if (!letter->parked) {
        fprintf(out, "%s of %s failed %s %" PRIu32 " times, and is tried again: %s\n", book_short_type(event->type),
                event->producer, where, letter->tries, letter->error);
        fprintf(out, "  do    nothing is lost: wait, or mend what the words say, and let it be tried at once:\n");
        paste_mend("retry", service, event, data, out);
        return;
    }
    fprintf(out, "%s of %s is a dead letter %s after %" PRIu32 " tries: %s\n", book_short_type(event->type),
            event->producer, where, letter->tries, letter->error);
    fprintf(out, "  do    mend what the words say, then let it be tried again:\n");
    paste_mend("retry", service, event, data, out);
    fprintf(out, "  or    give it up, and it will have had no effect there:\n");
    paste_mend("skip", service, event, data, out);
}

static void print_refund(const why_facts *facts, int64_t minor, const char *reason, const char *data, FILE *out)
{
    paste_begin("call", out);
    fprintf(out,
            " payment shop.payment.v1.PaymentService/RefundPayment -d '{\"order\": \"%s\", "
            "\"amount\": {\"currency\": \"%s\", \"minor\": \"%" PRId64 "\"}, \"reason\": \"%s\"}'",
            facts->order, facts->currency, minor, reason);
    paste_end(data, out);
}

/* Of a key of one's own, so that it is done once, and again the same where it is pasted twice: it has the number of
 * those that were asked before, since a key that was used is used up, whatever came of it. */
static void print_provider(const char *method, const char *word, size_t asked, const why_facts *facts, FILE *out)
{
    paste_begin("call", out);
    fprintf(out,
            " provider shop.provider.v1.ProviderService/%s -d '{\"key\": \"by-hand:%s-%zu:%s\", "
            "\"authorization\": \"authorize:%s\"",
            method, word, asked + 1, facts->order, facts->order);
}

static void print_give_back(const why_facts *facts, int64_t minor, const char *data, FILE *out)
{
    print_provider("Refund", "refund", facts->refunds, facts, out);
    fprintf(out, ", \"amount\": {\"currency\": \"%s\", \"minor\": \"%" PRId64 "\"}}'", facts->taken_in, minor);
    paste_end(data, out);
}

static void print_give_up(const why_facts *facts, const char *data, FILE *out)
{
    print_provider("Void", "void", facts->voids, facts, out);
    fputs("}'", out);
    paste_end(data, out);
}

/* Safe as often as it is asked: payment asks for no more than is left, and here for no more than the provider has. */
static void print_refused(const why_facts *facts, const char *data, FILE *out)
{
    int64_t left = why_returnable(facts, facts->kept);

    if (left <= 0) {
        fprintf(out,
                "  why   the provider gave back all of it, %" PRId64
                " %s by somebody else's word; payment did not take "
                "that in\n  do    nothing: all of it was given back there\n",
                facts->kept, facts->currency);
        return;
    }
    fprintf(out, "  why   the provider refused to give back %" PRId64 " %s%s%s\n", facts->kept, facts->currency,
            *facts->detail != '\0' ? ": " : "", facts->detail);
    if (left < facts->kept)
        fprintf(out,
                "  do    somebody else had some of it given back there: once the reason is gone, let the rest be:\n");
    else
        fprintf(out, "  do    once the reason is gone, let it be given back; more than is left never is:\n");
    print_refund(facts, left, "the order was cancelled", data, out);
}

static void print_spent(const why_facts *facts, const char *data, FILE *out)
{
    fprintf(out, "  why   the key by which payment gives it up, void:%s, was used for something else: %s\n",
            facts->order, facts->detail);
    fprintf(out,
            "  do    what is held ends by itself, 7 days after it was authorised; or give it up now by a key of your "
            "own:\n");
    print_give_up(facts, data, out);
}

static void print_in_vain(const why_facts *facts, const char *data, FILE *out)
{
    int64_t kept = facts->taken - facts->returned;

    fprintf(out,
            "  why   the provider captured %" PRId64 " %s of it, by somebody else's word, and voids that no more; "
            "payment did not take it in\n",
            facts->taken, facts->taken_in);
    if (kept <= 0) {
        fprintf(out, "  do    nothing: all of it was given back there\n");
        return;
    }
    fprintf(out, "  do    it does not end so: give back there what was captured (docs/orders.md: a charge without an "
                 "order):\n");
    print_give_back(facts, kept, data, out);
}

/* It runs, and says that it can't tell: of a damaged record no start makes a whole one. */
static void print_unable(const char *service, const why_service *s, const char *data, FILE *out)
{
    const char *words[] = {"verify", service};

    fprintf(out, "  why   %s can't say what it did: %s: %s\n", service, maru_status_name(s->status),
            maru_status_words(s->status, s->down));
    if (s->status != MARU_DATA_LOSS) {
        fprintf(out, "  do    mend what the words say; its log may have more\n");
        return;
    }
    fprintf(out, "  do    see what of its store is damaged (docs/store.md: a damaged record):\n");
    paste_command("store", words, sizeof words / sizeof *words, data, out);
}

/* What answers nothing within its time holds its lock and its socket: to start it is in vain. */
static void print_down(const char *service, const why_service *s, const char *data, FILE *out)
{
    if (s->status != MARU_UNAVAILABLE && s->status != MARU_DEADLINE_EXCEEDED) {
        print_unable(service, s, data, out);
        return;
    }
    fprintf(out, "  why   %s does not answer: %s: %s\n", service, maru_status_name(s->status),
            maru_status_words(s->status, s->down));
    if (s->status == MARU_DEADLINE_EXCEEDED)
        fprintf(out,
                "  do    %s runs, and hangs or was stopped: let it go on (kill -CONT), or end it (kill -KILL); maru ps "
                "has its\n"
                "        process, and maru up starts it again: it reads on where it was, and nothing is done twice\n",
                service);
    else
        fprintf(out, "  do    start %s: it reads on where it was, and nothing is done twice\n", service);
}

/* Who did not read since a store was restored stands at a sequence that says nothing of it. */
static void print_behind(const why_answer *a, const char *service, FILE *out)
{
    const MaruEvents__Consumer *c = a->behind;
    const char                 *between = *c->trouble != '\0' ? ": " : "";

    fprintf(out, "  why   %s has not read that event yet: ", service);
    if (c->sequence < a->cause->sequence)
        fprintf(out, "it is %" PRIu64 " event%s of %s behind%s%s\n", a->cause->sequence - c->sequence,
                a->cause->sequence - c->sequence == 1 ? "" : "s", c->producer, between, c->trouble);
    else
        fprintf(out, "it read nothing of %s since that was restored%s%s\n", c->producer, between, c->trouble);
}

static void print_awaited(const why_answer *a, const char *service, FILE *out)
{
    const MaruEvents__Consumer *c = a->awaited;

    fprintf(out, "  why   timers of %s wait for news of %s%s%s%s\n", service, c->producer,
            c->restored ? ", since its store went back to a backup" : "", *c->trouble != '\0' ? ": " : "", c->trouble);
    fprintf(out, "  do    nothing is lost: start %s, or mend what the words say; they go on once its log was read\n",
            c->producer);
}

static void print_reason(const why_answer *a, const why_facts *facts, const char *data, FILE *out)
{
    const char *service = book_service_name(a->owes);

    if (a->down != NULL) {
        print_down(service, &facts->services[a->owes], data, out);
    } else if (a->letter != NULL) {
        fputs("  why   ", out);
        print_letter(a->letter, service, "there", data, out);
    } else if (a->behind != NULL) {
        print_behind(a, service, out);
        fprintf(out, "  do    nothing is lost: see that both run, and mend what the words say\n");
    } else if (a->awaited != NULL) {
        print_awaited(a, service, out);
    } else if (a->refused) {
        print_refused(facts, data, out);
    } else if (a->in_vain) {
        print_in_vain(facts, data, out);
    } else if (a->spent) {
        print_spent(facts, data, out);
    } else {
        fprintf(out, "  why   %s has that event: %s\n", service, a->own_pace);
        fprintf(out, "  do    %s\n", a->help != NULL ? a->help : "wait: it goes on by itself");
    }
}

static void print_against(const why_answer *a, const char *data, FILE *out)
{
    fprintf(out, "  over  no event is owed, but %s of %s is of another end (%s)\n", book_short_type(a->against->type),
            a->against->producer, a->against->id);
    fprintf(out, "  why   the logs do not agree: so it is where a store was lost, or is of another time\n");
    fprintf(out, "  do    see what else does not agree:\n");
    paste_begin("audit", out);
    paste_end(data, out);
}

void why_print_answer(const why_answer *a, const why_facts *facts, const char *data, FILE *out)
{
    char when[32];

    fprintf(out, "%s\n", facts->order);
    fprintf(out, "  last  %s, said by %s %s ago (%s)\n", book_short_type(a->last->type), a->last->producer,
            ago(a->last, when), a->last->id);
    if (a->against != NULL) {
        print_against(a, data, out);
        return;
    }
    if (a->over) {
        fprintf(out, "  over  no event is owed\n");
        return;
    }
    fprintf(out, "  owed  %s, by %s, because of %s of %s (%s)%s\n", a->owed, book_service_name(a->owes), a->cause_type,
            book_service_name(a->cause_of), a->cause->id,
            a->unsure ? ", unless it said so already: its log could not be read" : "");
    print_reason(a, facts, data, out);
}

/* A service that can't be asked leaves a hole in the facts: said, since what is owed may be another thing then. */
void why_print_holes(const why_facts *facts, const why_answer *a, FILE *out)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (facts->services[i].down != NULL && (a->down == NULL || (book_service)i != a->owes))
            fprintf(out, "  note  %s could not be asked: %s: %s\n", book_service_name((book_service)i),
                    maru_status_name(facts->services[i].status),
                    maru_status_words(facts->services[i].status, facts->services[i].down));
}

/* What a restored store forgot, others may have acted upon. */
void why_print_lost(const why_facts *facts, FILE *out)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        for (size_t j = 0; j < facts->services[i].consumer_count; j++) {
            const MaruEvents__Consumer *c = facts->services[i].consumers[j];

            if (c->ahead > 0)
                fprintf(out,
                        "  note  %" PRIu64 " event%s of %s had an effect at %s and %s not in its log, which went "
                        "back to a backup\n",
                        c->ahead, c->ahead == 1 ? "" : "s", c->producer, book_service_name((book_service)i),
                        c->ahead == 1 ? "is" : "are");
        }
}

/* What failed is never left out: also where it keeps nothing that is owed. */
void why_print_failed(const char *service, const why_service *s, const why_answer *a, const char *data, FILE *out)
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

static void print_newest(const lost_order *lost, FILE *out)
{
    const char *between = "  has   ";

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (lost->newest[i] != NULL) {
            fprintf(out, "%s%s of %s", between, book_short_type(lost->newest[i]->type),
                    book_service_name((book_service)i));
            between = ", ";
        }
    fputc('\n', out);
}

void why_print_orphan(const why_answer *a, const why_facts *facts, const char *data, FILE *out)
{
    lost_order lost;
    char       when[32];
    int64_t    left = why_returnable(facts, facts->left);

    lost_find(facts, &lost);
    fprintf(out, "%s\n  last  %s, said by %s %s ago (%s)\n", facts->order, book_short_type(a->orphan->type),
            a->orphan->producer, ago(a->orphan, when), a->orphan->id);
    print_newest(&lost, out);
    fprintf(out, "  lost  %s\n  do    %s%s\n", lost.stands, lost.safe, lost.way == LOST_NOTHING ? "" : ":");
    if (lost.way == LOST_VOID)
        print_give_up(facts, data, out);
    else if (lost.way == LOST_REFUND)
        print_give_back(facts, facts->taken - facts->returned, data, out);
    if (lost.restorable)
        fprintf(out,
                "  or    put back a newer backup of checkout, if there is one, before anything is given back: what "
                "others said since, it reads again\n");
    else if (lost.submitted)
        fprintf(out, "  note  some of its money was given back at the provider: with a newer backup of checkout it "
                     "would go on, and leave unpaid\n");
    if (!lost.refundable || left <= 0)
        return;
    fprintf(out, "  or    should who ordered it have the money back: more than is left never is\n");
    print_refund(facts, left, "checkout lost the order", data, out);
}

int why_complain_orphan(const why_answer *a, const why_facts *facts)
{
    lost_order lost;
    char       when[32];
    maru_error error;

    lost_find(facts, &lost);
    maru_error_set(&error, MARU_NOT_FOUND, "%s: checkout's log does not have it, but %s said %s of it %s ago (%s): %s",
                   facts->order, a->orphan->producer, book_short_type(a->orphan->type), ago(a->orphan, when),
                   a->orphan->id,
                   lost.submitted ? "checkout's store went back to a backup of before it, or is of another time; maru "
                                    "audit says what else does not agree"
                                  : "no service heard of checkout that it was submitted: somebody asked the provider "
                                    "beside the shop, or stores are of another time");
    return complain_status(MARU_NOT_FOUND, error.text);
}

int why_complain_unknown(const why_facts *facts)
{
    maru_error error;
    bool       paid = *facts->detail != '\0';

    maru_error_set(&error, MARU_NOT_FOUND, WHY_UNKNOWN "%s%s", facts->order, paid ? "; payment: " : "",
                   paid ? facts->detail : "");
    return complain_status(MARU_NOT_FOUND, error.text);
}
