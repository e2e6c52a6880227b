/* payment.c: what the payment service does when it is called. A card's number passes through here on its way to the
 * provider; it is neither kept nor shown in an error. */
#include "payment.h"

#include <string.h>

#include "card.h"
#include "order.h"
#include "shop/provider.maru.h"
#include "store.h"

enum { PAGE_SIZE = 50, PAGE_SIZE_MAX = 1000, REASON_MAX = 100 };

static maru_status tokenize_card(struct payment_service *svc, maru_call *call,
                                 const Payment__TokenizeCardRequest *request, Payment__TokenizeCardResponse *response)
{
    Provider__TokenizeRequest   ask = PROVIDER__TOKENIZE_REQUEST__INIT;
    Provider__TokenizeResponse *made;
    maru_error                  error;
    maru_status                 status;

    if ((status = card_check(request->number, &error)) != MARU_OK ||
        (status = card_check_expiry(request->expiry, &error)) != MARU_OK)
        return maru_fail(call, status, "%s", error.text);
    ask.number = request->number;
    ask.expiry = request->expiry;
    status = provider_tokenize(
        svc->provider, maru_within(call, svc->provider_ms > 0 ? svc->provider_ms : PAYMENT_PROVIDER_MS), &ask, &made);
    if (status != MARU_OK)
        return status;
    response->token = made->token;
    response->last_four = made->last_four;
    return MARU_OK;
}

static maru_status check_order(maru_call *call, const char *field, const char *name)
{
    if (order_is_name(name))
        return MARU_OK;
    return maru_fail(call, MARU_INVALID_ARGUMENT, "%s: want orders/ and A-Z a-z 0-9 . _ -, got \"%.80s\"", field, name);
}

static maru_status get_payment(struct payment_service *svc, maru_call *call, const Payment__GetPaymentRequest *request,
                               Payment__Payment *response)
{
    struct payment_get arg = {.order = request->order, .response = response};
    maru_status        status = check_order(call, "order", request->order);

    return status == MARU_OK ? maru_store_read(svc->store, call, payment_store_get, &arg) : status;
}

/* A page token is the last order of the page before: operators may see that. */
static maru_status list_payments(struct payment_service *svc, maru_call *call,
                                 const Payment__ListPaymentsRequest *request, Payment__ListPaymentsResponse *response)
{
    struct payment_page arg = {.after = request->page_token, .response = response};

    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX,
                         request->page_size);
    if (request->page_token[0] != '\0' && !order_is_name(request->page_token))
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_token: want the next_page_token of the page before");
    arg.size = request->page_size == 0 ? PAGE_SIZE : (size_t)request->page_size;
    return maru_store_read(svc->store, call, payment_store_page, &arg);
}

static maru_status refund_payment(struct payment_service *svc, maru_call *call,
                                  const Payment__RefundPaymentRequest *request, Payment__Payment *response)
{
    struct payment_refund arg = {.request = request, .response = response};
    maru_status           status = check_order(call, "order", request->order);
    size_t                reason = strlen(request->reason);

    if (status != MARU_OK)
        return status;
    if (request->amount == NULL || request->amount->minor < 1)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "amount: want more than 0, got %lld",
                         request->amount == NULL ? 0LL : (long long)request->amount->minor);
    if (reason < 1 || reason > REASON_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "reason: want 1..%d bytes, got %zu", REASON_MAX, reason);
    return maru_store_write(svc->store, call, payment_store_refund, &arg);
}

const payment_handlers payment_methods = {
    .tokenize_card = tokenize_card,
    .get_payment = get_payment,
    .list_payments = list_payments,
    .refund_payment = refund_payment,
};
