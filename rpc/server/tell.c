/* tell.c: what operators are told of connections that were not taken, or closed for what their peers did. Such peers
 * come in floods, and some cannot be answered: so a line in ten seconds, with how many there were since, of which the
 * last is described.
 */
#include <stdio.h>

#include "base/log.h"
#include "server/server_impl.h"

enum { EVERY_MS = 10000 };

static void say(told_log *t)
{
    maru_log *log = t->server->log;
    int64_t   since = (int64_t)t->since;

    if (*t->peer != 0)
        log_write(log, LOG_SERVER, MARU_LOG_WARN, LOG_FIELDS({"peer", t->peer, 0}, {"closed", NULL, since}),
                  "connection closed: %s", t->why);
    else
        log_write(log, LOG_SERVER, MARU_LOG_WARN, LOG_FIELDS({"refused", NULL, since}), "%s", t->why);
    t->since = 0;
    t->due_at = rt_now(t->server->rt) + EVERY_MS * (int64_t)MARU_NS_PER_MS;
}

static void fired(wheel_timer *timer)
{
    told_log *t = (told_log *)((char *)timer - offsetof(told_log, timer));

    t->waits = false;
    if (t->since > 0)
        say(t);
}

static void tell(told_log *t, const char *peer, const char *why)
{
    t->since++;
    snprintf(t->peer, sizeof t->peer, "%s", peer);
    snprintf(t->why, sizeof t->why, "%s", why);
    if (rt_now(t->server->rt) >= t->due_at)
        say(t);
    else if (!t->waits && !t->server->closing)
        rt_timer_set(t->server->rt, &t->timer, t->due_at);
    t->waits = t->since > 0;
}

void tell_begin(maru_server *server)
{
    server->refused = server->closed = (told_log){.server = server, .timer = {.fire = fired}};
}

void tell_end(maru_server *server)
{
    told_log *all[] = {&server->refused, &server->closed};

    for (int i = 0; i < 2; i++) {
        rt_timer_clear(server->rt, &all[i]->timer);
        if (all[i]->since > 0)
            say(all[i]);
    }
}

void tell_refused(maru_server *server, const char *why)
{
    tell(&server->refused, "", why);
}

void tell_closed(const session *s, const char *why)
{
    tell(&s->server->closed, s->caller, why);
}
