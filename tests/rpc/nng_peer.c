/* nng_peer.c: see nng_peer.h. frame.h's functions write and read whole messages; the length and the request id, which
 * are nng's own business, are cut off and put back. */
#include "rpc/nng_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maru/wire.pb-c.h"

enum { AROUND = 8 + 4 }; /* length, request id */

void nng_must(int result, const char *what)
{
    if (result == 0)
        return;
    fprintf(stderr, "%s: %s\n", what, nng_strerror(result));
    exit(1);
}

static nng_msg *body(const frame *head, const ProtobufCMessage *message)
{
    uint8_t  bytes[FRAME_HEAD_MAX + FRAME_EXTENSION_MAX];
    size_t   head_size, size = message == NULL ? 0 : protobuf_c_message_get_packed_size(message);
    nng_msg *out;
    frame    f = *head;

    f.payload_size = size;
    head_size = frame_write_head(bytes, &f, false) - AROUND;
    nng_must(nng_msg_alloc(&out, head_size + size), "message");
    memcpy(nng_msg_body(out), bytes + AROUND, head_size);
    if (message != NULL)
        protobuf_c_message_pack(message, (uint8_t *)nng_msg_body(out) + head_size);
    return out;
}

nng_msg *nng_peer_call(const maru_method *method, const char *request_id, const ProtobufCMessage *request)
{
    MaruPb__Extension extension = MARU_PB__EXTENSION__INIT;
    uint8_t           bytes[256];
    frame             head = {.kind = FRAME_CALL, .method = method->id, .time_ms = 20000};

    if (request_id != NULL) {
        extension.request_id = (char *)request_id;
        head.extension = bytes;
        head.extension_size = maru_pb__extension__pack(&extension, bytes);
    }
    return body(&head, request);
}

nng_msg *nng_peer_reply(int status, const ProtobufCMessage *response)
{
    frame head = {.kind = FRAME_REPLY, .status = (uint8_t)status};

    return body(&head, response);
}

bool nng_peer_read(nng_msg *message, nng_peer_body *out)
{
    size_t size = nng_msg_len(message);

    if ((out->bytes = calloc(1, AROUND + size)) == NULL)
        abort();
    out->bytes[8] = 0x80; /* request id 0 */
    memcpy(out->bytes + AROUND, nng_msg_body(message), size);
    nng_msg_free(message);
    return frame_read(out->bytes, AROUND + size, false, &out->f) == FRAME_FINE;
}

void nng_peer_free(nng_peer_body *b)
{
    free(b->bytes);
    b->bytes = NULL;
}
