/* body.h: what a request said, as a hash: so that the same request id with another body is seen. Pure. */
#ifndef SHOP_CHECKOUT_BODY_H
#define SHOP_CHECKOUT_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/arena.h"

#include "shop/checkout.pb-c.h"

enum { BODY_BYTES = 16 };

/* body_hash is of all of the request but its request_id, fields that this version does not know included: the same in
 * every version. scratch is given back. false where its memory is out. */
bool body_hash(maru_arena *scratch, const Checkout__PlaceOrderRequest *request, uint8_t hash[static BODY_BYTES]);

/* body_hash_all is the same of all of a request. */
bool body_hash_all(maru_arena *scratch, const ProtobufCMessage *request, uint8_t hash[static BODY_BYTES]);

/* body_is: what is kept is that hash. */
bool body_is(const ProtobufCBinaryData *kept, const uint8_t hash[static BODY_BYTES]);

#endif
