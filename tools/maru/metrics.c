/* metrics.c: maru metrics: what services count and measure, as OpenMetrics text: of one as it says it, of all that run
 * as one text in which each sample has the service's name as a label. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "commands.h"
#include "each.h"
#include "exposed.h"
#include "maru/metrics.maru.h"

enum { FLAG_METRICS_DATA = 1 };

static maru_status ask(void *arg, const char *name, maru_client *client, maru_call *call, FILE *out)
{
    MaruMetrics__ReadRequest   request = MARU_METRICS__READ_REQUEST__INIT;
    MaruMetrics__ReadResponse *response;
    maru_status                status = maru_metrics_read(client, call, &request, &response);

    (void)arg;
    (void)name;
    if (status == MARU_OK) {
        utf8_lines(response->text); /* it is what the server says: no terminal gets its control characters */
        fputs(response->text, out);
    }
    return status;
}

static bool take(void *arg, const running *who, const char *text)
{
    return exposed_add(arg, who->name, text);
}

static int run_all(const command *self, const char *data)
{
    exposed all;
    output  out;
    int     result, printed;

    exposed_open(&all);
    output_open(&out);
    result = each_gather(self, data, ask, NULL, take, &all, EXIT_CANNOT);
    exposed_print(&all, out.file);
    exposed_close(&all);
    printed = output_finish(&out, self);
    return result != EXIT_FINE ? result : printed;
}

static int run(const command *self, int argc, char **argv)
{
    args        a = args_of(self, argc, argv);
    const char *data = NULL, *target = NULL, *value;
    int         which;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_METRICS_DATA)
            data = value;
        else if (target == NULL)
            target = value;
        else
            return complain_usage(self, "\"%s\": want one TARGET at most", value);
    }
    if (a.exit >= 0)
        return a.exit;
    return target != NULL ? each_service(self, data, target, NULL, ask, NULL) : run_all(self, data);
}

static const flag metrics_flags[] = {FLAG_HELP, [FLAG_METRICS_DATA] = FLAG_DATA};

const command metrics_command = {
    .name = "metrics",
    .operands = "[TARGET]",
    .summary = "print what services count and measure, as OpenMetrics",
    .more =
        "Without TARGET: of all that run, as one text, each sample with the label service. For those who scrape over\n"
        "HTTP, each service has the setting metrics: MARU_METRICS=127.0.0.1:9100, or --metrics.\n",
    .flags = metrics_flags,
    .flag_count = sizeof metrics_flags / sizeof *metrics_flags,
    .run = run,
};
