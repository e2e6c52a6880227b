/* ledger.h: what goods in the house do without an order: they come, are found, are lost; and what is there now. The
 * functions of reads and writes (maru_txn_fn); requests are checked, responses are filled. All errors have words.
 */
#ifndef SHOP_INVENTORY_LEDGER_H
#define SHOP_INVENTORY_LEDGER_H

#include "goods.h"
#include "maru/store.h"

/* The stock of some products, in the order asked. Where a record is gone whose ledger is not, a read only says so,
 * since one that makes it again does so every time. ledger_restore, a write, does it once, for all that have a whole
 * ledger; then it is read again, with what could not be put made again for this once. */
struct ledger_get {
    char *const       *products;
    size_t             count;
    bool               make_again;
    Inventory__Stock **stock; /* found; room for count is made here */
    bool               lost;  /* found: one at least must be restored first */
};

maru_status ledger_get(maru_txn *txn, void *arg);
maru_status ledger_restore(maru_txn *txn, void *arg);

/* Goods that came. OUT_OF_RANGE, and nothing of it, where there would be more than 64 bits hold. */
struct ledger_receive {
    struct goods                     goods; /* each product once */
    const char                      *reference;
    Inventory__ReceiveGoodsResponse *response;
};

maru_status ledger_receive(maru_txn *txn, void *arg);

struct ledger_adjust {
    const Inventory__AdjustStockRequest *request;
    Inventory__Stock                    *response;
};

/* FAILED_PRECONDITION where less than what is reserved would be left. */
maru_status ledger_adjust(maru_txn *txn, void *arg);

#endif
