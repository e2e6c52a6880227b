/* letters_test.c: events whose effect fails: tried again, parked, shown, retried, given up; and all others go on. */
#include "events/apply.h"
#include "events/retry.h"
#include "kit.h"
#include "test.h"

static MaruEvents__ListDeadLettersResponse *list(struct summer *s, maru_call *call, const char *aggregate,
                                                 bool parked_only, uint32_t page_size, const char *token)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *response = NULL;

    request.producer = (char *)(aggregate[0] != '\0' ? "teller" : "");
    request.aggregate = (char *)aggregate;
    request.parked_only = parked_only;
    request.page_size = page_size;
    request.page_token = (char *)token;
    maru_event_inbox_list_dead_letters(s->s.client, call, &request, &response);
    return response;
}

/* Until the first event of the aggregate is parked; NULL where it is not within the call's time. */
static MaruEvents__DeadLetter *wait_parked(struct summer *s, maru_call *call, const char *aggregate)
{
    MaruEvents__ListDeadLettersResponse *letters;

    while ((letters = list(s, call, aggregate, true, 0, "")) == NULL || letters->n_dead_letters == 0)
        if (maru_sleep(call, 50) != MARU_OK)
            return NULL;
    return letters->dead_letters[0];
}

static void test_waits(void)
{
    test_begin("tries wait for 0.1 s, doubled each, and up to a fifth longer");
    CHECK_INT(apply_wait_ms(1, 0), 100);
    CHECK_INT(apply_wait_ms(1, 999), 119);
    CHECK_INT(apply_wait_ms(4, 0), 800);
    CHECK_INT(apply_wait_ms(4, 500), 880);
    CHECK_INT(apply_wait_ms(4000000000u, 0), 3276800);
}

static void test_transient(void)
{
    static const maru_status say_nothing_of_it[] = {MARU_UNAVAILABLE, MARU_RESOURCE_EXHAUSTED, MARU_DEADLINE_EXCEEDED,
                                                    MARU_CANCELLED};

    test_begin("an outage is what says nothing about the event: these codes, and no other");
    for (maru_status status = MARU_OK; status <= MARU_UNAUTHENTICATED; status++) {
        bool outage = false;

        for (size_t i = 0; i < sizeof say_nothing_of_it / sizeof *say_nothing_of_it; i++)
            outage = outage || say_nothing_of_it[i] == status;
        if (!CHECK_INT(apply_is_transient(status), outage))
            fprintf(stderr, "%s\n", maru_status_name(status));
    }
}

static void test_heals(struct teller *t, struct summer *s, maru_call *call)
{
    Tell__Sum *sum;

    test_begin("what failed leaves nothing behind, waits with what comes after it, and follows in order when it can");
    CHECK_INT(teller_add(t, "sums/a", 1), MARU_OK);
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/a", .number = 2, .poison = true, .times = 1}),
              MARU_OK);
    CHECK_INT(teller_add(t, "sums/a", 3), MARU_OK);
    CHECK_INT(teller_add(t, "sums/b", 4), MARU_OK);
    CHECK(summer_wait(s, call, "sums/b", 1) != NULL); /* another aggregate is not held up */
    sum = summer_look(s, call, "sums/a");
    if (CHECK(sum != NULL))
        CHECK_STR(sum->seen, "1 ");
    CHECK_INT(summer_state(s, call)->waiting, 2);
    s->heal = true;
    if (CHECK((sum = summer_wait(s, call, "sums/a", 3)) != NULL))
        CHECK_STR(sum->seen, "1 2 3 ");
    CHECK_INT(summer_state(s, call)->waiting, 0);
    s->heal = false;
}

static void poison(struct teller *t, const char *aggregate, int64_t number)
{
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = aggregate, .number = number, .poison = true, .times = 1}),
              MARU_OK);
}

static void test_parked(struct teller *t, struct summer *s, maru_call *call)
{
    MaruEvents__DeadLetter              *letter;
    MaruEvents__ListDeadLettersResponse *letters;

    test_begin("after 8 tries an event is a dead letter, and says why");
    poison(t, "sums/p", 5);
    poison(t, "sums/q", 6);
    CHECK_INT(teller_add(t, "sums/p", 7), MARU_OK);
    if (!CHECK((letter = wait_parked(s, call, "sums/p")) != NULL) || !CHECK(wait_parked(s, call, "sums/q") != NULL))
        return;
    CHECK_INT(letter->tries, 8);
    CHECK(letter->parked && letter->next_try == NULL);
    CHECK_CONTAINS(letter->error, "FAILED_PRECONDITION: poison, as the test wants it");
    if (CHECK(letter->since != NULL)) /* when it failed first, not last: 7 waits of 0.1 s and longer before */
        CHECK(letter->since->seconds * 1000 + letter->since->nanos / 1000000 + 12700 <=
              maru_call_wall_clock(call) / 1000000);
    CHECK_STR(letter->event->aggregate, "sums/p");
    test_begin("what waits behind it is listed too, page by page");
    letters = list(s, call, "", false, 2, "");
    if (CHECK(letters != NULL) && CHECK_INT(letters->n_dead_letters, 2)) {
        CHECK_INT(letters->dead_letters[1]->tries, 0);
        CHECK_INT(letters->dead_letters[1]->event->version, 2);
        letters = list(s, call, "", false, 2, letters->next_page_token);
        if (CHECK(letters != NULL) && CHECK_INT(letters->n_dead_letters, 1))
            CHECK_STR(letters->next_page_token, "");
    }
    CHECK_INT(summer_state(s, call)->parked, 2);
    test_begin("a page token that is none is refused");
    CHECK(list(s, call, "", false, 2, "zz") == NULL);
    CHECK_CONTAINS(maru_call_message(call), "page_token: want one of a page before");
}

/* The first event of the aggregate that waits, once it was tried again; NULL where it was not. */
static MaruEvents__DeadLetter *wait_tried(struct summer *s, maru_call *call, const char *aggregate)
{
    MaruEvents__ListDeadLettersResponse *letters;

    while ((letters = list(s, call, aggregate, false, 0, "")) == NULL || letters->n_dead_letters == 0 ||
           letters->dead_letters[0]->tries == 0)
        if (maru_sleep(call, 2) != MARU_OK)
            return NULL;
    return letters->dead_letters[0];
}

static void test_retry_in_vain(struct summer *s, maru_call *call)
{
    MaruEvents__RetryDeadLetterRequest request = MARU_EVENTS__RETRY_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__DeadLetter            *letter;

    test_begin("a retry that does not help has all its tries before it, and is no dead letter before the last");
    request.producer = (char *)"teller";
    request.aggregate = (char *)"sums/p";
    if (CHECK_INT(maru_event_inbox_retry_dead_letter(s->s.client, call, &request, &letter), MARU_OK)) {
        CHECK_INT(letter->tries, MARU_EVENT_TRIES); /* it answers with what was until then */
        CHECK(letter->parked);
    }
    if (CHECK((letter = wait_tried(s, call, "sums/p")) != NULL)) {
        CHECK(letter->tries < MARU_EVENT_TRIES && !letter->parked);
        CHECK(letter->next_try != NULL);
    }
}

static void test_retry(struct summer *s, maru_call *call)
{
    MaruEvents__RetryDeadLetterRequest request = MARU_EVENTS__RETRY_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__DeadLetter            *letter;
    Tell__Sum                         *sum;

    test_begin("a retry that works lets those behind it through");
    s->heal = true;
    request.producer = (char *)"teller";
    request.aggregate = (char *)"sums/p";
    CHECK_INT(maru_event_inbox_retry_dead_letter(s->s.client, call, &request, &letter), MARU_OK);
    if (CHECK((sum = summer_wait(s, call, "sums/p", 2)) != NULL))
        CHECK_STR(sum->seen, "5 7 ");
    s->heal = false;
    test_begin("where nothing waits, a retry says so");
    request.aggregate = (char *)"sums/none";
    CHECK_INT(maru_event_inbox_retry_dead_letter(s->s.client, call, &request, &letter), MARU_NOT_FOUND);
    CHECK_CONTAINS(maru_call_message(call), "no event of teller about sums/none waits here");
}

static void test_skip(struct teller *t, struct summer *s, maru_call *call)
{
    MaruEvents__SkipDeadLetterRequest request = MARU_EVENTS__SKIP_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__DeadLetter           *letter;
    Tell__Sum                        *sum;

    test_begin("one that is given up has no effect, and what comes after it has");
    CHECK_INT(teller_add(t, "sums/q", 8), MARU_OK);
    request.producer = (char *)"teller";
    request.aggregate = (char *)"sums/q";
    CHECK_INT(maru_event_inbox_skip_dead_letter(s->s.client, call, &request, &letter), MARU_INVALID_ARGUMENT);
    request.version = 2;
    CHECK_INT(maru_event_inbox_skip_dead_letter(s->s.client, call, &request, &letter), MARU_ABORTED);
    CHECK_CONTAINS(maru_call_message(call), "version: want the first that waits, 1, got 2");
    request.version = 1;
    if (CHECK_INT(maru_event_inbox_skip_dead_letter(s->s.client, call, &request, &letter), MARU_OK))
        CHECK_INT(letter->tries, MARU_EVENT_TRIES);
    if (CHECK((sum = summer_wait(s, call, "sums/q", 1)) != NULL))
        CHECK_STR(sum->seen, "8 ");
    CHECK_INT(summer_state(s, call)->waiting, 0);
}

/* One more than it may fail, one after the other: whether it is due is for retry_find. */
static void try_in_outage(struct summer *s, maru_call *call, const char *aggregate)
{
    retry_try t = {.events = s->events};

    key_pending(&t.key, "teller", aggregate, 1);
    for (int i = 0; i <= MARU_EVENT_TRIES; i++) {
        CHECK_INT(maru_store_write(s->s.store, call, retry_one, &t), MARU_OK);
        CHECK(!t.went && !t.parked);
        CHECK_CONTAINS(t.words, "UNAVAILABLE: this one");
    }
}

static void test_ill(struct teller *t, struct summer *s, maru_call *call)
{
    MaruEvents__DeadLetter *letter;
    Tell__Sum              *sum;
    uint32_t                tries = 0;

    test_begin("an event that is UNAVAILABLE again and again keeps no other from being tried again");
    poison(t, "sums/i", 71);
    poison(t, "sums/j", 72);
    CHECK(wait_tried(s, call, "sums/i") != NULL && wait_tried(s, call, "sums/j") != NULL);
    s->ill = 71;
    s->heal = true;
    if (!CHECK((sum = summer_wait(s, call, "sums/j", 1)) != NULL))
        return;
    CHECK_STR(sum->seen, "72 ");
    test_begin("that is no try, and it goes through once it can");
    while ((letter = wait_tried(s, call, "sums/i")) != NULL && strstr(letter->error, "UNAVAILABLE: this one") == NULL)
        if (maru_sleep(call, 2) != MARU_OK)
            break;
    if (CHECK(letter != NULL))
        CHECK((tries = letter->tries) < MARU_EVENT_TRIES && !letter->parked);
    test_begin("an outage parks nothing, however long: it takes none of the tries of what failed before");
    try_in_outage(s, call, "sums/i");
    if (CHECK((letter = wait_tried(s, call, "sums/i")) != NULL)) {
        CHECK_INT(letter->tries, tries);
        CHECK(!letter->parked && letter->next_try != NULL);
    }
    s->ill = 0;
    if (CHECK((sum = summer_wait(s, call, "sums/i", 1)) != NULL))
        CHECK_STR(sum->seen, "71 ");
    CHECK_INT(summer_state(s, call)->waiting, 0);
    s->heal = false;
}

/* ---- many ---- */

enum { AGGREGATES = 600, BEHIND = 20000 };

/* When they are due: the consumer's own job, which runs beside, must not try them before they were looked at. */
#define FAR_MS (INT64_C(1) << 44)

static maru_status put_letter(maru_txn *txn, const char *aggregate, uint64_t version, bool parked)
{
    MaruEvents__Pending pending = MARU_EVENTS__PENDING__INIT;
    MaruEvents__Event   event = MARU_EVENTS__EVENT__INIT;
    event_key           key;

    event.id = event.aggregate = (char *)aggregate;
    event.producer = (char *)"teller";
    event.type = (char *)"of no effect";
    event.version = version;
    pending.event = &event;
    pending.parked = parked;
    pending.tries = parked ? MARU_EVENT_TRIES : 0;
    pending.due_ms = FAR_MS;
    key_pending(&key, event.producer, aggregate, version);
    return maru_put(txn, &events_pending, key_of(&key), &pending.base);
}

static maru_status put_many(maru_txn *txn, void *arg)
{
    maru_status status = MARU_OK;

    (void)arg;
    for (int i = 0; i < BEHIND && status == MARU_OK; i++)
        status = put_letter(txn, "many/0", (uint64_t)i + 1, i == 0);
    for (int i = 1; i < AGGREGATES && status == MARU_OK; i++) {
        char name[32];

        snprintf(name, sizeof name, "many/%d", i);
        status = put_letter(txn, name, 1, i % 2 == 0);
    }
    return status;
}

/* Its words are no UTF-8: it can be written, and not be read. */
static maru_status put_damaged(maru_txn *txn, void *arg)
{
    MaruEvents__Pending pending = MARU_EVENTS__PENDING__INIT;
    event_key           key;

    (void)arg;
    pending.error = (char *)"\xff\xfe";
    key_pending(&key, "teller", "a/damaged", 1);
    return maru_put(txn, &events_pending, key_of(&key), &pending.base);
}

static maru_status take_damaged(maru_txn *txn, void *arg)
{
    event_key key;

    (void)arg;
    key_pending(&key, "teller", "a/damaged", 1);
    return maru_delete(txn, &events_pending, key_of(&key));
}

static void test_many(struct summer *s, maru_call *call)
{
    retry_heads                         *heads = maru_alloc(call, sizeof *heads);
    MaruEvents__ListDeadLettersResponse *letters;

    test_begin("what is due is found at a look for each aggregate, however many events wait behind dead letters");
    if (!CHECK_INT(maru_store_write(s->s.store, call, put_many, NULL), MARU_OK))
        return;
    *heads = (retry_heads){.now_ms = FAR_MS, .next_ms = INT64_MAX};
    CHECK_INT(maru_store_read(s->s.store, call, retry_find, heads), MARU_OK);
    CHECK_INT(heads->count, RETRY_HEADS);
    CHECK(heads->more && heads->seen <= 2 * RETRY_HEADS + 1);
    heads->count = 0;
    CHECK_INT(maru_store_read(s->s.store, call, retry_find, heads), MARU_OK);
    CHECK_INT(heads->count, AGGREGATES / 2 - RETRY_HEADS);
    CHECK(!heads->more && heads->seen <= AGGREGATES - 2 * RETRY_HEADS + 1);
    test_begin("they are counted, and listed, all the same");
    CHECK_INT(summer_state(s, call)->parked, AGGREGATES / 2);
    letters = list(s, call, "", true, 1000, "");
    if (CHECK(letters != NULL))
        CHECK_INT(letters->n_dead_letters, AGGREGATES / 2);
    test_begin("one that is damaged keeps no other from being tried");
    CHECK_INT(maru_store_write(s->s.store, call, put_damaged, NULL), MARU_OK);
    *heads = (retry_heads){.now_ms = FAR_MS, .next_ms = INT64_MAX};
    CHECK_INT(maru_store_read(s->s.store, call, retry_find, heads), MARU_OK);
    CHECK_INT(heads->count, RETRY_HEADS);
    CHECK_INT(maru_store_write(s->s.store, call, take_damaged, NULL), MARU_OK);
}

/* In one transaction, so that they are read as one batch. */
static maru_status emit_both(maru_txn *txn, void *arg)
{
    Tell__Added words = TELL__ADDED__INIT, silent = TELL__ADDED__INIT;
    maru_status status;

    (void)arg;
    words.poison = silent.poison = true;
    words.number = 5;
    silent.number = KIT_SILENT;
    status = maru_emit(txn, "sums/l", &words.base);
    return status == MARU_OK ? maru_emit(txn, "sums/m", &silent.base) : status;
}

static void test_silent(struct teller *t, struct summer *s, maru_call *call)
{
    MaruEvents__DeadLetter *letter;
    maru_call              *teller;

    test_begin("what fails without words has those of its code, not those of another event, or none");
    teller = maru_call_begin(t->s.runtime, 0);
    CHECK_INT(maru_store_write(t->s.store, teller, emit_both, NULL), MARU_OK);
    maru_call_end(teller);
    while ((letter = wait_tried(s, call, "sums/m")) != NULL && letter->tries < 2) /* when it came, and when it is due */
        CHECK_STR(letter->error, "INTERNAL: broken on the side that was asked");
    if (CHECK(letter != NULL))
        CHECK_STR(letter->error, "INTERNAL: broken on the side that was asked");
    s->heal = true;
    CHECK(summer_wait(s, call, "sums/l", 1) != NULL && summer_wait(s, call, "sums/m", 1) != NULL);
    s->heal = false;
}

static void test_survives(struct teller *t, struct summer *s)
{
    maru_call *call = serving_call(&s->s);
    Tell__Sum *sum;

    test_begin("what waits to be tried again survives the process");
    poison(t, "sums/z", 1);
    CHECK_INT(teller_add(t, "sums/y", 1), MARU_OK);
    CHECK(summer_wait(s, call, "sums/y", 1) != NULL);
    maru_call_end(call);
    s->heal = true;
    CHECK(summer_restart(s, t->s.url));
    call = serving_call(&s->s);
    if (CHECK((sum = summer_wait(s, call, "sums/z", 1)) != NULL))
        CHECK_STR(sum->seen, "1 ");
    maru_call_end(call);
}

int main(void)
{
    struct teller t;
    struct summer s;
    maru_call    *call;

    test_waits();
    test_transient();
    if (!teller_open(&t) || !summer_open(&s, t.s.url))
        return 1;
    call = maru_call_begin(s.s.runtime, 50000);
    test_heals(&t, &s, call);
    test_parked(&t, &s, call);
    test_retry_in_vain(&s, call);
    test_retry(&s, call);
    test_skip(&t, &s, call);
    maru_call_end(call);
    call = serving_call(&s.s);
    test_ill(&t, &s, call);
    s.heal = false;
    test_silent(&t, &s, call);
    maru_call_end(call);
    test_survives(&t, &s);
    call = serving_call(&s.s);
    test_many(&s, call);
    maru_call_end(call);
    summer_close(&s);
    teller_close(&t);
    return test_end();
}
