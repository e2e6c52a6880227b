/* items.c: the lines of a cart and what they come to (items.h). */
#include "items.h"

#include <string.h>

#include "maru/shown.h"

/* The index of a product's line, or their number where it has none. */
static size_t find(const Cart__Cart *cart, const char *product)
{
    size_t i = 0;

    while (i < cart->n_items && strcmp(cart->items[i]->product, product) != 0)
        i++;
    return i;
}

static maru_status no_memory(maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "items: the cart does not fit into the call's memory");
}

static maru_status append(maru_arena *arena, Cart__Cart *cart, const Cart__Item *item, maru_error *error)
{
    Cart__Item **items;
    Cart__Item  *line;

    if (cart->n_items >= LINES_MAX)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "items: want at most %d in a cart, got one more",
                              LINES_MAX);
    items = maru_arena_alloc(arena, (cart->n_items + 1) * sizeof *items);
    line = maru_arena_memdup(arena, item, sizeof *item); /* the caller's may be on its stack */
    if (items == NULL || line == NULL)
        return no_memory(error);
    if (cart->n_items > 0)
        memcpy(items, cart->items, cart->n_items * sizeof *items);
    items[cart->n_items] = line;
    cart->items = items;
    cart->n_items++;
    return MARU_OK;
}

maru_status items_add(maru_arena *arena, Cart__Cart *cart, const Cart__Item *item, maru_error *error)
{
    size_t      at = find(cart, item->product);
    Cart__Item *old;

    if (at == cart->n_items)
        return append(arena, cart, item, error);
    old = cart->items[at];
    if (old->quantity + item->quantity > QUANTITY_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "quantity: want at most %d of %s in a cart, got %lld and %lld more", QUANTITY_MAX,
                              item->product, (long long)old->quantity, (long long)item->quantity);
    old->quantity += item->quantity;
    old->title = item->title;
    old->price = item->price;
    return MARU_OK;
}

maru_status items_set(Cart__Cart *cart, const char *product, int64_t quantity, maru_error *error)
{
    size_t at = find(cart, product);

    if (at == cart->n_items)
        return maru_error_set(error, MARU_NOT_FOUND, "product: want one of the %zu in %s, got \"%s\"", cart->n_items,
                              cart->name, maru_shown(product).text);
    cart->items[at]->quantity = quantity;
    if (quantity > 0)
        return MARU_OK;
    cart->n_items--;
    memmove(cart->items + at, cart->items + at + 1, (cart->n_items - at) * sizeof cart->items[0]);
    return MARU_OK;
}

static maru_status add_line(const Cart__Item *item, Shop__Money *total, maru_error *error)
{
    int64_t line;

    if (strcmp(item->price->currency, total->currency) != 0)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "items: want one currency in a cart, %s as what is in it, got %s for %s", total->currency,
                              item->price->currency, item->product);
    if (__builtin_mul_overflow(item->price->minor, item->quantity, &line) ||
        __builtin_add_overflow(total->minor, line, &total->minor))
        return maru_error_set(error, MARU_OUT_OF_RANGE, "total: %lld of %s make it more than 64 bits hold",
                              (long long)item->quantity, item->product);
    return MARU_OK;
}

maru_status items_total(maru_arena *arena, Cart__Cart *cart, maru_error *error)
{
    maru_status status = MARU_OK;

    cart->total = NULL;
    if (cart->n_items == 0)
        return MARU_OK;
    if ((cart->total = maru_arena_alloc(arena, sizeof *cart->total)) == NULL)
        return no_memory(error);
    *cart->total = (Shop__Money)SHOP__MONEY__INIT;
    cart->total->currency = cart->items[0]->price->currency;
    for (size_t i = 0; i < cart->n_items && status == MARU_OK; i++)
        status = add_line(cart->items[i], cart->total, error);
    return status;
}
