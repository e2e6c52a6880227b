/* unpack.h: messages out of bytes, and into bytes. Bytes come from anybody: they are decoded within limits (decode.h).
 * Pure; never blocks. All memory is the arena's, and what comes out lives as long as it.
 */
#ifndef MARU_UNPACK_H
#define MARU_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/arena.h"
#include "maru/status.h"

/* unpack_message makes *out from bytes, which may go away afterwards. INVALID_ARGUMENT where they are no such message;
 * RESOURCE_EXHAUSTED where a limit (scan_default), what is left of the arena's budget, or memory is passed. The
 * arrays of repeated fields double as they grow, which counts. On failure *out is NULL and the arena stands as it
 * stood. */
maru_status unpack_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, maru_arena *arena,
                           ProtobufCMessage **out, maru_error *error);

/* pack_size is how many bytes message takes; pack_into writes them, out having room for that many, and returns how many
 * it wrote. message is not to change in between. */
size_t pack_size(const ProtobufCMessage *message);
size_t pack_into(const ProtobufCMessage *message, uint8_t *out);

/* pack_hash goes on from hash (base/hash.h) over the bytes that pack_into would write, and takes no memory. So it is
 * the same for all bytes that unpack to the same message: fields in any order, zeros written or left out. */
uint64_t pack_hash(const ProtobufCMessage *message, uint64_t hash);

/* pack_message does both, into the arena. RESOURCE_EXHAUSTED where its budget or memory is out. */
maru_status pack_message(const ProtobufCMessage *message, maru_arena *arena, uint8_t **bytes, size_t *size,
                         maru_error *error);

#endif
