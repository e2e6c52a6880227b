/* frame.c: parses and writes the head of a message (contract: frame.h; byte tables: docs/wire.md). */
#include "wire/frame.h"

#include <string.h>

#include "maru/status.h"

enum {
    IPC_MARK = 0x01,
    LENGTH_SIZE = 8,
    ID_SIZE = 4,
    EXTENSION_SIZE_SIZE = 4,
    FLAGS_KNOWN = FRAME_FLAG_EXTENSION,
};

#define ID_LAST UINT32_C(0x80000000) /* the high bit: this word is the request id, no hop */

static const char *const fault_texts[] = {
    [FRAME_FINE] = "fine",
    [FRAME_SHORT] = "not all there yet",
    [FRAME_BAD_SP_HELLO] = "does not begin with the SP hello 00 53 50 00: the peer speaks another protocol than nng's",
    [FRAME_BAD_SP_PEER] = "wrong SP protocol: want REQ (0x30) from a client, REP (0x31) from a server",
    [FRAME_BAD_IPC_MARK] = "a message on ipc must begin with 01",
    [FRAME_TOO_LARGE] = "message longer than the limit",
    [FRAME_NO_ID] = "no request id (a word with its high bit set) among the first 8 words",
    [FRAME_BAD_HEADER] = "bad header: want 16 bytes: 'M', a known kind, status 0..16, known flags",
    [FRAME_BAD_EXTENSION] = "bad extension: want at most 16384 bytes, all within the message",
};

const char *frame_fault_text(frame_fault fault)
{
    return (size_t)fault < sizeof fault_texts / sizeof *fault_texts ? fault_texts[fault] : "unknown fault";
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof v);
    return __builtin_bswap32(v);
}

static uint64_t get64(const uint8_t *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof v);
    return __builtin_bswap64(v);
}

static uint8_t *put32(uint8_t *at, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(at, &v, sizeof v);
    return at + sizeof v;
}

static uint8_t *put64(uint8_t *at, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(at, &v, sizeof v);
    return at + sizeof v;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "get and put swap: the wire is big-endian");

void sp_hello_write(uint8_t out[static SP_HELLO_SIZE], int protocol)
{
    memcpy(out, (uint8_t[SP_HELLO_SIZE]){0x00, 'S', 'P', 0x00, 0x00, (uint8_t)protocol, 0x00, 0x00}, SP_HELLO_SIZE);
}

frame_fault sp_hello_read(const uint8_t in[static SP_HELLO_SIZE], int want_protocol)
{
    static const uint8_t magic[4] = {0x00, 'S', 'P', 0x00};

    if (memcmp(in, magic, sizeof magic) != 0 || in[6] != 0 || in[7] != 0)
        return FRAME_BAD_SP_HELLO;
    return in[4] == 0 && in[5] == want_protocol ? FRAME_FINE : FRAME_BAD_SP_PEER;
}

static size_t prefix_size(bool ipc)
{
    return LENGTH_SIZE + (ipc ? 1 : 0);
}

frame_fault sp_message_size(const uint8_t *in, size_t size, bool ipc, size_t max, size_t *total)
{
    uint64_t body;

    if (ipc && size > 0 && in[0] != IPC_MARK)
        return FRAME_BAD_IPC_MARK;
    if (size < prefix_size(ipc))
        return FRAME_SHORT;
    body = get64(in + (ipc ? 1 : 0));
    if (body > max || body > SIZE_MAX - prefix_size(true))
        return FRAME_TOO_LARGE;
    *total = prefix_size(ipc) + (size_t)body;
    return FRAME_FINE;
}

/* Takes the ids at the front of [at, end) and returns what follows them; NULL where no request id is among them. */
static const uint8_t *read_ids(const uint8_t *at, const uint8_t *end, frame *out)
{
    const uint8_t *word = at;

    for (int i = 0; i < SP_MAX_HOPS && end - word >= ID_SIZE; i++, word += ID_SIZE) {
        uint32_t id = get32(word);

        if (!(id & ID_LAST))
            continue;
        out->id = id & ~ID_LAST;
        out->hops_size = (uint8_t)(word + ID_SIZE - at);
        memcpy(out->hops, at, out->hops_size);
        return word + ID_SIZE;
    }
    return NULL;
}

static bool header_known(const uint8_t *h)
{
    return h[0] == FRAME_MAGIC && h[1] >= FRAME_CALL && h[1] <= FRAME_HELLO && h[2] < MARU_STATUS_COUNT &&
           !(h[3] & ~FLAGS_KNOWN);
}

/* Takes the extension at the front of [at, end) and returns what follows it; NULL where it is none. */
static const uint8_t *read_extension(const uint8_t *at, const uint8_t *end, frame *out)
{
    uint32_t size;

    if (end - at < EXTENSION_SIZE_SIZE)
        return NULL;
    size = get32(at);
    at += EXTENSION_SIZE_SIZE;
    if (size > FRAME_EXTENSION_MAX || size > (size_t)(end - at))
        return NULL;
    out->extension = at;
    out->extension_size = size;
    return at + size;
}

frame_fault frame_read(const uint8_t *in, size_t total, bool ipc, frame *out)
{
    const uint8_t *end = in + total;
    const uint8_t *h;
    const uint8_t *rest;

    *out = (frame){0};
    if (total < prefix_size(ipc) || !(h = read_ids(in + prefix_size(ipc), end, out)))
        return FRAME_NO_ID;
    if (end - h < FRAME_HEADER || !header_known(h))
        return FRAME_BAD_HEADER;
    out->kind = h[1];
    out->status = h[2];
    out->time_ms = get32(h + 4);
    out->method = get64(h + 8);
    rest = h + FRAME_HEADER;
    if ((h[3] & FRAME_FLAG_EXTENSION) && !(rest = read_extension(rest, end, out)))
        return FRAME_BAD_EXTENSION;
    out->payload = rest;
    out->payload_size = (size_t)(end - rest);
    return FRAME_FINE;
}

/* Of all that follows the length but the payload. */
static size_t body_head_size(const frame *f)
{
    size_t ids = f->hops_size ? f->hops_size : ID_SIZE;
    size_t extension = f->extension_size ? EXTENSION_SIZE_SIZE + f->extension_size : 0;

    return ids + FRAME_HEADER + extension;
}

size_t frame_head_size(const frame *f, bool ipc)
{
    return prefix_size(ipc) + body_head_size(f);
}

static uint8_t *write_ids(uint8_t *at, const frame *f)
{
    if (!f->hops_size)
        return put32(at, f->id | ID_LAST);
    memcpy(at, f->hops, f->hops_size);
    return at + f->hops_size;
}

static uint8_t *write_header(uint8_t *at, const frame *f)
{
    *at++ = FRAME_MAGIC;
    *at++ = f->kind;
    *at++ = f->status;
    *at++ = f->extension_size ? FRAME_FLAG_EXTENSION : 0;
    at = put32(at, f->time_ms);
    return put64(at, f->method);
}

static uint8_t *write_extension(uint8_t *at, const frame *f)
{
    at = put32(at, (uint32_t)f->extension_size);
    memcpy(at, f->extension, f->extension_size);
    return at + f->extension_size;
}

size_t frame_write_head(uint8_t *out, const frame *f, bool ipc)
{
    uint8_t *at = out;

    if (ipc)
        *at++ = IPC_MARK;
    at = put64(at, body_head_size(f) + f->payload_size);
    at = write_ids(at, f);
    at = write_header(at, f);
    if (f->extension_size)
        at = write_extension(at, f);
    return (size_t)(at - out);
}
