/* items_test.c: the lines of a cart and what they come to. */
#include "items.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static Cart__Item *item(maru_arena *arena, const char *product, int64_t quantity, const char *currency, int64_t minor)
{
    Cart__Item *item = maru_arena_alloc(arena, sizeof *item);

    *item = (Cart__Item)CART__ITEM__INIT;
    item->product = (char *)product;
    item->title = (char *)product;
    item->quantity = quantity;
    item->price = maru_arena_alloc(arena, sizeof *item->price);
    *item->price = (Shop__Money)SHOP__MONEY__INIT;
    item->price->currency = (char *)currency;
    item->price->minor = minor;
    return item;
}

static void test_add(maru_arena *arena)
{
    Cart__Cart  cart = CART__CART__INIT;
    Cart__Item *later = item(arena, "a", 3, "GBP", 90);
    maru_error  error;

    later->title = (char *)"another title";
    test_begin("what is put in twice is one line, at the later price and with the later title");
    CHECK_INT(items_add(arena, &cart, item(arena, "a", 2, "GBP", 100), &error), MARU_OK);
    CHECK_INT(items_add(arena, &cart, item(arena, "b", 1, "GBP", 50), &error), MARU_OK);
    CHECK_INT(items_add(arena, &cart, later, &error), MARU_OK);
    CHECK_INT(items_total(arena, &cart, &error), MARU_OK);
    CHECK_INT(cart.n_items, 2);
    CHECK_INT(cart.items[0]->quantity, 5);
    CHECK_STR(cart.items[0]->title, "another title");
    CHECK_STR(cart.items[1]->title, "b");
    CHECK_INT(cart.total->minor, 5 * 90 + 50);
    CHECK_STR(cart.total->currency, "GBP");
    test_begin("the quantity of a line has a limit");
    CHECK_INT(items_add(arena, &cart, item(arena, "a", QUANTITY_MAX - 4, "GBP", 90), &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "quantity: want at most 1000000 of a in a cart, got 5 and 999996 more");
    CHECK_INT(items_add(arena, &cart, item(arena, "a", QUANTITY_MAX - 5, "GBP", 90), &error), MARU_OK);
}

static void test_set(maru_arena *arena)
{
    Cart__Cart cart = CART__CART__INIT;
    maru_error error;

    test_begin("a quantity is set, and 0 takes the line out, in its place");
    cart.name = (char *)"carts/minji";
    items_add(arena, &cart, item(arena, "a", 1, "GBP", 1), &error);
    items_add(arena, &cart, item(arena, "b", 1, "GBP", 1), &error);
    items_add(arena, &cart, item(arena, "c", 1, "GBP", 1), &error);
    CHECK_INT(items_set(&cart, "b", 7, &error), MARU_OK);
    CHECK_INT(cart.items[1]->quantity, 7);
    CHECK_INT(items_set(&cart, "a", 0, &error), MARU_OK);
    CHECK_INT(cart.n_items, 2);
    CHECK_STR(cart.items[0]->product, "b");
    CHECK_STR(cart.items[1]->product, "c");
    test_begin("what is not in the cart can't be set");
    CHECK_INT(items_set(&cart, "a", 1, &error), MARU_NOT_FOUND);
    CHECK_STR(error.text, "product: want one of the 2 in carts/minji, got \"a\"");
    test_begin("an empty cart has no total");
    CHECK_INT(items_set(&cart, "b", 0, &error), MARU_OK);
    CHECK_INT(items_set(&cart, "c", 0, &error), MARU_OK);
    CHECK_INT(items_total(arena, &cart, &error), MARU_OK);
    CHECK(cart.total == NULL);
}

static void test_total(maru_arena *arena)
{
    Cart__Cart cart = CART__CART__INIT;
    maru_error error;

    test_begin("currencies are never mixed");
    items_add(arena, &cart, item(arena, "a", 1, "GBP", 1), &error);
    items_add(arena, &cart, item(arena, "b", 1, "KRW", 1), &error);
    CHECK_INT(items_total(arena, &cart, &error), MARU_FAILED_PRECONDITION);
    CHECK_STR(error.text, "items: want one currency in a cart, GBP as what is in it, got KRW for b");
    test_begin("a total of more than 64 bits is refused, on a line and over all lines");
    cart = (Cart__Cart)CART__CART__INIT;
    items_add(arena, &cart, item(arena, "a", QUANTITY_MAX, "GBP", INT64_MAX / QUANTITY_MAX), &error);
    CHECK_INT(items_total(arena, &cart, &error), MARU_OK);
    items_add(arena, &cart, item(arena, "b", QUANTITY_MAX, "GBP", 1), &error);
    CHECK_INT(items_total(arena, &cart, &error), MARU_OUT_OF_RANGE);
    CHECK_STR(error.text, "total: 1000000 of b make it more than 64 bits hold");
    cart.items[1]->price->minor = INT64_MAX;
    CHECK_INT(items_total(arena, &cart, &error), MARU_OUT_OF_RANGE);
}

static void test_limit(maru_arena *arena)
{
    Cart__Cart cart = CART__CART__INIT;
    maru_error error;
    char      *name;

    test_begin("a cart has at most 1000 lines, and says so; more of what it holds still fits");
    for (int i = 0; i < LINES_MAX; i++) {
        name = maru_arena_printf(arena, "products/%d", i);
        CHECK_INT(items_add(arena, &cart, item(arena, name, 1, "GBP", 1), &error), MARU_OK);
    }
    CHECK_INT(items_add(arena, &cart, item(arena, "products/x", 1, "GBP", 1), &error), MARU_RESOURCE_EXHAUSTED);
    CHECK_STR(error.text, "items: want at most 1000 in a cart, got one more");
    CHECK_INT(items_add(arena, &cart, item(arena, "products/7", 1, "GBP", 1), &error), MARU_OK);
}

int main(void)
{
    maru_arena *arena = maru_arena_new((size_t)64 << 20);

    test_add(arena);
    test_set(arena);
    test_total(arena);
    test_limit(arena);
    maru_arena_free(arena);
    return test_end();
}
