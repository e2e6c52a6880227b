/* beside_test.c: somebody who has the provider's key captures or voids what payment authorised, beside it: what was
 * done about the order's authorisation counts, by a key of his own or by one of the order's that is for something else.
 */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

static bool follow_up(struct shop *shop, const char *order, Provider__OperationKind kind, const char *key)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Provider__Operation      *operation;
    Shop__Money               amount = SHOP__MONEY__INIT;
    maru_status               status;

    amount.currency = (char *)"KRW";
    amount.minor = 4500;
    request.key = maru_printf(shop->call, "%s:%s", key, order);
    request.authorization = maru_printf(shop->call, "authorize:%s", order);
    if (kind == PROVIDER__OPERATION_KIND__CAPTURE) {
        request.amount = &amount;
        status = provider_capture(shop_provider(shop), shop->call, &request, &operation);
    } else {
        status = provider_void(shop_provider(shop), shop->call, &request, &operation);
    }
    return CHECK_INT(status, MARU_OK) && CHECK(operation->succeeded);
}

static void check_ledger(struct shop *shop, const char *order, int64_t captured, unsigned voids)
{
    struct ledger_sum sum;

    if (!ledger_sum_of(shop, order, &sum))
        return;
    CHECK_INT(sum.captured, captured);
    CHECK_INT(sum.refunded, captured);
    CHECK_INT(sum.voids, voids);
}

/* What is captured by others is given back when the order is cancelled. */
static void test_captured(struct shop *shop)
{
    static const struct {
        const char *order, *key, *sentence;
    } rows[] = {
        {"orders/hand", "by-hand:capture", "what somebody captured by a key of his own is captured"},
        {"orders/void", "void", "so is it by the key of the order's void"},
        {"orders/other", "refund", "or by another that looks as one of ours, and is none"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shop_begin(shop, rows[i].sentence);
        if (!shop_pay(shop, rows[i].order, CARD_WORKS, AUTHORIZED) ||
            !follow_up(shop, rows[i].order, PROVIDER__OPERATION_KIND__CAPTURE, rows[i].key) ||
            !shop_wait(shop, rows[i].order, CAPTURED))
            continue;
        CHECK(shop_say(shop, rows[i].order, SAY_PACKED));
        shop_begin(shop, "and given back when the order is cancelled");
        CHECK(shop_say(shop, rows[i].order, SAY_CANCELLED) && shop_wait(shop, rows[i].order, REFUNDED));
        CHECK_STR(shop_said(shop, rows[i].order), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
        check_ledger(shop, rows[i].order, 4500, 0);
    }
}

/* Payment asks by a key under which the provider has a capture, and hears no news. */
static void test_asked(struct shop *shop)
{
    Provider__Faults late = PROVIDER__FAULTS__INIT;

    shop_begin(shop, "a void whose key has a capture of the same authorisation hears of it by the answer");
    late.news_late_ms = 3600000;
    if (!shop_pay(shop, "orders/asked", CARD_WORKS, AUTHORIZED) || !shop_faults(shop, late) ||
        !follow_up(shop, "orders/asked", PROVIDER__OPERATION_KIND__CAPTURE, "void"))
        return;
    CHECK(shop_say(shop, "orders/asked", SAY_CANCELLED) && shop_wait(shop, "orders/asked", REFUNDED));
    CHECK(shop_faults(shop, (Provider__Faults)PROVIDER__FAULTS__INIT));
    CHECK_STR(shop_said(shop, "orders/asked"), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
    check_ledger(shop, "orders/asked", 4500, 0);
    shop_begin(shop, "a capture whose key has a void of it is refused, and nothing is held");
    if (!shop_pay(shop, "orders/given", CARD_WORKS, AUTHORIZED) || !shop_faults(shop, late) ||
        !follow_up(shop, "orders/given", PROVIDER__OPERATION_KIND__VOID, "capture"))
        return;
    CHECK(shop_say(shop, "orders/given", SAY_PACKED) && shop_wait(shop, "orders/given", CAPTURE_REFUSED));
    CHECK(shop_say(shop, "orders/given", SAY_CANCELLED) && shop_wait(shop, "orders/given", VOIDED));
    CHECK(shop_faults(shop, (Provider__Faults)PROVIDER__FAULTS__INIT));
}

static void test_voided(struct shop *shop)
{
    static const struct {
        const char *order, *key;
    } rows[] = {{"orders/up", "by-hand:void"}, {"orders/capture", "capture"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shop_begin(shop, "what somebody voided is voided, and said to be");
        if (!shop_pay(shop, rows[i].order, CARD_WORKS, AUTHORIZED) ||
            !follow_up(shop, rows[i].order, PROVIDER__OPERATION_KIND__VOID, rows[i].key))
            continue;
        CHECK(shop_wait(shop, rows[i].order, VOIDED));
        CHECK_STR(shop_said(shop, rows[i].order), "PaymentAuthorized PaymentVoided ");
        check_ledger(shop, rows[i].order, 0, 1);
    }
}

static bool authorize(struct shop *shop, const char *order)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = 4500;
    request.key = maru_printf(shop->call, "authorize:%s", order);
    request.token = (char *)shop_token(shop, CARD_WORKS);
    request.amount = &amount;
    request.reference = (char *)order;
    return CHECK_INT(provider_authorize(shop_provider(shop), shop->call, &request, &operation), MARU_OK) &&
           CHECK(operation->succeeded);
}

/* As a store that went back to before the order hears it. */
static void test_before(struct shop *shop)
{
    static const struct {
        const char *order, *key;
    } rows[] = {{"orders/before", "by-hand:capture"}, {"orders/earlier", "void"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shop_begin(shop, "what is heard of before the order counts once the order is heard of");
        if (!authorize(shop, rows[i].order) ||
            !follow_up(shop, rows[i].order, PROVIDER__OPERATION_KIND__CAPTURE, rows[i].key))
            continue;
        CHECK(shop_heard(shop, "provider"));
        CHECK_STR(shop_said(shop, rows[i].order), "");
        CHECK(shop_pay(shop, rows[i].order, CARD_WORKS, CAPTURED));
        CHECK_STR(shop_said(shop, rows[i].order), "PaymentAuthorized PaymentCaptured ");
    }
}

/* That it is of another amount is a dead letter, behind which what follows waits. */
static bool skip_letter(struct shop *shop)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__SkipDeadLetterRequest    skip = MARU_EVENTS__SKIP_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters;
    MaruEvents__DeadLetter              *was;

    do
        if (maru_event_inbox_list_dead_letters(shop->payment.client, shop->call, &request, &letters) != MARU_OK)
            return CHECK(false);
    while (letters->n_dead_letters == 0 && maru_sleep(shop->call, LOOK_MS) == MARU_OK);
    if (!CHECK(letters->n_dead_letters > 0))
        return false;
    skip.producer = letters->dead_letters[0]->event->producer;
    skip.aggregate = letters->dead_letters[0]->event->aggregate;
    skip.version = letters->dead_letters[0]->event->version;
    return CHECK_INT(maru_event_inbox_skip_dead_letter(shop->payment.client, shop->call, &skip, &was), MARU_OK);
}

static bool wait_for_inbox(struct shop *shop)
{
    const MaruEvents__Consumer *consumer;

    while ((consumer = find_consumer(shop, "provider")) != NULL && (consumer->waiting > 0 || consumer->parked > 0))
        if (maru_sleep(shop->call, LOOK_MS) != MARU_OK)
            return CHECK(false);
    return shop_heard(shop, "provider");
}

/* What costs nothing was not authorised by payment: what others do under its name is not the order's. */
static void test_free(struct shop *shop)
{
    Payment__Payment *payment;

    shop_begin(shop, "what others charge for an order that costs nothing is not the order's");
    CHECK(shop_submit(shop, "orders/free", 0, "") && shop_say(shop, "orders/free", SAY_RESERVED));
    CHECK(shop_wait(shop, "orders/free", AUTHORIZED));
    if (!authorize(shop, "orders/free") ||
        !follow_up(shop, "orders/free", PROVIDER__OPERATION_KIND__CAPTURE, "by-hand:capture") || !skip_letter(shop) ||
        !wait_for_inbox(shop))
        return;
    CHECK((payment = shop_wait(shop, "orders/free", AUTHORIZED)) != NULL && payment->captured == NULL);
}

int main(void)
{
    struct shop shop = {.payment_svc = {.provider_ms = 2000}};

    if (!shop_open(&shop, NULL))
        return 1;
    test_captured(&shop);
    test_asked(&shop);
    test_voided(&shop);
    test_before(&shop);
    test_free(&shop);
    shop_close(&shop);
    return test_end();
}
