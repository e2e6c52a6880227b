/* naming.c: the names of orders of the past (naming.h). */
#include "naming.h"

#include <inttypes.h>
#include <string.h>

#include "maru/call.h"
#include "tables.h"

#define PAST "orders/past-"

enum { KEY_MS = 10000 };

static maru_status get_key(maru_txn *txn, const uint8_t *fresh, const uint8_t **bytes)
{
    Checkout__NamingKey new = CHECKOUT__NAMING_KEY__INIT, *kept;
    maru_key    key = maru_key_text("past");
    maru_status status = maru_get(txn, &table_keys, key, (ProtobufCMessage **)&kept);

    if (status == MARU_OK && kept->key.len != SIPHASH_KEY_BYTES)
        return maru_txn_fail(txn, MARU_DATA_LOSS, "the key of the names of past orders: want %d bytes, got %zu",
                             SIPHASH_KEY_BYTES, kept->key.len);
    if (status == MARU_OK)
        *bytes = kept->key.data;
    if (status != MARU_NOT_FOUND)
        return status;
    *bytes = fresh;
    new.key = (ProtobufCBinaryData){.data = (uint8_t *)fresh, .len = SIPHASH_KEY_BYTES};
    return maru_put(txn, &table_keys, key, &new.base);
}

maru_status naming_past(maru_txn *txn, const uint8_t fresh[static SIPHASH_KEY_BYTES], const ProtobufCMessage *request,
                        char **name)
{
    uint8_t       *bytes = maru_txn_alloc(txn, protobuf_c_message_get_packed_size(request) + 1);
    const uint8_t *key;
    siphash        sum;
    maru_status    status = get_key(txn, fresh, &key);

    if (status != MARU_OK)
        return status;
    sum = siphash_of(key, bytes, protobuf_c_message_pack(request, bytes));
    *name = maru_arena_printf(maru_txn_arena(txn), PAST "%016" PRIx64 "%016" PRIx64, sum.high, sum.low);
    return *name != NULL ? MARU_OK : maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED, "out of memory");
}

bool naming_is_past(const char *name)
{
    return strncmp(name, PAST, strlen(PAST)) == 0;
}

/* ---- at the start ---- */

static maru_status make_key(maru_txn *txn, void *arg)
{
    const uint8_t *bytes;

    return get_key(txn, arg, &bytes);
}

void naming_begin(maru_runtime *runtime, maru_store *store)
{
    uint8_t    fresh[SIPHASH_KEY_BYTES];
    maru_call *call = maru_call_begin(runtime, KEY_MS);

    if (call == NULL)
        return;
    maru_call_random(call, fresh, sizeof fresh);
    maru_store_write(store, call, make_key, fresh);
    maru_call_end(call);
}
