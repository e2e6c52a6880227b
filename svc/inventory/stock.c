/* stock.c: what movements and reservations make of the stock of a product (stock.h). */
#include "stock.h"

#include <assert.h>
#include <stdbool.h>

static maru_status too_much(const Inventory__Stock *stock, int64_t more, maru_error *error)
{
    return maru_error_set(error, MARU_OUT_OF_RANGE, "%s: %lld on hand and %lld more are more than 64 bits hold",
                          stock->product, (long long)stock->on_hand, (long long)more);
}

/* Puts after in the place of stock, if it is right. */
static maru_status become(Inventory__Stock *stock, Inventory__Stock after, maru_error *error)
{
    maru_status status;

    after.available = after.on_hand - after.reserved;
    if ((status = stock_holds(&after, error)) == MARU_OK)
        *stock = after;
    return status;
}

maru_status stock_receive(Inventory__Stock *stock, int64_t quantity, maru_error *error)
{
    Inventory__Stock after = *stock;

    assert(quantity > 0);
    if (__builtin_add_overflow(after.received, quantity, &after.received) ||
        __builtin_add_overflow(after.on_hand, quantity, &after.on_hand))
        return too_much(stock, quantity, error);
    return become(stock, after, error);
}

maru_status stock_return(Inventory__Stock *stock, int64_t quantity, maru_error *error)
{
    Inventory__Stock after = *stock;

    assert(quantity > 0);
    if (__builtin_add_overflow(after.returned, quantity, &after.returned) ||
        __builtin_add_overflow(after.on_hand, quantity, &after.on_hand))
        return too_much(stock, quantity, error);
    return become(stock, after, error);
}

maru_status stock_adjust(Inventory__Stock *stock, int64_t delta, maru_error *error)
{
    Inventory__Stock after = *stock;

    if (__builtin_add_overflow(after.adjusted, delta, &after.adjusted) ||
        __builtin_add_overflow(after.on_hand, delta, &after.on_hand))
        return too_much(stock, delta, error);
    if (after.on_hand < after.reserved)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "delta: %s has %lld on hand, %lld of them reserved: want at least -%lld, got %lld",
                              stock->product, (long long)stock->on_hand, (long long)stock->reserved,
                              (long long)stock->available, (long long)delta);
    return become(stock, after, error);
}

maru_status stock_reserve(Inventory__Stock *stock, int64_t quantity, maru_error *error)
{
    Inventory__Stock after = *stock;

    assert(quantity > 0);
    if (quantity > stock->available)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: want %lld, %lld are available", stock->product,
                              (long long)quantity, (long long)stock->available);
    after.reserved += quantity;
    return become(stock, after, error);
}

static maru_status less_reserved(const Inventory__Stock *stock, int64_t quantity, maru_error *error)
{
    return maru_error_set(error, MARU_INTERNAL, "%s: %lld are reserved, fewer than the %lld of one reservation",
                          stock->product, (long long)stock->reserved, (long long)quantity);
}

maru_status stock_release(Inventory__Stock *stock, int64_t quantity, maru_error *error)
{
    Inventory__Stock after = *stock;

    assert(quantity > 0);
    if (quantity > stock->reserved)
        return less_reserved(stock, quantity, error);
    after.reserved -= quantity;
    return become(stock, after, error);
}

maru_status stock_ship(Inventory__Stock *stock, int64_t quantity, maru_error *error)
{
    Inventory__Stock after = *stock;

    assert(quantity > 0);
    if (quantity > stock->reserved)
        return less_reserved(stock, quantity, error);
    if (__builtin_add_overflow(after.shipped, quantity, &after.shipped))
        return too_much(stock, quantity, error);
    after.reserved -= quantity;
    after.on_hand -= quantity;
    return become(stock, after, error);
}

static int64_t *sum_of(Inventory__Stock *stock, Inventory__MovementKind kind)
{
    switch (kind) {
    case INVENTORY__MOVEMENT_KIND__RECEIVED:
        return &stock->received;
    case INVENTORY__MOVEMENT_KIND__ADJUSTED:
        return &stock->adjusted;
    case INVENTORY__MOVEMENT_KIND__RETURNED:
        return &stock->returned;
    case INVENTORY__MOVEMENT_KIND__SHIPPED:
        return &stock->shipped;
    default:
        return NULL;
    }
}

/* What was shipped is counted as it left: above 0. */
static bool add_to_sum(Inventory__Stock *stock, const Inventory__Movement *movement)
{
    int64_t *sum = sum_of(stock, movement->kind);

    if (sum == NULL)
        return false;
    if (movement->kind == INVENTORY__MOVEMENT_KIND__SHIPPED)
        return !__builtin_sub_overflow(*sum, movement->delta, sum);
    return !__builtin_add_overflow(*sum, movement->delta, sum);
}

maru_status stock_replay(Inventory__Stock *stock, const Inventory__Movement *movement, maru_error *error)
{
    Inventory__Stock after = *stock;

    after.movements++;
    if (movement->number != after.movements || __builtin_add_overflow(after.on_hand, movement->delta, &after.on_hand) ||
        movement->on_hand != after.on_hand || !add_to_sum(&after, movement))
        return maru_error_set(
            error, MARU_DATA_LOSS,
            "movement %llu, which leaves %lld on hand, does not follow movement %llu, which left %lld",
            (unsigned long long)movement->number, (long long)movement->on_hand, (unsigned long long)stock->movements,
            (long long)stock->on_hand);
    return become(stock, after, error);
}

/* The sum of what ever came and went may be past 64 bits on its way, though its end is not. */
static bool adds_up(const Inventory__Stock *stock)
{
    return (__int128)stock->received + stock->returned + stock->adjusted - stock->shipped == stock->on_hand;
}

maru_status stock_holds(const Inventory__Stock *stock, maru_error *error)
{
    if (!adds_up(stock))
        return maru_error_set(error, MARU_INTERNAL,
                              "%s: %lld received, %lld returned, %lld adjusted, %lld shipped do not make %lld on hand",
                              stock->product, (long long)stock->received, (long long)stock->returned,
                              (long long)stock->adjusted, (long long)stock->shipped, (long long)stock->on_hand);
    if (stock->reserved < 0 || stock->reserved > stock->on_hand || stock->available != stock->on_hand - stock->reserved)
        return maru_error_set(error, MARU_INTERNAL, "%s: %lld on hand, %lld reserved and %lld available cannot be",
                              stock->product, (long long)stock->on_hand, (long long)stock->reserved,
                              (long long)stock->available);
    return MARU_OK;
}
