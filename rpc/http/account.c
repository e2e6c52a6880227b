/* account.c: what came of requests: counted by code, and told in the log where it lets them. */
#include "http/http_impl.h"

#include <stdio.h>
#include <string.h>

#include "runtime/call_log.h"

enum { NS_PER_US = 1000 };

/* A 503 says that something is away or full, and there may be as many as requests: who wants them asks for them. */
static maru_log_level level_of(int code)
{
    return code == 500 ? MARU_LOG_WARN : MARU_LOG_DEBUG;
}

/* Neither target nor headers nor the address of whoever asked: they may be secret, or personal. */
static void tell(const http_session *s, maru_log_level level, int64_t now)
{
    log_field fields[3 + CALL_LOG_IDS + 1] = {{"code", NULL, s->response.status},
                                              {"us", NULL, (now - s->began) / NS_PER_US}};
    int       count = 2;
    call_ids  ids;

    if (s->response.route != NULL)
        fields[count++] = (log_field){"route", s->response.route, 0};
    call_log_ids(&s->call, &ids, fields + count);
    log_write(rt_log(s->server->rt), LOG_HTTP, level, fields, "%s", s->parse.head_done ? s->parse.method : "refused");
}

void http_account(http_session *s)
{
    maru_http_server *server = s->server;
    int64_t           now = rt_glance(server->rt);
    int               code = s->response.status;

    if (server->options.name == NULL)
        return;
    if (code >= HTTP_CODE_LEAST && code < HTTP_CODE_LEAST + HTTP_CODES)
        count_up(&server->counts.answered[code - HTTP_CODE_LEAST], 1);
    histogram_time(&server->counts.time, now - s->began);
    if (log_wants(rt_log(server->rt), LOG_HTTP, level_of(code)))
        tell(s, level_of(code), now);
}

static void collect(void *arg, maru_call *call, exposition *e)
{
    const maru_http_server *server = arg;
    family *f = exposition_family(e, "maru_http_requests", METRIC_COUNTER, NULL, "Requests that were answered.");

    (void)call;
    for (int i = 0; i < HTTP_CODES; i++) {
        uint64_t count = atomic_load_explicit(&server->counts.answered[i], memory_order_relaxed);
        char     code[8];

        snprintf(code, sizeof code, "%d", HTTP_CODE_LEAST + i);
        if (count > 0)
            exposition_number(e, f, LABELS({"code", code}), count);
    }
    exposition_times(e,
                     exposition_family(e, "maru_http_request_seconds", METRIC_HISTOGRAM, "seconds",
                                       "From a whole request to its answer."),
                     NULL, &server->counts.time);
    exposition_number(e,
                      exposition_family(e, "maru_http_connections", METRIC_GAUGE, NULL, "Connections that are open."),
                      NULL, server->session_count);
    exposition_number(
        e, exposition_family(e, "maru_http_connections_opened", METRIC_COUNTER, NULL, "Connections that were taken."),
        NULL, atomic_load_explicit(&server->counts.connections, memory_order_relaxed));
    f = exposition_family(e, "maru_http_memory_held_bytes", METRIC_GAUGE, "bytes",
                          "Memory of HTTP that is counted against a limit.");
    exposition_number(e, f, LABELS({"of", "requests"}), atomic_load(&server->memory.held));
    exposition_number(e, f, LABELS({"of", "buffers"}), atomic_load(&server->buffers.held));
}

void http_account_open(maru_http_server *server)
{
    server->meter = (meter){.collect = collect, .arg = server};
    if (server->options.name != NULL)
        meters_add(rt_meters(server->rt), &server->meter);
}
