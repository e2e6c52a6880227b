/* taken_test.c: somebody used the key of an order's authorisation at the provider, before payment did: of another
 * amount it is not the order's, whether it is heard of before the order or after; and before the order nothing is said
 * of it. Where the order is cancelled, it has nothing to wait for.
 */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

enum { HOLDS_MS = 8000 }; /* of an authorisation, here; the provider's own is days */

/* As somebody beside the shop would, with payment there or not. */
static bool authorize_by(maru_client *provider, maru_call *call, const char *token, const char *order,
                         const char *currency, int64_t minor)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)currency;
    amount.minor = minor;
    request.key = maru_printf(call, "authorize:%s", order);
    request.token = (char *)token;
    request.amount = &amount;
    request.reference = (char *)order;
    return CHECK_INT(provider_authorize(provider, call, &request, &operation), MARU_OK) && CHECK(operation->succeeded);
}

static bool authorize(struct shop *shop, const char *order, const char *currency, int64_t minor)
{
    return authorize_by(shop_provider(shop), shop->call, shop_token(shop, CARD_WORKS), order, currency, minor);
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

/* It is at rest, still says why, and nobody hears of it. */
static void check_ended(struct shop *shop, const char *order, const char *why)
{
    Payment__Payment *payment = shop_wait(shop, order, NOT_NEEDED);

    if (payment == NULL)
        return;
    CHECK(payment->cancelled && payment->authorized == NULL);
    CHECK_STR(payment->detail, maru_printf(shop->call, "%s: %s of authorize:%s", order, why, order));
    CHECK_STR(shop_said(shop, order), "");
}

static void check_cancelled(struct shop *shop, const char *order, const char *why)
{
    shop_begin(shop, "where its order is cancelled then, that has nothing to wait for");
    CHECK(shop_say(shop, order, SAY_CANCELLED));
    check_ended(shop, order, why);
}

/* What could not be taken in before the order was over has no effect then: it is tried again by itself, or by hand. */
static void check_taken_in(struct shop *shop, const MaruEvents__Event *event)
{
    MaruEvents__RetryDeadLetterRequest   again = MARU_EVENTS__RETRY_DEAD_LETTER_REQUEST__INIT;
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters = NULL;
    MaruEvents__DeadLetter              *was;
    maru_status                          status;

    again.producer = event->producer;
    again.aggregate = event->aggregate;
    status = maru_event_inbox_retry_dead_letter(shop->payment.client, shop->call, &again, &was);
    CHECK(status == MARU_OK || status == MARU_NOT_FOUND);
    while (maru_event_inbox_list_dead_letters(shop->payment.client, shop->call, &request, &letters) == MARU_OK &&
           letters->n_dead_letters > 0)
        if (maru_sleep(shop->call, LOOK_MS) != MARU_OK)
            break;
    if (CHECK(letters != NULL))
        CHECK_INT(letters->n_dead_letters, 0);
}

static void test_after(struct shop *shop)
{
    static const char                    why[] = "the order is of 3000 KRW, the provider says 1";
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
    check_refused(shop, "orders/after", why);
    CHECK(shop_say(shop, "orders/after", SAY_CANCELLED));
    check_ended(shop, "orders/after", why);
    if (letters != NULL && letters->n_dead_letters > 0)
        check_taken_in(shop, letters->dead_letters[0]->event);
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
        check_cancelled(shop, rows[i].order, rows[i].why);
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

static bool set_faults(struct shop *shop, bool down, uint32_t news_late_ms)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.down = down;
    faults.news_late_ms = news_late_ms;
    return shop_faults(shop, faults);
}

/* Payment hears of the cancel while the provider, which knows the key, can't be asked. */
static void test_cancelled_first(struct shop *shop)
{
    Payment__Payment *payment;
    const char       *token;

    shop_begin(shop, "an order that is cancelled before it is known that its key is taken ends once it is known");
    token = shop_token(shop, CARD_WORKS);
    if (!set_faults(shop, false, 3600000) || !authorize(shop, "orders/first", "KRW", 500) || !set_faults(shop, true, 0))
        return;
    CHECK(shop_submit(shop, "orders/first", 3000, token) && shop_say(shop, "orders/first", SAY_RESERVED));
    CHECK(shop_wait(shop, "orders/first", AUTHORIZING) != NULL);
    CHECK(shop_say(shop, "orders/first", SAY_CANCELLED) && shop_heard(shop, "checkout"));
    if ((payment = shop_wait(shop, "orders/first", AUTHORIZING)) != NULL)
        CHECK(payment->cancelled);
    CHECK(set_faults(shop, false, 0));
    check_ended(shop, "orders/first", "the order is of 3000 KRW, the provider says 500");
}

/* Of an order that is over already it is no news: no dead letter, which nobody could do anything about. */
static void test_over(struct shop *shop)
{
    shop_begin(shop, "of one that was over before its key was taken nothing changes");
    CHECK(shop_submit(shop, "orders/over", 3000, shop_token(shop, CARD_WORKS)));
    CHECK(shop_wait(shop, "orders/over", WAITING) != NULL && shop_say(shop, "orders/over", SAY_CANCELLED));
    CHECK(shop_wait(shop, "orders/over", NOT_NEEDED) != NULL && authorize(shop, "orders/over", "KRW", 500));
    CHECK(shop_heard(shop, "provider"));
    CHECK(shop_wait(shop, "orders/over", NOT_NEEDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/over"), "");
}

/* The key is used while payment is stopped, with the order on its way. */
static void test_away(struct shop *shop)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters = NULL;
    maru_call                           *call = maru_call_begin(shop->provider.runtime, CASE_MS);
    char                                 token[256];

    shop_begin(shop, "so does one whose key was taken while payment was stopped");
    snprintf(token, sizeof token, "%s", shop_token(shop, CARD_WORKS));
    CHECK(shop_submit(shop, "orders/away", 3000, token) && shop_wait(shop, "orders/away", WAITING) != NULL);
    shop_stop_payment(shop);
    CHECK(authorize_by(shop->provider.client, call, token, "orders/away", "KRW", 500));
    maru_call_end(call);
    CHECK(shop_say(shop, "orders/away", SAY_RESERVED));
    if (!CHECK(shop_start_payment(shop)))
        return;
    shop_begin(shop, "and is cancelled when it is back");
    check_refused(shop, "orders/away", "the order is of 3000 KRW, the provider says 500");
    CHECK(shop_say(shop, "orders/away", SAY_CANCELLED));
    check_ended(shop, "orders/away", "the order is of 3000 KRW, the provider says 500");
    /* The news of it, where that was heard before the cancel. */
    if (CHECK_INT(maru_event_inbox_list_dead_letters(shop->payment.client, shop->call, &request, &letters), MARU_OK) &&
        letters->n_dead_letters > 0)
        check_taken_in(shop, letters->dead_letters[0]->event);
}

/* ---- keys of another kind ---- */

/* Somebody's own authorisation, and what he does about it under a key of ours. */
static bool follow_up(struct shop *shop, const char *key, Provider__OperationKind kind)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;
    Provider__Operation      *operation;
    Shop__Money               amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = 700;
    request.key = (char *)key;
    request.authorization = (char *)"authorize:orders/strange";
    if (kind == PROVIDER__OPERATION_KIND__VOID)
        return CHECK_INT(provider_void(shop_provider(shop), shop->call, &request, &operation), MARU_OK);
    request.amount = &amount;
    return CHECK_INT(provider_refund(shop_provider(shop), shop->call, &request, &operation), MARU_OK);
}

/* Until it says so. */
static void check_says(struct shop *shop, const char *order, int state, const char *words)
{
    Payment__Payment *payment;

    while ((payment = shop_wait(shop, order, state)) != NULL && strstr(payment->detail, words) == NULL)
        if (maru_sleep(shop->call, LOOK_MS) != MARU_OK)
            break;
    if (payment != NULL)
        CHECK_CONTAINS(payment->detail, words);
}

static void test_kind(struct shop *shop)
{
    static const char why[] = "orders/kind: the provider has another REFUND by authorize:orders/kind, about "
                              "authorize:orders/strange";

    shop_begin(shop, "an order whose key is one of another kind of operation says so, and nobody's news waits for it");
    if (!authorize(shop, "orders/strange", "KRW", 700) ||
        !follow_up(shop, "authorize:orders/kind", PROVIDER__OPERATION_KIND__REFUND))
        return;
    CHECK(submit(shop, "orders/kind") && shop_heard(shop, "provider"));
    check_says(shop, "orders/kind", AUTHORIZING,
               maru_printf(shop->call, "not known: the provider's answer can't be taken in: %s", why));
    shop_begin(shop, "and is at rest once it is cancelled");
    CHECK(shop_say(shop, "orders/kind", SAY_CANCELLED));
    check_says(shop, "orders/kind", NOT_NEEDED, why);
    CHECK_STR(shop_said(shop, "orders/kind"), "");
}

static void test_capture(struct shop *shop)
{
    shop_begin(shop,
               "one that can't be captured under its key is refused for that, and is given up when it is cancelled");
    if (!follow_up(shop, "capture:orders/sold", PROVIDER__OPERATION_KIND__REFUND))
        return;
    CHECK(submit(shop, "orders/sold") && shop_wait(shop, "orders/sold", AUTHORIZED) != NULL);
    CHECK(shop_say(shop, "orders/sold", SAY_PACKED));
    check_says(shop, "orders/sold", CAPTURE_REFUSED, "key_taken");
    CHECK_STR(shop_said(shop, "orders/sold"), "PaymentAuthorized PaymentCaptureRefused ");
    CHECK(shop_say(shop, "orders/sold", SAY_CANCELLED) && shop_wait(shop, "orders/sold", VOIDED) != NULL);
}

/* About another's authorisation it is not ours either, be it of the same kind. */
static void test_void(struct shop *shop)
{
    shop_begin(shop, "one that can't be voided under its key says so, until nothing is held any more");
    if (!follow_up(shop, "void:orders/held", PROVIDER__OPERATION_KIND__VOID))
        return;
    CHECK(submit(shop, "orders/held") && shop_wait(shop, "orders/held", AUTHORIZED) != NULL);
    CHECK(shop_say(shop, "orders/held", SAY_CANCELLED));
    check_says(shop, "orders/held", VOIDING,
               "not known: the provider's answer can't be taken in: orders/held: the provider has another VOID by "
               "void:orders/held, about authorize:orders/strange");
    CHECK(shop_wait(shop, "orders/held", VOIDED) != NULL);
    CHECK_STR(shop_said(shop, "orders/held"), "PaymentAuthorized PaymentVoided ");
}

int main(void)
{
    struct shop shop = {.payment_svc = {.provider_ms = 2000, .authorization_ms = HOLDS_MS}};

    if (!shop_open(&shop, NULL))
        return 1;
    test_before(&shop);
    test_same(&shop);
    test_cancelled_first(&shop);
    test_over(&shop);
    test_after(&shop);
    test_away(&shop);
    test_kind(&shop);
    test_capture(&shop);
    test_void(&shop);
    shop_close(&shop);
    return test_end();
}
