/* shipping.c: what shipping answers: requests are checked here, then handed to the store. */
#include "shipping.h"

#include <string.h>

#include "maru/name.h"

#include "order.h"
#include "store.h"

enum { ID_MAX_CHARS = 64, PAGE_SIZE_DEFAULT = 50, PAGE_SIZE_MAX = 1000 };

static maru_status check_order(maru_call *call, const char *field, const char *name)
{
    maru_error error;

    if (maru_name_check(field, name, "orders/", ID_MAX_CHARS, &error) == MARU_OK)
        return MARU_OK;
    return maru_fail(call, error.code, "%s", error.text);
}

static maru_status get_shipment(struct shipping_service *svc, maru_call *call,
                                const Shipping__GetShipmentRequest *request, Shipping__Shipment *response)
{
    struct store_one one = {.order = request->order, .response = response};
    maru_status      status = check_order(call, "order", request->order);

    return status != MARU_OK ? status : maru_store_read(svc->store, call, store_one, &one);
}

static maru_status list_shipments(struct shipping_service *svc, maru_call *call,
                                  const Shipping__ListShipmentsRequest *request,
                                  Shipping__ListShipmentsResponse      *response)
{
    struct store_page page = {.after = request->page_token, .response = response, .size = PAGE_SIZE_DEFAULT};
    maru_status       status;

    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX,
                         request->page_size);
    if (request->page_token[0] != '\0' && (status = check_order(call, "page_token", request->page_token)) != MARU_OK)
        return status;
    if (request->page_size > 0)
        page.size = (size_t)request->page_size;
    return maru_store_read(svc->store, call, store_page, &page);
}

static maru_status mark(struct shipping_service *svc, maru_call *call, const Shipping__MarkRequest *request,
                        enum news step, Shipping__Shipment *response)
{
    struct order_mark marked = {.order = request->order, .step = step, .response = response};
    maru_status       status = check_order(call, "order", request->order);

    return status != MARU_OK ? status : maru_store_write(svc->store, call, order_mark, &marked);
}

static maru_status mark_packed(struct shipping_service *svc, maru_call *call, const Shipping__MarkRequest *request,
                               Shipping__Shipment *response)
{
    return mark(svc, call, request, NEWS_PACK, response);
}

static maru_status mark_dispatched(struct shipping_service *svc, maru_call *call, const Shipping__MarkRequest *request,
                                   Shipping__Shipment *response)
{
    return mark(svc, call, request, NEWS_DISPATCH, response);
}

static maru_status mark_delivered(struct shipping_service *svc, maru_call *call, const Shipping__MarkRequest *request,
                                  Shipping__Shipment *response)
{
    return mark(svc, call, request, NEWS_DELIVER, response);
}

const shipping_handlers shipping_methods = {
    .get_shipment = get_shipment,
    .list_shipments = list_shipments,
    .mark_packed = mark_packed,
    .mark_dispatched = mark_dispatched,
    .mark_delivered = mark_delivered,
};
