/* peer.c: see peer.h. */
#include "rpc/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "maru/status.pb-c.h"
#include "maru/wire.pb-c.h"

typedef union address {
    struct sockaddr    any;
    struct sockaddr_in in;
    struct sockaddr_un un;
} address;

static bool url_is_ipc(const char *url)
{
    return strncmp(url, "ipc://", 6) == 0;
}

static socklen_t address_of(const char *url, address *a)
{
    *a = (address){0};
    if (url_is_ipc(url)) {
        a->un.sun_family = AF_UNIX;
        snprintf(a->un.sun_path, sizeof a->un.sun_path, "%s", url + 6);
        return sizeof a->un;
    }
    a->in.sin_family = AF_INET;
    a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a->in.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
    return sizeof a->in;
}

static int open_socket(const char *url)
{
    return socket(url_is_ipc(url) ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

bool peer_connect(peer *p, const char *url)
{
    address   a;
    socklen_t size = address_of(url, &a);
    int       one = 1;

    *p = (peer){.fd = open_socket(url), .ipc = url_is_ipc(url)};
    if (p->fd < 0 || connect(p->fd, &a.any, size) != 0) {
        peer_close(p);
        return false;
    }
    if (!p->ipc)
        setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return true;
}

void peer_close(peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    free(p->in);
    *p = (peer){.fd = -1};
}

void peer_reset(peer *p)
{
    struct linger now = {.l_onoff = 1};

    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    peer_close(p);
}

bool peer_listen(peer_listener *l, const char *url)
{
    address   a;
    socklen_t size = address_of(url, &a);

    *l = (peer_listener){.fd = open_socket(url), .ipc = url_is_ipc(url)};
    snprintf(l->url, sizeof l->url, "%s", url);
    if (l->fd < 0 || bind(l->fd, &a.any, size) != 0 || listen(l->fd, 64) != 0)
        return false;
    if (!l->ipc && getsockname(l->fd, &a.any, &size) == 0)
        snprintf(l->url, sizeof l->url, "tcp://127.0.0.1:%d", ntohs(a.in.sin_port));
    return true;
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, PEER_WAIT_MS) == 1;
}

bool peer_accept(peer_listener *l, peer *p)
{
    *p = (peer){.fd = readable(l->fd) ? accept4(l->fd, NULL, NULL, SOCK_CLOEXEC) : -1, .ipc = l->ipc};
    return p->fd >= 0;
}

void peer_listener_close(peer_listener *l)
{
    close(l->fd);
    if (l->ipc)
        unlink(l->url + 6);
}

/* Bytes. */

bool peer_write(peer *p, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    while (size > 0) {
        struct pollfd w = {.fd = p->fd, .events = POLLOUT};
        ssize_t       n = poll(&w, 1, PEER_WAIT_MS) == 1 ? send(p->fd, at, size, MSG_NOSIGNAL) : -1;

        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* More bytes into in; 0 where the other side closed or reset, -1 where nothing came. */
static ssize_t read_more(peer *p)
{
    ssize_t n;

    if (p->taken > 0) {
        memmove(p->in, p->in + p->taken, p->size - p->taken);
        p->size -= p->taken;
        p->taken = 0;
    }
    if (p->size == p->room) {
        p->room = p->room == 0 ? 4096 : 2 * p->room;
        if ((p->in = realloc(p->in, p->room)) == NULL)
            abort();
    }
    if (!readable(p->fd))
        return -1;
    if ((n = recv(p->fd, p->in + p->size, p->room - p->size, 0)) <= 0)
        return 0;
    p->size += (size_t)n;
    return n;
}

bool peer_is_closed(peer *p)
{
    ssize_t n;

    while ((n = read_more(p)) > 0)
        p->size = p->taken = 0;
    return n == 0;
}

static bool have(peer *p, size_t size)
{
    while (p->size - p->taken < size)
        if (read_more(p) <= 0)
            return false;
    return true;
}

bool peer_hello(peer *p, int protocol, int want)
{
    uint8_t ours[SP_HELLO_SIZE];

    sp_hello_write(ours, protocol);
    if (!peer_write(p, ours, sizeof ours) || !have(p, SP_HELLO_SIZE) ||
        sp_hello_read(p->in + p->taken, want) != FRAME_FINE)
        return false;
    p->taken += SP_HELLO_SIZE;
    return true;
}

/* Frames. */

bool peer_next(peer *p, frame *f)
{
    size_t      total;
    frame_fault fault;

    while ((fault = sp_message_size(p->in + p->taken, p->size - p->taken, p->ipc, 64 << 20, &total)) == FRAME_SHORT)
        if (read_more(p) <= 0)
            return false;
    if (fault != FRAME_FINE || !have(p, total) || frame_read(p->in + p->taken, total, p->ipc, f) != FRAME_FINE)
        return false;
    p->taken += total;
    return true;
}

bool peer_expect(peer *p, frame_kind kind, frame *f)
{
    do
        if (!peer_next(p, f))
            return false;
    while (f->kind != kind);
    return true;
}

bool peer_frame(peer *p, const frame *head, const void *payload)
{
    size_t   head_size = frame_head_size(head, p->ipc), size = head_size + head->payload_size;
    uint8_t *bytes = malloc(size);
    bool     sent;

    if (bytes == NULL)
        abort();
    frame_write_head(bytes, head, p->ipc);
    if (head->payload_size > 0)
        memcpy(bytes + head_size, payload, head->payload_size);
    sent = peer_write(p, bytes, size);
    free(bytes);
    return sent;
}

/* head with message as its payload. */
static bool send_message(peer *p, frame head, const ProtobufCMessage *message)
{
    uint8_t *bytes;
    bool     sent;

    head.payload_size = message == NULL ? 0 : protobuf_c_message_get_packed_size(message);
    if ((bytes = malloc(head.payload_size + 1)) == NULL)
        abort();
    if (message != NULL)
        protobuf_c_message_pack(message, bytes);
    sent = peer_frame(p, &head, bytes);
    free(bytes);
    return sent;
}

bool peer_call(peer *p, uint32_t id, const maru_method *method, uint32_t time_ms, const ProtobufCMessage *request)
{
    return send_message(p, (frame){.kind = FRAME_CALL, .id = id, .method = method->id, .time_ms = time_ms}, request);
}

bool peer_reply(peer *p, const frame *call, int status, const ProtobufCMessage *response)
{
    frame head = {.kind = FRAME_REPLY, .id = call->id, .hops_size = call->hops_size, .status = (uint8_t)status};

    memcpy(head.hops, call->hops, call->hops_size);
    return send_message(p, head, response);
}

bool peer_maru_hello(peer *p, uint64_t max_message, uint32_t max_calls)
{
    MaruPb__Hello hello = MARU_PB__HELLO__INIT;

    hello.version = 1;
    hello.service = (char *)"peer";
    hello.instance = (char *)"test";
    hello.max_message = max_message;
    hello.max_calls = max_calls;
    return send_message(p, (frame){.kind = FRAME_HELLO, .id = FRAME_CONTROL_ID}, &hello.base);
}

bool peer_cancel(peer *p, uint32_t id, const char *why)
{
    MaruPb__Reason reason = MARU_PB__REASON__INIT;

    reason.why = (char *)why;
    return send_message(p, (frame){.kind = FRAME_CANCEL, .id = id}, &reason.base);
}

bool peer_dial(peer *p, const char *url)
{
    frame f;

    return peer_connect(p, url) && peer_hello(p, SP_REQ, SP_REP) && peer_expect(p, FRAME_HELLO, &f) &&
           peer_maru_hello(p, 0, 0);
}

void peer_words(const frame *reply, char *out, size_t size)
{
    MaruPb__Status *words = maru_pb__status__unpack(NULL, reply->payload_size, reply->payload);

    snprintf(out, size, "%s", words == NULL ? "(no maru.Status)" : words->message);
    if (words != NULL)
        maru_pb__status__free_unpacked(words, NULL);
}
