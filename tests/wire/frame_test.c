/* frame_test.c: frames in a stream: however it is cut, the same frames come out. */
#include <stdlib.h>

#include "random.h"
#include "test.h"

#include "wire/frame.h"

enum { ROUNDS = 300, FRAMES = 40, STREAM = 1 << 20, LIMIT = 1 << 16 };

typedef struct stream {
    uint8_t bytes[STREAM];
    size_t  size;
    bool    ipc;
} stream;

static frame random_frame(rng *r, const uint8_t *noise)
{
    size_t hops = rng_below(r, SP_MAX_HOPS);
    frame  f = {
         .id = (uint32_t)rng_next(r) & 0x7fffffff,
         .kind = (uint8_t)(FRAME_CALL + rng_below(r, FRAME_HELLO)),
         .status = (uint8_t)rng_below(r, 17),
         .time_ms = (uint32_t)rng_next(r),
         .method = rng_next(r),
         .extension = noise,
         .extension_size = rng_below(r, 3) == 0 ? rng_below(r, FRAME_EXTENSION_MAX + 1) : 0,
         .payload = noise + rng_below(r, 100),
         .payload_size = rng_below(r, 4) == 0 ? rng_below(r, 3000) : rng_below(r, 70),
    };

    if (hops == 0)
        return f;
    for (size_t i = 0; i < 4 * (hops + 1); i++)
        f.hops[i] = i % 4 == 0 ? 0x12 : (uint8_t)rng_next(r);
    f.hops[4 * hops] = (uint8_t)(0x80 | f.id >> 24);
    f.hops[4 * hops + 1] = (uint8_t)(f.id >> 16);
    f.hops[4 * hops + 2] = (uint8_t)(f.id >> 8);
    f.hops[4 * hops + 3] = (uint8_t)f.id;
    f.hops_size = (uint8_t)(4 * (hops + 1));
    return f;
}

static void append(stream *s, const frame *f)
{
    s->size += frame_write_head(s->bytes + s->size, f, s->ipc);
    memcpy(s->bytes + s->size, f->payload, f->payload_size);
    s->size += f->payload_size;
}

static bool same(const frame *got, const frame *want)
{
    return CHECK_INT(got->id, want->id) & CHECK_INT(got->kind, want->kind) & CHECK_INT(got->status, want->status) &
           CHECK_INT(got->time_ms, want->time_ms) & CHECK(got->method == want->method) &
           CHECK_INT(got->hops_size, want->hops_size ? want->hops_size : 4) &
           (want->hops_size == 0 || CHECK_MEM(got->hops, got->hops_size, want->hops, want->hops_size)) &
           CHECK_MEM(got->extension, got->extension_size, want->extension, want->extension_size) &
           CHECK_MEM(got->payload, got->payload_size, want->payload, want->payload_size);
}

/* Reads all whole messages at the front of have; how many bytes they were. */
static size_t read_whole(const uint8_t *have, size_t size, bool ipc, const frame *wanted, size_t *count)
{
    size_t      done = 0, total;
    frame_fault fault;
    frame       f;

    while ((fault = sp_message_size(have + done, size - done, ipc, LIMIT, &total)) == FRAME_FINE &&
           total <= size - done) {
        if (!CHECK(*count < FRAMES) || !CHECK_INT(frame_read(have + done, total, ipc, &f), FRAME_FINE) ||
            !same(&f, &wanted[*count]))
            return size;
        ++*count;
        done += total;
    }
    CHECK(fault == FRAME_FINE || fault == FRAME_SHORT);
    return done;
}

/* Hands the stream over in pieces of random sizes, each in memory of its own. */
static void read_in_pieces(const stream *s, rng *r, const frame *wanted)
{
    size_t from = 0, to = 0, count = 0;

    while (to < s->size) {
        size_t   step = 1 + rng_below(r, rng_below(r, 2) ? 8 : 5000);
        uint8_t *have;

        to = to + step < s->size ? to + step : s->size;
        have = malloc(to - from);
        memcpy(have, s->bytes + from, to - from);
        from += read_whole(have, to - from, s->ipc, wanted, &count);
        free(have);
    }
    CHECK_INT(count, FRAMES);
    CHECK_INT(from, s->size);
}

static void check_splits(rng *r, stream *s, const uint8_t *noise)
{
    frame wanted[FRAMES];

    s->size = 0;
    s->ipc = rng_below(r, 2);
    for (size_t i = 0; i < FRAMES; i++) {
        wanted[i] = random_frame(r, noise);
        append(s, &wanted[i]);
    }
    read_in_pieces(s, r, wanted);
}

/* Any bytes at all: an answer, and nothing is read past them. */
static void check_noise(rng *r)
{
    size_t   size = rng_below(r, 80), total;
    uint8_t *bytes = malloc(size ? size : 1);
    bool     ipc = rng_below(r, 2);
    frame    f;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(rng_below(r, 3) ? rng_below(r, 4) : rng_next(r));
    if (sp_message_size(bytes, size, ipc, LIMIT, &total) == FRAME_FINE)
        CHECK(total <= LIMIT + 9);
    CHECK(strlen(frame_fault_text(frame_read(bytes, size, ipc, &f))) > 0);
    CHECK(f.payload_size <= size && f.extension_size <= size);
    free(bytes);
}

static void check_limit(void)
{
    uint8_t in[9] = {0, 0, 0, 0, 0, 0, 0, 100};
    size_t  total = 0;

    CHECK_INT(sp_message_size(in, 8, false, 100, &total), FRAME_FINE);
    CHECK_INT(total, 108);
    CHECK_INT(sp_message_size(in, 8, false, 99, &total), FRAME_TOO_LARGE);
    memset(in, 0xff, sizeof in);
    CHECK_INT(sp_message_size(in, 8, false, SIZE_MAX, &total), FRAME_TOO_LARGE);
    in[0] = 1;
    CHECK_INT(sp_message_size(in, 9, true, SIZE_MAX, &total), FRAME_TOO_LARGE);
}

/* A frame with an extension of this size, all of it there. */
static frame_fault read_extension_of(uint32_t size)
{
    size_t      total = 8 + 4 + FRAME_HEADER + 4 + size;
    uint8_t    *in = calloc(1, total);
    frame_fault fault;
    frame       f;

    in[8] = 0x80;
    in[12] = FRAME_MAGIC;
    in[13] = FRAME_CALL;
    in[15] = FRAME_FLAG_EXTENSION;
    in[30] = (uint8_t)(size >> 8);
    in[31] = (uint8_t)size;
    fault = frame_read(in, total, false, &f);
    free(in);
    return fault;
}

static void check_extension_limit(void)
{
    CHECK_INT(read_extension_of(0), FRAME_FINE);
    CHECK_INT(read_extension_of(16384), FRAME_FINE);
    CHECK_INT(read_extension_of(16385), FRAME_BAD_EXTENSION);
}

int main(void)
{
    rng      r = rng_seeded("random frames");
    stream  *s = malloc(sizeof *s);
    uint8_t *noise = malloc(2 * FRAME_EXTENSION_MAX);

    for (size_t i = 0; i < 2 * FRAME_EXTENSION_MAX; i++)
        noise[i] = (uint8_t)rng_next(&r);
    test_begin("a stream of frames, cut anywhere, gives the same frames");
    for (int i = 0; i < ROUNDS; i++)
        check_splits(&r, s, noise);
    test_begin("random bytes are read without harm");
    for (int i = 0; i < 100 * ROUNDS; i++)
        check_noise(&r);
    test_begin("a length is taken up to the limit, and no sum of lengths wraps");
    check_limit();
    test_begin("an extension is taken up to 16384 bytes");
    check_extension_limit();
    free(noise);
    free(s);
    return test_end();
}
