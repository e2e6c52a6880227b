/* greet.c: what a server and the peer of a connection tell each other beside calls: who they are, and that it goes. */
#include <stdio.h>

#include "conn/hello.h"
#include "maru/wire.pb-c.h"
#include "server/server_impl.h"
#include "wire/unpack.h"

/* In one write with the SP hello: a peer that had the one without the other would soon take us for a plain nng socket.
 */
void greet(const session *s)
{
    const maru_server *server = s->server;
    hello              h = {.version = WIRE_VERSION,
                            .service = server->options.name,
                            .instance = server->options.instance,
                            .max_message = server->options.max_message,
                            .max_calls = (uint32_t)server->options.max_calls,
                            .services = server->methods.services,
                            .service_count = server->methods.service_count};

    hello_send(s->conn, &h);
}

void greet_farewell(session *s, const char *why)
{
    MaruPb__Reason reason = MARU_PB__REASON__INIT;
    uint8_t        bytes[256];

    reason.why = (char *)why;
    reason.who = s->server->origin;
    conn_control(s->conn, FRAME_GOING_AWAY, bytes, maru_pb__reason__pack(&reason, bytes));
}

void greet_heard(session *s, const frame *f)
{
    maru_arena       *arena = rt_arena_take(s->server->rt, 1 << 20);
    ProtobufCMessage *message;
    maru_error        error;
    char              why[160];

    if (arena == NULL)
        return;
    if (unpack_message(&maru_pb__hello__descriptor, f->payload, f->payload_size, arena, &message, &error) != MARU_OK) {
        snprintf(why, sizeof why, "its HELLO: %.140s", error.text);
        conn_blame(s->conn, why);
    } else {
        MaruPb__Hello *peer = (MaruPb__Hello *)message;
        s->maru = true;
        if (peer->max_message > 0 && peer->max_message < s->max_reply)
            s->max_reply = peer->max_message;
        conn_peer_is_maru(s->conn);
        if (s->server->draining)
            greet_farewell(s, "stopping"); /* the others were told when that began */
    }
    rt_arena_give(s->server->rt, arena);
}
