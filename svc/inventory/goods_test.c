/* goods_test.c: products and how many of each. */
#include "goods.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

enum { MANY = 2000 };

/* The room of one case. */
struct room {
    Inventory__Goods  goods[MANY];
    Inventory__Goods *items[MANY];
    char              names[MANY][24];
};

static struct goods begin(struct room *room)
{
    return (struct goods){.items = room->items};
}

static void add(struct room *room, struct goods *goods, const char *product, int64_t quantity)
{
    Inventory__Goods *one = &room->goods[goods->count];

    *one = (Inventory__Goods)INVENTORY__GOODS__INIT;
    one->product = (char *)product;
    one->quantity = quantity;
    goods->items[goods->count++] = one;
}

static void check_item(const struct goods *goods, size_t index, const char *product, int64_t quantity)
{
    if (!CHECK(index < goods->count))
        return;
    CHECK_STR(goods->items[index]->product, product);
    CHECK_INT(goods->items[index]->quantity, quantity);
}

static void test_sum(struct room *room)
{
    struct goods goods = begin(room);
    maru_error   error;

    test_begin("lines of one product add up where the first of them was");
    add(room, &goods, "z", 1);
    add(room, &goods, "a", 2);
    add(room, &goods, "z", 3);
    add(room, &goods, "m", 4);
    add(room, &goods, "a", 5);
    add(room, &goods, "z", 6);
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_OK);
    CHECK_INT(goods.count, 3);
    check_item(&goods, 0, "z", 10);
    check_item(&goods, 1, "a", 7);
    check_item(&goods, 2, "m", 4);
}

/* As they come off the wire, each with memory of its own. */
static void test_scattered(struct room *room)
{
    struct goods goods = begin(room);
    maru_error   error;

    test_begin("their order is that of the list, wherever the messages stand in memory");
    add(room, &goods, "m", 1);
    add(room, &goods, "z", 2);
    add(room, &goods, "a", 3);
    add(room, &goods, "z", 4);
    for (size_t i = 0; i < 4; i++)
        room->items[i] = &room->goods[3 - i]; /* z 4, a 3, z 2, m 1 */
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_OK);
    CHECK_INT(goods.count, 3);
    check_item(&goods, 0, "z", 6);
    check_item(&goods, 1, "a", 3);
    check_item(&goods, 2, "m", 1);
}

static void test_refused(struct room *room)
{
    struct goods goods = begin(room);
    maru_error   error;

    test_begin("none, too many, and quantities that are none are refused by their place");
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "goods: want 1..1000, got 0");
    add(room, &goods, "a", 1);
    add(room, &goods, "b", 0);
    CHECK_INT(goods_sum("lines", &goods, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "lines[1].quantity: want 1..1000000000, got 0");
    room->goods[1].quantity = -3;
    CHECK_INT(goods_sum("lines", &goods, &error), MARU_INVALID_ARGUMENT);
    room->goods[1].quantity = QUANTITY_MAX + INT64_C(1);
    CHECK_INT(goods_sum("lines", &goods, &error), MARU_INVALID_ARGUMENT);
    test_begin("a sum has the limit that a quantity has");
    goods = begin(room);
    add(room, &goods, "a", QUANTITY_MAX);
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_OK);
    add(room, &goods, "a", 1);
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "goods: want at most 1000000000 of a together, got 1000000001");
}

static void test_limit(struct room *room)
{
    struct goods goods = begin(room);
    maru_error   error;

    test_begin("a thousand lines, in order; one more is refused");
    for (int i = 0; i < LINES_MAX; i++) {
        snprintf(room->names[i], sizeof room->names[i], "products/%d", i * 7919 % LINES_MAX);
        add(room, &goods, room->names[i], i + 1);
    }
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_OK);
    CHECK_INT(goods.count, LINES_MAX);
    for (size_t i = 0; i < goods.count; i++)
        check_item(&goods, i, room->names[i], (int64_t)i + 1);
    add(room, &goods, "products/0", 1);
    CHECK_INT(goods_sum("goods", &goods, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "goods: want 1..1000, got 1001");
}

int main(void)
{
    struct room *room = calloc(1, sizeof *room);

    test_sum(room);
    test_scattered(room);
    test_refused(room);
    test_limit(room);
    free(room);
    return test_end();
}
