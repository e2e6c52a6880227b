/* stock.h: how much of a product is there, and what a movement or a reservation makes of it. Pure.
 *
 * Each function changes stock, and leaves it as it was where it does not return OK; then one line in error says what
 * was there and what was wanted. OUT_OF_RANGE: a sum would not fit into 64 bits. Quantities are above 0.
 */
#ifndef SHOP_INVENTORY_STOCK_H
#define SHOP_INVENTORY_STOCK_H

#include "maru/status.h"

#include "shop/inventory.pb-c.h"

maru_status stock_receive(Inventory__Stock *stock, int64_t quantity, maru_error *error);

maru_status stock_return(Inventory__Stock *stock, int64_t quantity, maru_error *error);

/* stock_adjust adds delta, which may be negative. FAILED_PRECONDITION where less than what is reserved would be left.
 */
maru_status stock_adjust(Inventory__Stock *stock, int64_t delta, maru_error *error);

/* stock_reserve keeps quantity of what is available. FAILED_PRECONDITION where that is less. */
maru_status stock_reserve(Inventory__Stock *stock, int64_t quantity, maru_error *error);

/* stock_release gives back what was reserved; stock_ship takes it out of the house. INTERNAL where less is reserved. */
maru_status stock_release(Inventory__Stock *stock, int64_t quantity, maru_error *error);
maru_status stock_ship(Inventory__Stock *stock, int64_t quantity, maru_error *error);

/* stock_replay does a movement of its ledger once more. DATA_LOSS where that is not its next, or does not begin with
 * what is on hand: one of before it is missing. */
maru_status stock_replay(Inventory__Stock *stock, const Inventory__Movement *movement, maru_error *error);

/* stock_holds looks at what must always be so: on_hand = received + returned + adjusted - shipped, 0 <= reserved <=
 * on_hand, available = on_hand - reserved. INTERNAL, in numbers, where it is not. */
maru_status stock_holds(const Inventory__Stock *stock, maru_error *error);

#endif
