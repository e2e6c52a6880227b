/* listing.c: the lists of orders, the newest first (listing.h). */
#include "listing.h"

#include "order.h"
#include "tables.h"
#include "token.h"

maru_status listing_page(maru_txn *txn, void *arg)
{
    struct listing_page          *page = arg;
    Checkout__ListOrdersResponse *response = page->response;
    const maru_table             *table = page->customer[0] == '\0' ? &table_newest : &table_customers;
    maru_cursor                  *cursor = maru_walk(txn, table, key_owner(txn, page->customer),
                                                     key_newest(txn, page->customer, page->before == 0 ? 0 : page->before - 1));
    Checkout__OrderPointer       *pointer;
    Checkout__OrderRecord        *record;
    uint64_t                      last = 0;
    maru_key                      key;
    maru_status                   status;
    size_t                        bytes = 0;

    response->orders = maru_txn_alloc(txn, page->size * sizeof response->orders[0]);
    while ((status = maru_next(cursor, &key, (ProtobufCMessage **)&pointer)) == MARU_OK) {
        if ((status = order_get(txn, pointer->order, &record)) == MARU_NOT_FOUND)
            continue; /* it was lost, or put aside by a repair of the store: the list goes on */
        if (status != MARU_OK)
            return status;
        bytes += protobuf_c_message_get_packed_size(&record->order->base);
        if (response->n_orders == page->size || (bytes > LISTING_BYTES_MAX && response->n_orders > 0)) {
            response->next_page_token = maru_txn_alloc(txn, TOKEN_SIZE);
            token_of(last, response->next_page_token);
            return MARU_OK;
        }
        response->orders[response->n_orders++] = record->order;
        last = record->number;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status number_after(maru_txn *txn, const maru_table *table, const char *owner, uint64_t *number)
{
    maru_key     all = key_owner(txn, owner), newest;
    maru_cursor *cursor = maru_walk(txn, table, all, all);
    maru_status  status = maru_next(cursor, &newest, NULL);

    if (status == MARU_OK && key_newest_number(newest) >= *number)
        *number = key_newest_number(newest) + 1;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* Either list may have lost its newest: what the other has is not written over. */
maru_status listing_add(maru_txn *txn, Checkout__OrderRecord *record)
{
    Checkout__OrderPointer pointer = CHECKOUT__ORDER_POINTER__INIT;
    const char            *customer = record->order->customer;
    maru_status            status;

    pointer.order = record->order->name;
    record->number = 1;
    if ((status = number_after(txn, &table_newest, "", &record->number)) == MARU_OK &&
        (status = number_after(txn, &table_customers, customer, &record->number)) == MARU_OK)
        status = maru_put(txn, &table_newest, key_newest(txn, "", record->number), &pointer.base);
    if (status == MARU_OK && customer[0] != '\0')
        status = maru_put(txn, &table_customers, key_newest(txn, customer, record->number), &pointer.base);
    return status;
}
