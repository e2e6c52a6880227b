/* letter.c: prints one dead letter in full: the event with its payload, why it failed, what waits behind, what helps.
 */
#include "letter.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "duration.h"
#include "event_text.h"
#include "paste.h"

enum { PAGE = 256, NAMED_MOST = 8 };

/* ---- asking ---- */

/* The events of the aggregate that wait at the service; the first is the letter, the rest are behind it. */
typedef struct waiting {
    MaruEvents__DeadLetter *letter; /* NULL: there is none */
    MaruEvents__Event      *behind[NAMED_MOST];
    size_t                  count; /* behind, all of them */
} waiting;

static void note(waiting *w, MaruEvents__DeadLetter *letter)
{
    if (w->letter == NULL) {
        w->letter = letter;
        return;
    }
    if (w->count < NAMED_MOST)
        w->behind[w->count] = letter->event;
    w->count++;
}

static maru_status ask(session *s, maru_call *call, const letter_place *place, waiting *w)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *response;
    maru_status                          status;

    request.producer = (char *)place->producer;
    request.aggregate = (char *)place->aggregate;
    request.page_size = PAGE;
    do {
        if ((status = maru_event_inbox_list_dead_letters(s->client, call, &request, &response)) != MARU_OK)
            return status;
        for (size_t i = 0; i < response->n_dead_letters; i++)
            note(w, response->dead_letters[i]);
        request.page_token = response->next_page_token;
    } while (*request.page_token != '\0');
    return MARU_OK;
}

/* ---- saying ---- */

static void print_ago(const Google__Protobuf__Timestamp *time, FILE *out)
{
    struct timespec now;
    char            words[32];

    clock_gettime(CLOCK_REALTIME, &now);
    event_print_time(time, out);
    fprintf(out, ", %s ago\n",
            duration_format((now.tv_sec - time->seconds) * 1000 + (now.tv_nsec - time->nanos) / 1000000, words));
}

static void print_event(const MaruEvents__Event *event, FILE *out)
{
    fprintf(out, "%s v%" PRIu64 " %s of %s\n", event->aggregate, event->version, event->type, event->producer);
    fprintf(out, "  event   %s\n  said    ", event->id);
    event_print_time(event->time, out);
    fprintf(out, "\n  cause   %s\n", *event->causation_id == '\0' ? "not known" : event->causation_id);
    fprintf(out, "  began   with %s\n", *event->correlation_id == '\0' ? event->aggregate : event->correlation_id);
}

/* The first of an aggregate has failed, or it waited behind one that is through, and its turn has come. */
static void print_state(const MaruEvents__DeadLetter *letter, FILE *out)
{
    fprintf(out, "  error   %s\n", *letter->error == '\0' ? "none so far" : letter->error);
    fprintf(out, "  tries   %" PRIu32, letter->tries);
    if (letter->parked) {
        fprintf(out, ": it is a dead letter, and tried no more\n");
    } else if (letter->next_try != NULL) {
        fprintf(out, "; the next at ");
        event_print_time(letter->next_try, out);
        fprintf(out, "\n");
    } else {
        fprintf(out, "; the next at once\n");
    }
    fprintf(out, "  since   ");
    if (letter->since == NULL)
        fprintf(out, "not known: it was put aside before that was noted\n");
    else
        print_ago(letter->since, out);
}

static void print_behind(const waiting *w, FILE *out)
{
    fprintf(out, "  behind  ");
    if (w->count == 0)
        fprintf(out, "nothing");
    for (size_t i = 0; i < w->count && i < NAMED_MOST; i++)
        fprintf(out, "%sv%" PRIu64 " %s", i > 0 ? ", " : "", w->behind[i]->version,
                event_short_type(w->behind[i]->type));
    if (w->count > NAMED_MOST)
        fprintf(out, " and %zu more", w->count - NAMED_MOST);
    fprintf(out, "\n");
}

static void print_help(const MaruEvents__DeadLetter *letter, const letter_place *place, FILE *out)
{
    fprintf(out, letter->parked ? "  do      mend what the words say, then let it be tried again:\n"
                                : "  do      nothing is lost: wait, or let it be tried at once:\n");
    paste_mend("retry", place->service, letter->event, place->data, out);
    fprintf(out, "  or      give it up: it will have had no effect at %s, and what waits goes on:\n", place->service);
    paste_mend("skip", place->service, letter->event, place->data, out);
}

/* Who says an event knows its type; of those that hear it the type may be in no file that they serve. */
static void print_payload(session *s, const letter_place *place, const MaruEvents__Event *event, FILE *out)
{
    session      producer;
    schema_pool *pool = NULL;
    maru_error   error;
    maru_status  status = session_schema(s, "", &pool, &error);

    if (status == MARU_OK && schema_find_message(pool, event->type) != NULL) {
        event_print_payload(s->arena, pool, event, 2, out);
        return;
    }
    status = session_open(&producer, place->data, place->producer, SESSION_TIMEOUT_MS, &error);
    if (status == MARU_OK)
        status = session_schema(&producer, "", &pool, &error);
    if (status == MARU_OK)
        event_print_payload(producer.arena, pool, event, 2, out);
    else
        fprintf(out, "(%zu bytes: %s, which knows their type, could not be asked: %s: %s)\n", event->payload.len,
                place->producer, maru_status_name(status), maru_status_words(status, error.text));
    session_close(&producer);
}

maru_status letter_show(session *s, maru_call *call, const letter_place *place, FILE *out)
{
    waiting     w = {.letter = NULL};
    maru_status status = ask(s, call, place, &w);

    if (status != MARU_OK)
        return status;
    if (w.letter == NULL)
        return maru_fail(call, MARU_NOT_FOUND, "no event of %s about %s waits at %s", place->producer, place->aggregate,
                         place->service);
    print_event(w.letter->event, out);
    print_state(w.letter, out);
    print_behind(&w, out);
    print_help(w.letter, place, out);
    fprintf(out, "payload:\n");
    print_payload(s, place, w.letter->event, out);
    return MARU_OK;
}
