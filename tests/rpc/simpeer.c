/* simpeer.c: see simpeer.h. */
#include "rpc/simpeer.h"

#include <stdlib.h>
#include <string.h>

#include "maru/wire.pb-c.h"

struct simpeer_chunk {
    simpeer_chunk *next;
    size_t         size, gone;
    uint8_t        bytes[];
};

static const maru_transport *transport(const simpeer *p)
{
    return maru_sim_seam(p->sim)->transport;
}

static void lost(simpeer *p)
{
    if (p->closed_at == 0)
        p->closed_at = maru_sim_now(p->sim);
}

static void drop_first(simpeer *p)
{
    simpeer_chunk *first = p->out;

    if ((p->out = first->next) == NULL)
        p->out_end = &p->out;
    free(first);
}

static void init(simpeer *p, maru_sim *sim)
{
    *p = (simpeer){.sim = sim};
    p->out_end = &p->out;
}

/* A stream is given back once nothing is under way on it. */
static void let_go(simpeer *p)
{
    if (p->stream == NULL || p->receiving || p->sending || p->closed_at == 0)
        return;
    transport(p)->release(p->stream);
    p->stream = NULL;
}

static void receive(simpeer *p);

static void on_received(void *arg, int error, size_t bytes)
{
    simpeer *p = arg;

    p->receiving = false;
    if (error != 0) {
        lost(p);
        let_go(p);
        return;
    }
    if (p->in_room < p->in_size + bytes) {
        p->in_room = 2 * (p->in_size + bytes);
        if ((p->in = realloc(p->in, p->in_room)) == NULL)
            abort();
    }
    memcpy(p->in + p->in_size, p->chunk, bytes);
    p->in_size += bytes;
    receive(p);
}

static void receive(simpeer *p)
{
    if (p->deaf || p->receiving || p->stream == NULL)
        return;
    p->receiving = true;
    transport(p)->recv(p->stream, p->chunk, sizeof p->chunk, on_received, p);
}

static void send_on(simpeer *p);

static void on_sent(void *arg, int error, size_t bytes)
{
    simpeer *p = arg;

    p->sending = false;
    if ((p->out->gone += bytes) == p->out->size)
        drop_first(p);
    if (error != 0) {
        lost(p);
        let_go(p);
        return;
    }
    send_on(p);
}

static void send_on(simpeer *p)
{
    if (p->sending || p->stream == NULL || p->closed_at != 0 || p->out == NULL)
        return;
    p->sending = true;
    transport(p)->send(p->stream, p->out->bytes + p->out->gone, p->out->size - p->out->gone, on_sent, p);
}

static void begin(simpeer *p, maru_stream *stream)
{
    p->stream = stream;
    p->connected_at = maru_sim_now(p->sim);
    p->closed_at = 0;
    p->in_size = p->taken = 0;
    p->accepted++;
    receive(p);
    send_on(p);
}

static void on_dialed(void *arg, int error, maru_stream *stream)
{
    simpeer *p = arg;

    transport(p)->dial_release(p->dial);
    p->dial = NULL;
    if (error == 0)
        begin(p, stream);
    else
        lost(p);
}

void simpeer_dial(simpeer *p, maru_sim *sim, const char *url)
{
    init(p, sim);
    p->dial = transport(p)->dial(sim, url, on_dialed, p, NULL);
}

static void on_accepted(void *arg, int error, maru_stream *stream)
{
    simpeer *p = arg;

    if (error != 0)
        return;
    if (p->stream == NULL)
        begin(p, stream);
    else
        transport(p)->release(stream);
    transport(p)->accept(p->listener, on_accepted, p);
}

void simpeer_listen(simpeer *p, maru_sim *sim, const char *url)
{
    init(p, sim);
    if (transport(p)->listen(sim, url, &p->listener, NULL) != MARU_OK)
        abort();
    transport(p)->accept(p->listener, on_accepted, p);
}

void simpeer_close(simpeer *p)
{
    lost(p);
    if (p->stream != NULL)
        transport(p)->close(p->stream);
    let_go(p);
}

void simpeer_shut(simpeer *p)
{
    maru_sim_shut(p->stream);
}

void simpeer_reset(simpeer *p)
{
    maru_sim_reset(p->stream);
    simpeer_close(p);
}

void simpeer_free(simpeer *p)
{
    simpeer_close(p);
    if (p->listener != NULL)
        transport(p)->listener_close(p->listener);
    while ((p->stream != NULL || p->dial != NULL) && maru_sim_step(p->sim))
        ;
    maru_sim_run(p->sim, maru_sim_now(p->sim)); /* the accept that was called off */
    if (p->listener != NULL)
        transport(p)->listener_release(p->listener);
    while (p->out != NULL)
        drop_first(p);
    free(p->in);
}

void simpeer_write(simpeer *p, const void *bytes, size_t size)
{
    simpeer_chunk *chunk = malloc(sizeof *chunk + size);

    if (chunk == NULL)
        abort();
    *chunk = (simpeer_chunk){.size = size};
    memcpy(chunk->bytes, bytes, size);
    *p->out_end = chunk;
    p->out_end = &chunk->next;
    send_on(p);
}

void simpeer_hello(simpeer *p, int protocol)
{
    uint8_t bytes[SP_HELLO_SIZE];

    sp_hello_write(bytes, protocol);
    simpeer_write(p, bytes, sizeof bytes);
}

void simpeer_frame(simpeer *p, const frame *head, const void *payload)
{
    uint8_t bytes[FRAME_HEAD_MAX + FRAME_EXTENSION_MAX];
    size_t  size = frame_write_head(bytes, head, false);

    simpeer_write(p, bytes, size);
    if (head->payload_size > 0)
        simpeer_write(p, payload, head->payload_size);
}

static void send_message(simpeer *p, frame head, const ProtobufCMessage *message)
{
    uint8_t *bytes;

    head.payload_size = message == NULL ? 0 : protobuf_c_message_get_packed_size(message);
    if ((bytes = malloc(head.payload_size + 1)) == NULL)
        abort();
    if (message != NULL)
        protobuf_c_message_pack(message, bytes);
    simpeer_frame(p, &head, bytes);
    free(bytes);
}

void simpeer_maru_hello(simpeer *p, uint32_t max_calls)
{
    MaruPb__Hello hello = MARU_PB__HELLO__INIT;

    hello.version = 1;
    hello.service = (char *)"simpeer";
    hello.instance = (char *)"test";
    hello.max_calls = max_calls;
    send_message(p, (frame){.kind = FRAME_HELLO, .id = FRAME_CONTROL_ID}, &hello.base);
}

void simpeer_call(simpeer *p, uint32_t id, const maru_method *method, uint32_t time_ms, const ProtobufCMessage *request)
{
    send_message(p, (frame){.kind = FRAME_CALL, .id = id, .method = method->id, .time_ms = time_ms}, request);
}

void simpeer_cancel(simpeer *p, uint32_t id, const char *why)
{
    MaruPb__Reason reason = MARU_PB__REASON__INIT;

    reason.why = (char *)why;
    send_message(p, (frame){.kind = FRAME_CANCEL, .id = id}, &reason.base);
}

void simpeer_greet(simpeer *p)
{
    simpeer_hello(p, SP_REQ);
    simpeer_maru_hello(p, 0);
}

void simpeer_listen_up(simpeer *p)
{
    p->deaf = false;
    receive(p);
}

bool simpeer_next(simpeer *p, frame *f)
{
    size_t total;

    if (p->taken == 0 && p->in_size >= SP_HELLO_SIZE)
        p->taken = SP_HELLO_SIZE;
    if (p->taken == 0 ||
        sp_message_size(p->in + p->taken, p->in_size - p->taken, false, SIZE_MAX / 4, &total) != FRAME_FINE ||
        total > p->in_size - p->taken || frame_read(p->in + p->taken, total, false, f) != FRAME_FINE)
        return false;
    p->taken += total;
    return true;
}

size_t simpeer_count(simpeer *p, frame_kind kind)
{
    size_t count = 0;
    frame  f;

    while (simpeer_next(p, &f))
        count += f.kind == kind;
    return count;
}
