/* faults_test.c: an order is paid, and every way in which the provider can misbehave about it. */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

static Provider__Faults none(void)
{
    return (Provider__Faults)PROVIDER__FAULTS__INIT;
}

static void test_paid(struct shop *shop)
{
    Payment__Payment *payment;

    shop_begin(shop, "an order that is submitted and reserved is authorised, and captured once it is packed");
    if (!shop_pay(shop, "orders/paid", CARD_WORKS, AUTHORIZED) || !shop_say(shop, "orders/paid", SAY_PACKED))
        return;
    if ((payment = shop_wait(shop, "orders/paid", CAPTURED)) == NULL)
        return;
    CHECK_INT(payment->amount->minor, 4500);
    CHECK_INT(payment->authorized->minor, 4500);
    CHECK_INT(payment->captured->minor, 4500);
    CHECK_STR(payment->captured->currency, "KRW");
    CHECK(payment->refunded == NULL);
    CHECK_STR(payment->detail, "");
    CHECK_INT(payment->expire_time->seconds - payment->authorize_time->seconds, 7 * 24 * 3600);
    CHECK_STR(shop_said(shop, "orders/paid"), "PaymentAuthorized PaymentCaptured ");
    shop_begin(shop, "stock that is reserved before the order is heard of is the same");
    CHECK(shop_say(shop, "orders/early", SAY_RESERVED));
    CHECK(shop_wait(shop, "orders/early", WAITING) != NULL);
    CHECK(shop_submit(shop, "orders/early", 1, shop_token(shop, CARD_WORKS)));
    CHECK(shop_wait(shop, "orders/early", AUTHORIZED) != NULL);
    shop_begin(shop, "a token that the provider does not know is declined");
    CHECK(shop_submit(shop, "orders/token", 1, "tok_0"));
    CHECK(shop_say(shop, "orders/token", SAY_RESERVED));
    if ((payment = shop_wait(shop, "orders/token", DECLINED)) != NULL)
        CHECK_STR(payment->detail, "no_such_token");
    shop_begin(shop, "an order without a token is declined");
    CHECK(shop_submit(shop, "orders/none", 1, ""));
    CHECK(shop_say(shop, "orders/none", SAY_RESERVED));
    CHECK(shop_wait(shop, "orders/none", DECLINED) != NULL);
    CHECK(ledger_agrees(shop));
}

/* The provider is away all the while. */
static void test_free(struct shop *shop)
{
    const Payment__Payment *payment;
    Provider__Faults        down = none();

    down.down = true;
    CHECK(shop_faults(shop, down));
    shop_begin(shop, "an order that costs nothing is paid without a token, and without the provider");
    CHECK(shop_submit(shop, "orders/free", 0, ""));
    CHECK(shop_say(shop, "orders/free", SAY_RESERVED));
    if ((payment = shop_wait(shop, "orders/free", AUTHORIZED)) == NULL)
        return;
    CHECK(payment->authorize_time != NULL && payment->expire_time == NULL && payment->authorized == NULL);
    CHECK(shop_say(shop, "orders/free", SAY_PACKED));
    if ((payment = shop_wait(shop, "orders/free", CAPTURED)) != NULL)
        CHECK(payment->captured == NULL && payment->amount->minor == 0);
    CHECK_STR(shop_said(shop, "orders/free"), "PaymentAuthorized PaymentCaptured ");
    shop_begin(shop, "and is given up, or given back, in the same words as any other");
    CHECK(shop_say(shop, "orders/free", SAY_CANCELLED));
    CHECK(shop_wait(shop, "orders/free", REFUNDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/free"), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    CHECK(shop_submit(shop, "orders/gift", 0, ""));
    CHECK(shop_say(shop, "orders/gift", SAY_RESERVED));
    CHECK(shop_wait(shop, "orders/gift", AUTHORIZED) != NULL);
    CHECK(shop_say(shop, "orders/gift", SAY_CANCELLED));
    CHECK(shop_wait(shop, "orders/gift", VOIDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/gift"), "PaymentAuthorized PaymentVoided ");
    shop_begin(shop, "less than nothing is declined");
    CHECK(shop_submit(shop, "orders/odd", -1, ""));
    CHECK(shop_say(shop, "orders/odd", SAY_RESERVED));
    if ((payment = shop_wait(shop, "orders/odd", DECLINED)) != NULL)
        CHECK_STR(payment->detail, "amount_below_zero");
    CHECK(shop_faults(shop, none()));
    CHECK(ledger_agrees(shop));
}

static void test_declined(struct shop *shop)
{
    static const struct {
        const char *number, *order, *reason;
    } rows[] = {{CARD_DECLINED, "orders/declined", "card_declined"},
                {CARD_POOR, "orders/poor", "insufficient_funds"},
                {CARD_STOLEN, "orders/stolen", "stolen_card"},
                {CARD_LIMIT, "orders/limit", "limit_exceeded"}};

    shop_begin(shop, "a card that is declined is declined in the provider's word, and nothing is held");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!shop_pay(shop, rows[i].order, rows[i].number, DECLINED))
            continue;
        CHECK_STR(shop_look(shop, rows[i].order)->detail, rows[i].reason);
        CHECK_STR(shop_said(shop, rows[i].order), "PaymentDeclined ");
    }
    CHECK(ledger_agrees(shop));
}

static void test_capture_refused(struct shop *shop)
{
    shop_begin(shop, "a capture that is refused is said, and what is held is given up once the order is cancelled");
    if (!shop_pay(shop, "orders/refused", CARD_CAPTURE_REFUSED, AUTHORIZED) ||
        !shop_say(shop, "orders/refused", SAY_PACKED) || shop_wait(shop, "orders/refused", CAPTURE_REFUSED) == NULL)
        return;
    CHECK_STR(shop_look(shop, "orders/refused")->detail, "account_closed");
    CHECK_STR(shop_said(shop, "orders/refused"), "PaymentAuthorized PaymentCaptureRefused ");
    CHECK(shop_say(shop, "orders/refused", SAY_CANCELLED));
    CHECK(shop_wait(shop, "orders/refused", VOIDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/refused"), "PaymentAuthorized PaymentCaptureRefused PaymentVoided ");
    CHECK(ledger_agrees(shop));
}

static void test_twice(struct shop *shop)
{
    struct ledger_sum sum;

    shop_begin(shop, "news that comes twice has an effect once");
    if (!shop_pay(shop, "orders/twice", CARD_TWICE, AUTHORIZED) || !shop_say(shop, "orders/twice", SAY_PACKED) ||
        shop_wait(shop, "orders/twice", CAPTURED) == NULL)
        return;
    CHECK(shop_heard(shop, "provider"));
    CHECK_STR(shop_said(shop, "orders/twice"), "PaymentAuthorized PaymentCaptured ");
    shop_begin(shop, "and so have an order, a reservation and a parcel that are told twice");
    CHECK(shop_submit(shop, "orders/twice", 9900, "tok_other"));
    CHECK(shop_say(shop, "orders/twice", SAY_RESERVED));
    CHECK(shop_say(shop, "orders/twice", SAY_PACKED));
    CHECK(shop_heard(shop, "checkout") && shop_heard(shop, "inventory") && shop_heard(shop, "shipping"));
    CHECK_STR(shop_said(shop, "orders/twice"), "PaymentAuthorized PaymentCaptured ");
    CHECK(ledger_sum_of(shop, "orders/twice", &sum));
    CHECK_INT(sum.authorized, 4500);
    CHECK_INT(sum.captures, 1);
    CHECK(ledger_agrees(shop));
}

/* The time-out is 200 ms here; that it is 8 s is time_test.c's. */
static void test_silent(struct shop *shop)
{
    struct ledger_sum sum;

    shop_begin(shop, "an answer that never comes, and news that comes late: it is asked by key, and charged once");
    if (!shop_pay(shop, "orders/silent", CARD_SILENT, AUTHORIZED) || !shop_say(shop, "orders/silent", SAY_PACKED) ||
        shop_wait(shop, "orders/silent", CAPTURED) == NULL)
        return;
    CHECK(ledger_sum_of(shop, "orders/silent", &sum));
    CHECK_INT(sum.authorizations, 1);
    CHECK_INT(sum.captures, 1);
    CHECK_STR(shop_said(shop, "orders/silent"), "PaymentAuthorized PaymentCaptured ");
    shop_begin(shop, "while it is not known, the payment says so");
    {
        Provider__Faults  down = none();
        Payment__Payment *payment;

        const char *token = shop_token(shop, CARD_WORKS);

        down.down = 1;
        CHECK(shop_faults(shop, down));
        CHECK(shop_submit(shop, "orders/unknown", 1, token) && shop_say(shop, "orders/unknown", SAY_RESERVED));
        while ((payment = shop_wait(shop, "orders/unknown", AUTHORIZING)) != NULL && payment->detail[0] == '\0')
            ;
        if (payment != NULL)
            CHECK_CONTAINS(
                payment->detail,
                "not known: the provider: UNAVAILABLE: it can't be reached, or says that it can't answer now");
        CHECK(shop_faults(shop, none()));
        if ((payment = shop_wait(shop, "orders/unknown", AUTHORIZED)) != NULL)
            CHECK_STR(payment->detail, "");
    }
    CHECK(ledger_agrees(shop));
}

/* Many orders under all random faults at once: each has one end, and both ledgers agree. */
static void test_random(struct shop *shop)
{
    enum { MANY = 40 };
    Provider__Faults faults = none();
    char             order[32], words[64];
    unsigned         declined = 0;

    shop_begin(shop, "under all faults at once, drawn from a seed, every order has its end and both ledgers agree");
    faults.seed = 20131129;
    faults.decline = faults.lose_answer = faults.answer_twice = 300;
    faults.slow_ms = 20;
    faults.news_late_ms = 400;
    printf("# seed %llu\n", (unsigned long long)faults.seed);
    CHECK(shop_faults(shop, faults));
    for (int i = 0; i < MANY; i++) {
        snprintf(order, sizeof order, "orders/random%d", i);
        CHECK(shop_submit(shop, order, 100 + i, shop_token(shop, CARD_WORKS)) && shop_say(shop, order, SAY_RESERVED));
    }
    for (int i = 0; i < MANY; i++) {
        Payment__Payment *payment;

        snprintf(order, sizeof order, "orders/random%d", i);
        while ((payment = shop_look(shop, order)) == NULL || (int)payment->state < AUTHORIZED)
            if (!CHECK_INT(maru_sleep(shop->call, 2), MARU_OK))
                return;
        declined += (int)payment->state == DECLINED;
        CHECK(shop_say(shop, order, i % 3 == 0 ? SAY_CANCELLED : SAY_PACKED));
    }
    for (int i = 0; i < MANY; i++) {
        Payment__Payment *payment;

        snprintf(order, sizeof order, "orders/random%d", i);
        while ((payment = shop_look(shop, order)) != NULL && (int)payment->state != CAPTURED &&
               (int)payment->state != DECLINED && (int)payment->state != VOIDED)
            if (!CHECK_INT(maru_sleep(shop->call, 2), MARU_OK))
                return;
    }
    snprintf(words, sizeof words, "%u of %d declined", declined, MANY);
    printf("# %s\n", words);
    CHECK_STR(words, "11 of 40 declined"); /* as the seed has it, whatever the order in which they came */
    CHECK(shop_faults(shop, none()));
    CHECK(ledger_agrees(shop));
}

static maru_status tokenize(struct shop *shop, const char *number, const char *expiry)
{
    Payment__TokenizeCardRequest   request = PAYMENT__TOKENIZE_CARD_REQUEST__INIT;
    Payment__TokenizeCardResponse *response;

    request.number = (char *)number;
    request.expiry = (char *)expiry;
    return payment_tokenize_card(shop->payment.client, shop->call, &request, &response);
}

static void test_methods(struct shop *shop)
{
    Payment__GetPaymentRequest     get = PAYMENT__GET_PAYMENT_REQUEST__INIT;
    Payment__ListPaymentsRequest   list = PAYMENT__LIST_PAYMENTS_REQUEST__INIT;
    Payment__ListPaymentsResponse *page;
    Payment__Payment              *payment;
    Provider__Faults               down = none();

    shop_begin(shop, "what is wrong is refused in words, which show no number of a card");
    CHECK_INT(tokenize(shop, "4242424242424241", "12/99"), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(maru_call_message(shop->call), "number: its check digit is wrong");
    CHECK(strstr(maru_call_message(shop->call), "4242") == NULL);
    CHECK_INT(tokenize(shop, CARD_WORKS, "13/99"), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(maru_call_message(shop->call), "expiry: want MM/YY");
    get.order = (char *)"7f3a";
    CHECK_INT(payment_get_payment(shop->payment.client, shop->call, &get, &payment), MARU_INVALID_ARGUMENT);
    get.order = (char *)"orders/nobody";
    CHECK_INT(payment_get_payment(shop->payment.client, shop->call, &get, &payment), MARU_NOT_FOUND);
    CHECK_CONTAINS(maru_call_message(shop->call), "order: no payment of orders/nobody");
    list.page_size = 1001;
    CHECK_INT(payment_list_payments(shop->payment.client, shop->call, &list, &page), MARU_INVALID_ARGUMENT);
    list.page_size = 0;
    list.page_token = (char *)"x";
    CHECK_INT(payment_list_payments(shop->payment.client, shop->call, &list, &page), MARU_INVALID_ARGUMENT);
    CHECK_INT(shop_refund(shop, "orders/nobody", 1, &payment), MARU_NOT_FOUND);
    CHECK_INT(shop_refund(shop, "orders/nobody", 0, &payment), MARU_INVALID_ARGUMENT);
    shop_begin(shop, "a provider that is down is said as it is");
    down.down = 1;
    CHECK(shop_faults(shop, down));
    CHECK_INT(tokenize(shop, CARD_WORKS, "12/99"), MARU_UNAVAILABLE);
    CHECK(shop_faults(shop, none()));
}

int main(void)
{
    struct shop shop = {.payment_svc.provider_ms = 200};

    if (!shop_open(&shop, NULL))
        return 1;
    test_methods(&shop);
    test_paid(&shop);
    test_free(&shop);
    test_declined(&shop);
    test_capture_refused(&shop);
    test_twice(&shop);
    test_silent(&shop);
    test_random(&shop);
    shop_close(&shop);
    return test_end();
}
