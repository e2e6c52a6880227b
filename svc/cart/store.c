/* store.c: what the cart service keeps (store.h). */
#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "items.h"
#include "maru/hash.h"
#include "maru/message.h"
#include "maru/name.h"
#include "maru/shown.h"

enum { NS_PER_S = 1000000000 };

static const maru_table carts = {.number = 1, .name = "carts", .record = &cart__cart__descriptor};

const maru_table *const cart_tables[] = {&carts, NULL};

/* Of what is too large to be served: versions that kept what they did not know of a price stored carts of any size. */
static maru_status get_cart(maru_txn *txn, const char *name, Cart__Cart **cart)
{
    maru_status status = maru_get(txn, &carts, maru_key_text(name), (ProtobufCMessage **)cart);

    if (status == MARU_OK && protobuf_c_message_get_packed_size(&(*cart)->base) > CART_BYTES_MAX)
        maru_drop_unknown(&(*cart)->base);
    return status;
}

maru_status store_get(maru_txn *txn, void *arg)
{
    Cart__Cart *response = arg, *cart;
    maru_status status = maru_reply_with(txn, &carts, maru_key_text(response->name));

    if (status == MARU_RESOURCE_EXHAUSTED && (status = get_cart(txn, response->name, &cart)) == MARU_OK)
        *response = *cart;
    return status;
}

/* A cart that was never stored is empty and has no etag. */
static maru_status load(maru_txn *txn, const struct store_change *change, Cart__Cart **cart)
{
    maru_status status = get_cart(txn, change->cart, cart);
    maru_error  error;

    if (status == MARU_NOT_FOUND) {
        *cart = maru_txn_alloc(txn, sizeof **cart);
        **cart = (Cart__Cart)CART__CART__INIT;
        (*cart)->name = maru_txn_strdup(txn, change->cart);
        status = MARU_OK;
        if (change->add != NULL &&
            maru_name_check_new("cart", change->cart, "carts/", NAME_MAX_CHARS, &error) != MARU_OK)
            return maru_txn_fail(txn, error.code, "%s", error.text);
    }
    if (status == MARU_OK && change->etag[0] != '\0' && strcmp(change->etag, (*cart)->etag) != 0)
        return maru_txn_fail(txn, MARU_ABORTED, "%s: etag: want the stored one, \"%s\", got \"%s\"; read it again",
                             change->cart, (*cart)->etag, maru_shown(change->etag).text);
    return status;
}

static maru_status apply(maru_arena *arena, const struct store_change *change, Cart__Cart *cart, maru_error *error)
{
    maru_status status = MARU_OK;

    if (change->add != NULL)
        status = items_add(arena, cart, change->add, error);
    else if (change->product != NULL)
        status = items_set(cart, change->product, change->quantity, error);
    else
        cart->n_items = 0;
    return status != MARU_OK ? status : items_total(arena, cart, error);
}

struct bytes {
    uint8_t *data;
    size_t   size;
};

static struct bytes pack(maru_txn *txn, const Cart__Cart *cart)
{
    size_t       size = protobuf_c_message_get_packed_size(&cart->base);
    struct bytes bytes = {.data = maru_txn_alloc(txn, size + 1), .size = size};

    protobuf_c_message_pack(&cart->base, bytes.data);
    return bytes;
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

/* 16 hex digits of all that the cart holds, the etag before too. */
static char *etag_of(maru_txn *txn, const Cart__Cart *cart)
{
    struct bytes bytes = pack(txn, cart);
    char        *etag = maru_txn_alloc(txn, 17);

    snprintf(etag, 17, "%016" PRIx64, maru_hash64(bytes.data, bytes.size));
    return etag;
}

/* What differs gets a new time and etag, and is stored. */
static maru_status put_changed(maru_txn *txn, Cart__Cart *cart, struct bytes before)
{
    struct bytes after = pack(txn, cart);

    if (after.size == before.size && memcmp(after.data, before.data, after.size) == 0)
        return MARU_OK;
    cart->update_time = time_of(txn);
    cart->etag = etag_of(txn, cart);
    return maru_put(txn, &carts, maru_key_text(cart->name), &cart->base);
}

maru_status store_change(maru_txn *txn, void *arg)
{
    struct store_change *change = arg;
    Cart__Cart          *cart;
    struct bytes         before;
    maru_error           error;
    maru_status          status = load(txn, change, &cart);

    if (status != MARU_OK)
        return status;
    before = pack(txn, cart);
    if ((status = apply(maru_txn_arena(txn), change, cart, &error)) != MARU_OK)
        return maru_txn_fail(txn, status, "%s", error.text);
    status = put_changed(txn, cart, before);
    *change->response = *cart;
    return status;
}

maru_status store_ordered(maru_txn *txn, const char *name, const char *etag)
{
    Cart__Cart  *cart;
    struct bytes before;
    maru_status  status = get_cart(txn, name, &cart);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    if (strcmp(cart->etag, etag) != 0)
        return MARU_OK;
    before = pack(txn, cart);
    cart->n_items = 0;
    cart->total = NULL;
    return put_changed(txn, cart, before);
}
