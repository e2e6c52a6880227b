/* differ.h: decode_message beside what it replaced: the scan, then protobuf-c's unpack. Both take the same bytes or
 * both refuse them, and what they take is packed to the same bytes. */
#ifndef TEST_DIFFER_H
#define TEST_DIFFER_H

#include <stdlib.h>
#include <string.h>

#include "maru/arena.h"
#include "wire/decode.h"
#include "wire/scan.h"
#include "wire/unpack.h"

enum { DIFFER_ARENA = 512 << 20 };

/* Of the old way; NULL where it refuses. *memory is what the scan counted. */
static inline ProtobufCMessage *differ_unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                                              maru_arena *arena, size_t *memory, maru_error *error)
{
    scan_limits limits = scan_default;

    limits.memory = SIZE_MAX;
    if (scan_message(type, bytes, size, &limits, memory, error) != MARU_OK)
        return NULL;
    return protobuf_c_message_unpack(type, maru_arena_allocator(arena), size, bytes);
}

/* What is wrong with a decoded message, NULL where nothing is. */
static inline const char *differ_compare(const ProtobufCMessage *decoded, const ProtobufCMessage *unpacked,
                                         maru_arena *arena)
{
    uint8_t *ours, *theirs;
    size_t   our_size, their_size;

    if (!protobuf_c_message_check(decoded))
        return "protobuf-c's own check does not like it";
    if (pack_message(decoded, arena, &ours, &our_size, NULL) != MARU_OK ||
        pack_message(unpacked, arena, &theirs, &their_size, NULL) != MARU_OK)
        return "no memory to pack";
    if (our_size != their_size || memcmp(ours, theirs, our_size) != 0)
        return "packs to other bytes";
    return NULL;
}

static inline const char *differ_judge(decode_fault fault, const ProtobufCMessage *decoded,
                                       const ProtobufCMessage *unpacked, size_t memory, size_t spent,
                                       const maru_error *error, maru_arena *arena)
{
    if (fault == DECODE_NO_ROOM)
        return 4 * memory >= DIFFER_ARENA ? NULL : "no room";
    if (fault == DECODE_BAD)
        return error->code != MARU_OK ? NULL : "refused, what the scan takes";
    if (fault == DECODE_REQUIRED)
        return !unpacked ? NULL : "a required field is missing, but not to protobuf-c";
    /* The scan watches a bit a field of all open messages; decoding needs no such bits. */
    if (strstr(error->text, "nested messages have more fields"))
        return NULL;
    if (!unpacked)
        return "taken, what the scan or protobuf-c refuses";
    if (spent < memory || spent > 4 * memory)
        return "takes less than the scan counted, or more than four times that";
    return differ_compare(decoded, unpacked, arena);
}

/* How decode_message and the old way differ on bytes; NULL where they do not. */
static inline const char *differ(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size)
{
    maru_arena       *arena = maru_arena_new(DIFFER_ARENA), *other = maru_arena_new((size_t)4 * DIFFER_ARENA);
    size_t            memory = 0, spent;
    maru_error        error = {0};
    ProtobufCMessage *decoded, *unpacked = differ_unpack(type, bytes, size, other, &memory, &error);
    decode_fault      fault = decode_message(type, bytes, size, arena, &decoded);
    const char       *what;

    spent = maru_arena_spent(arena);
    if ((fault == DECODE_FINE) == (decoded == NULL))
        what = "a fault and a message, or neither";
    else
        what = differ_judge(fault, decoded, unpacked, memory, spent, &error, other);
    maru_arena_free(arena);
    maru_arena_free(other);
    return what;
}

#endif
