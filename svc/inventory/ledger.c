/* ledger.c: goods that come, are found, are lost (ledger.h). */
#include "ledger.h"

#include "check.h"
#include "stock.h"
#include "store.h"

maru_status ledger_get(maru_txn *txn, void *arg)
{
    struct ledger_get *get = arg;
    maru_status        status = MARU_OK;
    bool               lost = false;

    get->lost = false;
    get->stock = maru_txn_alloc(txn, (get->count + 1) * sizeof get->stock[0]);
    for (size_t i = 0; i < get->count && status == MARU_OK; i++) {
        status = get->make_again ? store_stock(txn, get->products[i], &get->stock[i])
                                 : store_see_stock(txn, get->products[i], &get->stock[i], &lost);
        get->lost = get->lost || lost;
    }
    return status;
}

/* One whose ledger is not whole (DATA_LOSS, and nothing was put) leaves the others restored. Each is a walk of its
 * ledger and of all live reservations, while no other write goes on: so many of them in one, and the rest by the next
 * that asks. */
maru_status ledger_restore(maru_txn *txn, void *arg)
{
    enum { RESTORES_MAX = 64 };
    const struct ledger_get *get = arg;
    maru_status              status = MARU_OK;
    size_t                   walked = 0;
    bool                     was_lost = false;

    for (size_t i = 0; i < get->count && walked < RESTORES_MAX && (status == MARU_OK || status == MARU_DATA_LOSS);
         i++) {
        status = store_restore_stock(txn, get->products[i], &was_lost);
        walked += was_lost;
    }
    return status == MARU_DATA_LOSS ? MARU_OK : status;
}

/* The stock of a product that something happens to: the first movement makes it. */
static maru_status load(maru_txn *txn, const char *field, const char *product, Inventory__Stock **stock)
{
    maru_error  error;
    maru_status status = store_stock(txn, product, stock);

    if (status != MARU_OK || (*stock)->movements > 0 || check_new_product(field, product, &error) == MARU_OK)
        return status;
    return maru_txn_fail(txn, error.code, "%s", error.text);
}

static maru_status receive(maru_txn *txn, const Inventory__Goods *goods, const char *reference,
                           Inventory__Stock **stock)
{
    maru_error  error;
    maru_status status = load(txn, "goods: product", goods->product, stock);

    if (status != MARU_OK)
        return status;
    if ((status = stock_receive(*stock, goods->quantity, &error)) != MARU_OK)
        return maru_txn_fail(txn, status, "goods: %s", error.text);
    return store_move(txn, *stock,
                      &(struct store_move){.kind = INVENTORY__MOVEMENT_KIND__RECEIVED,
                                           .delta = goods->quantity,
                                           .reference = reference});
}

maru_status ledger_receive(maru_txn *txn, void *arg)
{
    struct ledger_receive *in = arg;
    maru_status            status = MARU_OK;

    in->response->n_stock = in->goods.count;
    in->response->stock = maru_txn_alloc(txn, in->goods.count * sizeof in->response->stock[0]);
    for (size_t i = 0; i < in->goods.count && status == MARU_OK; i++)
        status = receive(txn, in->goods.items[i], in->reference, &in->response->stock[i]);
    return status;
}

maru_status ledger_adjust(maru_txn *txn, void *arg)
{
    struct ledger_adjust                *adjust = arg;
    const Inventory__AdjustStockRequest *request = adjust->request;
    Inventory__Stock                    *stock;
    maru_error                           error;
    maru_status                          status = load(txn, "product", request->product, &stock);

    if (status != MARU_OK)
        return status;
    if ((status = stock_adjust(stock, request->delta, &error)) != MARU_OK)
        return maru_txn_fail(txn, status, "%s", error.text);
    status = store_move(txn, stock,
                        &(struct store_move){.kind = INVENTORY__MOVEMENT_KIND__ADJUSTED,
                                             .delta = request->delta,
                                             .reference = request->reason});
    *adjust->response = *stock;
    return status;
}
