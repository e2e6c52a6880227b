/* link.c: runs one connection of a client: sends calls, matches replies to them by id, ends them when it breaks. */
#include "client/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "conn/hello.h"
#include "maru/status.pb-c.h"
#include "maru/wire.pb-c.h"
#include "wire/unpack.h"

enum {
    SLOTS_FIRST = 64,
    SLOTS_MAX = 1 << 18,
    ID_MASK = 0x7fffffff,
    HELLO_WAIT_MS = 200, /* a peer that is silent so long is taken for a plain nng socket */
    MAX_OUTPUT = 8 << 20,
    UNANSWERED_MAX = 64, /* calls that a plain nng socket has not answered: then it is given up */
};

typedef struct slot {
    outgoing *call; /* NULL: nobody waits, but its reply has not come */
    uint32_t  id;   /* 0: free */
} slot;

struct link {
    link              *next, **at; /* of the channel's list */
    maru_runtime      *rt;
    maru_client       *client;
    const link_events *events;
    conn              *conn;
    slot              *slots;                  /* a power of two; at id modulo their number */
    size_t             size, count, abandoned; /* of them, by their callers */
    uint32_t           last_id;
    bool               maru, usable, finishing;
    bool               ours;                   /* it was this side that closed it */
    size_t             max_calls, max_request; /* of the peer */
    size_t             max_message;            /* of a reply, ours */
    const char        *target;
    char               peer[96];
    maru_arena        *hello; /* what the peer said of its schemas */
    MaruPb__Schema   **schemas;
    size_t             schema_count;
    wheel_timer        hello_timer;
};

static slot *slot_of(const link *l, uint32_t id)
{
    return &l->slots[id & (l->size - 1)];
}

static bool grow(link *l)
{
    size_t old_size = l->size, size = old_size == 0 ? SLOTS_FIRST : old_size * 2;
    slot  *old = l->slots, *slots;

    if (l->count * 2 < old_size)
        return true;
    if (size > SLOTS_MAX || (slots = calloc(size, sizeof *slots)) == NULL)
        return l->count < old_size;
    l->slots = slots;
    l->size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].id != 0)
            *slot_of(l, old[i].id) = old[i];
    free(old);
    return true;
}

/* There is a free slot: the table is never full here. */
static uint32_t next_id(link *l)
{
    do
        l->last_id = (l->last_id + 1) & ID_MASK;
    while (l->last_id == FRAME_CONTROL_ID || slot_of(l, l->last_id)->id != 0);
    return l->last_id;
}

static void retire(link *l, slot *s)
{
    l->abandoned -= s->call == NULL;
    *s = (slot){0};
    l->count--;
    if (l->finishing && l->count == 0)
        conn_finish(l->conn, "done");
}

/* A call that was given up is in flight until its reply comes; but a plain nng socket is told of no cancel, and where
 * its application drops a request, no reply ever comes. */
static size_t in_flight(const link *l)
{
    return l->maru ? l->count : l->count - l->abandoned;
}

bool link_usable(const link *l)
{
    return l->usable;
}

size_t link_max_request(const link *l)
{
    return l->max_request;
}

bool link_room(const link *l)
{
    return l->usable && !l->finishing && conn_open(l->conn) && !conn_full(l->conn) && in_flight(l) < l->max_calls;
}

const char *link_peer(const link *l)
{
    return l->peer;
}

/* Sending. */

static uint32_t time_left(const link *l, const outgoing *o)
{
    int64_t left;

    if (o->call->deadline == MARU_NO_DEADLINE)
        return 0;
    left = (o->call->deadline - rt_glance(l->rt) + MARU_NS_PER_MS - 1) / MARU_NS_PER_MS;
    return left < 1 ? 1 : left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

/* Metadata that a handler received is not its callees' business, but for the name that the request has in logs; a root
 * call's own is. */
static size_t fill_metadata(const maru_call *base, MaruPb__Pair *pairs, MaruPb__Pair **pointers, size_t room)
{
    size_t n = 0;

    for (const call_pair *p = base->metadata; p != NULL && n < room; p = p->next) {
        if (base->method != NULL && strcmp(p->key, MARU_LOG_REQUEST) != 0)
            continue;
        maru_pb__pair__init(&pairs[n]);
        pairs[n].key = (char *)p->key;
        pairs[n].value = (char *)p->value;
        pointers[n] = &pairs[n];
        n++;
    }
    return n;
}

static size_t pack_extension(const outgoing *o, uint8_t *into, size_t room)
{
    enum { PAIRS = 64 };
    const maru_call  *base = o->call->base;
    MaruPb__Extension ext = MARU_PB__EXTENSION__INIT;
    MaruPb__Pair      pairs[PAIRS], *pointers[PAIRS];
    size_t            size;

    if (*o->request_id == 0 && *base->subject == 0 && *base->traceparent == 0 && base->metadata == NULL)
        return 0;
    ext.request_id = (char *)o->request_id;
    ext.subject = (char *)base->subject;
    ext.traceparent = (char *)base->traceparent;
    ext.metadata = pointers;
    ext.n_metadata = fill_metadata(base, pairs, pointers, PAIRS);
    size = maru_pb__extension__get_packed_size(&ext);
    return size > room ? SIZE_MAX : maru_pb__extension__pack(&ext, into);
}

static maru_status check_size(const link *l, size_t size, size_t extension, maru_error *error)
{
    if (extension == SIZE_MAX)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "metadata, request id and subject: limit %d bytes in all",
                              FRAME_EXTENSION_MAX);
    if (size > l->max_request)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED,
                              "request: %zu bytes, limit %zu (max_message of the server)", size, l->max_request);
    return MARU_OK;
}

static void write_call(link *l, outgoing *o, const frame *head)
{
    uint8_t *at = conn_begin(l->conn, head, head->payload_size);

    if (at == NULL)
        return; /* the connection is closing, and ends the call with it */
    if (o->message != NULL)
        pack_into(o->message, at);
    else if (head->payload_size > 0)
        memcpy(at, o->bytes, head->payload_size);
}

maru_status link_send(link *l, outgoing *o, maru_error *error)
{
    uint8_t     extension[FRAME_EXTENSION_MAX];
    size_t      extension_size = pack_extension(o, extension, sizeof extension);
    frame       head = {.kind = FRAME_CALL, .method = o->method, .time_ms = time_left(l, o)};
    maru_status status;

    head.payload_size = o->message != NULL ? pack_size(o->message) : o->size;
    if ((status = check_size(l, head.payload_size, extension_size, error)) != MARU_OK)
        return status;
    if (!grow(l))
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "calls in flight on one connection: limit %d", SLOTS_MAX);
    head.extension = extension;
    head.extension_size = extension_size;
    o->id = head.id = next_id(l);
    o->link = l;
    *slot_of(l, o->id) = (slot){.call = o, .id = o->id};
    l->count++;
    write_call(l, o, &head);
    return MARU_OK;
}

/* Its place is free for the next; one that answers nothing at all may do so on a new connection. */
static void abandon_plain(link *l)
{
    if (l->abandoned >= UNANSWERED_MAX)
        conn_close(l->conn, "a plain nng socket that answers no more");
    else if (link_room(l))
        l->events->room(l->client, l);
}

void link_abandon(link *l, outgoing *o, const char *why)
{
    frame          head = {.kind = FRAME_CANCEL, .id = o->id};
    MaruPb__Reason reason = MARU_PB__REASON__INIT;
    char           clean[256];
    uint8_t       *at;

    slot_of(l, o->id)->call = NULL;
    l->abandoned++;
    if (!l->maru)
        abandon_plain(l);
    if (!l->maru || !conn_open(l->conn))
        return;
    reason.why = (char *)utf8_clean(clean, sizeof clean, why);
    head.payload_size = maru_pb__reason__get_packed_size(&reason);
    if ((at = conn_begin(l->conn, &head, head.payload_size)) != NULL)
        maru_pb__reason__pack(&reason, at);
}

/* Receiving. */

static void end_failed(link *l, outgoing *o, const frame *f)
{
    maru_arena       *arena = rt_arena_take(l->rt, 1 << 20);
    ProtobufCMessage *message;
    maru_error        error;

    if (arena != NULL &&
        unpack_message(&maru_pb__status__descriptor, f->payload, f->payload_size, arena, &message, &error) == MARU_OK) {
        const MaruPb__Status *words = (const MaruPb__Status *)message;
        client_ended(o, (maru_status)f->status, words->message, words->origin, NULL);
    } else {
        client_ended(o, (maru_status)f->status, "its words could not be read", l->peer, NULL);
    }
    rt_arena_give(l->rt, arena);
}

static void on_reply(link *l, const frame *f)
{
    slot     *s = l->size == 0 ? NULL : slot_of(l, f->id);
    outgoing *o;

    if (s == NULL || s->id != f->id || f->id == FRAME_CONTROL_ID)
        return; /* of no call of ours */
    o = s->call;
    retire(l, s);
    if (o != NULL && f->status == MARU_OK)
        client_ended(o, MARU_OK, "", "", f);
    else if (o != NULL)
        end_failed(l, o, f);
    if (link_room(l))
        l->events->room(l->client, l);
}

static void become_usable(link *l)
{
    rt_timer_clear(l->rt, &l->hello_timer);
    l->usable = true;
    l->events->usable(l->client, l);
}

static void hello_wait_over(wheel_timer *timer)
{
    become_usable((link *)((char *)timer - offsetof(link, hello_timer)));
}

uint64_t link_fingerprint(const link *l, const char *service)
{
    for (size_t i = 0; i < l->schema_count; i++)
        if (strcmp(l->schemas[i]->service, service) == 0)
            return l->schemas[i]->fingerprint;
    return 0;
}

/* Keeps arena, which peer lies in. */
static void take_hello(link *l, const MaruPb__Hello *peer, maru_arena *arena)
{
    hello ours = {.version = WIRE_VERSION, .service = "", .instance = "", .max_message = l->max_message};

    l->maru = true;
    l->hello = arena;
    l->schemas = peer->schemas;
    l->schema_count = peer->n_schemas;
    l->max_calls = peer->max_calls == 0 ? SIZE_MAX : peer->max_calls;
    l->max_request = peer->max_message == 0 ? SIZE_MAX : peer->max_message;
    if (*peer->service != 0)
        hello_name(peer->service, peer->instance, l->peer);
    conn_peer_is_maru(l->conn);
    hello_send(l->conn, &ours);
    become_usable(l); /* also where it was taken for a plain nng socket: what waits for room has it now */
}

static void on_hello(link *l, const frame *f)
{
    maru_arena       *arena = rt_arena_take(l->rt, 1 << 20);
    ProtobufCMessage *message;
    maru_error        error;
    char              why[160];

    if (arena == NULL || l->maru)
        rt_arena_give(l->rt, arena);
    else if (unpack_message(&maru_pb__hello__descriptor, f->payload, f->payload_size, arena, &message, &error) ==
             MARU_OK)
        take_hello(l, (const MaruPb__Hello *)message, arena);
    else {
        snprintf(why, sizeof why, "its HELLO: %.140s", error.text);
        conn_close(l->conn, why);
        rt_arena_give(l->rt, arena);
    }
}

static void on_going_away(link *l, const frame *f)
{
    maru_arena           *arena = rt_arena_take(l->rt, 1 << 20);
    ProtobufCMessage     *message;
    maru_error            error;
    const MaruPb__Reason *reason;
    char                  words[200], clean[160];

    snprintf(clean, sizeof clean, "%s", *l->peer != 0 ? l->peer : "the server takes no more calls");
    if (arena != NULL &&
        unpack_message(&maru_pb__reason__descriptor, f->payload, f->payload_size, arena, &message, &error) == MARU_OK) {
        reason = (const MaruPb__Reason *)message;
        snprintf(words, sizeof words, "%.80s: %.110s", reason->who, reason->why);
        utf8_clean(clean, sizeof clean, words);
    }
    rt_arena_give(l->rt, arena);
    l->events->going_away(l->client, l, clean);
}

static void on_frame(void *arg, conn *c, const frame *f, frame_fault fault)
{
    link *l = arg;

    if (fault != FRAME_FINE)
        conn_close(c, frame_fault_text(fault));
    else if (f->kind == FRAME_REPLY)
        on_reply(l, f);
    else if (f->kind == FRAME_HELLO)
        on_hello(l, f);
    else if (f->kind == FRAME_GOING_AWAY)
        on_going_away(l, f);
}

static void on_ready(void *arg, conn *c)
{
    link *l = arg;

    (void)c;
    rt_timer_set(l->rt, &l->hello_timer, rt_now(l->rt) + HELLO_WAIT_MS * (int64_t)MARU_NS_PER_MS);
}

static void on_relieved(void *arg, conn *c)
{
    link *l = arg;

    (void)c;
    if (link_room(l))
        l->events->room(l->client, l);
}

static void end_all(link *l, const char *why)
{
    maru_status status = l->ours ? MARU_CANCELLED : MARU_UNAVAILABLE;
    char        words[512];

    if (l->ours)
        snprintf(words, sizeof words, "cancelled: %s", why);
    else
        snprintf(words, sizeof words, "%.200s: the connection was lost while the call was in flight: %s", l->target,
                 why);
    for (size_t i = 0; i < l->size; i++) {
        outgoing *o = l->slots[i].call;

        l->slots[i] = (slot){0};
        if (o != NULL)
            client_ended(o, status, words, l->ours ? "" : l->peer, NULL);
    }
    l->count = l->abandoned = 0;
}

static void on_closed(void *arg, conn *c, const char *why)
{
    link *l = arg;

    (void)c;
    rt_timer_clear(l->rt, &l->hello_timer);
    l->usable = false;
    end_all(l, why);
    *l->at = l->next;
    if (l->next != NULL)
        l->next->at = l->at;
    l->events->closed(l->client, l, why);
    rt_arena_give(l->rt, l->hello);
    free(l->slots);
    free(l);
}

static const conn_owner owner = {.ready = on_ready, .frame = on_frame, .relieved = on_relieved, .closed = on_closed};

void link_finish(link *l)
{
    l->finishing = true;
    if (l->count == 0)
        conn_finish(l->conn, "done");
}

void link_close_all(link *list, const char *why)
{
    for (link *l = list; l != NULL; l = l->next) {
        l->ours = true;
        conn_close(l->conn, why);
    }
}

link *link_new(maru_runtime *rt, maru_stream *stream, const link_options *options, const link_events *events,
               maru_client *client, link **list)
{
    conn_options co = {.protocol = SP_REQ,
                       .ipc = options->ipc,
                       .max_output = MAX_OUTPUT,
                       .slow_ms = 0,
                       .max_message = options->max_message + FRAME_EXTENSION_MAX + FRAME_HEAD_MAX,
                       .ping_ms = options->ping_ms};
    link        *l = malloc(sizeof *l);

    if (l == NULL) {
        rt_seam(rt)->transport->close(stream);
        rt_seam(rt)->transport->release(stream);
        return NULL;
    }
    *l = (link){.next = *list,
                .at = list,
                .rt = rt,
                .client = client,
                .events = events,
                .target = options->target,
                .max_calls = 1,
                .max_request = SIZE_MAX,
                .max_message = options->max_message,
                .hello_timer = {.fire = hello_wait_over}};
    rt_random(rt, &l->last_id, sizeof l->last_id);
    if ((l->conn = conn_new(rt, stream, &co, &owner, l)) == NULL) {
        free(l);
        return NULL;
    }
    if (l->next != NULL)
        l->next->at = &l->next;
    *list = l;
    return l;
}
