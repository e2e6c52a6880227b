/* stock_test.c: what movements and reservations make of the stock of a product, at every edge. */
#include "stock.h"

#include "test.h"

static Inventory__Stock stock_of(int64_t on_hand, int64_t reserved)
{
    Inventory__Stock stock = INVENTORY__STOCK__INIT;

    stock.product = (char *)"products/tea";
    stock.received = stock.on_hand = on_hand;
    stock.reserved = reserved;
    stock.available = on_hand - reserved;
    return stock;
}

static void check_stock(const Inventory__Stock *stock, int64_t on_hand, int64_t reserved)
{
    maru_error error;

    CHECK_INT(stock->on_hand, on_hand);
    CHECK_INT(stock->reserved, reserved);
    CHECK_INT(stock->available, on_hand - reserved);
    CHECK_INT(stock_holds(stock, &error), MARU_OK);
}

static void test_life(void)
{
    Inventory__Stock stock = stock_of(0, 0);
    maru_error       error;

    test_begin("goods come, are kept for an order, and leave");
    CHECK_INT(stock_receive(&stock, 10, &error), MARU_OK);
    CHECK_INT(stock_reserve(&stock, 7, &error), MARU_OK);
    check_stock(&stock, 10, 7);
    CHECK_INT(stock_ship(&stock, 4, &error), MARU_OK);
    check_stock(&stock, 6, 3);
    CHECK_INT(stock_release(&stock, 3, &error), MARU_OK);
    check_stock(&stock, 6, 0);
    CHECK_INT(stock_adjust(&stock, -6, &error), MARU_OK);
    check_stock(&stock, 0, 0);
    CHECK_INT(stock.received, 10);
    CHECK_INT(stock.shipped, 4);
    CHECK_INT(stock.adjusted, -6);
    test_begin("and may come back");
    CHECK_INT(stock_return(&stock, 4, &error), MARU_OK);
    check_stock(&stock, 4, 0);
    CHECK_INT(stock.returned, 4);
    CHECK_INT(stock_return(&stock, INT64_MAX, &error), MARU_OUT_OF_RANGE);
    check_stock(&stock, 4, 0);
}

static void test_edges(void)
{
    Inventory__Stock stock = stock_of(5, 3), before = stock;
    maru_error       error;

    test_begin("one more than there is can't be kept, one less than is kept can't be left, and nothing changes");
    CHECK_INT(stock_reserve(&stock, 3, &error), MARU_FAILED_PRECONDITION);
    CHECK_STR(error.text, "products/tea: want 3, 2 are available");
    CHECK_INT(stock_adjust(&stock, -3, &error), MARU_FAILED_PRECONDITION);
    CHECK_STR(error.text, "delta: products/tea has 5 on hand, 3 of them reserved: want at least -2, got -3");
    CHECK_INT(stock_release(&stock, 4, &error), MARU_INTERNAL);
    CHECK_INT(stock_ship(&stock, 4, &error), MARU_INTERNAL);
    CHECK_STR(error.text, "products/tea: 3 are reserved, fewer than the 4 of one reservation");
    CHECK_MEM(&stock, sizeof stock, &before, sizeof before);
    test_begin("the last piece can be kept, and all that is free be lost");
    CHECK_INT(stock_reserve(&stock, 2, &error), MARU_OK);
    check_stock(&stock, 5, 5);
    stock = before;
    CHECK_INT(stock_adjust(&stock, -2, &error), MARU_OK);
    check_stock(&stock, 3, 3);
}

static void test_large(void)
{
    Inventory__Stock stock = stock_of(INT64_MAX - 1, 0), before;
    maru_error       error;

    test_begin("sums stop at 64 bits, in words, and nothing changes");
    CHECK_INT(stock_receive(&stock, 1, &error), MARU_OK);
    before = stock;
    CHECK_INT(stock_receive(&stock, 1, &error), MARU_OUT_OF_RANGE);
    CHECK_CONTAINS(error.text, "products/tea: 9223372036854775807 on hand and 1 more");
    CHECK_INT(stock_adjust(&stock, 1, &error), MARU_OUT_OF_RANGE);
    CHECK_MEM(&stock, sizeof stock, &before, sizeof before);
    CHECK_INT(stock_reserve(&stock, INT64_MAX, &error), MARU_OK);
    CHECK_INT(stock_ship(&stock, INT64_MAX, &error), MARU_OK);
    check_stock(&stock, 0, 0);
    test_begin("what ever came may be past 64 bits where it is not all received");
    CHECK_INT(stock_adjust(&stock, INT64_MAX, &error), MARU_OK);
    CHECK_INT(stock_receive(&stock, 1, &error), MARU_OUT_OF_RANGE);
    check_stock(&stock, INT64_MAX, 0);
}

static void test_holds(void)
{
    Inventory__Stock stock = stock_of(5, 3);
    maru_error       error;

    test_begin("what cannot be is found, each of it");
    CHECK_INT(stock_holds(&stock, &error), MARU_OK);
    stock.received++;
    CHECK_INT(stock_holds(&stock, &error), MARU_INTERNAL);
    CHECK_STR(error.text, "products/tea: 6 received, 0 returned, 0 adjusted, 0 shipped do not make 5 on hand");
    stock = stock_of(5, 6);
    CHECK_INT(stock_holds(&stock, &error), MARU_INTERNAL);
    CHECK_STR(error.text, "products/tea: 5 on hand, 6 reserved and -1 available cannot be");
    stock = stock_of(5, -1);
    CHECK_INT(stock_holds(&stock, &error), MARU_INTERNAL);
    stock = stock_of(5, 3);
    stock.available = 3;
    CHECK_INT(stock_holds(&stock, &error), MARU_INTERNAL);
    stock = stock_of(-1, -1);
    CHECK_INT(stock_holds(&stock, &error), MARU_INTERNAL);
    test_begin("and is not written by what is done to it");
    stock = stock_of(5, 3);
    stock.shipped = 1;
    CHECK_INT(stock_reserve(&stock, 1, &error), MARU_INTERNAL);
    CHECK_INT(stock.reserved, 3);
}

int main(void)
{
    test_life();
    test_edges();
    test_large();
    test_holds();
    return test_end();
}
