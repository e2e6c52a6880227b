/* goods.c: products and how many of each (goods.h). */
#include "goods.h"

#include <stdlib.h>
#include <string.h>

/* Those of one product stand together, the first of them first. */
static int by_product(const void *a, const void *b)
{
    const Inventory__Goods *left = *(Inventory__Goods *const *)a, *right = *(Inventory__Goods *const *)b;
    int                     order = strcmp(left->product, right->product);

    return order != 0 ? order : (left > right) - (left < right);
}

static int by_place(const void *a, const void *b)
{
    const Inventory__Goods *left = *(Inventory__Goods *const *)a, *right = *(Inventory__Goods *const *)b;

    return (left > right) - (left < right);
}

static maru_status check(const char *field, const struct goods *goods, maru_error *error)
{
    if (goods->count < 1 || goods->count > LINES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want 1..%d, got %zu", field, LINES_MAX, goods->count);
    for (size_t i = 0; i < goods->count; i++)
        if (goods->items[i]->quantity < 1 || goods->items[i]->quantity > QUANTITY_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s[%zu].quantity: want 1..%d, got %lld", field, i,
                                  QUANTITY_MAX, (long long)goods->items[i]->quantity);
    return MARU_OK;
}

/* LINES_MAX of QUANTITY_MAX fit into 64 bits. */
static void merge(struct goods *goods)
{
    size_t kept = 0;

    for (size_t i = 1; i < goods->count; i++)
        if (strcmp(goods->items[kept]->product, goods->items[i]->product) == 0)
            goods->items[kept]->quantity += goods->items[i]->quantity;
        else
            goods->items[++kept] = goods->items[i];
    goods->count = kept + 1;
}

maru_status goods_sum(const char *field, struct goods *goods, maru_error *error)
{
    maru_status status = check(field, goods, error);

    if (status != MARU_OK)
        return status;
    qsort(goods->items, goods->count, sizeof *goods->items, by_product);
    merge(goods);
    qsort(goods->items, goods->count, sizeof *goods->items, by_place);
    for (size_t i = 0; i < goods->count; i++)
        if (goods->items[i]->quantity > QUANTITY_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want at most %d of %s together, got %lld", field,
                                  QUANTITY_MAX, goods->items[i]->product, (long long)goods->items[i]->quantity);
    return MARU_OK;
}
