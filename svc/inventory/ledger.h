/* ledger.h: what goods in the house do without an order: they come, are found, are lost; and what is there now. The
 * functions of reads and writes (maru_txn_fn); requests are checked, responses are filled. All errors have words.
 */
#ifndef SHOP_INVENTORY_LEDGER_H
#define SHOP_INVENTORY_LEDGER_H

#include "goods.h"
#include "maru/store.h"

/* The stock of some products, in the order asked. A read stops at the first whose record is gone and whose ledger is
 * not: a read that makes it again does so every time. ledger_restore, a write, does it once; then it is read again. */
struct ledger_get {
    char *const       *products;
    size_t             count;
    Inventory__Stock **stock; /* found; room for count is made here */
    const char        *lost;  /* the product that must be restored; NULL: all were found */
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
