/* frame.h: the bytes of Maru on an SP stream. Pure: bytes in, views and bytes out; no memory is taken here.
 *
 * A connection begins with the 8-byte SP hello each way. Then every message is
 *   [ipc only: 0x01] [u64 length of what follows] [hop ids, u32 each, high bit clear]* [request id, u32, high bit set]
 *   [16-byte header] [flag EXTENSION: u32 size, maru.Extension] [payload]
 * all big-endian. docs/wire.md has the byte tables, with golden vectors that the tests read.
 * SP: nanomsg RFCs sp-tcp-mapping-01, sp-request-reply-01; nng's ipc transport puts a 0x01 before each message.
 */
#ifndef MARU_FRAME_H
#define MARU_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_KIND_TABLE(X)                                                                                            \
    X(CALL, 1)   /* a request; a unary call's only message */                                                          \
    X(REPLY, 2)  /* final: the response, or a maru.Status where status is not OK */                                    \
    X(DATA, 3)   /* one message of a stream */                                                                         \
    X(END, 4)    /* no more DATA from this side */                                                                     \
    X(CANCEL, 5) /* the caller gives up; payload: maru.Reason. A REPLY still follows */                                \
    X(CREDIT, 6) /* this many more messages and bytes may be sent on a stream */                                       \
    X(PING, 7)   /* answered by PONG with the same payload, at most 16 bytes */                                        \
    X(PONG, 8)                                                                                                         \
    X(GOING_AWAY, 9) /* no new calls on this connection; payload: maru.Reason */                                       \
    X(HELLO, 10)     /* maru.Hello */

typedef enum frame_kind {
#define X(name, number) FRAME_##name = number,
    FRAME_KIND_TABLE(X)
#undef X
} frame_kind;

enum {
    SP_HELLO_SIZE = 8,
    SP_REQ = 0x30,
    SP_REP = 0x31,
    SP_MAX_HOPS = 8, /* ids before and with the request id; nng's own limit on the time to live is 15 */
    FRAME_HEADER = 16,
    FRAME_MAGIC = 'M',
    FRAME_FLAG_EXTENSION = 1,
    FRAME_EXTENSION_MAX = 16384,
    /* The most that comes before a payload: ipc byte, length, hops, header, extension size. Add the extension's own. */
    FRAME_HEAD_MAX = 1 + 8 + 4 * SP_MAX_HOPS + FRAME_HEADER + 4,
    FRAME_CONTROL_ID = 0, /* the request id (without its high bit) of HELLO, PING, PONG, GOING_AWAY: no call has it */
};

/* What is wrong with bytes from a peer; frame_fault_text says it in words. Every one ends the connection but BAD_HEADER
 * and BAD_EXTENSION, which have a request id to answer. */
typedef enum frame_fault {
    FRAME_FINE = 0,
    FRAME_SHORT,         /* not all there yet */
    FRAME_BAD_SP_HELLO,  /* not 00 53 50 00 */
    FRAME_BAD_SP_PEER,   /* speaks another SP protocol */
    FRAME_BAD_IPC_MARK,  /* not 01 */
    FRAME_TOO_LARGE,     /* length above the limit */
    FRAME_NO_ID,         /* no word with its high bit set, or too many hops */
    FRAME_BAD_HEADER,    /* shorter than a header, wrong magic, unknown kind, status or flags */
    FRAME_BAD_EXTENSION, /* its size is above the limit or past the end */
} frame_fault;

const char *frame_fault_text(frame_fault fault);

/* The first 8 bytes each way. protocol is SP_REQ (a client) or SP_REP (a server). */
void        sp_hello_write(uint8_t out[static SP_HELLO_SIZE], int protocol);
frame_fault sp_hello_read(const uint8_t in[static SP_HELLO_SIZE], int want_protocol);

/* A view of one message; pointers into the bytes that were read. */
typedef struct frame {
    uint8_t        hops[4 * SP_MAX_HOPS]; /* all ids as they came, the request id last: echoed in the answer */
    uint8_t        hops_size;             /* 4..32 */
    uint32_t       id;                    /* the request id without its high bit */
    uint8_t        kind;                  /* frame_kind */
    uint8_t        status;                /* maru_status; of a REPLY */
    uint32_t       time_ms; /* CALL: what is left of the deadline, 0 none. REPLY: retry not before, 0 nothing said */
    uint64_t       method;  /* CALL: maru_method_id. REPLY: queued_us << 32 | handled_us */
    const uint8_t *extension;
    size_t         extension_size; /* 0: none */
    const uint8_t *payload;
    size_t         payload_size;
} frame;

/* sp_message_size looks at the first bytes of a message: FINE and *total (prefix and all) where its length is known and
 * its body at most max; SHORT where more bytes are needed to tell. Never reads past in+size. */
frame_fault sp_message_size(const uint8_t *in, size_t size, bool ipc, size_t max, size_t *total);

/* frame_read parses one whole message (total bytes of sp_message_size). On BAD_HEADER and BAD_EXTENSION hops and id
 * are valid. */
frame_fault frame_read(const uint8_t *in, size_t total, bool ipc, frame *out);

/* frame_write_head writes all that comes before the payload, with out->extension if there is one, and returns its size;
 * payload_size bytes must follow. out has FRAME_HEAD_MAX + extension_size bytes. A client's own call has
 * hops_size 0: the id alone is written. */
size_t frame_write_head(uint8_t *out, const frame *f, bool ipc);
/* What frame_write_head will return. */
size_t frame_head_size(const frame *f, bool ipc);

#endif
