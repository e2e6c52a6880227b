/* checkout.c: what checkout does; quoting, placing and the past have files of their own
 * (quote.c, place.c, past.c, returns.c). */
#include "checkout.h"

#include "check.h"
#include "listing.h"
#include "order.h"
#include "timeline.h"
#include "token.h"

maru_status checkout_refuse(maru_call *call, const maru_error *error)
{
    return maru_fail(call, error->code, "%s", error->text);
}

/* An order that is named, on its way into a response. */
struct named {
    const char      *name;
    Checkout__Order *response;
};

static maru_status copy_order(maru_txn *txn, void *arg)
{
    const struct named *named = arg;

    return order_copy(txn, named->name, named->response);
}

/* Its goods came in for it, and left long ago: given up on its way, they would stay on hand, which they never were. */
static maru_status refuse_past(maru_txn *txn, const Checkout__Order *order)
{
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                         "%s: it is an order of the past (invoice %s), which is not cancelled: ReturnPastGoods takes "
                         "what came back of it",
                         order->name, order->invoice);
}

static maru_status cancel(maru_txn *txn, void *arg)
{
    struct named          *named = arg;
    Checkout__OrderRecord *record;
    Checkout__Order       *after;
    maru_status            status = order_get(txn, named->name, &record);

    if (status == MARU_OK && order_past(record->order) != NULL)
        return refuse_past(txn, record->order);
    if (status == MARU_OK)
        status = order_happens(txn, named->name, HAPPENED_CANCEL_ASKED, "", &after);
    if (status == MARU_OK)
        *named->response = *after;
    return status;
}

static maru_status get_order(struct checkout_service *svc, maru_call *call, const Checkout__GetOrderRequest *request,
                             Checkout__Order *response)
{
    struct named named = {.name = request->name, .response = response};
    maru_error   error;

    if (check_name("name", "orders/", request->name, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    return maru_store_read(svc->store, call, copy_order, &named);
}

static maru_status list_orders(struct checkout_service *svc, maru_call *call,
                               const Checkout__ListOrdersRequest *request, Checkout__ListOrdersResponse *response)
{
    struct listing_page page = {.customer = request->customer,
                                .before = UINT64_MAX,
                                .size = request->page_size == 0 ? PAGE_SIZE_DEFAULT : (size_t)request->page_size,
                                .response = response};
    maru_error          error;

    if (check_list(request, &error) != MARU_OK ||
        (request->page_token[0] != '\0' && token_parse(request->page_token, &page.before, &error) != MARU_OK))
        return checkout_refuse(call, &error);
    return maru_store_read(svc->store, call, listing_page, &page);
}

static maru_status cancel_order(struct checkout_service *svc, maru_call *call,
                                const Checkout__CancelOrderRequest *request, Checkout__Order *response)
{
    struct named named = {.name = request->name, .response = response};
    maru_error   error;

    if (check_name("name", "orders/", request->name, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    return maru_store_write(svc->store, call, cancel, &named);
}

static maru_status get_timeline(struct checkout_service *svc, maru_call *call,
                                const Checkout__GetTimelineRequest *request, Checkout__Timeline *response)
{
    maru_error error;

    if (check_name("name", "orders/", request->name, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    response->order = request->name;
    return maru_store_read(svc->store, call, timeline_get, response);
}

const checkout_handlers checkout_methods = {
    .quote = checkout_quote_cart,
    .place_order = checkout_place,
    .place_past_order = checkout_place_past,
    .return_past_goods = checkout_return_past,
    .get_order = get_order,
    .list_orders = list_orders,
    .cancel_order = cancel_order,
    .get_timeline = get_timeline,
};
