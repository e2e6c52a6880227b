/* fuzz_decode.c: bytes that claim to be a message. The first says of which type. Decoding takes and refuses what the
 * scan and protobuf-c's unpack do, and makes the same of it; and unpack_message always knows why. */
#include "fuzz.h"

#include "fuzz_types.h"
#include "wire/differ.h"

static void check_words(const ProtobufCMessageDescriptor *type, const uint8_t *data, size_t size)
{
    maru_arena       *arena = maru_arena_new(1 << 20);
    ProtobufCMessage *message;
    maru_error        error = {0};
    maru_status       status = unpack_message(type, data, size, arena, &message, &error);

    MUST(status == MARU_OK || status == MARU_INVALID_ARGUMENT || status == MARU_RESOURCE_EXHAUSTED);
    MUST((status == MARU_OK) == (message != NULL) && (status == MARU_OK) == (error.text[0] == '\0'));
    MUST(message || maru_arena_spent(arena) == 0);
    maru_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ProtobufCMessageDescriptor *type;
    const char                       *what;

    if (size == 0)
        return 0;
    type = fuzz_type(data[0]);
    if ((what = differ(type, data + 1, size - 1)))
        fprintf(stderr, "%s: %s\n", type->name, what);
    MUST(!what);
    check_words(type, data + 1, size - 1);
    return 0;
}
