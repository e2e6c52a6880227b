/* fuzz_scan.c: bytes that claim to be a message. The first says of which type. Where the scan finds them good, unpack
 * works, takes at least the memory that the scan counted and at most four times that, and what it unpacks can be
 * packed, and unpacked again. */
#include "fuzz.h"

#include <string.h>

#include "fuzz_types.h"
#include "wire/scan.h"
#include "wire/unpack.h"

enum { ARENA = 256 << 20 };

static void check_again(const ProtobufCMessage *message, maru_arena *arena)
{
    ProtobufCMessage *again;
    uint8_t          *once, *twice;
    size_t            once_size, twice_size;

    maru_arena_set_budget(arena, ARENA);
    MUST(pack_message(message, arena, &once, &once_size, NULL) == MARU_OK);
    MUST(unpack_message(message->descriptor, once, once_size, arena, &again, NULL) == MARU_OK);
    MUST(pack_message(again, arena, &twice, &twice_size, NULL) == MARU_OK);
    MUST(once_size == twice_size && memcmp(once, twice, once_size) == 0);
}

static void check_good(const ProtobufCMessageDescriptor *type, const uint8_t *data, size_t size, size_t memory)
{
    maru_arena       *arena = maru_arena_new(4 * memory);
    ProtobufCMessage *message;
    maru_error        error;
    maru_status       status = unpack_message(type, data, size, arena, &message, &error);

    /* proto2 has required fields, which the scan does not look for. */
    MUST(status == MARU_OK || strstr(error.text, "a required field is missing"));
    MUST(status != MARU_OK || maru_arena_spent(arena) >= memory);
    if (status == MARU_OK)
        check_again(message, arena);
    maru_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ProtobufCMessageDescriptor *type;
    scan_limits                       limits = {.depth = 20, .fields = 10000, .memory = 4 << 20};
    maru_error                        error = {0};
    size_t                            memory = 0;
    maru_status                       status;

    if (size == 0)
        return 0;
    type = fuzz_type(data[0]);
    status = scan_message(type, data + 1, size - 1, &limits, &memory, &error);
    MUST((status == MARU_OK) == (error.text[0] == '\0') && error.code == status);
    MUST(status == MARU_OK || status == MARU_INVALID_ARGUMENT || status == MARU_RESOURCE_EXHAUSTED);
    if (status == MARU_OK) {
        MUST(memory > 0 && memory <= limits.memory);
        check_good(type, data + 1, size - 1, memory);
    }
    return 0;
}
