/* operate.c: what operators ask of every server: its metrics, and how much it writes into its log. */
#include "maru/log.maru.h"
#include "maru/metrics.maru.h"
#include "server/server_impl.h"

/* Metrics. */

struct maru_metrics_service; /* a maru_server */

static maru_status read_metrics(struct maru_metrics_service *svc, maru_call *call,
                                const MaruMetrics__ReadRequest *request, MaruMetrics__ReadResponse *response)
{
    const char *text;
    size_t      size;
    maru_status status = meters_collect(rt_meters(((maru_server *)svc)->rt), call, &text, &size);

    (void)request;
    if (status == MARU_OK)
        response->text = (char *)text;
    return status;
}

static const maru_metrics_handlers metrics = {.read = read_metrics};

/* The log. */

struct maru_log_service; /* a maru_server */

static void fill_levels(const maru_log *log, maru_call *call, MaruLog__Levels *out)
{
    out->modules = maru_alloc(call, LOG_MODULES * sizeof *out->modules);
    for (out->n_modules = 0; out->n_modules < LOG_MODULES; out->n_modules++) {
        log_module            at = (log_module)out->n_modules;
        MaruLog__ModuleLevel *row = maru_alloc(call, sizeof *row);

        maru_log__module_level__init(row);
        row->module = (char *)log_module_name(at);
        row->level = (char *)log_level_name((maru_log_level)atomic_load(&log->levels[at]));
        row->tells = (char *)log_module_tells(at);
        out->modules[at] = row;
    }
}

static maru_status get_levels(struct maru_log_service *svc, maru_call *call, const MaruLog__GetLevelsRequest *request,
                              MaruLog__Levels *response)
{
    (void)request;
    fill_levels(((maru_server *)svc)->log, call, response);
    return MARU_OK;
}

static maru_status set_levels(struct maru_log_service *svc, maru_call *call, const MaruLog__SetLevelsRequest *request,
                              MaruLog__Levels *response)
{
    maru_log  *log = ((maru_server *)svc)->log;
    log_levels levels;
    char       words[LOG_LEVELS_TEXT];

    if (!log_levels_parse(request->levels, &levels, words))
        return maru_fail(call, MARU_INVALID_ARGUMENT, "levels: %s", words);
    log_levels_set(log, &levels);
    fill_levels(log, call, response);
    return MARU_OK;
}

static const maru_log_handlers levels = {.get_levels = get_levels, .set_levels = set_levels};

maru_status operate_add(maru_server *server, maru_error *error)
{
    maru_status status = maru_metrics_serve(server, &metrics, (struct maru_metrics_service *)server, error);

    return status != MARU_OK ? status : maru_log_serve(server, &levels, (struct maru_log_service *)server, error);
}
