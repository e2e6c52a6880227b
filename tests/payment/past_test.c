/* past_test.c: orders of the past: paid elsewhere, so that the provider never hears of them, and given back there. */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

enum { THEN = 1291191960, DAY = 86400 };

static bool submit_past(struct shop *shop, const char *order, int64_t minor)
{
    Checkout__OrderSubmitted    event = CHECKOUT__ORDER_SUBMITTED__INIT;
    Shop__Money                 total = SHOP__MONEY__INIT;
    Google__Protobuf__Timestamp then = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    total.currency = (char *)"GBP";
    total.minor = minor;
    then.seconds = THEN;
    event.order = (char *)order;
    event.total = &total;
    event.payment_token = (char *)"";
    event.past = &then;
    return tell(&shop->producers[0], order, &event.base);
}

static bool give_back(struct shop *shop, const char *order, const char *currency, int64_t minor)
{
    Checkout__OrderReturned     event = CHECKOUT__ORDER_RETURNED__INIT;
    Shop__Money                 amount = SHOP__MONEY__INIT;
    Google__Protobuf__Timestamp later = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    amount.currency = (char *)currency;
    amount.minor = minor;
    later.seconds = THEN + DAY;
    event.order = (char *)order;
    event.amount = &amount;
    event.invoice = (char *)"C1";
    event.past = &later;
    return tell(&shop->producers[0], order, &event.base);
}

static bool never_asked(struct shop *shop, const char *order)
{
    struct ledger_sum sum;

    return CHECK(ledger_sum_of(shop, order, &sum)) && CHECK_INT(sum.authorizations, 0) && CHECK_INT(sum.captures, 0) &&
           CHECK_INT(sum.refunds, 0);
}

/* While the provider is down, so that nothing can be asked of it. */
static void test_paid(struct shop *shop)
{
    Provider__Faults  faults = PROVIDER__FAULTS__INIT;
    Payment__Payment *payment;

    shop_begin(shop, "an order of the past is paid, at its time, without the provider");
    faults.down = true;
    if (!shop_faults(shop, faults) || !submit_past(shop, "orders/1", 7421500) ||
        !shop_say(shop, "orders/1", SAY_RESERVED))
        return;
    if ((payment = shop_wait(shop, "orders/1", AUTHORIZED)) != NULL) {
        CHECK_INT(payment->authorize_time->seconds, THEN);
        CHECK_INT(payment->settle_time->seconds, THEN);
        CHECK(payment->expire_time == NULL);
    }
    CHECK(shop_say(shop, "orders/1", SAY_PACKED));
    if ((payment = shop_wait(shop, "orders/1", CAPTURED)) != NULL) {
        CHECK_INT(payment->captured->minor, 7421500);
        CHECK_INT(payment->update_time->seconds, THEN);
    }
    CHECK_STR(shop_said(shop, "orders/1"), "PaymentAuthorized PaymentCaptured ");
    shop_begin(shop, "what came back of it was given back, at that time");
    CHECK(give_back(shop, "orders/1", "GBP", 1500) && shop_heard(shop, "checkout"));
    if (CHECK((payment = shop_look(shop, "orders/1")) != NULL && payment->refunded != NULL)) {
        CHECK_INT(payment->state, CAPTURED);
        CHECK_INT(payment->refunded->minor, 1500);
        CHECK_INT(payment->update_time->seconds, THEN + DAY);
    }
    CHECK(give_back(shop, "orders/1", "GBP", 7420000) && shop_wait(shop, "orders/1", REFUNDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/1"), "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded ");
    shop_begin(shop, "so is another one");
    CHECK(submit_past(shop, "orders/2", 4500) && shop_say(shop, "orders/2", SAY_RESERVED) &&
          shop_say(shop, "orders/2", SAY_PACKED) && shop_wait(shop, "orders/2", CAPTURED) != NULL);
    shop_begin(shop, "the provider has nothing of any of it");
    faults.down = false;
    CHECK(shop_faults(shop, faults));
    CHECK(never_asked(shop, "orders/1") && never_asked(shop, "orders/2"));
}

static void test_by_hand(struct shop *shop)
{
    Payment__Payment *payment;

    shop_begin(shop, "what was paid elsewhere is not given back by hand: checkout would not know of it");
    CHECK_INT(shop_refund(shop, "orders/2", 1, &payment), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(maru_call_message(shop->call), "orders/2: it was paid elsewhere");
    CHECK_CONTAINS(maru_call_message(shop->call), "ReturnPastGoods");
    CHECK_INT(shop_look(shop, "orders/2")->state, CAPTURED);
}

static bool returned_early(struct shop *shop, const char *order)
{
    return give_back(shop, order, "GBP", 1500) && shop_heard(shop, "checkout");
}

/* Checkout may know of all that happened, of which payment still has to hear: it was put back, and others are down. */
static void test_early(struct shop *shop)
{
    Payment__Payment *payment;

    shop_begin(shop,
               "what came back of an order that is not captured here yet waits until it is, whatever is heard last");
    CHECK(submit_past(shop, "orders/4", 4500) && returned_early(shop, "orders/4"));
    CHECK_INT(shop_look(shop, "orders/4")->state, WAITING);
    CHECK(shop_say(shop, "orders/4", SAY_RESERVED) && shop_heard(shop, "inventory") &&
          returned_early(shop, "orders/4"));
    CHECK_INT(shop_look(shop, "orders/4")->state, AUTHORIZED);
    CHECK(shop_look(shop, "orders/4")->refunded == NULL);
    CHECK(shop_say(shop, "orders/4", SAY_PACKED) && shop_heard(shop, "shipping"));
    if (CHECK((payment = shop_look(shop, "orders/4")) != NULL && payment->refunded != NULL)) {
        CHECK_INT(payment->refunded->minor, 3000);
        CHECK_INT(payment->state, CAPTURED);
        CHECK_INT(payment->update_time->seconds, THEN + DAY);
    }
    CHECK_STR(shop_said(shop, "orders/4"), "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded ");
    CHECK(returned_early(shop, "orders/4") && shop_wait(shop, "orders/4", REFUNDED) != NULL);
}

static void test_today(struct shop *shop)
{
    struct ledger_sum sum;

    shop_begin(shop, "that an order was paid elsewhere is said once: a second word changes nothing");
    CHECK(shop_pay(shop, "orders/3", CARD_WORKS, AUTHORIZED));
    CHECK(submit_past(shop, "orders/3", 4500) && shop_heard(shop, "checkout"));
    CHECK(shop_say(shop, "orders/3", SAY_PACKED) && shop_wait(shop, "orders/3", CAPTURED) != NULL);
    CHECK(shop_look(shop, "orders/3")->settle_time == NULL);
    CHECK(ledger_sum_of(shop, "orders/3", &sum));
    CHECK_INT(sum.captures, 1);
}

int main(void)
{
    static struct shop shop;

    if (CHECK(shop_open(&shop, NULL))) {
        test_paid(&shop);
        test_by_hand(&shop);
        test_early(&shop);
        test_today(&shop);
    }
    shop_close(&shop);
    return test_end();
}
