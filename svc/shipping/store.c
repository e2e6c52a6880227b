/* store.c: what shipping keeps (store.h). */
#include "store.h"

#include <string.h>

enum { NS_PER_S = 1000000000 };

static const maru_table shipments = {.number = 1, .name = "shipments", .record = &shipping__shipment__descriptor};

const maru_table *const shipping_tables[] = {&shipments, NULL};

maru_status store_get(maru_txn *txn, const char *order, Shipping__Shipment **shipment)
{
    maru_status status = maru_get(txn, &shipments, maru_key_text(order), (ProtobufCMessage **)shipment);

    if (status != MARU_NOT_FOUND)
        return status;
    *shipment = maru_txn_alloc(txn, sizeof **shipment);
    **shipment = (Shipping__Shipment)SHIPPING__SHIPMENT__INIT;
    (*shipment)->order = maru_txn_strdup(txn, order);
    return MARU_OK;
}

static Google__Protobuf__Timestamp *time_of(maru_txn *txn)
{
    Google__Protobuf__Timestamp *time = maru_txn_alloc(txn, sizeof *time);
    int64_t                      now = maru_txn_wall_clock(txn);

    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = now / NS_PER_S;
    time->nanos = (int32_t)(now % NS_PER_S);
    return time;
}

maru_status store_put(maru_txn *txn, Shipping__Shipment *shipment)
{
    shipment->update_time = shipment->past != NULL ? shipment->past : time_of(txn);
    return maru_put(txn, &shipments, maru_key_text(shipment->order), &shipment->base);
}

maru_status store_one(maru_txn *txn, void *arg)
{
    struct store_one   *one = arg;
    Shipping__Shipment *found;
    maru_status         status = store_get(txn, one->order, &found);

    if (status != MARU_OK)
        return status;
    if (found->state == SHIPPING__SHIPMENT_STATE__SHIPMENT_STATE_UNSPECIFIED)
        return maru_txn_fail(txn, MARU_NOT_FOUND, "order: no shipment of %s; there is one once its stock is committed",
                             one->order);
    *one->response = *found;
    return MARU_OK;
}

maru_status store_page(maru_txn *txn, void *arg)
{
    struct store_page               *page = arg;
    Shipping__ListShipmentsResponse *response = page->response;
    /* The first key after a name: the same with a NUL. */
    maru_key            from = {.data = page->after, .size = page->after[0] == '\0' ? 0 : strlen(page->after) + 1};
    maru_cursor        *cursor = maru_walk(txn, &shipments, (maru_key){.data = "", .size = 0}, from);
    Shipping__Shipment *shipment;
    maru_key            key;
    maru_status         status;
    size_t              bytes = 0;

    response->shipments = maru_txn_alloc(txn, page->size * sizeof response->shipments[0]);
    while ((status = maru_next(cursor, &key, (ProtobufCMessage **)&shipment)) == MARU_OK) {
        bytes += protobuf_c_message_get_packed_size(&shipment->base);
        if (response->n_shipments == page->size || (bytes > PAGE_BYTES_MAX && response->n_shipments > 0)) {
            response->next_page_token = response->shipments[response->n_shipments - 1]->order;
            return MARU_OK;
        }
        response->shipments[response->n_shipments++] = shipment;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}
