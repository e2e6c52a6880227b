/* room.c: how many connections there may be, and calls on them, and what those hear that are too many.
 *
 * A share of the places is kept for local peers: whoever fills those of the network locks out neither `maru` nor the
 * services beside this one. A peer that is refused is told why; the words wait for its SP hello, since a stream that is
 * closed while it has unread bytes loses what was written. So a few that are refused stay for that moment, and a flood
 * of them is closed without words.
 *
 * Calls that wait are bounded for all connections together, since each may have many. Above that bound a connection has
 * its share of it still, and always one call: whoever fills the queue locks out nobody who asks for less.
 */
#include <stdio.h>

#include "duct/files.h"
#include "server/server_impl.h"

enum {
    LOCAL_SHARE = 16,
    TOLD_AT_ONCE = 64,
    OTHER_FILES = 2 * TOLD_AT_ONCE, /* that are no connection that stays: stores, peers, those being refused */
    TOLD_SHARE = 4,                 /* where there are few */
};

void room_fit_files(maru_server *server)
{
    files_wish wish = {.connections = server->options.max_connections, .kept = OTHER_FILES, .parts = TOLD_SHARE};
    files_room room = files_share(&wish);

    server->options.max_connections = room.connections;
    server->told_at_once = room.spare < TOLD_AT_ONCE ? room.spare : TOLD_AT_ONCE;
    server->files_limit = room.limit;
}

static size_t kept_for_local(const maru_server *server)
{
    return server->options.max_connections / LOCAL_SHARE;
}

static bool has_room(const maru_server *server, bool ipc)
{
    size_t most = server->options.max_connections;

    return server->session_count - server->refused_count < most &&
           (ipc || server->remote_count < most - kept_for_local(server));
}

/* Whoever reads it wants to know what to raise. */
static void say_full(const maru_server *server, char *words, size_t size)
{
    size_t most = server->options.max_connections, local = kept_for_local(server);

    if (server->files_limit > 0)
        snprintf(words, size, "connections: limit %zu, %zu of them for ipc only: %zu files may be open (ulimit -Hn)",
                 most, local, server->files_limit);
    else
        snprintf(words, size, "connections: limit %zu (max_connections), %zu of them for ipc only", most, local);
}

void room_take(maru_server *server, maru_stream *stream, bool ipc)
{
    char words[sizeof((session *)0)->refusal] = "";

    if (has_room(server, ipc)) {
        count_up(&server->counts.connections, 1);
        session_new(server, stream, ipc, words);
        return;
    }
    say_full(server, words, sizeof words);
    count_up(&server->counts.connections_refused, 1);
    tell_refused(server, words);
    if (server->refused_count < server->told_at_once) {
        session_new(server, stream, ipc, words);
        return;
    }
    rt_seam(server->rt)->transport->close(stream);
    rt_seam(server->rt)->transport->release(stream);
}

static bool has_its_share(const session *s)
{
    const maru_server *server = s->server;

    return server->queued >= server->options.max_queue && s->count > server->options.max_queue / server->session_count;
}

maru_status room_for_call(const session *s, refuse_reason *why, char words[static 160])
{
    const maru_server_options *o = &s->server->options;
    maru_status                status = MARU_RESOURCE_EXHAUSTED;

    if (s->count >= o->max_calls) {
        *why = REFUSED_CALLS;
        snprintf(words, 160, "calls in flight on this connection: limit %zu (max_calls)", o->max_calls);
    } else if (s->server->draining) {
        *why = REFUSED_STOPPING;
        status = MARU_UNAVAILABLE;
        snprintf(words, 160, "this instance is stopping");
    } else if (has_its_share(s)) {
        *why = REFUSED_QUEUE;
        snprintf(words, 160, "calls that wait on this server: limit %zu (max_queue), and this connection has its share",
                 o->max_queue);
    } else {
        status = MARU_OK;
    }
    return status;
}
