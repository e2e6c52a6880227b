/* taken_test.c: somebody used the key of an order's authorisation at the provider, before payment did: of another
 * amount it is not the order's, whether it is heard of before the order or after; and before the order nothing is said
 * of it.
 */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

/* As somebody beside the shop would. */
static bool authorize(struct shop *shop, const char *order, const char *currency, int64_t minor)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)currency;
    amount.minor = minor;
    request.key = maru_printf(shop->call, "authorize:%s", order);
    request.token = (char *)shop_token(shop, CARD_WORKS);
    request.amount = &amount;
    request.reference = (char *)order;
    return CHECK_INT(provider_authorize(shop_provider(shop), shop->call, &request, &operation), MARU_OK) &&
           CHECK(operation->succeeded);
}

/* It shall be authorised, and never is: it says why, and nobody else hears of it. */
static void check_refused(struct shop *shop, const char *order, const char *why)
{
    Payment__Payment *payment;
    const char       *words = maru_printf(
              shop->call, "not known: the provider's answer can't be taken in: %s: %s of authorize:%s", order, why, order);

    while ((payment = shop_wait(shop, order, AUTHORIZING)) != NULL && *payment->detail == '\0')
        if (maru_sleep(shop->call, LOOK_MS) != MARU_OK)
            break;
    if (payment == NULL)
        return;
    CHECK_STR(payment->detail, words);
    CHECK(payment->authorized == NULL);
    CHECK_STR(payment->amount->currency, "KRW");
    CHECK_INT(payment->amount->minor, 3000);
    CHECK_STR(shop_said(shop, order), "");
}

static void test_after(struct shop *shop)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters = NULL;
    const char                          *token;

    shop_begin(shop, "an authorisation of another amount than the order's is not the order's");
    token = shop_token(shop, CARD_WORKS);
    if (!shop_submit(shop, "orders/after", 3000, token) || !shop_wait(shop, "orders/after", WAITING) ||
        !authorize(shop, "orders/after", "KRW", 1))
        return;
    while (maru_event_inbox_list_dead_letters(shop->payment.client, shop->call, &request, &letters) == MARU_OK &&
           letters->n_dead_letters == 0)
        if (maru_sleep(shop->call, LOOK_MS) != MARU_OK)
            break;
    if (CHECK(letters != NULL) && CHECK_INT(letters->n_dead_letters, 1))
        CHECK_CONTAINS(letters->dead_letters[0]->error,
                       "orders/after: the order is of 3000 KRW, the provider says 1 of ");
    CHECK(shop_say(shop, "orders/after", SAY_RESERVED));
    check_refused(shop, "orders/after", "the order is of 3000 KRW, the provider says 1");
}

static bool submit(struct shop *shop, const char *order)
{
    return shop_submit(shop, order, 3000, shop_token(shop, CARD_WORKS)) && shop_say(shop, order, SAY_RESERVED);
}

static void check_silent(struct shop *shop, const char *order)
{
    Payment__Payment *payment;

    CHECK(shop_heard(shop, "provider"));
    CHECK_STR(shop_said(shop, order), "");
    if (!CHECK((payment = shop_look(shop, order)) != NULL))
        return;
    CHECK(payment->amount == NULL && payment->authorized == NULL);
    CHECK_CONTAINS(payment->detail, "the provider told of it, and checkout did not: ");
}

static void test_before(struct shop *shop)
{
    static const struct {
        const char *order, *currency;
        int64_t     minor;
        const char *why;
    } rows[] = {{"orders/less", "KRW", 1, "the order is of 3000 KRW, the provider says 1"},
                {"orders/usd", "USD", 3000, "the order is in KRW, the provider says USD"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shop_begin(shop, "nor is one that is heard of before the order");
        if (!authorize(shop, rows[i].order, rows[i].currency, rows[i].minor))
            continue;
        check_silent(shop, rows[i].order);
        CHECK(submit(shop, rows[i].order));
        check_refused(shop, rows[i].order, rows[i].why);
    }
}

static void test_same(struct shop *shop)
{
    struct ledger_sum sum;

    shop_begin(shop, "of the order's amount it is the order's, and is said once the order is heard of");
    if (!authorize(shop, "orders/same", "KRW", 3000))
        return;
    check_silent(shop, "orders/same");
    CHECK(submit(shop, "orders/same") && shop_wait(shop, "orders/same", AUTHORIZED) != NULL);
    CHECK_STR(shop_said(shop, "orders/same"), "PaymentAuthorized ");
    CHECK(shop_say(shop, "orders/same", SAY_PACKED) && shop_wait(shop, "orders/same", CAPTURED) != NULL);
    CHECK(ledger_sum_of(shop, "orders/same", &sum));
    CHECK_INT(sum.authorizations, 1);
    CHECK_INT(sum.captured, 3000);
    shop_begin(shop, "and is given up where all that is heard is that the order was cancelled");
    if (!authorize(shop, "orders/gone", "KRW", 3000))
        return;
    check_silent(shop, "orders/gone");
    CHECK(shop_say(shop, "orders/gone", SAY_CANCELLED) && shop_wait(shop, "orders/gone", VOIDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/gone"), "PaymentAuthorized PaymentVoided ");
}

int main(void)
{
    struct shop shop = {.payment_svc.provider_ms = 2000};

    if (!shop_open(&shop, NULL))
        return 1;
    test_before(&shop);
    test_same(&shop);
    test_after(&shop);
    shop_close(&shop);
    return test_end();
}
