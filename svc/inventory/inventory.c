/* inventory.c: what inventory answers: requests are checked here, then handed to the store. */
#include "inventory.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "ledger.h"
#include "store.h"

static maru_status refuse(maru_call *call, const maru_error *error)
{
    return maru_fail(call, error->code, "%s", error->text);
}

/* What can't be put, on a full disk or of a ledger that is not whole, is what the last read answers for. */
static maru_status read_stock(struct inventory_service *svc, maru_call *call, struct ledger_get *get)
{
    maru_status status = maru_store_read(svc->store, call, ledger_get, get);

    if (status != MARU_OK || !get->lost)
        return status;
    maru_store_write(svc->store, call, ledger_restore, get);
    get->make_again = true;
    return maru_store_read(svc->store, call, ledger_get, get);
}

static maru_status get_stock(struct inventory_service *svc, maru_call *call, const Inventory__GetStockRequest *request,
                             Inventory__Stock *response)
{
    struct ledger_get get = {.products = &request->product, .count = 1};
    maru_error        error;
    maru_status       status;

    if (check_product("product", request->product, &error) != MARU_OK)
        return refuse(call, &error);
    if ((status = read_stock(svc, call, &get)) == MARU_OK)
        *response = *get.stock[0];
    return status;
}

static maru_status check_products(char *const *products, size_t count, maru_error *error)
{
    maru_status status = MARU_OK;
    char        field[32];

    if (count > NAMES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "products: want at most %d, got %zu", NAMES_MAX, count);
    for (size_t i = 0; i < count && status == MARU_OK; i++) {
        snprintf(field, sizeof field, "products[%zu]", i);
        status = check_product(field, products[i], error);
    }
    return status;
}

static maru_status batch_get_stock(struct inventory_service *svc, maru_call *call,
                                   const Inventory__BatchGetStockRequest *request,
                                   Inventory__BatchGetStockResponse      *response)
{
    struct ledger_get get = {.products = request->products, .count = request->n_products};
    maru_error        error;
    maru_status       status;

    if (check_products(request->products, request->n_products, &error) != MARU_OK)
        return refuse(call, &error);
    if ((status = read_stock(svc, call, &get)) != MARU_OK)
        return status;
    response->stock = get.stock;
    response->n_stock = get.count;
    return MARU_OK;
}

/* A copy that may be changed: the request is the caller's. */
static struct goods copy_goods(maru_call *call, Inventory__Goods *const *from, size_t count)
{
    struct goods      goods = {.items = maru_alloc(call, (count + 1) * sizeof goods.items[0]), .count = count};
    Inventory__Goods *copies = maru_alloc(call, (count + 1) * sizeof *copies);

    for (size_t i = 0; i < count; i++) {
        copies[i] = *from[i];
        goods.items[i] = &copies[i];
    }
    return goods;
}

static maru_status check_receive(const Inventory__ReceiveGoodsRequest *request, struct goods *goods, maru_error *error)
{
    maru_status status = check_words("reference", request->reference, 0, error);
    char        field[48];

    for (size_t i = 0; i < goods->count && status == MARU_OK; i++) {
        snprintf(field, sizeof field, "goods[%zu].product", i);
        status = check_product(field, goods->items[i]->product, error);
    }
    return status != MARU_OK ? status : goods_sum("goods", goods, error);
}

static maru_status receive_goods(struct inventory_service *svc, maru_call *call,
                                 const Inventory__ReceiveGoodsRequest *request,
                                 Inventory__ReceiveGoodsResponse      *response)
{
    struct ledger_receive in = {.goods = copy_goods(call, request->goods, request->n_goods),
                                .reference = request->reference,
                                .response = response};
    maru_error            error;

    if (check_receive(request, &in.goods, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_write(svc->store, call, ledger_receive, &in);
}

static maru_status adjust_stock(struct inventory_service *svc, maru_call *call,
                                const Inventory__AdjustStockRequest *request, Inventory__Stock *response)
{
    struct ledger_adjust adjust = {.request = request, .response = response};
    maru_error           error;

    if (check_product("product", request->product, &error) != MARU_OK ||
        check_words("reason", request->reason, 1, &error) != MARU_OK)
        return refuse(call, &error);
    if (request->delta == 0)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "delta: want more or less than 0, got 0");
    return maru_store_write(svc->store, call, ledger_adjust, &adjust);
}

static maru_status list_stock(struct inventory_service *svc, maru_call *call,
                              const Inventory__ListStockRequest *request, Inventory__ListStockResponse *response)
{
    struct store_page page = {.list = LIST_STOCK, .after = request->page_token};
    maru_error        error;
    maru_status       status;

    if (check_page_size(request->page_size, &page.size, &error) != MARU_OK ||
        (page.after[0] != '\0' && check_product("page_token", page.after, &error) != MARU_OK))
        return refuse(call, &error);
    if ((status = maru_store_read(svc->store, call, store_page, &page)) != MARU_OK)
        return status;
    response->stock = (Inventory__Stock **)page.records;
    response->n_stock = page.count;
    if (page.more)
        response->next_page_token = response->stock[page.count - 1]->product;
    return MARU_OK;
}

static maru_status list_movements(struct inventory_service *svc, maru_call *call,
                                  const Inventory__ListMovementsRequest *request,
                                  Inventory__ListMovementsResponse      *response)
{
    struct store_page page = {.list = LIST_MOVEMENTS, .product = request->product, .after = ""};
    maru_error        error;
    maru_status       status;

    if (check_product("product", request->product, &error) != MARU_OK ||
        check_page_size(request->page_size, &page.size, &error) != MARU_OK ||
        check_page_number(request->page_token, &page.number, &error) != MARU_OK)
        return refuse(call, &error);
    if ((status = maru_store_read(svc->store, call, store_page, &page)) != MARU_OK)
        return status;
    response->movements = (Inventory__Movement **)page.records;
    response->n_movements = page.count;
    if (page.more)
        response->next_page_token =
            maru_printf(call, "%llu", (unsigned long long)response->movements[page.count - 1]->number);
    return MARU_OK;
}

/* One order's is a page of at most one. */
static maru_status one_reservation(struct inventory_service *svc, maru_call *call,
                                   const Inventory__ListReservationsRequest *request,
                                   Inventory__ListReservationsResponse      *response)
{
    struct store_one one = {.order = request->order, .live_only = request->live_only};
    maru_error       error;
    maru_status      status;

    if (check_order("order", request->order, &error) != MARU_OK)
        return refuse(call, &error);
    if ((status = maru_store_read(svc->store, call, store_one, &one)) != MARU_OK || one.found == NULL)
        return status;
    response->reservations = maru_alloc(call, sizeof response->reservations[0]);
    response->reservations[0] = one.found;
    response->n_reservations = 1;
    return MARU_OK;
}

static maru_status list_reservations(struct inventory_service *svc, maru_call *call,
                                     const Inventory__ListReservationsRequest *request,
                                     Inventory__ListReservationsResponse      *response)
{
    struct store_page page = {.list = request->live_only ? LIST_LIVE : LIST_RESERVATIONS, .after = request->page_token};
    maru_error        error;
    maru_status       status;

    if (check_page_size(request->page_size, &page.size, &error) != MARU_OK ||
        (page.after[0] != '\0' && check_order("page_token", page.after, &error) != MARU_OK))
        return refuse(call, &error);
    if (request->order[0] != '\0')
        return one_reservation(svc, call, request, response);
    if ((status = maru_store_read(svc->store, call, store_page, &page)) != MARU_OK)
        return status;
    response->reservations = (Inventory__Reservation **)page.records;
    response->n_reservations = page.count;
    if (page.more)
        response->next_page_token = response->reservations[page.count - 1]->order;
    return MARU_OK;
}

const inventory_handlers inventory_methods = {
    .get_stock = get_stock,
    .batch_get_stock = batch_get_stock,
    .list_stock = list_stock,
    .receive_goods = receive_goods,
    .adjust_stock = adjust_stock,
    .list_movements = list_movements,
    .list_reservations = list_reservations,
};
