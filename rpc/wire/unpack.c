/* unpack.c: decodes, and says what was wrong; and pack (contract: unpack.h).
 *
 * Bytes that are good are looked at once, by decode.c. Only where it fails, scan.c goes over them again to say where
 * and why.
 */
#include "wire/unpack.h"

#include "base/arena_impl.h"
#include "base/hash.h"
#include "wire/decode.h"
#include "wire/scan.h"

/* What is left of the arena, of which a message may take 64 MiB. */
static size_t memory_limit(const maru_arena *arena)
{
    size_t left = arena->budget - arena_spent(arena);

    return left < scan_default.memory ? left : scan_default.memory;
}

/* The scan counts what the message takes at least. What it finds within the limit ran out in arrays that grew, or
 * because there was no memory at all. */
static maru_status say_no_room(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, size_t limit,
                               const maru_arena *arena, maru_error *error)
{
    scan_limits limits = scan_default;
    maru_status status;
    char        why[ARENA_WHY_MAX];

    if (arena->crowded)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory while unpacking: %s", type->name,
                              arena_why_not(arena, why));

    limits.memory = limit;
    if ((status = scan_message(type, bytes, size, &limits, NULL, error)) != MARU_OK)
        return status;
    if (arena->starved)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory while unpacking", type->name);
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED,
                          "%s: unpacked, with room for its arrays to grow, it takes more memory than the limit of %zu "
                          "bytes",
                          type->name, limit);
}

static maru_status say_bad(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, maru_error *error)
{
    scan_limits limits = scan_default;
    maru_status status;

    limits.memory = SIZE_MAX;
    if ((status = scan_message(type, bytes, size, &limits, NULL, error)) != MARU_OK)
        return status;
    return maru_error_set(error, MARU_INTERNAL, "%s: decoding failed on bytes in which the scan finds no fault",
                          type->name);
}

static maru_status say_why(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                           decode_fault fault, size_t limit, const maru_arena *arena, maru_error *error)
{
    if (fault == DECODE_NO_ROOM)
        return say_no_room(type, bytes, size, limit, arena, error);
    if (fault == DECODE_REQUIRED)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: a required field is missing", type->name);
    return say_bad(type, bytes, size, error);
}

maru_status unpack_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, maru_arena *arena,
                           ProtobufCMessage **out, maru_error *error)
{
    maru_arena_mark mark = arena_now(arena);
    size_t          budget = arena->budget, limit = memory_limit(arena);
    decode_fault    fault;

    if (budget - mark.spent > limit)
        maru_arena_set_budget(arena, mark.spent + limit);
    fault = decode_message(type, bytes, size, arena, out);
    if (budget - mark.spent > limit)
        maru_arena_set_budget(arena, budget);
    if (fault == DECODE_FINE)
        return MARU_OK;
    maru_arena_rewind(arena, mark);
    return say_why(type, bytes, size, fault, limit, arena, error);
}

size_t pack_size(const ProtobufCMessage *message)
{
    return protobuf_c_message_get_packed_size(message);
}

size_t pack_into(const ProtobufCMessage *message, uint8_t *out)
{
    return protobuf_c_message_pack(message, out);
}

/* A buffer of protobuf-c's that keeps nothing. */
typedef struct hashing {
    ProtobufCBuffer base;
    uint64_t        hash;
} hashing;

static void hash_more(ProtobufCBuffer *buffer, size_t size, const uint8_t *bytes)
{
    hashing *h = (hashing *)buffer;

    h->hash = fnv1a64_more(h->hash, bytes, size);
}

uint64_t pack_hash(const ProtobufCMessage *message, uint64_t hash)
{
    hashing h = {.base = {.append = hash_more}, .hash = hash};

    protobuf_c_message_pack_to_buffer(message, &h.base);
    return h.hash;
}

maru_status pack_message(const ProtobufCMessage *message, maru_arena *arena, uint8_t **bytes, size_t *size,
                         maru_error *error)
{
    *size = pack_size(message);
    if (!(*bytes = maru_arena_alloc(arena, *size)))
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: no memory left for its %zu bytes",
                              message->descriptor->name, *size);
    pack_into(message, *bytes);
    return MARU_OK;
}
