/* body.c: what a request said, as a hash (body.h). */
#include "body.h"

#include <string.h>

typedef unsigned __int128 wide;

/* 128-bit FNV-1a (draft-eastlake-fnv): against mistakes, not against forgers, who would only get their own order. */
static wide fnv1a(const uint8_t *bytes, size_t size)
{
    const wide prime = (wide)1 << 88 | 0x13b;
    wide       sum = (wide)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * prime;
    return sum;
}

bool body_hash_all(maru_arena *scratch, const ProtobufCMessage *request, uint8_t hash[static BODY_BYTES])
{
    maru_arena_mark mark = maru_arena_now(scratch);
    uint8_t        *bytes = maru_arena_alloc(scratch, protobuf_c_message_get_packed_size(request) + 1);
    wide            sum;

    if (bytes == NULL)
        return false;
    sum = fnv1a(bytes, protobuf_c_message_pack(request, bytes));
    maru_arena_rewind(scratch, mark);
    for (int i = 0; i < BODY_BYTES; i++)
        hash[i] = (uint8_t)(sum >> (120 - 8 * i));
    return true;
}

bool body_hash(maru_arena *scratch, const Checkout__PlaceOrderRequest *request, uint8_t hash[static BODY_BYTES])
{
    Checkout__PlaceOrderRequest body = *request;

    body.request_id = (char *)"";
    return body_hash_all(scratch, &body.base, hash);
}

bool body_is(const ProtobufCBinaryData *kept, const uint8_t hash[static BODY_BYTES])
{
    return kept->len == BODY_BYTES && memcmp(kept->data, hash, BODY_BYTES) == 0;
}
