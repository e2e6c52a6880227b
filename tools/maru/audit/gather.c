/* gather.c: asks each service for records, logs and consumers page by page, and enters them into the book. */
#include "audit/gather.h"

#include <inttypes.h>
#include <string.h>

#include "audit/atonce.h"
#include "audit/foreign.h"
#include "audit/logs.h"
#include "audit/timelines.h"
#include "maru/events.maru.h"
#include "running.h"
#include "shop/checkout.maru.h"
#include "shop/inventory.maru.h"
#include "shop/payment.maru.h"
#include "shop/provider.maru.h"
#include "shop/shipping.maru.h"

/* PULSE_MS: for questions that are answered at once by whoever does not hang. */
enum { PAGE = 1000, CALL_MS = 30000, PULSE_MS = 5000, PULSE_LEAST_MS = 2000 };

/* Waits for one that is just being started, as long as there is patience for all of them together. */
static maru_status reach(gather_shop *shop, const char *data, book_service service, int64_t *wait_ms, maru_error *error)
{
    char        url[LOCK_WORDS_MAX];
    maru_status status = running_target(data, book_service_name(service), wait_ms, url, error);

    if (status == MARU_OK && (shop->calls[service] = maru_call_begin(shop->runtime, 0)) == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
    return status == MARU_OK ? maru_client_new(shop->runtime, url, NULL, &shop->clients[service], error) : status;
}

maru_status gather_open(gather_shop *shop, const char *data, maru_error *error)
{
    int64_t     wait_ms = CALL_MS;
    int         reached = 0;
    maru_status status;

    *shop = (gather_shop){.runtime = NULL};
    if ((status = maru_runtime_new(NULL, &shop->runtime, error)) != MARU_OK)
        return status;
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++) {
        status = reach(shop, data, (book_service)i, &wait_ms, &shop->missing[i]);
        reached += status == MARU_OK;
        if (status != MARU_OK && (status != MARU_UNAVAILABLE || (i == BOOK_SERVICE_COUNT - 1 && reached == 0)))
            return maru_error_set(error, status, "%s", shop->missing[status == MARU_UNAVAILABLE ? 0 : i].text);
    }
    return others_open(&shop->others, shop->runtime, data, error);
}

void gather_close(gather_shop *shop)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++) {
        if (shop->calls[i] != NULL)
            maru_call_end(shop->calls[i]);
        if (shop->clients[i] != NULL)
            maru_client_free(shop->clients[i]);
    }
    others_close(&shop->others);
    if (shop->runtime != NULL)
        maru_runtime_free(shop->runtime);
}

static maru_call *call_of(gather_shop *shop, book_service service)
{
    return maru_within(shop->calls[service], CALL_MS);
}

static maru_call *pulse_of(gather_shop *shop, book_service service)
{
    return maru_within(shop->calls[service], shop->pulse_ms > 0 ? shop->pulse_ms : PULSE_MS);
}

static maru_status refused(gather_shop *shop, book_service service, maru_status status, maru_error *error)
{
    return maru_error_set(error, status, "%s: %s", book_service_name(service),
                          maru_status_words(status, maru_call_message(shop->calls[service])));
}

static maru_status memory(maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
}

/* ---- lists ---- */

/* A list by pages: ASK fills response from request; FOR_EACH is done with it. */
#define GATHER_PAGES(Request, REQUEST_INIT, Response, method, take)                                                    \
    static maru_status gather_##method(gather_shop *shop, book *b, book_service service, maru_error *error)            \
    {                                                                                                                  \
        Request     request = REQUEST_INIT;                                                                            \
        Response   *response;                                                                                          \
        maru_status status;                                                                                            \
                                                                                                                       \
        request.page_size = PAGE;                                                                                      \
        do {                                                                                                           \
            status = method(shop->clients[service], call_of(shop, service), &request, &response);                      \
            if (status != MARU_OK)                                                                                     \
                return refused(shop, service, status, error);                                                          \
            if (!take(b, response))                                                                                    \
                return memory(error);                                                                                  \
            request.page_token = response->next_page_token;                                                            \
        } while (*request.page_token != '\0');                                                                         \
        return MARU_OK;                                                                                                \
    }

static bool take_orders(book *b, Checkout__ListOrdersResponse *response)
{
    for (size_t i = 0; i < response->n_orders; i++) {
        book_order *order = book_order_of(b, response->orders[i]->name);

        if (order == NULL)
            return false;
        order->order = response->orders[i];
    }
    return true;
}

static bool take_reservations(book *b, Inventory__ListReservationsResponse *response)
{
    for (size_t i = 0; i < response->n_reservations; i++) {
        book_order *order = book_order_of(b, response->reservations[i]->order);

        if (order == NULL)
            return false;
        order->reservation = response->reservations[i];
    }
    return true;
}

static bool take_payments(book *b, Payment__ListPaymentsResponse *response)
{
    for (size_t i = 0; i < response->n_payments; i++) {
        book_order *order = book_order_of(b, response->payments[i]->order);

        if (order == NULL)
            return false;
        order->payment = response->payments[i];
    }
    return true;
}

static bool take_shipments(book *b, Shipping__ListShipmentsResponse *response)
{
    for (size_t i = 0; i < response->n_shipments; i++) {
        book_order *order = book_order_of(b, response->shipments[i]->order);

        if (order == NULL)
            return false;
        order->shipment = response->shipments[i];
    }
    return true;
}

static void take_operation(book_ledger *ledger, const Provider__Operation *operation)
{
    int64_t minor = operation->amount == NULL ? 0 : operation->amount->minor;

    if (operation->amount != NULL)
        book_take_currency(ledger, operation->amount->currency);
    switch (operation->kind) {
    case PROVIDER__OPERATION_KIND__AUTHORIZE:
        ledger->authorized += minor;
        ledger->authorizations++;
        break;
    case PROVIDER__OPERATION_KIND__CAPTURE:
        ledger->captured += minor;
        ledger->captures++;
        break;
    case PROVIDER__OPERATION_KIND__VOID:
        ledger->voids++;
        break;
    case PROVIDER__OPERATION_KIND__REFUND:
        ledger->refunded += minor;
        break;
    default:
        break;
    }
}

static bool take_operations(book *b, Provider__ListOperationsResponse *response)
{
    for (size_t i = 0; i < response->n_operations; i++) {
        const Provider__Operation *operation = response->operations[i];
        book_order                *order = book_order_of(b, foreign_order_of(operation));
        book_charge               *charge;

        if (order == NULL)
            return false;
        if (!operation->succeeded)
            continue;
        if ((charge = book_charge_of(b, order, operation->authorization)) == NULL)
            return false;
        take_operation(&order->ledger, operation);
        take_operation(&charge->ledger, operation);
    }
    return true;
}

/* In order of product, as the list is. */
static bool take_stock(book *b, Inventory__ListStockResponse *response)
{
    size_t      count = b->stock_count + response->n_stock;
    book_stock *stock = maru_arena_zalloc(b->arena, (count + 1) * sizeof *stock);

    if (stock == NULL)
        return false;
    if (b->stock_count > 0)
        memcpy(stock, b->stock, b->stock_count * sizeof *stock);
    for (size_t i = 0; i < response->n_stock; i++)
        stock[b->stock_count + i].stock = response->stock[i];
    b->stock = stock;
    b->stock_count = count;
    return true;
}

GATHER_PAGES(Checkout__ListOrdersRequest, CHECKOUT__LIST_ORDERS_REQUEST__INIT, Checkout__ListOrdersResponse,
             checkout_list_orders, take_orders)
GATHER_PAGES(Inventory__ListReservationsRequest, INVENTORY__LIST_RESERVATIONS_REQUEST__INIT,
             Inventory__ListReservationsResponse, inventory_list_reservations, take_reservations)
GATHER_PAGES(Inventory__ListStockRequest, INVENTORY__LIST_STOCK_REQUEST__INIT, Inventory__ListStockResponse,
             inventory_list_stock, take_stock)
GATHER_PAGES(Payment__ListPaymentsRequest, PAYMENT__LIST_PAYMENTS_REQUEST__INIT, Payment__ListPaymentsResponse,
             payment_list_payments, take_payments)
GATHER_PAGES(Shipping__ListShipmentsRequest, SHIPPING__LIST_SHIPMENTS_REQUEST__INIT, Shipping__ListShipmentsResponse,
             shipping_list_shipments, take_shipments)
GATHER_PAGES(Provider__ListOperationsRequest, PROVIDER__LIST_OPERATIONS_REQUEST__INIT, Provider__ListOperationsResponse,
             provider_list_operations, take_operations)

static bool take_movements(book *b, book_stock *stock, Inventory__ListMovementsResponse *response)
{
    size_t                count = stock->movement_count + response->n_movements;
    Inventory__Movement **movements = maru_arena_alloc(b->arena, (count + 1) * sizeof *movements);

    if (movements == NULL)
        return false;
    if (stock->movement_count > 0)
        memcpy(movements, stock->movements, stock->movement_count * sizeof *movements);
    for (size_t i = 0; i < response->n_movements; i++)
        movements[stock->movement_count + i] = response->movements[i];
    stock->movements = movements;
    stock->movement_count = count;
    return true;
}

static maru_status gather_movements(gather_shop *shop, book *b, book_service service, maru_error *error)
{
    for (size_t i = 0; i < b->stock_count; i++) {
        Inventory__ListMovementsRequest   request = INVENTORY__LIST_MOVEMENTS_REQUEST__INIT;
        Inventory__ListMovementsResponse *response;

        request.product = b->stock[i].stock->product;
        request.page_size = PAGE;
        do {
            maru_status status =
                inventory_list_movements(shop->clients[service], call_of(shop, service), &request, &response);

            if (status != MARU_OK)
                return refused(shop, service, status, error);
            if (!take_movements(b, &b->stock[i], response))
                return memory(error);
            request.page_token = response->next_page_token;
        } while (*request.page_token != '\0');
    }
    return MARU_OK;
}

static maru_status gather_timelines(gather_shop *shop, book *b, book_service service, maru_error *error)
{
    maru_error  failed;
    maru_status status = timelines_ask(shop->runtime, shop->clients[service], CALL_MS, b, &failed);

    return status == MARU_OK ? status
                             : maru_error_set(error, status, "%s: %s", book_service_name(service), failed.text);
}

/* ---- logs ---- */

static maru_status gather_log(gather_shop *shop, book *b, book_service service, maru_error *error)
{
    return logs_read(shop->runtime, shop->clients[service], CALL_MS, b, service, error);
}

/* The newest sequence; 0 where not even the first event can be read. */
static maru_status ask_last(gather_shop *shop, book *b, book_service service, uint64_t *last, maru_error *error)
{
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response;
    maru_status               status;

    request.max = 1;
    status = maru_event_log_read(shop->clients[service], pulse_of(shop, service), &request, &response);
    *last = 0;
    if (status == MARU_DATA_LOSS) {
        b->logs[service].broken = true;
        return MARU_OK;
    }
    if (status != MARU_OK)
        return refused(shop, service, status, error);
    *last = response->last;
    b->logs[service].epoch = response->epoch;
    return MARU_OK;
}

static maru_status ask_consumers(gather_shop *shop, book *b, book_service service, maru_error *error)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;
    maru_status                        status;

    status = maru_event_inbox_list_consumers(shop->clients[service], pulse_of(shop, service), &request, &response);
    if (status != MARU_OK)
        return refused(shop, service, status, error);
    b->logs[service].consumers = response->consumers;
    b->logs[service].consumer_count = response->n_consumers;
    return MARU_OK;
}

static maru_status gather_begin(gather_shop *shop, book *b, book_service service, maru_error *error)
{
    return ask_last(shop, b, service, &b->logs[service].last, error);
}

static maru_status gather_end(gather_shop *shop, book *b, book_service service, maru_error *error)
{
    book_log   *log = &b->logs[service];
    maru_status status = ask_last(shop, b, service, &log->last_end, error);

    log->still = status == MARU_OK && log->last_end == log->last;
    return status;
}

/* ---- all of it, as far as they answer ---- */

typedef maru_status (*gather_fn)(gather_shop *shop, book *b, book_service service, maru_error *error);

static bool is_there(const gather_shop *shop, book *b, book_service service)
{
    if (shop->clients[service] == NULL)
        book_lacks(b, service, shop->missing[service].text);
    return b->unseen[service] == NULL;
}

/* What does not answer is noted, and not asked again; what is wrong otherwise ends it. */
static maru_status take_status(book *b, book_service service, maru_status status, const maru_error *error)
{
    if (status != MARU_UNAVAILABLE && status != MARU_DEADLINE_EXCEEDED)
        return status;
    {
        char words[sizeof error->text + 32];

        snprintf(words, sizeof words, "%s (%s)", maru_status_words(status, error->text), maru_status_name(status));
        book_lacks(b, service, words);
    }
    return MARU_OK;
}

/* Damage is what an audit is there to find: what was asked for is not known wholly, and the service is asked on. */
static maru_status ask(gather_shop *shop, book *b, book_service service, gather_fn fn, maru_error *error)
{
    maru_status status = is_there(shop, b, service) ? fn(shop, b, service, error) : MARU_OK;

    if (status == MARU_DATA_LOSS)
        book_mar(b, service, error->text);
    return status == MARU_DATA_LOSS ? MARU_OK : take_status(b, service, status, error);
}

/* ---- all of them at once, where that touches nothing but its own log in the book ---- */

typedef struct pulse {
    gather_shop *shop;
    book        *b;
    gather_fn    fn;
    bool         there[BOOK_SERVICE_COUNT];
    maru_status  statuses[BOOK_SERVICE_COUNT];
    maru_error   errors[BOOK_SERVICE_COUNT];
} pulse;

static void ask_one_of(void *arg, size_t index)
{
    pulse *p = arg;

    if (p->there[index])
        p->statuses[index] = p->fn(p->shop, p->b, (book_service)index, &p->errors[index]);
}

/* Without its inbox it can't be told what is at rest. */
static maru_status take_pulse(book *b, book_service service, maru_status status, const maru_error *error)
{
    if (status != MARU_DATA_LOSS)
        return take_status(b, service, status, error);
    book_mar(b, service, error->text);
    book_lacks(b, service, error->text);
    return MARU_OK;
}

static maru_status ask_at_once(gather_shop *shop, book *b, gather_fn fn, maru_error *error)
{
    pulse       p = {.shop = shop, .b = b, .fn = fn};
    maru_status status = MARU_OK;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        p.there[i] = is_there(shop, b, (book_service)i);
    at_once(BOOK_SERVICE_COUNT, ask_one_of, &p);
    for (int i = 0; i < BOOK_SERVICE_COUNT && status == MARU_OK; i++)
        if ((status = take_pulse(b, (book_service)i, p.statuses[i], &p.errors[i])) != MARU_OK)
            *error = p.errors[i];
    return status;
}

static maru_status ask_each(gather_shop *shop, book *b, gather_fn fn, maru_error *error)
{
    maru_status status = MARU_OK;

    for (int i = 0; i < BOOK_SERVICE_COUNT && status == MARU_OK; i++)
        status = ask(shop, b, (book_service)i, fn, error);
    return status;
}

static maru_status ask_pulse_again(gather_shop *shop, book *b, maru_error *error)
{
    maru_status status = ask_at_once(shop, b, ask_consumers, error);

    if (status == MARU_OK)
        status = ask_at_once(shop, b, gather_end, error);
    book_mend_lags(b);
    return status;
}

maru_status gather_pulse(gather_shop *shop, book *b, int64_t within_ms, maru_error *error)
{
    maru_status status;

    shop->pulse_ms = within_ms > PULSE_MS ? PULSE_MS : within_ms < PULSE_LEAST_MS ? PULSE_LEAST_MS : within_ms;
    status = ask_at_once(shop, b, gather_begin, error);
    if (status == MARU_OK)
        status = ask_pulse_again(shop, b, error);
    shop->pulse_ms = 0;
    return status;
}

void gather_give_up(gather_shop *shop, const book *b)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++) {
        if (b->unseen[i] == NULL || shop->clients[i] == NULL)
            continue;
        maru_error_set(&shop->missing[i], MARU_DEADLINE_EXCEEDED, "%s", b->unseen[i]);
        maru_client_free(shop->clients[i]);
        shop->clients[i] = NULL;
    }
}

maru_status gather_run(gather_shop *shop, book *b, maru_error *error)
{
    static const struct {
        book_service service;
        gather_fn    fn;
    } steps[] = {
        {BOOK_CHECKOUT, gather_checkout_list_orders},     {BOOK_INVENTORY, gather_inventory_list_reservations},
        {BOOK_INVENTORY, gather_inventory_list_stock},    {BOOK_INVENTORY, gather_movements},
        {BOOK_PAYMENT, gather_payment_list_payments},     {BOOK_SHIPPING, gather_shipping_list_shipments},
        {BOOK_PROVIDER, gather_provider_list_operations}, {BOOK_CHECKOUT, gather_timelines},
    };
    maru_status status = ask_at_once(shop, b, gather_begin, error);

    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == MARU_OK; i++)
        status = ask(shop, b, steps[i].service, steps[i].fn, error);
    foreign_part(b);
    if (status == MARU_OK)
        status = ask_each(shop, b, gather_log, error);
    if (status == MARU_OK)
        status = others_ask(&shop->others, b, error);
    return status == MARU_OK ? ask_pulse_again(shop, b, error) : status;
}
