/* restore_test.c: a producer's store goes back to a backup, into a new epoch, while a consumer has taken in more: it
 * goes on where the two logs part, what is said again in the same words has no second effect, what is said in others
 * has its own, and what is not said again is counted.
 */
#include "kit.h"
#include "store/care.h"
#include "test.h"
#include "watch/asked.h"

#define AHEAD "maru_events_ahead{producer=\"teller\"}"

static char backup[128];

/* Of a store that nobody has open. */
static bool back_up(struct teller *t)
{
    care       *c;
    maru_error  error;
    maru_status status = care_open(t->s.path, true, &c, &error);

    if (status == MARU_OK) {
        status = care_backup(c, backup, &error);
        care_close(c);
    }
    return CHECK_INT(status, MARU_OK) || (fprintf(stderr, "%s\n", error.text), false);
}

static bool teller_again(struct teller *t)
{
    return CHECK(serving_start(&t->s) && teller_start(t));
}

static bool restore(struct teller *t)
{
    char       away[128];
    maru_error error;

    for (int i = 0;; i++) {
        snprintf(away, sizeof away, "%s/away-%d", t->s.folder, i);
        if (access(away, F_OK) != 0)
            break;
    }
    return CHECK_INT(rename(t->s.path, away), 0) &&
           CHECK_INT(care_restore(backup, t->s.path, "teller", &error), MARU_OK);
}

/* Until the consumer has read the producer's log up to there. */
static MaruEvents__Consumer *wait_read(struct summer *s, maru_call *call, uint64_t epoch, uint64_t sequence)
{
    MaruEvents__Consumer *state;

    while ((state = summer_state(s, call)) != NULL && (state->epoch == epoch || state->sequence != sequence))
        if (maru_sleep(call, 5) != MARU_OK)
            break;
    return state;
}

static void check_sum(struct summer *s, maru_call *call, const char *aggregate, const char *seen)
{
    Tell__Sum *sum = summer_look(s, call, aggregate);

    if (CHECK(sum != NULL))
        CHECK_STR(sum->seen, seen);
}

/* Where a reader who read so far in that epoch goes on. */
static uint64_t goes_on(struct teller *t, uint64_t epoch, uint64_t after)
{
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response;
    maru_call                *call = serving_call(&t->s);
    uint64_t                  from = 999;

    request.epoch = epoch;
    request.after = after;
    request.wait_ms = 60000; /* it hears of it at once */
    if (CHECK_INT(maru_event_log_read(t->s.client, call, &request, &response), MARU_OK)) {
        from = response->after;
        if (response->n_events > 0)
            CHECK_INT(response->events[0]->sequence, from + 1);
    }
    maru_call_end(call);
    return from;
}

static void test_behind(struct teller *t, struct summer *s)
{
    maru_call            *call = serving_call(&s->s);
    MaruEvents__Consumer *state;
    uint64_t              epoch;

    test_begin("a consumer that read less than the backup has goes on as if nothing was");
    for (int i = 1; i <= 3; i++)
        CHECK_INT(teller_add(t, "sums/a", i), MARU_OK);
    CHECK(summer_wait(s, call, "sums/a", 3) != NULL);
    epoch = summer_state(s, call)->epoch;
    summer_stop(s);
    CHECK_INT(teller_add(t, "sums/a", 4), MARU_OK);
    teller_stop(t);
    if (back_up(t) && restore(t) && teller_again(t)) {
        CHECK_INT(teller_add(t, "sums/a", 5), MARU_OK);
        CHECK(serving_start(&s->s) && summer_start(s, t->s.url));
        call = (maru_call_end(call), serving_call(&s->s));
        CHECK(summer_wait(s, call, "sums/a", 5) != NULL);
        check_sum(s, call, "sums/a", "1 2 3 4 5 ");
        if (CHECK((state = wait_read(s, call, epoch, 5)) != NULL))
            CHECK_INT(state->ahead, 0);
        test_begin("whoever read in the old epoch goes on with the last event of it that he can have");
        CHECK_INT(goes_on(t, epoch, 0), 0);
        CHECK_INT(goes_on(t, epoch, 2), 2);
        CHECK_INT(goes_on(t, epoch, 4), 4);
        CHECK_INT(goes_on(t, epoch, 5), 4);
        CHECK_INT(goes_on(t, epoch, 99), 4);
        CHECK_INT(goes_on(t, epoch + 1, 99), 0);
    }
    maru_call_end(call);
}

/* The backup has 5 events about a; the consumer had 2 more, and one about b. */
static void test_ahead(struct teller *t, struct summer *s)
{
    maru_call            *call = serving_call(&s->s);
    MaruEvents__Consumer *state;
    uint64_t              epoch = summer_state(s, call)->epoch;

    test_begin("one that read more goes on where the logs part, and it is said how much is not there");
    CHECK_INT(teller_add(t, "sums/a", 6), MARU_OK);
    CHECK_INT(teller_add(t, "sums/a", 7), MARU_OK);
    CHECK_INT(teller_add(t, "sums/b", 1), MARU_OK);
    CHECK(summer_wait(s, call, "sums/b", 1) != NULL);
    teller_stop(t);
    if (!restore(t) || !teller_again(t))
        return maru_call_end(call);
    if (CHECK((state = wait_read(s, call, epoch, 4)) != NULL)) {
        CHECK_INT(state->ahead, 4); /* 5, 6, 7 and b's 1: the backup ends with 4 */
        CHECK_INT(state->lag, 0);
        CHECK_STR(state->trouble, "");
        CHECK_INT(asked_value(&s->s, AHEAD), 4);
    }
    test_begin("what is said again in the same words has no effect, what is said in others has");
    epoch = state != NULL ? state->epoch : 0;
    CHECK_INT(teller_add(t, "sums/a", 5), MARU_OK);
    s->outage = 2; /* and is read again until it can be taken in */
    CHECK_INT(teller_add(t, "sums/a", 60), MARU_OK);
    CHECK_INT(teller_add(t, "sums/n", 1), MARU_OK);
    CHECK(summer_wait(s, call, "sums/n", 1) != NULL);
    check_sum(s, call, "sums/a", "1 2 3 4 5 6 7 60 ");
    state = summer_state(s, call);
    if (CHECK(state != NULL)) {
        CHECK_INT(state->ahead, 2); /* a's 7, b's 1 */
        CHECK_INT(state->epoch, epoch);
    }
    test_begin("once all is said again nothing is ahead");
    CHECK_INT(teller_add(t, "sums/a", 7), MARU_OK);
    CHECK_INT(teller_add(t, "sums/b", 1), MARU_OK);
    CHECK_INT(teller_add(t, "sums/a", 8), MARU_OK);
    CHECK(summer_wait(s, call, "sums/a", 9) != NULL);
    check_sum(s, call, "sums/a", "1 2 3 4 5 6 7 60 8 ");
    check_sum(s, call, "sums/b", "1 ");
    if (CHECK((state = summer_state(s, call)) != NULL))
        CHECK_INT(state->ahead, 0);
    CHECK_INT(asked_value(&s->s, AHEAD), 0);
    maru_call_end(call);
}

/* Neither log has an event of the epoch in which the consumer read last: it reads all again. */
static void test_twice(struct teller *t, struct summer *s)
{
    maru_call            *call = serving_call(&s->s);
    MaruEvents__Consumer *state = summer_state(s, call);
    uint64_t              epoch = state == NULL ? 0 : state->epoch;

    test_begin("restored twice, to before the first: all is read again, and nothing has a second effect");
    teller_stop(t);
    if (!restore(t) || !teller_again(t))
        return maru_call_end(call);
    CHECK_INT(teller_add(t, "sums/m", 1), MARU_OK);
    CHECK(summer_wait(s, call, "sums/m", 1) != NULL);
    check_sum(s, call, "sums/a", "1 2 3 4 5 6 7 60 8 ");
    if (CHECK((state = wait_read(s, call, epoch, 5)) != NULL))
        CHECK_INT(state->ahead, 6); /* a's 5 to 8, b's 1, n's 1 */
    maru_call_end(call);
}

/* What nobody should do. */
static void test_same_epoch(struct teller *t, struct summer *s)
{
    maru_call            *call = serving_call(&s->s);
    MaruEvents__Consumer *state;
    char                  copy[128], line[512];

    test_begin("a store that was copied back under its old epoch is told");
    teller_stop(t);
    snprintf(copy, sizeof copy, "%s/copy", t->s.folder);
    snprintf(line, sizeof line, "cp -r %s %s", t->s.path, copy);
    CHECK_INT(system(line), 0);
    if (!teller_again(t))
        return maru_call_end(call);
    CHECK_INT(teller_add(t, "sums/m", 2), MARU_OK);
    CHECK(summer_wait(s, call, "sums/m", 2) != NULL);
    teller_stop(t);
    snprintf(line, sizeof line, "rm -r %s && mv %s %s", t->s.path, copy, t->s.path);
    CHECK_INT(system(line), 0);
    maru_call_end(call);
    if (!teller_again(t) || !CHECK(summer_restart(s, t->s.url)))
        return;
    call = serving_call(&s->s);
    while ((state = summer_state(s, call)) != NULL && strstr(state->trouble, "ends at sequence 5") == NULL)
        if (maru_sleep(call, 5) != MARU_OK)
            break;
    if (CHECK(state != NULL))
        CHECK_CONTAINS(state->trouble, "teller: its log ends at sequence 5, and was read up to 6: ");
    maru_call_end(call);
}

int main(void)
{
    struct teller t;
    struct summer s;

    if (!teller_open(&t) || !summer_open(&s, t.s.url))
        return 1;
    snprintf(backup, sizeof backup, "%s/backup", t.s.folder);
    test_behind(&t, &s);
    test_ahead(&t, &s);
    test_twice(&t, &s);
    test_same_epoch(&t, &s);
    summer_close(&s);
    teller_close(&t);
    return test_end();
}
