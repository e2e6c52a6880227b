/* health.c: /healthz, for whoever decides where requests go.
 *
 * 503 until every service was reached once, and while the edge is stopping. After that 200, also where a service is
 * down: what the others do still works, and a balancer that took every edge out would end that too. The body says
 * which. */
#include "edge.h"

static const char *state_of(const edge_peer *p)
{
    if (!p->connected)
        return p->contract == NULL ? "not reached yet" : "down";
    if (*p->trouble != 0)
        return "does not say what it serves";
    return p->contract == NULL ? "asked what it serves" : "up";
}

void edge_health(const edge *e, maru_call *call, maru_http_response *response)
{
    bool        ready = e->ready && !maru_http_draining(e->http);
    const char *services = "";
    size_t      wrong = 0;

    for (size_t i = 0; i < e->peer_count; i++) {
        services = maru_printf(call, "%s%s\"%s\":\"%s\"", services, i > 0 ? "," : "", e->peers[i].name,
                               state_of(&e->peers[i]));
        wrong += !e->peers[i].connected || *e->peers[i].trouble != 0;
    }
    response->status = ready ? 200 : 503;
    response->type = "application/json";
    response->body.at = maru_printf(call, "{\"ready\":%s,\"degraded\":%s,\"services\":{%s}}", ready ? "true" : "false",
                                    wrong > 0 ? "true" : "false", services);
    for (response->body.size = 0; response->body.at[response->body.size] != 0;)
        response->body.size++;
}
