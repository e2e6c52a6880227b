/* goods.c: products and how many of each (goods.h). */
#include "goods.h"

#include <stdlib.h>
#include <string.h>

/* One of them, and where it stood: messages stand anywhere in memory. */
struct placed {
    Inventory__Goods *goods;
    size_t            place;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;

    return (left->place > right->place) - (left->place < right->place);
}

/* Those of one product stand together, the first of them first. */
static int by_product(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    int                  order = strcmp(left->goods->product, right->goods->product);

    return order != 0 ? order : by_place(a, b);
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

/* LINES_MAX of QUANTITY_MAX fit into 64 bits. How many are left. */
static size_t merge(struct placed *all, size_t count)
{
    size_t kept = 0;

    for (size_t i = 1; i < count; i++)
        if (strcmp(all[kept].goods->product, all[i].goods->product) == 0)
            all[kept].goods->quantity += all[i].goods->quantity;
        else
            all[++kept] = all[i];
    return kept + 1;
}

maru_status goods_sum(const char *field, struct goods *goods, maru_error *error)
{
    struct placed all[LINES_MAX];
    maru_status   status = check(field, goods, error);

    if (status != MARU_OK)
        return status;
    for (size_t i = 0; i < goods->count; i++)
        all[i] = (struct placed){.goods = goods->items[i], .place = i};
    qsort(all, goods->count, sizeof *all, by_product);
    goods->count = merge(all, goods->count);
    qsort(all, goods->count, sizeof *all, by_place);
    for (size_t i = 0; i < goods->count; i++)
        goods->items[i] = all[i].goods;
    for (size_t i = 0; i < goods->count; i++)
        if (goods->items[i]->quantity > QUANTITY_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want at most %d of %s together, got %lld", field,
                                  QUANTITY_MAX, goods->items[i]->product, (long long)goods->items[i]->quantity);
    return MARU_OK;
}
