/* cancel_test.c: an order is cancelled, with its payment in every state; what is known late is undone late. */
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "test.h"

static bool down(struct shop *shop, bool is_down)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.down = is_down;
    return shop_faults(shop, faults);
}

/* ---- how a payment gets into a state, and the provider with it; each ends with the cancel taken in ---- */

static bool cancel(struct shop *shop, const char *order)
{
    return shop_say(shop, order, SAY_CANCELLED) && shop_heard(shop, "checkout");
}

static bool before_all(struct shop *shop, const char *order, const char *token)
{
    return cancel(shop, order) && shop_submit(shop, order, 4500, token) && shop_say(shop, order, SAY_RESERVED) &&
           shop_heard(shop, "checkout") && shop_heard(shop, "inventory");
}

static bool waiting_for_stock(struct shop *shop, const char *order, const char *token)
{
    return shop_submit(shop, order, 4500, token) && shop_wait(shop, order, WAITING) && cancel(shop, order);
}

static bool waiting_for_order(struct shop *shop, const char *order, const char *token)
{
    return shop_say(shop, order, SAY_RESERVED) && shop_wait(shop, order, WAITING) && cancel(shop, order);
}

static bool says(struct shop *shop, const char *order, const char *words)
{
    Payment__Payment *payment;

    while ((payment = shop_wait(shop, order, AUTHORIZING)) != NULL && strstr(payment->detail, words) == NULL)
        if (!CHECK_INT(maru_sleep(shop->call, 2), MARU_OK))
            return false;
    return payment != NULL;
}

/* The provider never hears of it. */
static bool never_asked(struct shop *shop, const char *order, const char *token)
{
    return down(shop, true) && shop_submit(shop, order, 4500, token) && shop_say(shop, order, SAY_RESERVED) &&
           says(shop, order, "not known") && cancel(shop, order) && down(shop, false);
}

/* A provider that answers nothing is no provider that knows nothing: until payment asked one about its key, in vain. */
static bool asked_in_vain(struct shop *shop, const char *order)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.slow_ms = 60000;
    return shop_faults(shop, faults) && says(shop, order, "asked what came of it");
}

/* The provider did it, whichever way, and then nobody hears of it. */
static bool not_heard(struct shop *shop, const char *order, const char *token)
{
    Provider__Faults              faults = PROVIDER__FAULTS__INIT;
    Provider__GetOperationRequest request = PROVIDER__GET_OPERATION_REQUEST__INIT;
    Provider__Operation          *operation;
    maru_status                   status;

    faults.lose_answer = 1000;
    faults.news_late_ms = 3600000;
    if (!shop_faults(shop, faults) || !shop_submit(shop, order, 4500, token) || !shop_say(shop, order, SAY_RESERVED))
        return false;
    request.key = maru_printf(shop->call, "authorize:%s", order);
    while ((status = provider_get_operation(shop_provider(shop), shop->call, &request, &operation)) == MARU_NOT_FOUND)
        if (maru_sleep(shop->call, 2) != MARU_OK)
            break;
    return CHECK_INT(status, MARU_OK) && down(shop, true) && CHECK_INT(shop_look(shop, order)->state, AUTHORIZING) &&
           cancel(shop, order) && asked_in_vain(shop, order) && down(shop, false);
}

static bool authorized(struct shop *shop, const char *order, const char *token)
{
    return shop_submit(shop, order, 4500, token) && shop_say(shop, order, SAY_RESERVED) &&
           shop_wait(shop, order, AUTHORIZED);
}

static bool at_rest(struct shop *shop, const char *order, const char *token)
{
    return authorized(shop, order, token) && cancel(shop, order);
}

static bool declined(struct shop *shop, const char *order, const char *token)
{
    return shop_submit(shop, order, 4500, token) && shop_say(shop, order, SAY_RESERVED) &&
           shop_wait(shop, order, DECLINED) && cancel(shop, order);
}

static bool capturing(struct shop *shop, const char *order, const char *token)
{
    return authorized(shop, order, token) && down(shop, true) && shop_say(shop, order, SAY_PACKED) &&
           shop_wait(shop, order, CAPTURING) && cancel(shop, order) && down(shop, false);
}

static bool captured(struct shop *shop, const char *order, const char *token)
{
    return authorized(shop, order, token) && shop_say(shop, order, SAY_PACKED) && shop_wait(shop, order, CAPTURED) &&
           cancel(shop, order);
}

static bool capture_refused(struct shop *shop, const char *order, const char *token)
{
    return authorized(shop, order, token) && shop_say(shop, order, SAY_PACKED) &&
           shop_wait(shop, order, CAPTURE_REFUSED) && cancel(shop, order);
}

/* Cancelled again while the first is under way. */
static bool voiding(struct shop *shop, const char *order, const char *token)
{
    return authorized(shop, order, token) && down(shop, true) && cancel(shop, order) &&
           shop_wait(shop, order, VOIDING) && cancel(shop, order) && down(shop, false);
}

static bool refunding(struct shop *shop, const char *order, const char *token)
{
    Payment__Payment *payment;

    return authorized(shop, order, token) && shop_say(shop, order, SAY_PACKED) && shop_wait(shop, order, CAPTURED) &&
           down(shop, true) && CHECK_INT(shop_refund(shop, order, 1500, &payment), MARU_OK) &&
           CHECK_INT(payment->state, REFUNDING) && cancel(shop, order) && down(shop, false);
}

static bool refunded(struct shop *shop, const char *order, const char *token)
{
    Payment__Payment *payment;

    return authorized(shop, order, token) && shop_say(shop, order, SAY_PACKED) && shop_wait(shop, order, CAPTURED) &&
           CHECK_INT(shop_refund(shop, order, 4500, &payment), MARU_OK) && shop_wait(shop, order, REFUNDED) &&
           cancel(shop, order);
}

/* A request that was on its way all the time arrives when nobody waits for it any more. */
static bool late(struct shop *shop, const char *order, const char *token)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    if (!never_asked(shop, order, token) || !shop_wait(shop, order, NOT_NEEDED))
        return false;
    amount.currency = (char *)"KRW";
    amount.minor = 4500;
    request.key = maru_printf(shop->call, "authorize:%s", order);
    request.token = (char *)token;
    request.reference = (char *)order;
    request.amount = &amount;
    return CHECK_INT(provider_authorize(shop_provider(shop), shop->call, &request, &operation), MARU_OK) &&
           CHECK(operation->succeeded);
}

static const struct row {
    const char *sentence;
    bool (*reach)(struct shop *shop, const char *order, const char *token);
    const char *card;
    int         end;
    const char *said;
} rows[] = {
    {"cancelled before anything was heard of it", before_all, CARD_WORKS, NOT_NEEDED, ""},
    {"cancelled while it waits for the stock", waiting_for_stock, CARD_WORKS, NOT_NEEDED, ""},
    {"cancelled while it waits for the order", waiting_for_order, CARD_WORKS, NOT_NEEDED, ""},
    {"cancelled while it is authorised, of which the provider knows nothing", never_asked, CARD_WORKS, NOT_NEEDED, ""},
    {"cancelled while it is authorised, which was done", not_heard, CARD_WORKS, VOIDED,
     "PaymentAuthorized PaymentVoided "},
    {"cancelled while it is authorised, which was declined", not_heard, CARD_POOR, DECLINED, "PaymentDeclined "},
    {"cancelled when it was authorised", at_rest, CARD_WORKS, VOIDED, "PaymentAuthorized PaymentVoided "},
    {"cancelled when it was authorised, with news twice", at_rest, CARD_TWICE, VOIDED,
     "PaymentAuthorized PaymentVoided "},
    {"cancelled when it was declined", declined, CARD_POOR, DECLINED, "PaymentDeclined "},
    {"cancelled while it is captured", capturing, CARD_WORKS, REFUNDED,
     "PaymentAuthorized PaymentCaptured RefundSucceeded "},
    {"cancelled while it is captured, which is refused", capturing, CARD_CAPTURE_REFUSED, VOIDED,
     "PaymentAuthorized PaymentCaptureRefused PaymentVoided "},
    {"cancelled when it was captured", captured, CARD_WORKS, REFUNDED,
     "PaymentAuthorized PaymentCaptured RefundSucceeded "},
    {"cancelled when its capture was refused", capture_refused, CARD_CAPTURE_REFUSED, VOIDED,
     "PaymentAuthorized PaymentCaptureRefused PaymentVoided "},
    {"cancelled twice, while it is voided", voiding, CARD_WORKS, VOIDED, "PaymentAuthorized PaymentVoided "},
    {"cancelled while a part is given back", refunding, CARD_WORKS, REFUNDED,
     "PaymentAuthorized PaymentCaptured RefundSucceeded RefundSucceeded "},
    {"cancelled when all was given back", refunded, CARD_WORKS, REFUNDED,
     "PaymentAuthorized PaymentCaptured RefundSucceeded "},
    {"cancelled, and authorised all the same by a request that was late", late, CARD_WORKS, VOIDED,
     "PaymentAuthorized PaymentVoided "},
};

int main(void)
{
    struct shop shop = {.payment_svc.provider_ms = 200};

    if (!shop_open(&shop, NULL))
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        char              order[32];

        shop_begin(&shop, row->sentence);
        snprintf(order, sizeof order, "orders/cancel%zu", i);
        if (!CHECK(row->reach(&shop, order, shop_token(&shop, row->card))) || !shop_wait(&shop, order, row->end))
            continue;
        CHECK(shop_heard(&shop, "provider"));
        CHECK_INT(shop_look(&shop, order)->state, row->end);
        CHECK(shop_look(&shop, order)->cancelled);
        CHECK(strstr(shop_look(&shop, order)->detail, "not known") == NULL);
        CHECK_STR(shop_said(&shop, order), row->said);
        CHECK(ledger_agrees(&shop));
    }
    shop_close(&shop);
    return test_end();
}
