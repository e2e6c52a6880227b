/* tell.c: what operators are told of connections that were not taken, or closed for what their peers did. Such peers
 * come in floods, and some cannot be answered: so a line in ten seconds, with how many there were since.
 */
#include "base/log.h"
#include "server/server_impl.h"

enum { EVERY_MS = 10000 };

static bool is_due(maru_server *server, told_log *t)
{
    t->since++;
    return rt_now(server->rt) >= t->due_at;
}

static void was_told(maru_server *server, told_log *t)
{
    *t = (told_log){.due_at = rt_now(server->rt) + EVERY_MS * (int64_t)MARU_NS_PER_MS};
}

void tell_refused(maru_server *server, const char *why)
{
    told_log *t = &server->refused;

    if (!is_due(server, t))
        return;
    log_write(server->log, LOG_SERVER, MARU_LOG_WARN, LOG_FIELDS({"refused", NULL, (int64_t)t->since}), "%s", why);
    was_told(server, t);
}

void tell_closed(const session *s, const char *why)
{
    maru_server *server = s->server;
    told_log    *t = &server->closed;

    if (!is_due(server, t))
        return;
    log_write(server->log, LOG_SERVER, MARU_LOG_WARN,
              LOG_FIELDS({"peer", s->caller, 0}, {"closed", NULL, (int64_t)t->since}), "connection closed: %s", why);
    was_told(server, t);
}
