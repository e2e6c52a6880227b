/* refund_test.c: refunds: never above what is captured, however many ask at once, and each once. */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

static bool captured(struct shop *shop, const char *order)
{
    return shop_pay(shop, order, CARD_WORKS, AUTHORIZED) && shop_say(shop, order, SAY_PACKED) &&
           shop_wait(shop, order, CAPTURED) != NULL;
}

static void test_one(struct shop *shop)
{
    Payment__Payment *payment, *again;
    struct ledger_sum sum;

    shop_begin(shop, "part of what was captured is given back, and is told when it is done");
    if (!captured(shop, "orders/part"))
        return;
    CHECK_INT(shop_refund(shop, "orders/part", 1000, &payment), MARU_OK);
    CHECK_INT(payment->state, REFUNDING);
    CHECK(payment->refunded == NULL);
    if ((payment = shop_wait(shop, "orders/part", CAPTURED)) != NULL)
        CHECK_INT(payment->refunded->minor, 1000);
    CHECK_STR(shop_said(shop, "orders/part"), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    shop_begin(shop, "more than is left is refused, and so is another currency");
    CHECK_INT(shop_refund(shop, "orders/part", 3501, &payment), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(maru_call_message(shop->call), "amount: want at most 3500 KRW");
    {
        Payment__RefundPaymentRequest request = PAYMENT__REFUND_PAYMENT_REQUEST__INIT;
        Shop__Money                   amount = SHOP__MONEY__INIT;

        amount.currency = (char *)"GBP";
        amount.minor = 1;
        request.order = (char *)"orders/part";
        request.amount = &amount;
        request.reason = (char *)"x";
        CHECK_INT(payment_refund_payment(shop->payment.client, shop->call, &request, &payment), MARU_INVALID_ARGUMENT);
        request.reason = (char *)"";
        CHECK_INT(payment_refund_payment(shop->payment.client, shop->call, &request, &payment), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(maru_call_message(shop->call), "reason: want 1..100 bytes, got 0");
    }
    shop_begin(shop, "a refund that is asked again under its request id is one");
    CHECK_INT(maru_call_set_request_id(shop->call, "desk-1"), MARU_OK);
    CHECK_INT(shop_refund(shop, "orders/part", 3500, &payment), MARU_OK);
    CHECK_INT(shop_refund(shop, "orders/part", 3500, &again), MARU_OK);
    CHECK_INT(payment->update_time->nanos, again->update_time->nanos);
    CHECK(shop_wait(shop, "orders/part", REFUNDED) != NULL);
    CHECK(ledger_sum_of(shop, "orders/part", &sum));
    CHECK_INT(sum.refunds, 2);
    CHECK_INT(sum.refunded, 4500);
    shop_begin(shop, "what is not captured cannot be given back");
    CHECK(shop_pay(shop, "orders/held", CARD_WORKS, AUTHORIZED));
    CHECK_INT(shop_refund(shop, "orders/held", 1, &payment), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(maru_call_message(shop->call), "nothing is captured");
    CHECK(ledger_agrees(shop));
}

struct race {
    int ended, done, refused, other;
};

static void ended(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    struct race *race = arg;

    __atomic_add_fetch(status == MARU_OK                    ? &race->done
                       : status == MARU_FAILED_PRECONDITION ? &race->refused
                                                            : &race->other,
                       1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&race->ended, 1, __ATOMIC_SEQ_CST);
}

static void test_race(struct shop *shop)
{
    enum { MANY = 50 };
    struct race                   race = {0};
    maru_call                    *calls[MANY];
    Payment__RefundPaymentRequest request = PAYMENT__REFUND_PAYMENT_REQUEST__INIT;
    Shop__Money                   amount = SHOP__MONEY__INIT;
    Payment__Payment             *payment;
    struct ledger_sum             sum;

    shop_begin(shop, "fifty that ask at once for 1000 of 4500 get it four times, and a cancel gives back the rest");
    if (!captured(shop, "orders/race"))
        return;
    amount.currency = (char *)"KRW";
    amount.minor = 1000;
    request.order = (char *)"orders/race";
    request.amount = &amount;
    request.reason = (char *)"raced";
    for (int i = 0; i < MANY; i++) {
        calls[i] = maru_call_begin(shop->payment.runtime, 20000);
        payment_refund_payment_async(shop->payment.client, calls[i], &request, ended, &race);
        if (i == MANY / 2)
            CHECK(shop_say(shop, "orders/race", SAY_PACKED)); /* heard already: does nothing */
    }
    while (__atomic_load_n(&race.ended, __ATOMIC_SEQ_CST) < MANY)
        if (!CHECK_INT(maru_sleep(shop->call, 1), MARU_OK))
            break;
    CHECK_INT(race.done, 4);
    CHECK_INT(race.refused, MANY - 4);
    CHECK_INT(race.other, 0);
    for (int i = 0; i < MANY; i++)
        maru_call_end(calls[i]);
    CHECK(shop_say(shop, "orders/race", SAY_CANCELLED));
    if ((payment = shop_wait(shop, "orders/race", REFUNDED)) != NULL)
        CHECK_INT(payment->refunded->minor, 4500);
    CHECK(ledger_sum_of(shop, "orders/race", &sum));
    CHECK_INT(sum.refunds, 5);
    CHECK_INT(sum.refunded, 4500);
    CHECK(ledger_agrees(shop));
}

static void test_many(struct shop *shop)
{
    Payment__Payment *payment;

    shop_begin(shop, "an order has at most 100 refunds");
    if (!captured(shop, "orders/many"))
        return;
    for (int i = 0; i < 100; i++)
        CHECK_INT(shop_refund(shop, "orders/many", 1, &payment), MARU_OK);
    CHECK_INT(shop_refund(shop, "orders/many", 1, &payment), MARU_RESOURCE_EXHAUSTED);
    CHECK(shop_say(shop, "orders/many", SAY_CANCELLED)); /* which one more is not refused for */
    CHECK(shop_wait(shop, "orders/many", REFUNDED) != NULL);
    CHECK(ledger_agrees(shop));
}

/* Somebody else asks the provider under the key that payment will have next. */
static bool take_key(struct shop *shop, const char *order, Provider__OperationKind kind, const char *currency)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Shop__Money               amount = SHOP__MONEY__INIT;
    Provider__Operation      *operation;

    amount.currency = (char *)currency;
    amount.minor = 100;
    request.key = maru_printf(shop->call, "refund:%s:1", order);
    request.authorization = maru_printf(shop->call, "authorize:%s", order);
    request.amount = &amount;
    return CHECK_INT(kind == PROVIDER__OPERATION_KIND__REFUND
                         ? provider_refund(shop_provider(shop), shop->call, &request, &operation)
                         : provider_capture(shop_provider(shop), shop->call, &request, &operation),
                     MARU_OK);
}

/* It was given back, and its key is free no more. */
static void check_next(struct shop *shop, const char *order)
{
    Payment__Payment *payment;

    while ((payment = shop_wait(shop, order, CAPTURED)) != NULL && payment->refunded == NULL)
        if (maru_sleep(shop->call, 2) != MARU_OK)
            break;
    if (payment == NULL || !CHECK(payment->refunded != NULL))
        return;
    CHECK_INT(payment->refunded->minor, 100);
    CHECK_STR(payment->detail, "");
    CHECK_STR(shop_said(shop, order), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    CHECK(ledger_agrees(shop));
}

static void test_taken(struct shop *shop)
{
    Payment__Payment *payment;

    shop_begin(shop, "a refund whose key is of another kind of operation is given back under the next");
    if (captured(shop, "orders/kind") && take_key(shop, "orders/kind", PROVIDER__OPERATION_KIND__CAPTURE, "KRW") &&
        shop_heard(shop, "provider") && CHECK_INT(shop_refund(shop, "orders/kind", 100, &payment), MARU_OK))
        check_next(shop, "orders/kind");
    shop_begin(shop, "and so is one whose key is of a refund in another currency");
    if (captured(shop, "orders/usd") && take_key(shop, "orders/usd", PROVIDER__OPERATION_KIND__REFUND, "USD") &&
        CHECK_INT(shop_refund(shop, "orders/usd", 100, &payment), MARU_OK))
        check_next(shop, "orders/usd");
}

/* The provider can't be asked for a while, which the payment says meanwhile. */
static void test_kept(struct shop *shop)
{
    Provider__Faults  faults = PROVIDER__FAULTS__INIT;
    Payment__Payment *payment;

    shop_begin(shop, "an order that is over, of which a part is kept, says why, also once another part was given back");
    faults.refuse_refund = 1000;
    if (!captured(shop, "orders/kept") || !shop_faults(shop, faults) || !shop_say(shop, "orders/kept", SAY_CANCELLED) ||
        !shop_heard(shop, "checkout") || (payment = shop_wait(shop, "orders/kept", CAPTURED)) == NULL)
        return;
    CHECK_STR(payment->detail, "refunds_suspended");
    faults.refuse_refund = 0;
    faults.down = true;
    CHECK(shop_faults(shop, faults));
    CHECK_INT(shop_refund(shop, "orders/kept", 1000, &payment), MARU_OK);
    while ((payment = shop_wait(shop, "orders/kept", REFUNDING)) != NULL &&
           strstr(payment->detail, "not known") == NULL)
        if (maru_sleep(shop->call, 2) != MARU_OK)
            break;
    faults.down = false;
    CHECK(shop_faults(shop, faults));
    if ((payment = shop_wait(shop, "orders/kept", CAPTURED)) != NULL) {
        CHECK_INT(ledger_minor(payment->refunded), 1000);
        CHECK_STR(payment->detail, "refunds_suspended");
    }
    shop_begin(shop, "and nothing more when all of it is");
    CHECK_INT(shop_refund(shop, "orders/kept", 3500, &payment), MARU_OK);
    if ((payment = shop_wait(shop, "orders/kept", REFUNDED)) != NULL)
        CHECK_STR(payment->detail, "");
    CHECK(ledger_agrees(shop));
}

int main(void)
{
    struct shop shop = {.payment_svc.provider_ms = 2000};

    if (!shop_open(&shop, NULL))
        return 1;
    test_one(&shop);
    test_race(&shop);
    test_many(&shop);
    test_taken(&shop);
    test_kept(&shop);
    shop_close(&shop);
    return test_end();
}
