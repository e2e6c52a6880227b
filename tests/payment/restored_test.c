/* restored_test.c: payment's store goes back to a backup of before an order, days later, on a simulated clock: what it
 * says again of money that was given up is what it said, whatever it hears first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kit.h"
#include "ledger.h"
#include "maru/sim.h"
#include "store/care.h"
#include "test.h"
#include "voided.h"

#define S   INT64_C(1000000000)
#define DAY (24 * 3600 * S)

struct world {
    maru_sim   *sim;
    struct shop shop;
    char        store[96], backup[96];
    int         restores;
};

static void pass(struct world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

static bool told(maru_status status, const maru_error *error)
{
    return CHECK_INT(status, MARU_OK) || (fprintf(stderr, "%s\n", error->text), false);
}

static void remove_backup(const struct world *w)
{
    nftw(w->backup, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool back_up(struct world *w)
{
    care       *c;
    maru_error  error;
    maru_status status;

    shop_stop_payment(&w->shop);
    remove_backup(w);
    status = care_open(w->store, true, &c, &error);
    if (status == MARU_OK) {
        status = care_backup(c, w->backup, &error);
        care_close(c);
    }
    return told(status, &error) && CHECK(shop_start_payment(&w->shop));
}

/* The backup takes the store's place; payment is stopped. */
static bool go_back(struct world *w)
{
    maru_error error;
    char       away[96];

    snprintf(away, sizeof away, "%s/away-%d", w->shop.payment.folder, w->restores++);
    shop_stop_payment(&w->shop);
    return CHECK_INT(rename(w->store, away), 0) && told(care_restore(w->backup, w->store, "payment", &error), &error);
}

/* An order that is authorised, and nothing more. */
static bool hold(struct world *w, const char *order)
{
    return shop_submit(&w->shop, order, 4500, shop_token(&w->shop, CARD_WORKS)) &&
           shop_say(&w->shop, order, SAY_RESERVED) && shop_wait(&w->shop, order, AUTHORIZED);
}

static bool cancel(struct world *w, const char *order)
{
    return shop_say(&w->shop, order, SAY_CANCELLED) && shop_wait(&w->shop, order, VOIDED);
}

/* One of each: its time was over; it was cancelled; its time was over, and checkout cancelled it for that; a cancel
 * that the provider heard of after the time was over. */
static bool make_orders(struct world *w)
{
    Provider__Faults down = PROVIDER__FAULTS__INIT, up = PROVIDER__FAULTS__INIT;

    down.down = true;
    if (!hold(w, "orders/old") || !hold(w, "orders/cancelled") || !hold(w, "orders/both") || !hold(w, "orders/late") ||
        !cancel(w, "orders/cancelled"))
        return false;
    pass(w, 7 * DAY - 60 * S);
    if (!shop_faults(&w->shop, down) || !shop_say(&w->shop, "orders/late", SAY_CANCELLED))
        return false;
    pass(w, 120 * S);
    return shop_faults(&w->shop, up) && shop_wait(&w->shop, "orders/old", VOIDED) &&
           shop_wait(&w->shop, "orders/late", VOIDED) && cancel(w, "orders/both");
}

static void check_words(struct world *w, const char *order, int expired)
{
    CHECK_INT(voided_expired(&w->shop, order), expired);
    CHECK_STR(shop_said(&w->shop, order), "PaymentAuthorized PaymentVoided ");
    if (CHECK(shop_look(&w->shop, order) != NULL)) {
        CHECK_INT(shop_look(&w->shop, order)->state, VOIDED);
        CHECK_STR(shop_look(&w->shop, order)->detail, expired ? "authorization_expired" : "");
    }
}

static void check_all(struct world *w)
{
    check_words(w, "orders/old", 1);
    check_words(w, "orders/both", 1);
    check_words(w, "orders/cancelled", 0);
    check_words(w, "orders/late", 0);
    CHECK(ledger_agrees(&w->shop));
}

/* Captured, and a part of it given back: two more, in one log, of what the provider did. */
static bool make_returned(struct world *w)
{
    Payment__Payment *payment;

    return hold(w, "orders/returned") && shop_say(&w->shop, "orders/returned", SAY_PACKED) &&
           shop_wait(&w->shop, "orders/returned", CAPTURED) &&
           CHECK_INT(shop_refund(&w->shop, "orders/returned", 1000, &payment), MARU_OK) &&
           shop_wait(&w->shop, "orders/returned", CAPTURED);
}

static void test_first_time(struct world *w)
{
    shop_begin(&w->shop, "a payment that knows of no order is backed up");
    if (back_up(w)) {
        shop_begin(&w->shop, "what was given up because its time was over says so, and nothing else does");
        CHECK(make_orders(w));
        check_all(w);
        CHECK(make_returned(w));
    }
}

/* That they were cancelled is known before that anything was authorised. */
static void test_others_first(struct world *w)
{
    shop_stop_provider(&w->shop);
    if (!go_back(w) || !CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "a restored payment says the same, where it hears of the provider last");
    CHECK(shop_heard(&w->shop, "checkout") && shop_heard(&w->shop, "inventory"));
    CHECK(shop_start_provider(&w->shop) && shop_heard(&w->shop, "provider"));
    pass(w, 60 * S);
    check_all(w);
}

/* What the provider did is known before that checkout submitted any order: nobody would have a use for it yet. */
static void test_provider_first(struct world *w)
{
    struct node *checkout = &w->shop.producers[0];

    if (!go_back(w))
        return;
    node_stop(checkout, NULL, NULL);
    if (!CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "a restored payment says nothing of an order of which it heard by the provider alone");
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK_STR(shop_said(&w->shop, "orders/old"), "");
    CHECK_STR(shop_said(&w->shop, "orders/returned"), "");
    if (CHECK(shop_look(&w->shop, "orders/old") != NULL)) {
        CHECK(shop_look(&w->shop, "orders/old")->authorized == NULL);
        CHECK_CONTAINS(shop_look(&w->shop, "orders/old")->detail, "the provider told of it, and checkout did not: ");
    }
    shop_begin(&w->shop, "once checkout says that it was submitted, it says what it said before");
    CHECK(node_start(checkout, 1) && node_serve(checkout, (maru_events_options){.service = NULL}));
    CHECK(shop_heard(&w->shop, "checkout") && shop_heard(&w->shop, "inventory") && shop_heard(&w->shop, "shipping"));
    pass(w, 60 * S);
    check_words(w, "orders/old", 1);
    check_words(w, "orders/both", 1);
    check_words(w, "orders/cancelled", 0);
    CHECK_STR(shop_said(&w->shop, "orders/returned"), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    CHECK(ledger_agrees(&w->shop));
}

/* ---- refunds by hand ---- */

static bool capture(struct world *w, const char *order)
{
    return hold(w, order) && shop_say(&w->shop, order, SAY_PACKED) && shop_wait(&w->shop, order, CAPTURED);
}

static bool give_back(struct world *w, const char *order, int64_t minor)
{
    Payment__Payment *payment;

    return CHECK_INT(shop_refund(&w->shop, order, minor, &payment), MARU_OK);
}

/* Once nothing is under way. */
static void check_refunded(struct world *w, const char *order, int64_t minor, const char *said)
{
    struct ledger_sum       sum;
    const Payment__Payment *payment;

    pass(w, 60 * S);
    payment = shop_look(&w->shop, order);
    if (CHECK(payment != NULL && payment->refunded != NULL))
        CHECK_INT(payment->refunded->minor, minor);
    CHECK(ledger_sum_of(&w->shop, order, &sum));
    CHECK_INT(sum.refunded, minor);
    CHECK_STR(shop_said(&w->shop, order), said);
    CHECK(ledger_agrees(&w->shop));
}

/* That it was asked for came by a call, and is lost; what the provider did is not. */
static void test_refund(struct world *w)
{
    shop_begin(&w->shop, "orders are captured, and payment is backed up");
    if (!capture(w, "orders/hand") || !capture(w, "orders/other") || !capture(w, "orders/back") || !back_up(w))
        return;
    shop_begin(&w->shop, "then part of them is given back, by hand");
    CHECK(give_back(w, "orders/hand", 1000) && give_back(w, "orders/other", 1000) && give_back(w, "orders/back", 1000));
    check_refunded(w, "orders/hand", 1000, "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    if (!go_back(w) || !CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "a refund by hand that a restored store does not know of is heard of by the provider");
    CHECK(shop_heard(&w->shop, "provider"));
    check_refunded(w, "orders/hand", 1000, "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    shop_begin(&w->shop, "and the next one is another");
    CHECK(give_back(w, "orders/hand", 500));
    check_refunded(w, "orders/hand", 1500, "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded ");
}

/* The number that it takes is one that was used before, for another amount. */
static void test_refund_first(struct world *w)
{
    shop_stop_provider(&w->shop);
    if (!go_back(w) || !CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "one that is asked for before that is heard is done beside it, and not taken for it");
    CHECK(give_back(w, "orders/other", 2000));
    CHECK(shop_say(&w->shop, "orders/back", SAY_CANCELLED) && shop_heard(&w->shop, "checkout"));
    CHECK(shop_start_provider(&w->shop) && shop_heard(&w->shop, "provider"));
    check_refunded(w, "orders/other", 3000, "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded ");
    shop_begin(&w->shop, "a cancel gives back what is left");
    check_refunded(w, "orders/back", 4500, "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded ");
}

/* By somebody who has the provider's key. */
static bool refund_beside(struct world *w, const char *order, const char *key, int64_t minor)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Provider__Operation      *operation;
    Shop__Money               amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = minor;
    request.key = (char *)key;
    request.authorization = maru_printf(w->shop.call, "authorize:%s", order);
    request.amount = &amount;
    return CHECK_INT(provider_refund(shop_provider(&w->shop), w->shop.call, &request, &operation), MARU_OK) &&
           CHECK(operation->succeeded);
}

/* One is in the backup, one is not, and one payment made itself. */
static void test_refund_beside(struct world *w)
{
    static const char said[] = "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded RefundSucceeded ";

    shop_begin(&w->shop, "what others gave back counts once, before and after payment's store went back");
    if (!capture(w, "orders/beside") || !refund_beside(w, "orders/beside", "by-hand:1", 100) ||
        !shop_heard(&w->shop, "provider") || !back_up(w))
        return;
    shop_begin(&w->shop, "payment is backed up between the first and the second");
    CHECK(refund_beside(w, "orders/beside", "by-hand:2", 20) && give_back(w, "orders/beside", 3));
    check_refunded(w, "orders/beside", 123, said);
    if (!go_back(w) || !CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "it has the same again");
    CHECK(shop_heard(&w->shop, "provider"));
    check_refunded(w, "orders/beside", 123, said);
}

/* The cancel's was refused, since somebody had given back a part; an operator gives back another, which is lost here.
 */
static void test_refund_over(struct world *w)
{
    static const char order[] = "orders/over", key[] = "by-hand:over";
    Provider__Faults  late = PROVIDER__FAULTS__INIT, none = PROVIDER__FAULTS__INIT;

    shop_begin(&w->shop, "of an order that is over, the provider refuses what was asked for, and payment is backed up");
    late.news_late_ms = 3600000;
    if (!capture(w, order) || !shop_faults(&w->shop, late) || !refund_beside(w, order, key, 1000) ||
        !shop_faults(&w->shop, none) || !shop_say(&w->shop, order, SAY_CANCELLED) || !shop_heard(&w->shop, "checkout"))
        return;
    pass(w, 60 * S);
    if (!shop_wait(&w->shop, order, CAPTURED) || !back_up(w))
        return;
    shop_begin(&w->shop, "an operator gives back a part of it after that");
    CHECK(give_back(w, order, 2000));
    pass(w, 60 * S);
    if (!go_back(w) || !CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "a refund of it that the store does not know of counts once, and what is left is given back");
    CHECK(shop_heard(&w->shop, "provider"));
    pass(w, 3600 * S);
    check_refunded(w, order, 4500,
                   "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded RefundSucceeded ");
}

/* ---- a charge without an order ---- */

/* As payment did, before its store and checkout's went back to before the order. */
static bool charge(struct world *w, const char *order, const char *card)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = 700;
    request.key = maru_printf(w->shop.call, "authorize:%s", order);
    request.token = (char *)shop_token(&w->shop, card);
    request.amount = &amount;
    request.reference = (char *)order;
    return CHECK_INT(provider_authorize(shop_provider(&w->shop), w->shop.call, &request, &operation), MARU_OK);
}

enum { LOG_TEXT = 16384 };

/* What the log says while that time passes. */
static void pass_logged(struct world *w, int64_t ns, char text[static LOG_TEXT])
{
    int     was = dup(STDERR_FILENO), into = memfd_create("stderr", 0);
    ssize_t got;

    dup2(into, STDERR_FILENO);
    pass(w, ns);
    dup2(was, STDERR_FILENO);
    got = pread(into, text, LOG_TEXT - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    close(was);
    close(into);
}

/* How often the log says that it has no order while that time passes. */
static int count_told(struct world *w, const char *order, int64_t ns)
{
    const char *words = maru_printf(w->shop.call,
                                    "%s: the provider did 1 operation for it, the first authorize:%s (700 KRW), and "
                                    "checkout, whose log was read, says nothing of it: ",
                                    order, order);
    char        text[LOG_TEXT];
    int         count = 0;

    pass_logged(w, ns, text);
    for (const char *at = text; (at = strstr(at, words)) != NULL; at++)
        count++;
    return count;
}

/* Payment can't take in that it was submitted: there is no total. */
static bool submit_wrong(struct world *w, const char *order)
{
    Checkout__OrderSubmitted event = CHECKOUT__ORDER_SUBMITTED__INIT;

    event.order = (char *)order;
    return tell(&w->shop.producers[0], order, &event.base);
}

/* Payment did not go back, so its timers wait for nobody. */
static void test_away(struct world *w)
{
    struct node *checkout = &w->shop.producers[0];

    shop_begin(&w->shop, "a charge of which checkout, which is away, may have the order, is not said to have none");
    node_stop(checkout, NULL, NULL);
    if (!charge(w, "orders/away", CARD_WORKS) || !charge(w, "orders/nobody", CARD_WORKS))
        return;
    CHECK_INT(count_told(w, "orders/away", 600 * S), 0);
    shop_begin(&w->shop, "when that is back, it is said of the one that it has none of");
    CHECK(node_start(checkout, 1) && node_serve(checkout, (maru_events_options){.service = NULL}));
    CHECK(shop_submit(&w->shop, "orders/away", 700, ""));
    CHECK_INT(count_told(w, "orders/nobody", 600 * S), 1);
    CHECK(shop_wait(&w->shop, "orders/away", AUTHORIZED) != NULL);
    shop_begin(&w->shop, "and of no other, be it one that payment could not take in");
    CHECK_INT(count_told(w, "orders/away", 600 * S), 0);
    CHECK(submit_wrong(w, "orders/wrong") && charge(w, "orders/wrong", CARD_WORKS));
    CHECK_INT(count_told(w, "orders/wrong", 600 * S), 0);
}

static void test_both(struct world *w)
{
    struct node *checkout = &w->shop.producers[0];

    shop_begin(&w->shop, "of a charge that checkout may have an order for, though it is away, nothing is said");
    if (!charge(w, "orders/alone", CARD_WORKS) || !go_back(w))
        return;
    node_stop(checkout, NULL, NULL);
    if (!CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "as long as its log was not read");
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK_INT(count_told(w, "orders/alone", 600 * S), 0);
    shop_begin(&w->shop, "where that has none, the log tells of it, once, and of no other");
    CHECK(node_start(checkout, 1) && node_serve(checkout, (maru_events_options){.service = NULL}));
    CHECK_INT(count_told(w, "orders/alone", 3600 * S), 1);
}

/* By keys of somebody's own, what was charged is given up, or taken and given back. */
static void undo(struct world *w, const char *order, int64_t taken, int64_t returned)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Provider__Operation      *operation;
    Shop__Money               amount = SHOP__MONEY__INIT;
    maru_client              *provider = shop_provider(&w->shop);

    request.key = maru_printf(w->shop.call, "mine:%s", order);
    request.authorization = maru_printf(w->shop.call, "authorize:%s", order);
    if (taken == 0) {
        CHECK_INT(provider_void(provider, w->shop.call, &request, &operation), MARU_OK);
        return;
    }
    amount.currency = (char *)"KRW";
    amount.minor = taken;
    request.amount = &amount;
    CHECK_INT(provider_capture(provider, w->shop.call, &request, &operation), MARU_OK);
    request.key = maru_printf(w->shop.call, "mine-back:%s", order);
    amount.minor = returned;
    CHECK_INT(provider_refund(provider, w->shop.call, &request, &operation), MARU_OK);
}

#define SAYS_NOTHING ", and checkout, whose log was read, says nothing of it: "
#define NOTHING_MORE "nothing is held any more, and nothing has to be given back\""

static void test_nothing_held(struct world *w)
{
    static const char *const says[] = {
        "level=info module=service msg=\"orders/declined: the provider refused to authorise it "
        "(authorize:orders/declined: card_declined)" SAYS_NOTHING "nothing is held, and nothing has to be given back\"",
        "level=info module=service msg=\"orders/voided: the provider did 2 operations for it, the first "
        "authorize:orders/voided (700 KRW)" SAYS_NOTHING NOTHING_MORE,
        "level=info module=service msg=\"orders/returned-all: the provider did 3 operations for it, the first "
        "authorize:orders/returned-all (700 KRW)" SAYS_NOTHING NOTHING_MORE,
        "level=warn module=service msg=\"orders/returned-some: the provider did 3 operations for it, the first "
        "authorize:orders/returned-some (700 KRW)" SAYS_NOTHING "what to do is in ",
    };
    char              text[LOG_TEXT];
    Payment__Payment *payment;

    shop_begin(&w->shop, "of a charge without an order by which nothing is held, the log does not warn");
    if (!charge(w, "orders/declined", CARD_DECLINED) || !charge(w, "orders/voided", CARD_WORKS) ||
        !charge(w, "orders/returned-all", CARD_WORKS) || !charge(w, "orders/returned-some", CARD_WORKS))
        return;
    undo(w, "orders/voided", 0, 0);
    undo(w, "orders/returned-all", 700, 700);
    undo(w, "orders/returned-some", 700, 699);
    pass_logged(w, 600 * S, text);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        CHECK_CONTAINS(text, says[i]);
    shop_begin(&w->shop, "and one that was refused is told as that, until its order is heard of");
    if (CHECK((payment = shop_look(&w->shop, "orders/declined")) != NULL))
        CHECK_STR(payment->detail, "the provider told of it, and checkout did not: it refused to authorise it, and "
                                   "holds nothing for it");
    if (CHECK((payment = shop_look(&w->shop, "orders/voided")) != NULL))
        CHECK_STR(payment->detail, "the provider told of it, and checkout did not: ListOperations of the provider has "
                                   "it");
    CHECK(shop_submit(&w->shop, "orders/declined", 700, shop_token(&w->shop, CARD_DECLINED)) &&
          shop_say(&w->shop, "orders/declined", SAY_RESERVED));
    if (CHECK((payment = shop_wait(&w->shop, "orders/declined", PAYMENT__PAYMENT_STATE__DECLINED)) != NULL))
        CHECK_STR(payment->detail, "card_declined");
}

int main(int argc, char **argv)
{
    const maru_sim_options options = {.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 7};
    struct world           w = {.sim = maru_sim_new(&options)};

    printf("# seed %llu\n", (unsigned long long)options.seed);
    if (!shop_open(&w.shop, maru_sim_seam(w.sim)))
        return 1;
    snprintf(w.store, sizeof w.store, "%s/store", w.shop.payment.folder);
    snprintf(w.backup, sizeof w.backup, "%s/backup", w.shop.payment.folder);
    test_refund(&w);
    test_refund_first(&w);
    test_refund_beside(&w);
    test_refund_over(&w);
    test_first_time(&w);
    test_others_first(&w);
    test_provider_first(&w);
    test_away(&w);
    test_nothing_held(&w);
    test_both(&w);
    shop_close(&w.shop);
    maru_sim_free(w.sim);
    return test_end();
}
