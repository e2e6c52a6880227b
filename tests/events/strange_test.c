/* strange_test.c: a producer whose log is not as it should be: versions missing, events twice, another epoch, another's
 * events, a payload that is none. The consumer takes what is right, once, and waits where something is missing.
 *
 * The producer is a real server with an EventLog of the test's own, which says what it is told to.
 */
#include <pthread.h>

#include "kit.h"
#include "test.h"

enum { SAID_MOST = 16, EPOCH = 77 };

struct maru_event_log_service {
    pthread_mutex_t mutex;
    uint64_t        epoch;
    const char     *name; /* whose log it says it is; NULL: it does not */
    size_t          count;
    struct said {
        uint64_t    sequence, version;
        const char *aggregate;
        int64_t     number;
        const char *producer; /* NULL: teller */
        bool        garbage;
        const char *trace; /* NULL: none */
    } said[SAID_MOST];
};

struct strange {
    struct serving                s;
    struct maru_event_log_service log;
};

static MaruEvents__Event *make(maru_call *call, const struct said *said, uint64_t epoch)
{
    MaruEvents__Event *event = maru_alloc(call, sizeof *event);
    Tell__Added        added = TELL__ADDED__INIT;

    maru_events__event__init(event);
    added.number = said->number;
    event->id = maru_printf(call, "teller-%llu-%llu", (unsigned long long)epoch, (unsigned long long)said->sequence);
    event->producer = (char *)(said->producer != NULL ? said->producer : "teller");
    event->epoch = epoch;
    event->sequence = said->sequence;
    event->aggregate = (char *)said->aggregate;
    event->version = said->version;
    event->type = (char *)tell__added__descriptor.name;
    event->traceparent = (char *)(said->trace != NULL ? said->trace : "");
    event->payload.len = tell__added__get_packed_size(&added);
    event->payload.data = maru_alloc(call, event->payload.len + 3);
    tell__added__pack(&added, event->payload.data);
    if (said->garbage) {
        memcpy(event->payload.data, "\xff\xff\xff", 3);
        event->payload.len = 3;
    }
    return event;
}

static maru_status read_log(struct maru_event_log_service *svc, maru_call *call, const MaruEvents__ReadRequest *request,
                            MaruEvents__ReadResponse *response)
{
    pthread_mutex_lock(&svc->mutex);
    response->epoch = svc->epoch;
    if (svc->name != NULL)
        response->producer = (char *)svc->name;
    response->events = maru_alloc(call, SAID_MOST * sizeof *response->events);
    for (size_t i = 0; i < svc->count; i++)
        if (request->epoch != svc->epoch || svc->said[i].sequence > request->after)
            response->events[response->n_events++] = make(call, &svc->said[i], svc->epoch);
    response->last = svc->count > 0 ? svc->said[svc->count - 1].sequence : 0;
    pthread_mutex_unlock(&svc->mutex);
    if (response->n_events == 0)
        maru_sleep(call, 5); /* a short poll is enough here */
    return MARU_OK;
}

static const maru_event_log_handlers log_methods = {.read = read_log};

static bool strange_open(struct strange *p)
{
    *p = (struct strange){.log = {.epoch = EPOCH}};
    pthread_mutex_init(&p->log.mutex, NULL);
    return serving_open(&p->s, "teller", NULL, 0) &&
           maru_event_log_serve(p->s.server, &log_methods, &p->log, &p->s.error) == MARU_OK && serving_listen(&p->s);
}

/* The whole log, from now on. */
static void say(struct strange *p, uint64_t epoch, const struct said *said, size_t count)
{
    pthread_mutex_lock(&p->log.mutex);
    p->log.epoch = epoch;
    p->log.count = count;
    if (count > 0)
        memcpy(p->log.said, said, count * sizeof *said);
    pthread_mutex_unlock(&p->log.mutex);
}

static struct said it(uint64_t sequence, uint64_t version, const char *aggregate, int64_t number)
{
    return (struct said){.sequence = sequence, .version = version, .aggregate = aggregate, .number = number};
}

#define SAY(p, epoch, ...)                                                                                             \
    say(p, epoch, (struct said[]){__VA_ARGS__}, sizeof((struct said[]){__VA_ARGS__}) / sizeof(struct said))

/* Until the consumer says that it has this trouble ("": none). */
static bool wait_trouble(struct summer *s, maru_call *call, const char *words)
{
    MaruEvents__Consumer *state;

    while ((state = summer_state(s, call)) != NULL) {
        if (*words == '\0' ? *state->trouble == '\0' : strstr(state->trouble, words) != NULL)
            return true;
        if (maru_sleep(call, 5) != MARU_OK)
            break;
    }
    return false;
}

static void test_gap(struct strange *p, struct summer *s, maru_call *call)
{
    Tell__Sum *sum;

    test_begin("a version that is missing stops the reading until it is there, and loses nothing");
    SAY(p, EPOCH, it(1, 1, "sums/a", 1), it(2, 3, "sums/a", 3));
    CHECK(summer_wait(s, call, "sums/a", 1) != NULL);
    CHECK(wait_trouble(s, call, "is version 3 of sums/a, and 1 was the last"));
    CHECK_STR(summer_look(s, call, "sums/a")->seen, "1 ");
    SAY(p, EPOCH, it(1, 1, "sums/a", 1), it(2, 2, "sums/a", 2), it(3, 3, "sums/a", 3));
    if (CHECK((sum = summer_wait(s, call, "sums/a", 3)) != NULL))
        CHECK_STR(sum->seen, "1 2 3 ");
    CHECK(wait_trouble(s, call, ""));
}

static void test_hole(struct strange *p, struct summer *s, maru_call *call)
{
    test_begin("so does a sequence that is missing, or an event of someone else");
    SAY(p, EPOCH, it(1, 1, "sums/a", 1), it(2, 2, "sums/a", 2), it(3, 3, "sums/a", 3), it(5, 4, "sums/a", 5));
    CHECK(wait_trouble(s, call, "the event after sequence 3 is not what it should be"));
    SAY(p, EPOCH, it(1, 1, "sums/a", 1), it(2, 2, "sums/a", 2), it(3, 3, "sums/a", 3),
        (struct said){4, 4, "sums/a", 4, "liar", false, NULL});
    CHECK(wait_trouble(s, call, "the event after sequence 3 is not what it should be"));
    CHECK_INT(summer_look(s, call, "sums/a")->count, 3);
    SAY(p, EPOCH, it(1, 1, "sums/a", 1), it(2, 2, "sums/a", 2), it(3, 3, "sums/a", 3), it(4, 4, "sums/a", 4));
    CHECK(summer_wait(s, call, "sums/a", 4) != NULL);
}

static void test_epoch(struct strange *p, struct summer *s, maru_call *call)
{
    Tell__Sum *sum;

    test_begin("in a new epoch sequences begin anew, and versions tell what had its effect before");
    SAY(p, EPOCH + 1, it(1, 2, "sums/a", 2), it(2, 3, "sums/a", 3), it(3, 4, "sums/a", 4), it(4, 5, "sums/a", 5),
        it(5, 1, "sums/n", 9));
    CHECK(summer_wait(s, call, "sums/n", 1) != NULL);
    sum = summer_look(s, call, "sums/a");
    if (CHECK(sum != NULL))
        CHECK_STR(sum->seen, "1 2 3 4 5 ");
    CHECK_INT(summer_state(s, call)->epoch, EPOCH + 1);
}

/* Of what was read nothing else was stored. */
static void check_cursor(struct summer *s, maru_call *call, uint64_t epoch, uint64_t sequence, uint64_t ahead)
{
    const MaruEvents__Consumer *state = summer_state(s, call);

    if (!CHECK(state != NULL))
        return;
    CHECK_INT(state->epoch, epoch);
    CHECK_INT(state->sequence, sequence);
    CHECK_INT(state->ahead, ahead);
}

static void set_name(struct strange *p, const char *name)
{
    pthread_mutex_lock(&p->log.mutex);
    p->log.name = name;
    pthread_mutex_unlock(&p->log.mutex);
}

static void test_wrong(struct strange *p, struct summer *s, maru_call *call)
{
    uint64_t ahead;

    test_begin("a log that is another's, at the producer's address, moves no cursor, whatever its epoch");
    SAY(p, EPOCH + 2, it(1, 1, "sums/w", 1), it(2, 2, "sums/w", 2));
    CHECK(summer_wait(s, call, "sums/w", 2) != NULL && wait_trouble(s, call, ""));
    ahead = summer_state(s, call)->ahead;
    SAY(p, EPOCH + 9, (struct said){1, 1, "sums/liar", 1, "liar", false, NULL});
    CHECK(wait_trouble(s, call, "the event after sequence 0 is not what it should be"));
    check_cursor(s, call, EPOCH + 2, 2, ahead);
    test_begin("where the log says whose it is, that is said, also of one that is empty");
    set_name(p, "liar");
    say(p, EPOCH + 9, NULL, 0);
    CHECK(wait_trouble(s, call, "teller: at its address is the log of liar: want its own (--peer teller=URL)"));
    check_cursor(s, call, EPOCH + 2, 2, ahead);
    test_begin("with the right one it goes on where it was");
    SAY(p, EPOCH + 2, it(1, 1, "sums/w", 1), it(2, 2, "sums/w", 2), it(3, 3, "sums/w", 3));
    set_name(p, "teller");
    CHECK(summer_wait(s, call, "sums/w", 3) != NULL && wait_trouble(s, call, ""));
    check_cursor(s, call, EPOCH + 2, 3, ahead);
}

static void test_garbage(struct strange *p, struct summer *s, maru_call *call)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters;

    test_begin("a payload that is none holds up its own aggregate only");
    SAY(p, EPOCH + 3, (struct said){1, 1, "sums/g", 1, NULL, true, NULL}, it(2, 1, "sums/h", 4));
    CHECK(summer_wait(s, call, "sums/h", 1) != NULL);
    if (CHECK_INT(maru_event_inbox_list_dead_letters(s->s.client, call, &request, &letters), MARU_OK) &&
        CHECK_INT(letters->n_dead_letters, 1))
        CHECK_CONTAINS(letters->dead_letters[0]->error, "payload");
}

static void test_trace(struct strange *p, struct summer *s, maru_call *call)
{
    static const char         trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *log;

    test_begin("what is caused by an event belongs to its trace, where it names one that is one");
    atomic_store(&s->passes, true);
    SAY(p, EPOCH + 4, (struct said){1, 1, "sums/t", 1, NULL, false, trace},
        (struct said){2, 2, "sums/t", 2, NULL, false, "T\nT"});
    CHECK(summer_wait(s, call, "sums/t", 2) != NULL);
    atomic_store(&s->passes, false);
    request.max = SAID_MOST;
    if (CHECK_INT(maru_event_log_read(s->s.client, call, &request, &log), MARU_OK) && CHECK_INT(log->n_events, 2)) {
        CHECK_STR(log->events[0]->traceparent, trace);
        CHECK_STR(log->events[1]->traceparent, "");
    }
}

int main(void)
{
    struct strange p;
    struct summer  s;
    maru_call     *call;

    if (!strange_open(&p) || !summer_open(&s, p.s.url))
        return 1;
    call = serving_call(&s.s);
    test_gap(&p, &s, call);
    test_hole(&p, &s, call);
    test_epoch(&p, &s, call);
    maru_call_end(call);
    call = serving_call(&s.s);
    test_wrong(&p, &s, call);
    test_garbage(&p, &s, call);
    test_trace(&p, &s, call);
    maru_call_end(call);
    summer_close(&s);
    serving_close(&p.s);
    return test_end();
}
