/* body.c: what a PlaceOrder said, as a hash (body.h). */
#include "body.h"

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

bool body_hash(maru_arena *scratch, const Checkout__PlaceOrderRequest *request, uint8_t hash[static BODY_BYTES])
{
    Checkout__PlaceOrderRequest body = *request;
    maru_arena_mark             mark = maru_arena_now(scratch);
    uint8_t                    *bytes;
    size_t                      size;
    wide                        sum;

    body.request_id = (char *)"";
    size = protobuf_c_message_get_packed_size(&body.base);
    if ((bytes = maru_arena_alloc(scratch, size + 1)) == NULL)
        return false;
    sum = fnv1a(bytes, protobuf_c_message_pack(&body.base, bytes));
    maru_arena_rewind(scratch, mark);
    for (int i = 0; i < BODY_BYTES; i++)
        hash[i] = (uint8_t)(sum >> (120 - 8 * i));
    return true;
}
