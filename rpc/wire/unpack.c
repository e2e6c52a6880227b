/* unpack.c: scan, then protobuf-c's unpack on an arena; and pack (contract: unpack.h). */
#include "wire/unpack.h"

#include <stdbool.h>

#include "wire/scan.h"

/* The arena as an allocator that remembers whether it ran dry: unpack itself returns NULL for that and for a required
 * field that is missing. */
typedef struct watched {
    maru_arena *arena;
    bool        dry;
} watched;

static void *watched_alloc(void *data, size_t size)
{
    watched *w = data;
    void    *memory = maru_arena_alloc(w->arena, size);

    w->dry |= !memory;
    return memory;
}

static void watched_free(void *data, void *memory)
{
    (void)data;
    (void)memory;
}

static maru_status scan_within(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, size_t left,
                               maru_error *error)
{
    scan_limits limits = scan_default;

    if (limits.memory > left)
        limits.memory = left;
    return scan_message(type, bytes, size, &limits, NULL, error);
}

static maru_status say_why(const ProtobufCMessageDescriptor *type, bool dry, maru_error *error)
{
    if (dry)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory while unpacking", type->name);
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: a required field is missing", type->name);
}

maru_status unpack_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, maru_arena *arena,
                           ProtobufCMessage **out, maru_error *error)
{
    size_t             left = maru_arena_budget(arena) - maru_arena_spent(arena);
    maru_arena_mark    mark = maru_arena_now(arena);
    watched            w = {.arena = arena};
    ProtobufCAllocator allocator = {.alloc = watched_alloc, .free = watched_free, .allocator_data = &w};
    maru_status        status;

    *out = NULL;
    if ((status = scan_within(type, bytes, size, left, error)) != MARU_OK)
        return status;
    if ((*out = protobuf_c_message_unpack(type, &allocator, size, bytes)))
        return MARU_OK;
    maru_arena_rewind(arena, mark);
    return say_why(type, w.dry, error);
}

size_t pack_size(const ProtobufCMessage *message)
{
    return protobuf_c_message_get_packed_size(message);
}

size_t pack_into(const ProtobufCMessage *message, uint8_t *out)
{
    return protobuf_c_message_pack(message, out);
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
