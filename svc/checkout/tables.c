/* tables.c: the tables of checkout's store (tables.h). */
#include "tables.h"

#include <string.h>

enum { NUMBER_BYTES = 8 };

const maru_table table_orders = {.number = 1, .name = "orders", .record = &checkout__order_record__descriptor};
const maru_table table_quotes = {.number = 2, .name = "quotes", .record = &checkout__quote__descriptor};
const maru_table table_requests = {.number = 3, .name = "requests", .record = &checkout__request_record__descriptor};
const maru_table table_timelines = {.number = 4, .name = "timelines", .record = &checkout__timeline__descriptor};
const maru_table table_newest = {.number = 5, .name = "newest", .record = &checkout__order_pointer__descriptor};
const maru_table table_customers = {.number = 6, .name = "customers", .record = &checkout__order_pointer__descriptor};
const maru_table table_carts = {.number = 7, .name = "carts", .record = &checkout__order_pointer__descriptor};
const maru_table table_invoices = {.number = 8, .name = "invoices", .record = &checkout__request_record__descriptor};
const maru_table table_returns = {.number = 9, .name = "returns", .record = &checkout__return_record__descriptor};
const maru_table table_early = {.number = 10, .name = "early", .record = &checkout__early_news__descriptor};
const maru_table table_keys = {.number = 11, .name = "keys", .record = &checkout__naming_key__descriptor};

const maru_table *const checkout_tables[] = {&table_orders,  &table_quotes,    &table_requests, &table_timelines,
                                             &table_newest,  &table_customers, &table_carts,    &table_invoices,
                                             &table_returns, &table_early,     &table_keys,     NULL};

/* first, a NUL, and room for more. */
static maru_key begin(maru_txn *txn, const char *first, size_t more)
{
    size_t size = strlen(first) + 1;
    char  *data = maru_txn_alloc(txn, size + more);

    memcpy(data, first, size);
    return (maru_key){.data = data, .size = size};
}

maru_key key_owner(maru_txn *txn, const char *owner)
{
    return begin(txn, owner, 0);
}

maru_key key_newest(maru_txn *txn, const char *owner, uint64_t number)
{
    maru_key key = begin(txn, owner, NUMBER_BYTES);
    uint8_t *at = (uint8_t *)key.data + key.size;

    for (int i = 0; i < NUMBER_BYTES; i++)
        at[i] = (uint8_t)((UINT64_MAX - number) >> (56 - 8 * i));
    key.size += NUMBER_BYTES;
    return key;
}

uint64_t key_newest_number(maru_key newest)
{
    const uint8_t *at = (const uint8_t *)newest.data + newest.size - NUMBER_BYTES;
    uint64_t       left = 0;

    for (int i = 0; i < NUMBER_BYTES; i++)
        left = left << 8 | at[i];
    return UINT64_MAX - left;
}

maru_key key_cart(maru_txn *txn, const char *cart, const char *etag)
{
    size_t   size = strlen(etag);
    maru_key key = begin(txn, cart, size);

    memcpy((char *)key.data + key.size, etag, size);
    key.size += size;
    return key;
}
