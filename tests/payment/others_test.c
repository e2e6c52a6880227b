/* others_test.c: somebody who has the provider's key does what payment would do about an order's money, or what it
 * would not, and the news of it is late, comes in another order, or never; on a simulated clock. The order comes to
 * rest all the same, and both ledgers have the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "maru/sim.h"
#include "store/care.h"
#include "test.h"
#include "voided.h"

#define S INT64_C(1000000000)

enum { NEVER_MS = 86400000, LATE_MS = 25000 };

struct world {
    maru_sim   *sim;
    struct shop shop;
    int64_t     until; /* how long is waited */
    char        store[96], backup[96];
};

static void pass(struct world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

static bool late_news(struct world *w, uint32_t ms)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.news_late_ms = ms;
    return shop_faults(&w->shop, faults);
}

/* ---- what somebody does, by a key of his own choice ---- */

static bool did(struct world *w, Provider__OperationKind kind, const char *key, const char *order, int64_t minor,
                bool succeeds)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Provider__Operation      *operation;
    Shop__Money               amount = SHOP__MONEY__INIT;
    maru_client              *provider = shop_provider(&w->shop);
    maru_status               status;

    amount.currency = (char *)"KRW";
    amount.minor = minor;
    request.key = (char *)key;
    request.authorization = maru_printf(w->shop.call, "authorize:%s", order);
    request.amount = kind == PROVIDER__OPERATION_KIND__VOID ? NULL : &amount;
    if (kind == PROVIDER__OPERATION_KIND__CAPTURE)
        status = provider_capture(provider, w->shop.call, &request, &operation);
    else if (kind == PROVIDER__OPERATION_KIND__VOID)
        status = provider_void(provider, w->shop.call, &request, &operation);
    else
        status = provider_refund(provider, w->shop.call, &request, &operation);
    return CHECK_INT(status, MARU_OK) && CHECK_INT(operation->succeeded, succeeds);
}

static bool captures(struct world *w, const char *key, const char *order)
{
    return did(w, PROVIDER__OPERATION_KIND__CAPTURE, key, order, 4500, true);
}

static bool authorizes(struct world *w, const char *order, int64_t minor)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = minor;
    request.key = maru_printf(w->shop.call, "authorize:%s", order);
    request.token = (char *)shop_token(&w->shop, CARD_WORKS);
    request.amount = &amount;
    request.reference = (char *)order;
    return CHECK_INT(provider_authorize(shop_provider(&w->shop), w->shop.call, &request, &operation), MARU_OK) &&
           CHECK(operation->succeeded);
}

/* ---- what is seen ---- */

/* Once nothing is under way. */
static void check_rest(struct world *w, const char *order, int state, int64_t refunded, const char *said)
{
    const Payment__Payment *payment;

    pass(w, 60 * S);
    payment = shop_look(&w->shop, order);
    if (!CHECK(payment != NULL))
        return;
    CHECK_INT(payment->state, state);
    CHECK_STR(payment->detail, "");
    CHECK_INT(ledger_minor(payment->refunded), refunded);
    CHECK_STR(shop_said(&w->shop, order), said);
    CHECK(ledger_agrees(&w->shop));
}

static bool hold(struct world *w, const char *order)
{
    return shop_pay(&w->shop, order, CARD_WORKS, AUTHORIZED);
}

static bool hear(struct world *w)
{
    return shop_heard(&w->shop, "checkout") && shop_heard(&w->shop, "shipping") && shop_heard(&w->shop, "provider");
}

/* ---- captured, and the news of it is late ---- */

static void test_late(struct world *w)
{
    static const struct {
        const char *order;
        say         what;
        uint32_t    late_ms;
        int         state;
        int64_t     refunded;
        const char *said;
    } rows[] = {
        {"orders/void-late", SAY_CANCELLED, LATE_MS, REFUNDED, 4500,
         "PaymentAuthorized PaymentCaptured RefundSucceeded "},
        {"orders/void-never", SAY_CANCELLED, NEVER_MS, REFUNDED, 4500,
         "PaymentAuthorized PaymentCaptured RefundSucceeded "},
        {"orders/capture-late", SAY_PACKED, LATE_MS, CAPTURED, 0, "PaymentAuthorized PaymentCaptured "},
        {"orders/capture-never", SAY_PACKED, NEVER_MS, CAPTURED, 0, "PaymentAuthorized PaymentCaptured "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shop_begin(&w->shop, "that it was captured is known by the provider's answer to a void or a capture");
        if (!hold(w, rows[i].order) || !late_news(w, rows[i].late_ms) ||
            !captures(w, maru_printf(w->shop.call, "by-hand:%s", rows[i].order), rows[i].order))
            continue;
        CHECK(shop_say(&w->shop, rows[i].order, rows[i].what));
        pass(w, S);
        CHECK_INT(shop_look(&w->shop, rows[i].order)->state, rows[i].state);
        CHECK(late_news(w, 0));
        check_rest(w, rows[i].order, rows[i].state, rows[i].refunded, rows[i].said);
    }
}

/* ---- captured, and the news of that comes before that of the authorisation ---- */

/* Known or not to payment; it would do nothing about it for a week. */
static void test_early(struct world *w)
{
    static const struct {
        const char *order, *key;
        bool        known;
    } rows[] = {{"orders/early", "by-hand:early", false},
                {"orders/early-key", "capture:orders/early-key", false},
                {"orders/early-crossed", "capture:orders/other", false},
                {"orders/known", "by-hand:known", true},
                {"orders/known-void", "void:orders/known-void", true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *order = rows[i].order;

        shop_begin(&w->shop, "that it was captured counts, too, where its news comes before the authorisation's");
        if (rows[i].known && !shop_submit(&w->shop, order, 4500, shop_token(&w->shop, CARD_WORKS)))
            continue;
        if (!late_news(w, 3000) || !authorizes(w, order, 4500) || !late_news(w, 0) ||
            !captures(w, rows[i].key, order) || !shop_heard(&w->shop, "provider"))
            continue;
        if (!rows[i].known && !shop_submit(&w->shop, order, 4500, shop_token(&w->shop, CARD_WORKS)))
            continue;
        pass(w, 4 * S);
        CHECK(shop_wait(&w->shop, order, CAPTURED) != NULL && shop_say(&w->shop, order, SAY_RESERVED));
        check_rest(w, order, CAPTURED, 0, "PaymentAuthorized PaymentCaptured ");
    }
}

/* ---- by a key of another order's ---- */

static void test_crossed(struct world *w)
{
    shop_begin(&w->shop, "what was captured by a key of another order's is of the order whose authorisation it was");
    if (!hold(w, "orders/a") || !hold(w, "orders/b") || !captures(w, "capture:orders/a", "orders/b"))
        return;
    CHECK(hear(w) && shop_wait(&w->shop, "orders/b", CAPTURED) != NULL);
    CHECK_STR(shop_said(&w->shop, "orders/b"), "PaymentAuthorized PaymentCaptured ");
    CHECK_STR(shop_said(&w->shop, "orders/a"), "PaymentAuthorized ");
    shop_begin(&w->shop, "the other can't be captured by its key, and is given up when it is cancelled");
    CHECK(shop_say(&w->shop, "orders/a", SAY_PACKED) && shop_wait(&w->shop, "orders/a", CAPTURE_REFUSED) != NULL);
    CHECK(shop_say(&w->shop, "orders/a", SAY_CANCELLED) && shop_say(&w->shop, "orders/b", SAY_CANCELLED));
    check_rest(w, "orders/a", VOIDED, 0, "PaymentAuthorized PaymentCaptureRefused PaymentVoided ");
    check_rest(w, "orders/b", REFUNDED, 4500, "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    shop_begin(&w->shop, "so is what was voided by one of an order that nobody knows");
    if (!hold(w, "orders/c") || !did(w, PROVIDER__OPERATION_KIND__VOID, "void:orders/nobody", "orders/c", 0, true))
        return;
    check_rest(w, "orders/c", VOIDED, 0, "PaymentAuthorized PaymentVoided ");
    CHECK_INT(voided_last(&w->shop, "orders/c").by_others, 1);
    CHECK_INT(voided_last(&w->shop, "orders/a").by_others, 0);
    CHECK(shop_look(&w->shop, "orders/nobody") == NULL);
}

/* ---- given back ---- */

static bool refunds(struct world *w, const char *key, const char *order, int64_t minor)
{
    return did(w, PROVIDER__OPERATION_KIND__REFUND, maru_printf(w->shop.call, "%s:%s", key, order), order, minor, true);
}

static const char ALL_BACK[] = "PaymentAuthorized PaymentCaptured RefundSucceeded ";
static const char IN_TWO[] = "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded ";

/* The refund's news is late, or comes before that of the capture; the order is cancelled before it, or after. His key
 * may be that of a number of payment's refunds: the next, once the cancel's was refused, or the one after it. */
static void test_given_back(struct world *w)
{
    static const struct {
        const char *order;
        uint32_t    capture_ms, refund_ms;
        int64_t     minor;
        int64_t     cancel_after;
        const char *said;
        int         number; /* 0: a key of his own */
    } rows[] = {
        {"orders/part", 0, 0, 1000, 5 * S, IN_TWO, 0},
        {"orders/all", 0, 0, 4500, 5 * S, ALL_BACK, 0},
        {"orders/part-late", 0, LATE_MS, 1000, 0, IN_TWO, 0},
        {"orders/all-late", 0, LATE_MS, 4500, 0, ALL_BACK, 0},
        {"orders/part-early", LATE_MS, 0, 1000, 5 * S, IN_TWO, 0},
        {"orders/all-early", LATE_MS, 0, 4500, 0, ALL_BACK, 0},
        {"orders/both-late", LATE_MS, LATE_MS, 1000, 0, IN_TWO, 0},
        {"orders/vain", LATE_MS, LATE_MS, 4500, 0, ALL_BACK, 0},
        {"orders/next", 0, LATE_MS, 1000, 0, IN_TWO, 2},
        {"orders/next-both", LATE_MS, LATE_MS, 1000, 0, IN_TWO, 2},
        {"orders/next-all", 0, LATE_MS, 4500, 0, ALL_BACK, 2},
        {"orders/after-next", 0, LATE_MS, 1000, 0, IN_TWO, 3},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *order = rows[i].order;
        const char *key;

        shop_begin(&w->shop, "what somebody gave back counts, and a cancel gives back what is left, whatever is late");
        key = rows[i].number > 0 ? maru_printf(w->shop.call, "refund:%s:%d", order, rows[i].number)
                                 : maru_printf(w->shop.call, "by-hand:refund:%s", order);
        if (!hold(w, order) || !late_news(w, rows[i].capture_ms) ||
            !captures(w, maru_printf(w->shop.call, "by-hand:%s", order), order) || !late_news(w, rows[i].refund_ms) ||
            !did(w, PROVIDER__OPERATION_KIND__REFUND, key, order, rows[i].minor, true) || !late_news(w, 0))
            continue;
        pass(w, rows[i].cancel_after);
        CHECK(shop_say(&w->shop, order, SAY_CANCELLED) && shop_heard(&w->shop, "checkout"));
        check_rest(w, order, REFUNDED, 4500, rows[i].said);
    }
}

/* What was asked for is refused, and that is heard last: the answer is slow, and its news is late. */
static void test_between(struct world *w, const char *order, int64_t minor, const char *said)
{
    Provider__Faults slow = PROVIDER__FAULTS__INIT;

    slow.slow_ms = 20000;
    slow.news_late_ms = 40000;
    shop_begin(&w->shop, "so does it where all of it was asked for by then");
    if (!hold(w, order) || !captures(w, maru_printf(w->shop.call, "by-hand:%s", order), order) ||
        !shop_heard(&w->shop, "provider") || !late_news(w, 5000) || !refunds(w, "by-hand:refund", order, minor) ||
        !shop_faults(&w->shop, slow))
        return;
    CHECK(shop_say(&w->shop, order, SAY_CANCELLED) && shop_wait(&w->shop, order, REFUNDING));
    pass(w, 6 * S);
    CHECK_INT(shop_look(&w->shop, order)->state, REFUNDING);
    CHECK_INT(ledger_minor(shop_look(&w->shop, order)->refunded), minor);
    pass(w, 40 * S);
    CHECK(late_news(w, 0));
    check_rest(w, order, REFUNDED, 4500, said);
}

/* Of an order that goes on; the news comes twice. */
static void test_left(struct world *w)
{
    Provider__Faults  twice = PROVIDER__FAULTS__INIT;
    Payment__Payment *payment;

    shop_begin(&w->shop, "what somebody gave back counts once, and no more is left than the provider has");
    twice.answer_twice = 1000;
    if (!shop_pay(&w->shop, "orders/left", CARD_WORKS, AUTHORIZED) || !shop_say(&w->shop, "orders/left", SAY_PACKED) ||
        !shop_wait(&w->shop, "orders/left", CAPTURED) || !shop_faults(&w->shop, twice) ||
        !refunds(w, "by-hand:refund", "orders/left", 1000))
        return;
    CHECK(shop_heard(&w->shop, "provider"));
    check_rest(w, "orders/left", CAPTURED, 1000, ALL_BACK);
    CHECK_INT(shop_refund(&w->shop, "orders/left", 3501, &payment), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(maru_call_message(w->shop.call), "amount: want at most 3500 KRW");
    shop_begin(&w->shop, "what is left is given back, then");
    CHECK_INT(shop_refund(&w->shop, "orders/left", 3500, &payment), MARU_OK);
    check_rest(w, "orders/left", REFUNDED, 4500, IN_TWO);
    CHECK(late_news(w, 0));
}

/* Keys that look as those of payment's own refunds, of numbers whose turn is yet to come, or never. */
static void test_numbers(struct world *w)
{
    Payment__Payment *payment;
    static const char order[] = "orders/numbers";

    shop_begin(&w->shop, "so does what was given back by a key of a number that is not payment's next");
    if (!hold(w, order) || !shop_say(&w->shop, order, SAY_PACKED) || !shop_wait(&w->shop, order, CAPTURED) ||
        !did(w, PROVIDER__OPERATION_KIND__REFUND, "refund:orders/numbers:2", order, 1000, true) ||
        !did(w, PROVIDER__OPERATION_KIND__REFUND, "refund:orders/numbers:0", order, 50, true) ||
        !did(w, PROVIDER__OPERATION_KIND__REFUND, "void:orders/numbers", order, 5, true) ||
        !did(w, PROVIDER__OPERATION_KIND__REFUND, "refund:orders/left:9", order, 5, true))
        return;
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK_INT(ledger_minor(shop_look(&w->shop, order)->refunded), 1060);
    shop_begin(&w->shop, "and a refund whose turn it is then is done by the next");
    CHECK_INT(shop_refund(&w->shop, order, 100, &payment), MARU_OK);
    CHECK_INT(shop_refund(&w->shop, order, 200, &payment), MARU_OK);
    pass(w, 60 * S);
    CHECK_INT(ledger_minor(shop_look(&w->shop, order)->refunded), 1360);
    CHECK(ledger_agrees(&w->shop));
    CHECK(shop_say(&w->shop, order, SAY_CANCELLED));
    pass(w, 60 * S);
    CHECK(shop_wait(&w->shop, order, REFUNDED) != NULL && ledger_agrees(&w->shop));
}

/* ---- keys that are spent before there is anything ---- */

static bool wait_for_words(struct world *w, const char *order, int state, const char *words)
{
    Payment__Payment *payment;

    while ((payment = shop_wait(&w->shop, order, state)) != NULL && strcmp(payment->detail, words) != 0)
        if (maru_sleep(w->shop.call, LOOK_MS) != MARU_OK || maru_sim_now(w->sim) > w->until)
            return CHECK_STR(payment->detail, words);
    return payment != NULL;
}

static bool refused_void(struct world *w, const char *order)
{
    return did(w, PROVIDER__OPERATION_KIND__VOID, maru_printf(w->shop.call, "void:%s", order), order, 0, false);
}

/* The news of the refusal comes when the order is authorised, or when it is to be voided. */
static void test_spent(struct world *w, const char *order, uint32_t late_ms)
{
    const char *words;

    shop_begin(&w->shop, "a void that was refused before there was anything to void, voided nothing");
    if (!late_news(w, late_ms) || !refused_void(w, order) || !late_news(w, 0))
        return;
    pass(w, S);
    if (!hold(w, order))
        return;
    pass(w, 60 * S);
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK_INT(shop_look(&w->shop, order)->state, AUTHORIZED);
    shop_begin(&w->shop, "where it is to be voided then, it says so, until somebody does it by a key of his own");
    w->until = maru_sim_now(w->sim) + 60 * S;
    words = maru_printf(w->shop.call,
                        "not known: the provider's answer can't be taken in: %s: the provider refused "
                        "void:%s before anything was authorised, for ever",
                        order, order);
    CHECK(shop_say(&w->shop, order, SAY_CANCELLED) && wait_for_words(w, order, VOIDING, words));
    pass(w, 60 * S);
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK_STR(shop_look(&w->shop, order)->detail, words);
    CHECK(did(w, PROVIDER__OPERATION_KIND__VOID, maru_printf(w->shop.call, "by-hand:%s", order), order, 0, true));
    check_rest(w, order, VOIDED, 0, "PaymentAuthorized PaymentVoided ");
    CHECK_INT(voided_last(&w->shop, order).by_others, 0); /* it was cancelled, whoever did it */
}

/* Of one that is not over it is a dead letter, since it is of another amount: the provider may put it right. */
static void test_free_over(struct world *w)
{
    MaruEvents__RetryDeadLetterRequest   again = MARU_EVENTS__RETRY_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters;
    MaruEvents__DeadLetter              *was;

    shop_begin(&w->shop, "what others authorised for an order that costs nothing is no dead letter once that is over");
    CHECK(shop_submit(&w->shop, "orders/free-over", 0, "") && shop_say(&w->shop, "orders/free-over", SAY_RESERVED));
    if (!shop_wait(&w->shop, "orders/free-over", AUTHORIZED) || !authorizes(w, "orders/free-over", 4500))
        return;
    pass(w, 600 * S);
    if (!CHECK_INT(maru_event_inbox_list_dead_letters(w->shop.payment.client, w->shop.call, &request, &letters),
                   MARU_OK) ||
        !CHECK_INT(letters->n_dead_letters, 1))
        return;
    CHECK(shop_say(&w->shop, "orders/free-over", SAY_CANCELLED) && shop_wait(&w->shop, "orders/free-over", VOIDED));
    again.producer = letters->dead_letters[0]->event->producer;
    again.aggregate = letters->dead_letters[0]->event->aggregate;
    CHECK_INT(maru_event_inbox_retry_dead_letter(w->shop.payment.client, w->shop.call, &again, &was), MARU_OK);
    pass(w, 600 * S);
    CHECK_INT(maru_event_inbox_list_dead_letters(w->shop.payment.client, w->shop.call, &request, &letters), MARU_OK);
    CHECK_INT(letters->n_dead_letters, 0);
    CHECK_STR(shop_said(&w->shop, "orders/free-over"), "PaymentAuthorized PaymentVoided ");
}

static bool told(maru_status status, const maru_error *error)
{
    return CHECK_INT(status, MARU_OK) || (fprintf(stderr, "%s\n", error->text), false);
}

static bool back_up_provider(struct world *w)
{
    care       *c;
    maru_error  error;
    maru_status status;

    shop_stop_provider(&w->shop);
    if ((status = care_open(w->store, true, &c, &error)) == MARU_OK) {
        status = care_backup(c, w->backup, &error);
        care_close(c);
    }
    return told(status, &error) && CHECK(shop_start_provider(&w->shop));
}

static bool restore_provider(struct world *w)
{
    maru_error error;
    char       away[128];

    snprintf(away, sizeof away, "%s-away", w->store);
    shop_stop_provider(&w->shop);
    return CHECK_INT(rename(w->store, away), 0) &&
           told(care_restore(w->backup, w->store, "provider", &error), &error) && CHECK(shop_start_provider(&w->shop));
}

/* A provider whose store went back to a backup has nothing that is held, and says so. */
static void test_gone(struct world *w)
{
    shop_begin(&w->shop, "a void that is refused after that, as by a provider that lost it, is as good as done");
    if (!back_up_provider(w) || !hold(w, "orders/gone") || !shop_heard(&w->shop, "provider") || !restore_provider(w))
        return;
    pass(w, S);
    CHECK(shop_say(&w->shop, "orders/gone", SAY_CANCELLED) && shop_wait(&w->shop, "orders/gone", VOIDED) != NULL);
    CHECK_STR(shop_said(&w->shop, "orders/gone"), "PaymentAuthorized PaymentVoided ");
}

/* ---- what costs nothing ---- */

static void test_free(struct world *w)
{
    static const struct {
        const char             *order, *key;
        Provider__OperationKind kind;
        bool                    authorized;
    } rows[] = {
        {"orders/free-void", "void:orders/free-void", PROVIDER__OPERATION_KIND__VOID, false},
        {"orders/free-capture", "capture:orders/free-capture", PROVIDER__OPERATION_KIND__CAPTURE, false},
        {"orders/free-given", "void:orders/free-given", PROVIDER__OPERATION_KIND__VOID, true},
        {"orders/free-taken", "capture:orders/free-taken", PROVIDER__OPERATION_KIND__CAPTURE, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char       *order = rows[i].order;
        Payment__Payment *payment;

        shop_begin(&w->shop, "what others do by the keys of an order that costs nothing is not the order's");
        if (rows[i].authorized && !authorizes(w, order, 4500))
            continue;
        CHECK(shop_submit(&w->shop, order, 0, "") && shop_say(&w->shop, order, SAY_RESERVED));
        if (!shop_wait(&w->shop, order, AUTHORIZED) ||
            !did(w, rows[i].kind, rows[i].key, order, 4500, rows[i].authorized))
            continue;
        pass(w, 60 * S);
        CHECK(shop_heard(&w->shop, "provider") && (payment = shop_wait(&w->shop, order, AUTHORIZED)) != NULL &&
              payment->captured == NULL);
        CHECK(shop_say(&w->shop, order, SAY_PACKED) && shop_wait(&w->shop, order, CAPTURED) != NULL);
        CHECK_STR(shop_said(&w->shop, order), "PaymentAuthorized PaymentCaptured ");
    }
}

int main(int argc, char **argv)
{
    const maru_sim_options options = {.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 7};
    struct world           w = {.sim = maru_sim_new(&options)};

    printf("# seed %llu\n", (unsigned long long)options.seed);
    if (!shop_open(&w.shop, maru_sim_seam(w.sim)))
        return 1;
    snprintf(w.store, sizeof w.store, "%s/store", w.shop.provider.folder);
    snprintf(w.backup, sizeof w.backup, "%s/backup", w.shop.provider.folder);
    test_late(&w);
    test_early(&w);
    test_crossed(&w);
    test_given_back(&w);
    test_between(&w, "orders/part-between", 1000, IN_TWO);
    test_between(&w, "orders/all-between", 4500, ALL_BACK);
    test_left(&w);
    test_numbers(&w);
    test_spent(&w, "orders/spent", LATE_MS);
    test_spent(&w, "orders/spent-later", 4 * LATE_MS);
    test_free(&w);
    test_free_over(&w);
    test_gone(&w); /* the provider has not the same any more */
    shop_close(&w.shop);
    maru_sim_free(w.sim);
    return test_end();
}
