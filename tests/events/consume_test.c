/* consume_test.c: events of one service take effect in another: once, in order, whoever stops meanwhile. */
#include "kit.h"
#include "test.h"

static void test_once(struct teller *t, struct summer *s, maru_call *call)
{
    Tell__Sum *sum;

    test_begin("events take effect in order, each once");
    for (int i = 1; i <= 5; i++)
        CHECK_INT(teller_add(t, "sums/a", i), MARU_OK);
    if (CHECK((sum = summer_wait(s, call, "sums/a", 5)) != NULL)) {
        CHECK_STR(sum->seen, "1 2 3 4 5 ");
        CHECK_INT(sum->total, 15);
    }
}

static void test_restart(struct teller *t, struct summer *s, const char *url)
{
    maru_call *call;
    Tell__Sum *sum;

    test_begin("a consumer that was off catches up, and nothing is done twice");
    summer_stop(s);
    for (int i = 6; i <= 8; i++)
        CHECK_INT(teller_add(t, "sums/a", i), MARU_OK);
    CHECK(serving_start(&s->s) && summer_start(s, url));
    call = serving_call(&s->s);
    if (CHECK((sum = summer_wait(s, call, "sums/a", 8)) != NULL))
        CHECK_STR(sum->seen, "1 2 3 4 5 6 7 8 ");
    CHECK(summer_restart(s, url));
    maru_call_end(call);
    call = serving_call(&s->s);
    CHECK_INT(teller_add(t, "sums/b", 1), MARU_OK);
    CHECK(summer_wait(s, call, "sums/b", 1) != NULL);
    sum = summer_look(s, call, "sums/a");
    if (CHECK(sum != NULL))
        CHECK_INT(sum->count, 8);
    maru_call_end(call);
}

static void test_producer_away(struct teller *t, struct summer *s)
{
    maru_call *call = serving_call(&s->s);
    Tell__Sum *sum;

    test_begin("a producer that was away is read on as soon as it is back");
    teller_stop(t);
    CHECK(serving_start(&t->s) && teller_start(t));
    CHECK_INT(teller_add(t, "sums/a", 9), MARU_OK);
    if (CHECK((sum = summer_wait(s, call, "sums/a", 9)) != NULL))
        CHECK_INT(sum->total, 45);
    maru_call_end(call);
}

static void test_lag(struct summer *s)
{
    maru_call            *call = serving_call(&s->s);
    MaruEvents__Consumer *state;

    test_begin("how far it is can be seen");
    if (CHECK((state = summer_state(s, call)) != NULL)) {
        CHECK_STR(state->producer, "teller");
        CHECK_INT(state->sequence, 10);
        CHECK_INT(state->last, 10);
        CHECK_INT(state->lag, 0);
        CHECK_STR(state->trouble, "");
        if (CHECK_INT(state->n_types, 1))
            CHECK_STR(state->types[0], "events.test.Added");
    }
    maru_call_end(call);
}

static void test_outage(struct teller *t, struct summer *s)
{
    maru_call *call = serving_call(&s->s);
    Tell__Sum *sum;

    test_begin("an outage parks nothing: the event is tried until it goes through, and others wait");
    s->outage = 3;
    CHECK_INT(teller_add(t, "sums/o", 1), MARU_OK);
    CHECK_INT(teller_add(t, "sums/p", 2), MARU_OK);
    if (CHECK((sum = summer_wait(s, call, "sums/p", 1)) != NULL))
        CHECK_INT(summer_look(s, call, "sums/o")->count, 1);
    CHECK_INT(summer_state(s, call)->waiting, 0);
    maru_call_end(call);
}

/* Until the lag is that. NULL where it never was. */
static MaruEvents__Consumer *wait_lag(struct summer *s, maru_call *call, uint64_t lag)
{
    MaruEvents__Consumer *state;

    while ((state = summer_state(s, call)) != NULL && state->lag != lag)
        if (maru_sleep(call, 2) != MARU_OK)
            return NULL;
    return state;
}

/* Until it says what keeps it. It may have had no trouble yet when it was seen to be behind. */
static MaruEvents__Consumer *wait_trouble(struct summer *s, maru_call *call, uint64_t lag)
{
    MaruEvents__Consumer *state;

    while ((state = wait_lag(s, call, lag)) != NULL && *state->trouble == 0)
        if (maru_sleep(call, 2) != MARU_OK)
            return NULL;
    return state;
}

static void test_behind(struct teller *t, struct summer *s)
{
    maru_call            *call = serving_call(&s->s);
    MaruEvents__Consumer *state = summer_state(s, call);
    uint64_t              before = state == NULL ? 0 : state->sequence;

    test_begin("a consumer that is behind says how far, and since when it is not any more");
    s->outage = 1000000;
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/l", .number = 1, .times = 7}), MARU_OK);
    if (CHECK((state = wait_trouble(s, call, 7)) != NULL)) {
        CHECK_INT(state->sequence, before);
        CHECK_INT(state->last, before + 7);
        CHECK_CONTAINS(state->trouble, "an outage, as the test wants it");
    }
    s->outage = 0;
    if (CHECK((state = wait_lag(s, call, 0)) != NULL))
        CHECK_INT(state->sequence, before + 7);
    maru_call_end(call);
}

static void test_many(struct teller *t, struct summer *s)
{
    maru_call *call = serving_call(&s->s);
    Tell__Sum *sum;
    int64_t    runs;

    test_begin("thousands at once arrive, each once");
    runs = s->runs;
    for (int i = 0; i < 4; i++)
        CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/many", .number = 1, .times = 500}), MARU_OK);
    if (CHECK((sum = summer_wait(s, call, "sums/many", 2000)) != NULL))
        CHECK_INT(sum->total, 2000);
    CHECK_INT(s->runs - runs, 2000);
    maru_call_end(call);
}

int main(void)
{
    struct teller t;
    struct summer s;
    maru_call    *call;

    if (!teller_open(&t) || !summer_open(&s, t.s.url))
        return 1;
    call = serving_call(&s.s);
    test_once(&t, &s, call);
    maru_call_end(call);
    test_restart(&t, &s, t.s.url);
    test_producer_away(&t, &s);
    test_lag(&s);
    test_outage(&t, &s);
    test_behind(&t, &s);
    test_many(&t, &s);
    summer_close(&s);
    teller_close(&t);
    return test_end();
}
