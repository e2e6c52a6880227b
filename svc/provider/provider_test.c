/* provider_test.c: the provider over real calls, with a real store: each key once and for ever, its ledger, its faults,
 * its news. What payment makes of all that is tests/payment's to show.
 */
#include "provider.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "maru/events.h"
#include "maru/events.maru.h"
#include "serving.h"
#include "store.h"
#include "test.h"
#include "unknown.h"

struct fixture {
    struct serving          s;
    struct provider_service svc;
    maru_events            *events;
    maru_call              *call;
    uint64_t                seed;
};

static bool serve(struct fixture *f)
{
    maru_events_options options = {.runtime = f->s.runtime,
                                   .server = f->s.server,
                                   .store = f->s.store,
                                   .service = "provider",
                                   .timers = provider_timers};

    f->svc.store = f->s.store;
    return provider_begin(&f->svc, f->s.runtime, &f->seed, &f->s.error) == MARU_OK &&
           provider_serve(f->s.server, &provider_methods, &f->svc, &f->s.error) == MARU_OK &&
           maru_events_open(&options, &f->events, &f->s.error) == MARU_OK && serving_listen(&f->s);
}

static void stop(struct fixture *f)
{
    if (f->call != NULL)
        maru_call_end(f->call);
    f->call = NULL;
    maru_events_rest(f->events);
    if (f->s.client != NULL)
        maru_client_free(f->s.client);
    if (f->s.server != NULL)
        maru_server_free(f->s.server);
    f->s.client = NULL;
    f->s.server = NULL;
    maru_events_free(f->events);
    f->events = NULL;
    serving_stop(&f->s);
}

static void begin(struct fixture *f, const char *sentence)
{
    if (f->call != NULL)
        maru_call_end(f->call);
    f->call = serving_call(&f->s);
    test_begin(sentence);
}

static const char *token(struct fixture *f, const char *number, const char *expiry)
{
    Provider__TokenizeRequest   request = PROVIDER__TOKENIZE_REQUEST__INIT;
    Provider__TokenizeResponse *response;

    request.number = (char *)number;
    request.expiry = (char *)expiry;
    return CHECK_INT(provider_tokenize(f->s.client, f->call, &request, &response), MARU_OK) ? response->token : "";
}

static maru_status authorize(struct fixture *f, const char *key, const char *with, int64_t minor,
                             Provider__Operation **operation)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"GBP";
    amount.minor = minor;
    request.key = (char *)key;
    request.token = (char *)with;
    request.amount = &amount;
    request.reference = (char *)"orders/1";
    return provider_authorize(f->s.client, f->call, &request, operation);
}

typedef maru_status (*follow)(maru_client *client, maru_call *call, const Provider__FollowUpRequest *request,
                              Provider__Operation **operation);

static maru_status then(struct fixture *f, follow what, const char *key, const char *authorization, int64_t minor,
                        Provider__Operation **operation)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Shop__Money               amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"GBP";
    amount.minor = minor;
    request.key = (char *)key;
    request.authorization = (char *)authorization;
    request.amount = what == provider_void ? NULL : &amount;
    return what(f->s.client, f->call, &request, operation);
}

static void refused(struct fixture *f, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(f->call), words);
}

static size_t ledger(struct fixture *f)
{
    Provider__ListOperationsRequest   request = PROVIDER__LIST_OPERATIONS_REQUEST__INIT;
    Provider__ListOperationsResponse *response;

    request.page_size = 1000;
    return CHECK_INT(provider_list_operations(f->s.client, f->call, &request, &response), MARU_OK)
               ? response->n_operations
               : 0;
}

static bool set(struct fixture *f, Provider__Faults faults, Provider__Faults **after)
{
    return CHECK_INT(provider_set_faults(f->s.client, f->call, &faults, after), MARU_OK);
}

static void test_once(struct fixture *f)
{
    Provider__Operation *one, *again;
    char                 card[32];

    begin(f, "the same key answers what came of the first, and does nothing more");
    snprintf(card, sizeof card, "%s", token(f, "4242424242424242", "12/99")); /* for both cases */
    CHECK_INT(authorize(f, "a", card, 1000, &one), MARU_OK);
    CHECK(one->succeeded);
    CHECK_INT(one->number, 1);
    CHECK_STR(one->reference, "orders/1");
    CHECK_INT(authorize(f, "a", card, 1000, &again), MARU_OK);
    CHECK_INT(again->number, 1);
    CHECK_INT(again->time->nanos, one->time->nanos);
    CHECK_INT(ledger(f), 1);
    begin(f, "and with another body, or for another kind, it is an error");
    refused(f, authorize(f, "a", card, 1001, &again), MARU_ALREADY_EXISTS, "key: \"a\" was used for something else");
    refused(f, then(f, provider_void, "a", "a", 0, &again), MARU_ALREADY_EXISTS, "key: \"a\"");
    CHECK_INT(ledger(f), 1);
    begin(f, "what was refused stays so for its key");
    CHECK_INT(then(f, provider_refund, "a:r", "a", 1, &one), MARU_OK);
    CHECK(!one->succeeded);
    CHECK_STR(one->reason, "not_captured");
    CHECK_INT(then(f, provider_capture, "a:c", "a", 1000, &one), MARU_OK);
    CHECK(one->succeeded);
    CHECK_INT(then(f, provider_refund, "a:r", "a", 1, &one), MARU_OK);
    CHECK_STR(one->reason, "not_captured");
    CHECK_INT(then(f, provider_refund, "a:r2", "a", 1, &one), MARU_OK);
    CHECK(one->succeeded);
    CHECK_INT(ledger(f), 3);
}

static void test_restart(struct fixture *f)
{
    Provider__Operation          *operation;
    Provider__GetOperationRequest request = PROVIDER__GET_OPERATION_REQUEST__INIT;
    Provider__GetFaultsRequest    ask = PROVIDER__GET_FAULTS_REQUEST__INIT;
    Provider__Faults              faults = PROVIDER__FAULTS__INIT, *after;
    uint64_t                      seed = f->seed;

    begin(f, "keys, faults and the seed survive a restart");
    faults.slow_ms = 1;
    faults.answer_twice = 7;
    CHECK(set(f, faults, &after));
    CHECK_INT(after->seed, seed);
    stop(f);
    if (!CHECK(serving_start(&f->s) && serve(f)))
        return;
    f->call = serving_call(&f->s);
    CHECK_INT(f->seed, seed);
    CHECK_INT(provider_get_faults(f->s.client, f->call, &ask, &after), MARU_OK);
    CHECK_INT(after->answer_twice, 7);
    request.key = (char *)"a";
    CHECK_INT(provider_get_operation(f->s.client, f->call, &request, &operation), MARU_OK);
    CHECK_INT(operation->number, 1);
    request.key = (char *)"b";
    refused(f, provider_get_operation(f->s.client, f->call, &request, &operation), MARU_NOT_FOUND,
            "key: nothing was ever asked by \"b\"");
    begin(f, "a seed that is given holds, and none leaves it");
    faults = (Provider__Faults)PROVIDER__FAULTS__INIT;
    faults.seed = 42;
    CHECK(set(f, faults, &after));
    faults.seed = 0;
    CHECK(set(f, faults, &after));
    CHECK_INT(after->seed, 42);
    begin(f, "one that is down says so to all but to who sets its faults");
    faults.down = 1;
    CHECK(set(f, faults, &after));
    refused(f, authorize(f, "d", "tok", 1, &operation), MARU_UNAVAILABLE, "provider: it is down");
    request.key = (char *)"a";
    CHECK_INT(provider_get_operation(f->s.client, f->call, &request, &operation), MARU_UNAVAILABLE);
    faults.down = 0;
    CHECK(set(f, faults, &after));
    faults.decline = 1001;
    refused(f, provider_set_faults(f->s.client, f->call, &faults, &after), MARU_INVALID_ARGUMENT,
            "decline: want 0..1000, got 1001");
}

static void test_refused(struct fixture *f)
{
    Provider__TokenizeRequest         request = PROVIDER__TOKENIZE_REQUEST__INIT;
    Provider__TokenizeResponse       *made;
    Provider__Operation              *operation;
    Provider__ListOperationsRequest   list = PROVIDER__LIST_OPERATIONS_REQUEST__INIT;
    Provider__ListOperationsResponse *page;

    begin(f, "what is wrong is refused in words, without a digit of a card");
    request.number = (char *)"42424242424";
    request.expiry = (char *)"12/99";
    refused(f, provider_tokenize(f->s.client, f->call, &request, &made), MARU_INVALID_ARGUMENT,
            "number: want 12..19 digits, got 11");
    request.number = (char *)"4242424242424x42";
    refused(f, provider_tokenize(f->s.client, f->call, &request, &made), MARU_INVALID_ARGUMENT, "number: want digits");
    request.number = (char *)"4242424242424242";
    request.expiry = (char *)"00/99";
    refused(f, provider_tokenize(f->s.client, f->call, &request, &made), MARU_INVALID_ARGUMENT, "expiry: want MM/YY");
    refused(f, authorize(f, "", "tok", 1, &operation), MARU_INVALID_ARGUMENT, "key: want 1..200 printable");
    refused(f, authorize(f, "a b", "tok", 1, &operation), MARU_INVALID_ARGUMENT, "key: want 1..200 printable");
    refused(f, authorize(f, "k", "tok", 0, &operation), MARU_INVALID_ARGUMENT, "amount: want more than 0, got 0");
    list.page_token = (char *)"-1";
    refused(f, provider_list_operations(f->s.client, f->call, &list, &page), MARU_INVALID_ARGUMENT, "page_token");
    list.page_token = (char *)"";
    list.page_size = -1;
    refused(f, provider_list_operations(f->s.client, f->call, &list, &page), MARU_INVALID_ARGUMENT, "page_size");
    begin(f, "a token that is none, and a card whose time is over, are declined");
    CHECK_INT(authorize(f, "no-token", "tok_none", 1, &operation), MARU_OK);
    CHECK_STR(operation->reason, "no_such_token");
    CHECK_INT(authorize(f, "empty-token", "", 1, &operation), MARU_OK);
    CHECK_STR(operation->reason, "no_such_token");
    CHECK_INT(authorize(f, "old-card", token(f, "4242424242424242", "01/20"), 1, &operation), MARU_OK);
    CHECK_STR(operation->reason, "card_expired");
}

/* A card is good through the month that it names. */
static void test_month(struct fixture *f)
{
    Provider__Operation *operation;
    time_t               now = (time_t)(maru_call_wall_clock(f->call) / 1000000000);
    struct tm            tm;
    char                 text[16];

    begin(f, "a card is good in the month that it names, and not in the next");
    gmtime_r(&now, &tm);
    snprintf(text, sizeof text, "%02d/%02d", tm.tm_mon + 1, tm.tm_year % 100);
    CHECK_INT(authorize(f, "this-month", token(f, "4242424242424242", text), 1, &operation), MARU_OK);
    CHECK(operation->succeeded);
    tm.tm_mon = (tm.tm_mon + 11) % 12;
    snprintf(text, sizeof text, "%02d/%02d", tm.tm_mon + 1, (tm.tm_year - (tm.tm_mon == 11)) % 100);
    CHECK_INT(authorize(f, "last-month", token(f, "4242424242424242", text), 1, &operation), MARU_OK);
    CHECK_STR(operation->reason, "card_expired");
}

struct race {
    int ended, done;
};

static void ended(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    struct race *race = arg;

    __atomic_add_fetch(&race->done, status == MARU_OK && ((const Provider__Operation *)response)->succeeded,
                       __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&race->ended, 1, __ATOMIC_SEQ_CST);
}

static void test_race(struct fixture *f)
{
    enum { MANY = 100 };
    struct race               race = {0};
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Shop__Money               amount = SHOP__MONEY__INIT;
    Provider__Operation      *operation;

    begin(f, "a hundred refunds of 300 at once, of 1000: three succeed");
    CHECK_INT(authorize(f, "race", token(f, "4242424242424242", "12/99"), 1000, &operation), MARU_OK);
    CHECK_INT(then(f, provider_capture, "race:c", "race", 1000, &operation), MARU_OK);
    amount.currency = (char *)"GBP";
    amount.minor = 300;
    request.authorization = (char *)"race";
    request.amount = &amount;
    for (int i = 0; i < MANY; i++) {
        request.key = maru_printf(f->call, "race:r%d", i);
        provider_refund_async(f->s.client, f->call, &request, ended, &race);
    }
    while (__atomic_load_n(&race.ended, __ATOMIC_SEQ_CST) < MANY)
        if (!CHECK_INT(maru_sleep(f->call, 1), MARU_OK))
            return;
    CHECK_INT(race.done, 3);
    begin(f, "a hundred captures at once under one key are one");
    CHECK_INT(authorize(f, "race2", token(f, "4242424242424242", "12/99"), 300, &operation), MARU_OK);
    race = (struct race){0};
    request.authorization = (char *)"race2";
    request.key = (char *)"race2:c";
    for (int i = 0; i < MANY; i++)
        provider_capture_async(f->s.client, f->call, &request, ended, &race);
    while (__atomic_load_n(&race.ended, __ATOMIC_SEQ_CST) < MANY)
        if (!CHECK_INT(maru_sleep(f->call, 1), MARU_OK))
            return;
    CHECK_INT(race.done, MANY);
    CHECK_INT(then(f, provider_capture, "race2:other", "race2", 300, &operation), MARU_OK);
    CHECK_STR(operation->reason, "already_captured");
}

/* How often the news of an authorisation came by now; where there is none yet, it is waited for. */
static size_t news_of(struct fixture *f, const char *key, size_t least)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;

    request.aggregate = (char *)key;
    do
        if (!CHECK_INT(maru_event_log_read_aggregate(f->s.client, f->call, &request, &response), MARU_OK))
            return 0;
    while (response->n_events < least && maru_sleep(f->call, 2) == MARU_OK);
    return response->n_events;
}

static void test_news(struct fixture *f)
{
    Provider__Operation *operation;
    Provider__Faults     faults = PROVIDER__FAULTS__INIT, *after;

    begin(f, "every operation is news, also one that was refused");
    CHECK_INT(news_of(f, "a", 0), 4); /* authorised, refused, captured, refunded */
    begin(f, "news can come twice");
    CHECK_INT(authorize(f, "two", token(f, "4000000000000077", "12/99"), 1, &operation), MARU_OK);
    CHECK_INT(news_of(f, "two", 0), 2);
    begin(f, "and late, each of them");
    faults.news_late_ms = 100;
    faults.answer_twice = 1000;
    CHECK(set(f, faults, &after));
    CHECK_INT(authorize(f, "late", token(f, "4242424242424242", "12/99"), 1, &operation), MARU_OK);
    CHECK_INT(news_of(f, "late", 2), 2);
    CHECK(maru_call_wall_clock(f->call) - (operation->time->seconds * 1000000000 + operation->time->nanos) >=
          100 * MARU_NS_PER_MS);
}

static void test_lost(struct fixture *f)
{
    Provider__Operation *operation;
    Provider__Faults     faults = PROVIDER__FAULTS__INIT, *after;
    maru_call           *all = f->call;
    const char          *card;

    begin(f, "an answer that is lost is lost once: the caller's time runs out, and the next one hears of it");
    all = f->call;
    faults.lose_answer = 1000;
    CHECK(set(f, faults, &after));
    card = token(f, "4242424242424242", "12/99");
    f->call = maru_within(all, 300);
    CHECK_INT(authorize(f, "lost", card, 1, &operation), MARU_DEADLINE_EXCEEDED);
    f->call = all;
    CHECK_INT(authorize(f, "lost", card, 1, &operation), MARU_OK);
    CHECK(operation->succeeded);
    faults.lose_answer = 0;
    CHECK(set(f, faults, &after));
}

static maru_status lose_standing(maru_txn *txn, void *nothing)
{
    return maru_delete(txn, provider_tables[4], maru_key_text("standing"));
}

/* The second of the ledger is gone with it. */
static maru_status lose_more(maru_txn *txn, void *nothing)
{
    static const uint8_t second[8] = {[7] = 2};
    maru_status          status = maru_delete(txn, provider_tables[3], (maru_key){second, sizeof second});

    return status != MARU_OK ? status : lose_standing(txn, nothing);
}

static void test_repaired(struct fixture *f)
{
    Provider__Operation *operation;
    size_t               before;

    begin(f, "where how many operations there were is gone, as a repair puts it aside, none is written over");
    before = ledger(f);
    CHECK_STR(provider_tables[4]->name, "standing");
    CHECK_INT(maru_store_write(f->s.store, f->call, lose_standing, NULL), MARU_OK);
    CHECK_INT(authorize(f, "repaired", token(f, "4242424242424242", "12/99"), 1, &operation), MARU_OK);
    CHECK_INT(operation->number, before + 1);
    CHECK_INT(ledger(f), before + 1);
    begin(f, "and a number whose record is gone as well is not given again: the next is behind the last");
    CHECK_INT(maru_store_write(f->s.store, f->call, lose_more, NULL), MARU_OK);
    CHECK_INT(authorize(f, "hole", token(f, "4242424242424242", "12/99"), 1, &operation), MARU_OK);
    CHECK_INT(operation->number, before + 2);
    CHECK_INT(ledger(f), before + 1);
}

static void test_unknown(struct fixture *f)
{
    enum { LARGE = 3500000 };
    Provider__AuthorizeRequest    request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__GetOperationRequest ask = PROVIDER__GET_OPERATION_REQUEST__INIT;
    Provider__Faults              faults = PROVIDER__FAULTS__INIT, *standing;
    Provider__GetFaultsRequest    ask_faults = PROVIDER__GET_FAULTS_REQUEST__INIT;
    Shop__Money                   amount = SHOP__MONEY__INIT;
    Provider__Operation          *operation;

    begin(f, "of what is asked only what this version knows is kept");
    amount.currency = (char *)"GBP";
    amount.minor = 100;
    unknown_add(maru_call_arena(f->call), &amount.base, LARGE);
    request.key = ask.key = (char *)"later";
    request.token = maru_strdup(f->call, token(f, "4242424242424242", "12/99"));
    request.amount = &amount;
    request.reference = (char *)"orders/1";
    CHECK_INT(provider_authorize(f->s.client, f->call, &request, &operation), MARU_OK);
    CHECK_INT(provider_get_operation(f->s.client, f->call, &ask, &operation), MARU_OK);
    CHECK(operation->succeeded);
    CHECK_INT(operation->amount->minor, 100);
    CHECK(protobuf_c_message_get_packed_size(&operation->base) < 200);
    begin(f, "so that a repeat is one, whatever else it says");
    CHECK_INT(authorize(f, "later", request.token, 100, &operation), MARU_OK);
    begin(f, "so it is with faults, which all operations read");
    unknown_add(maru_call_arena(f->call), &faults.base, LARGE);
    CHECK_INT(provider_set_faults(f->s.client, f->call, &faults, &standing), MARU_OK);
    CHECK_INT(provider_get_faults(f->s.client, f->call, &ask_faults, &standing), MARU_OK);
    CHECK(protobuf_c_message_get_packed_size(&standing->base) < 200);
}

int main(void)
{
    struct fixture f = {.call = NULL};

    if (!serving_open(&f.s, "provider", provider_tables, PROVIDER_STORE_VERSION) || !serve(&f))
        return 1;
    test_once(&f);
    test_restart(&f);
    test_refused(&f);
    test_month(&f);
    test_unknown(&f);
    test_race(&f);
    test_news(&f);
    test_lost(&f);
    test_repaired(&f);
    stop(&f);
    serving_close(&f.s);
    return test_end();
}
