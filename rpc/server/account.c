/* account.c: what came of calls: counted by method and status, and told in the log where it lets them. */
#include <string.h>

#include "runtime/call_log.h"
#include "server/server_impl.h"

enum { NS_PER_US = 1000 };

/* Those that this service is to blame for, and that someone should see. */
static maru_log_level level_of(maru_status status)
{
    return status == MARU_INTERNAL || status == MARU_UNKNOWN || status == MARU_DATA_LOSS ? MARU_LOG_WARN
                                                                                         : MARU_LOG_DEBUG;
}

/* The words of a failure may quote what was asked; they are told only where they are about this service itself. */
static void tell(const served *call, maru_status status, maru_log_level level, int64_t now)
{
    const maru_call *c = &call->call;
    log_field        fields[5 + CALL_LOG_IDS + 1] = {{"status", maru_status_name(status), 0},
                                                     {"queued_us", NULL, (call->started - call->arrived) / NS_PER_US},
                                                     {"us", NULL, (now - call->arrived) / NS_PER_US},
                                                     {"caller", c->caller, 0}};
    int              count = 4;
    call_ids         ids;

    if (level > MARU_LOG_DEBUG)
        fields[count++] = (log_field){"words", c->message, 0};
    call_log_ids(c, &ids, fields + count);
    log_write(call->session->server->log, LOG_CALL, level, fields, "%s", call->entry->method->path);
}

void account_answer(served *call, maru_status status, int64_t now)
{
    method_counts *counts;

    if (call->entry == NULL)
        return; /* refused, and counted as that */
    counts = call->entry->counts;
    count_up(&counts->answered[status], 1);
    histogram_time(&counts->time, now - call->arrived);
    if (__builtin_expect(log_wants(call->session->server->log, LOG_CALL, level_of(status)), 0))
        tell(call, status, level_of(status), now);
}

static void collect_calls(const maru_server *server, exposition *e)
{
    family *calls = exposition_family(e, "maru_calls", METRIC_COUNTER, NULL, "Calls that were answered."),
           *times = exposition_family(e, "maru_call_seconds", METRIC_HISTOGRAM, "seconds",
                                      "From the arrival of a call to its answer.");

    for (size_t i = 0; i < server->methods.size; i++) {
        const served_method *m = &server->methods.slots[i];
        uint64_t             all = 0, some;

        if (m->method == NULL)
            continue;
        for (int status = 0; status < MARU_STATUS_COUNT; status++) {
            if ((some = atomic_load_explicit(&m->counts->answered[status], memory_order_relaxed)) > 0)
                exposition_number(
                    e, calls, LABELS({"method", m->method->path}, {"status", maru_status_name((maru_status)status)}),
                    some);
            all += some;
        }
        if (all > 0)
            exposition_times(e, times, LABELS({"method", m->method->path}), &m->counts->time);
    }
}

static void collect_queue(const maru_server *server, exposition *e)
{
    static const char *const reasons[] = {
#define X(name, text) text,
        REFUSAL_TABLE(X)
#undef X
    };
    family *f = exposition_family(e, "maru_calls_refused", METRIC_COUNTER, NULL, "Calls whose handler was not begun.");

    for (int i = 0; i < REFUSALS; i++)
        exposition_number(e, f, LABELS({"reason", reasons[i]}),
                          atomic_load_explicit(&server->counts.refused[i], memory_order_relaxed));
    exposition_number(e,
                      exposition_family(e, "maru_queue_length", METRIC_GAUGE, NULL, "Calls that wait for their turn."),
                      NULL, server->queued);
    exposition_times(e,
                     exposition_family(e, "maru_queue_wait_seconds", METRIC_HISTOGRAM, "seconds",
                                       "How long calls waited for their turn."),
                     NULL, &server->counts.waited);
    exposition_number(e, exposition_family(e, "maru_calls_running", METRIC_GAUGE, NULL, "Calls whose handler runs."),
                      NULL, server->running);
}

static void collect_connections(const maru_server *server, exposition *e)
{
    family *f = exposition_family(e, "maru_connections", METRIC_GAUGE, NULL, "Connections that are open.");

    exposition_number(e, f, LABELS({"transport", "ipc"}), server->session_count - server->remote_count);
    exposition_number(e, f, LABELS({"transport", "tcp"}), server->remote_count);
    exposition_number(
        e, exposition_family(e, "maru_connections_opened", METRIC_COUNTER, NULL, "Connections that were taken."), NULL,
        atomic_load_explicit(&server->counts.connections, memory_order_relaxed));
    exposition_number(e,
                      exposition_family(e, "maru_connections_refused", METRIC_COUNTER, NULL,
                                        "Connections for which there was no room."),
                      NULL, atomic_load_explicit(&server->counts.connections_refused, memory_order_relaxed));
}

static void collect_memory(const maru_server *server, exposition *e)
{
    const struct {
        const char         *what;
        const memory_share *share;
    } parts[] = {{"calls", &server->memory}, {"buffers", &server->buffers}};
    family *held = exposition_family(e, "maru_memory_held_bytes", METRIC_GAUGE, "bytes",
                                     "Memory that is counted against a limit."),
           *limit = exposition_family(e, "maru_memory_limit_bytes", METRIC_GAUGE, "bytes", "That limit.");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        exposition_number(e, held, LABELS({"of", parts[i].what}), atomic_load(&parts[i].share->held));
        exposition_number(e, limit, LABELS({"of", parts[i].what}), parts[i].share->limit);
    }
}

void account_collect(void *arg, maru_call *call, exposition *e)
{
    const maru_server *server = arg;

    (void)call;
    collect_calls(server, e);
    collect_queue(server, e);
    collect_connections(server, e);
    collect_memory(server, e);
}
