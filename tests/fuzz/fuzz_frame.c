/* fuzz_frame.c: a stream of frames. The first byte says whether it is ipc; what is fine is written again, and must be
 * the same bytes. */
#include "fuzz.h"

#include <string.h>

#include "wire/frame.h"

enum { LIMIT = 1 << 20 };

static void check_within(const frame *f, const uint8_t *in, size_t total)
{
    MUST(f->payload >= in && f->payload + f->payload_size == in + total);
    MUST(f->extension_size == 0 || (f->extension > in && f->extension + f->extension_size == f->payload));
    MUST(f->hops_size >= 4 && f->hops_size <= 4 * SP_MAX_HOPS && f->hops_size % 4 == 0);
    MUST(f->id <= 0x7fffffff);
}

static void check_written(const frame *f, const uint8_t *in, size_t total, bool ipc)
{
    size_t   head = total - f->payload_size;
    uint8_t *out = malloc(FRAME_HEAD_MAX + f->extension_size);
    size_t   size = frame_write_head(out, f, ipc);

    MUST(size == frame_head_size(f, ipc));
    /* An extension of no bytes is not written again. */
    MUST(size == head || (f->extension_size == 0 && size + 4 == head));
    MUST(size != head || memcmp(out, in, head) == 0);
    free(out);
}

/* Whatever is fine as a whole was unknown while it was short. */
static void check_short(const uint8_t *in, bool ipc)
{
    size_t total;

    for (size_t size = 0; size < 8u + ipc; size++)
        MUST(sp_message_size(in, size, ipc, LIMIT, &total) == FRAME_SHORT);
}

static size_t read_one(const uint8_t *in, size_t size, bool ipc)
{
    size_t      total = 0;
    frame_fault fault = sp_message_size(in, size, ipc, LIMIT, &total);
    frame       f;

    if (fault != FRAME_FINE || total > size)
        return 0;
    MUST(total <= LIMIT + 9u);
    check_short(in, ipc);
    fault = frame_read(in, total, ipc, &f);
    MUST(strlen(frame_fault_text(fault)) > 0);
    if (fault == FRAME_FINE) {
        check_within(&f, in, total);
        check_written(&f, in, total, ipc);
    }
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 1, step;

    if (size == 0)
        return 0;
    if (size > SP_HELLO_SIZE)
        MUST(sp_hello_read(data + 1, data[0] & 2 ? SP_REQ : SP_REP) <= FRAME_BAD_SP_PEER);
    while ((step = read_one(data + at, size - at, data[0] & 1)) > 0)
        at += step;
    return 0;
}
