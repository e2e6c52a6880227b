/* load.c: maru load: calls at a rate, or so many in flight, and how long they took. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "duration.h"
#include "input.h"
#include "load/drive.h"
#include "load/options.h"
#include "load/report.h"
#include "load/run.h"
#include "method.h"
#include "running.h"
#include "session.h"

enum {
    FLAG_LOAD_RATE = 1,
    FLAG_LOAD_IN_FLIGHT,
    FLAG_LOAD_TIME,
    FLAG_LOAD_CALLS,
    FLAG_LOAD_WARMUP,
    FLAG_LOAD_CONNECTIONS,
    FLAG_LOAD_LIMIT,
    FLAG_LOAD_POISSON,
    FLAG_LOAD_JSON,
    FLAG_LOAD_CSV,
    FLAG_LOAD_SEED,
    FLAG_LOAD_METADATA,
    FLAG_LOAD_TIMEOUT,
    FLAG_LOAD_WANT,
    FLAG_LOAD_OUTPUT,
    FLAG_LOAD_ALLOW_LATE,
    FLAG_LOAD_DATA,

    TIME_DEFAULT_MS = 10000,
    TIME_MOST_MS = 24 * 60 * 60 * 1000, /* where only the number of calls bounds it */
    LIMIT_A_CONNECTION = 1000,          /* what a server of ours takes is 1024 */
    ARENA_MAX = 1 << 30,
};

/* The words as they were given; options is what they mean. */
typedef struct load_args {
    const char  *rate, *in_flight, *json, *csv;
    int64_t      time_ms;
    load_options o;
    maru_arena  *arena; /* of template and rows */
} load_args;

static int parse_number(const command *self, const char *name, const char *value, uint64_t least, uint64_t most,
                        uint64_t *number)
{
    char *end;

    *number = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || strlen(value) > 19 || *number < least || *number > most)
        return complain_usage(self, "--%s: want %" PRIu64 "..%" PRIu64 ", got \"%.60s\"", name, least, most, value);
    return -1;
}

static int parse_time(const command *self, const char *name, const char *value, int64_t *ms)
{
    *ms = duration_parse(value);
    return *ms > 0 ? -1 : complain_usage(self, "--%s: " DURATION_WANT ", got \"%.60s\"", name, value);
}

static int parse_output(const command *self, load_options *o, const char *value)
{
    static const char *const names[] = {[LOAD_TEXT] = "text", [LOAD_SPECTRUM] = "spectrum", [LOAD_JSON] = "json"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(value, names[i]) == 0)
            return o->output = (load_output)i, -1;
    return complain_usage(self, "--output: want text, spectrum or json, got \"%.60s\"", value);
}

static int parse_want(const command *self, load_options *o, const char *value)
{
    maru_error error;

    if (o->want_count == WANT_MAX)
        return complain_usage(self, "--want: want at most %d of them", WANT_MAX);
    if (want_read(&o->wants[o->want_count++], value, &error) != MARU_OK)
        return complain_usage(self, "--want: %s", error.text);
    return -1;
}

static int parse_size(const command *self, const char *name, const char *value, uint64_t most, size_t *size)
{
    uint64_t number;
    int      result = parse_number(self, name, value, 1, most, &number);

    *size = (size_t)number;
    return result;
}

static int parse_word(const command *self, load_options *o, const char *word)
{
    if (o->target == NULL)
        return running_check_target(self, o->target = word);
    if (o->method == NULL) {
        o->method = word;
        return method_check(self, &o->method);
    }
    return complain_usage(self, "\"%s\": want TARGET and package.Service/Method; JSON goes behind -d", word);
}

/* Those that keep their value for later. */
static bool parse_plain(load_args *l, int which, const char *value)
{
    switch (which) {
    case FLAG_LOAD_RATE:
        return l->rate = value, true;
    case FLAG_LOAD_IN_FLIGHT:
        return l->in_flight = value, true;
    case FLAG_LOAD_JSON:
        return l->json = value, true;
    case FLAG_LOAD_CSV:
        return l->csv = value, true;
    case FLAG_LOAD_DATA:
        return l->o.data = value, true;
    case FLAG_LOAD_POISSON:
        return l->o.poisson = true;
    case FLAG_LOAD_ALLOW_LATE:
        return l->o.trust = true;
    default:
        return false;
    }
}

static int parse_one(const command *self, load_args *l, int which, const char *value)
{
    load_options *o = &l->o;

    if (which == FLAG_LOAD_JSON && l->json != NULL)
        return complain_usage(self, "-d: want one request, got a second");
    if (parse_plain(l, which, value))
        return -1;
    switch (which) {
    case FLAG_LOAD_TIME:
        return parse_time(self, "time", value, &l->time_ms);
    case FLAG_LOAD_WARMUP:
        return parse_time(self, "warmup", value, &o->warm_ms);
    case FLAG_LOAD_TIMEOUT:
        return parse_time(self, "timeout", value, &o->timeout_ms);
    case FLAG_LOAD_CALLS:
        return parse_number(self, "calls", value, 1, INT64_MAX, &o->calls_max);
    case FLAG_LOAD_SEED:
        return parse_number(self, "seed", value, 0, INT64_MAX, &o->seed);
    case FLAG_LOAD_CONNECTIONS:
        return parse_size(self, "connections", value, DRIVE_CONNECTIONS_MAX, &o->connections);
    case FLAG_LOAD_LIMIT:
        return parse_size(self, "limit", value, PLAN_IN_FLIGHT_MAX, &o->in_flight_max);
    case FLAG_LOAD_METADATA:
        return metadata_take(&o->metadata, self, value);
    case FLAG_LOAD_WANT:
        return parse_want(self, o, value);
    case FLAG_LOAD_OUTPUT:
        return parse_output(self, o, value);
    default:
        return parse_word(self, o, value);
    }
}

static int parse_plan(const command *self, load_args *l)
{
    load_options *o = &l->o;
    int64_t       time_ms = o->calls_max != 0 ? TIME_MOST_MS : TIME_DEFAULT_MS;
    maru_error    error;

    if ((l->rate == NULL) == (l->in_flight == NULL))
        return complain_usage(self, "want --rate (an open model) or --in-flight (a closed one)%s",
                              l->rate != NULL ? ", not both" : "");
    o->open = l->rate != NULL;
    if (o->open && plan_rate(&o->plan, l->rate, l->time_ms, time_ms, &error) != MARU_OK)
        return complain_usage(self, "--rate: %s", error.text);
    if (!o->open && plan_in_flight(&o->plan, l->in_flight, l->time_ms, time_ms, &error) != MARU_OK)
        return complain_usage(self, "--in-flight: %s", error.text);
    if (!o->open && (o->poisson || o->in_flight_max != 0))
        return complain_usage(self, "%s: only with --rate", o->poisson ? "--poisson" : "--limit");
    if (o->in_flight_max == 0)
        o->in_flight_max = LIMIT_A_CONNECTION * o->connections < PLAN_IN_FLIGHT_MAX
                               ? LIMIT_A_CONNECTION * o->connections
                               : PLAN_IN_FLIGHT_MAX;
    if (o->warm_ms * MARU_NS_PER_MS >= plan_end(&o->plan))
        return complain_usage(self, "--warmup: want less than all of the time, %.10g s",
                              (double)plan_end(&o->plan) / 1e9);
    return -1;
}

static int parse(const command *self, int argc, char **argv, load_args *l)
{
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which, result = -1;

    while (result < 0 && (which = args_next(&a, &value)) != FLAGS_END)
        result = parse_one(self, l, which, value);
    if (result >= 0 || a.exit >= 0)
        return result >= 0 ? result : a.exit;
    if (l->o.method == NULL)
        return complain_usage(self, "want a TARGET and a package.Service/Method");
    return parse_plan(self, l);
}

static int cannot(const command *self, const char *words)
{
    complain(self, "%s", words);
    return EXIT_CANNOT;
}

static int wrong_json(const command *self, const load_args *l, maru_error *error)
{
    input_fault(l->json, error);
    return complain_usage(self, "--json: %s", error->text);
}

/* The files, and what stands in them. */
static int read_data(const command *self, load_args *l)
{
    template_columns columns;
    maru_error       error;
    char            *text = NULL;
    size_t           size;
    int              result = -1;

    if ((l->arena = maru_arena_new(ARENA_MAX)) == NULL)
        return cannot(self, "out of memory");
    if (l->csv != NULL && rows_read(&l->o.rows, l->csv, l->arena, &error) != MARU_OK)
        return cannot(self, error.text);
    columns = (template_columns){.names = l->o.rows.columns, .count = l->o.rows.column_count};
    if (input_read(l->json != NULL ? l->json : "{}", &text, &size, &error) != MARU_OK)
        result = cannot(self, error.text);
    else if (template_read(text, size, &columns, l->arena, &l->o.template, &error) != MARU_OK)
        result = wrong_json(self, l, &error);
    else if (l->csv != NULL && !template_has_rows(l->o.template))
        result = complain_usage(self, "--csv: want ${csv:COLUMN} in the JSON, that takes from it");
    free(text);
    return result;
}

/* Telling what came of it. */

static int print(const command *self, const load_options *o, const report *r)
{
    output out;

    output_open(&out);
    if (o->output == LOAD_JSON) {
        if (!report_json(out.file, r)) {
            output_discard(&out);
            return cannot(self, "out of memory for the JSON");
        }
    } else {
        report_text(out.file, r);
        if (o->output == LOAD_SPECTRUM)
            report_spectrum(out.file, r);
    }
    return output_finish(&out, self);
}

/* The status that most calls ended with, where none ended well. */
static int complain_all_failed(const tally *t)
{
    int most = MARU_UNKNOWN;

    for (int code = 1; code < MARU_STATUS_COUNT; code++)
        if (t->by_status[code] > t->by_status[most])
            most = code;
    return complain_status((maru_status)most, t->words[most]);
}

static int judge(const command *self, const load_options *o, const report *r)
{
    int        result = EXIT_FINE;
    maru_error error;

    if (report_refuses(r))
        complain(self,
                 "the harness itself was late, so that some percentiles are not the service's and are left out: ask "
                 "for less, or give it a core of its own (--allow-late shows them)");
    for (size_t i = 0; i < o->want_count; i++)
        if (!want_holds(&o->wants[i], r->all, o->trust, &error)) {
            complain(self, "%s", error.text);
            result = EXIT_CANNOT;
        }
    if (r->tally->warm_failed > 0)
        complain(self, "%llu of the %llu calls of the warm-up failed", (unsigned long long)r->tally->warm_failed,
                 (unsigned long long)r->tally->warm);
    if (r->all->ok == 0 && r->all->failed > 0)
        return complain_all_failed(r->tally);
    if (r->all->left == 0 && r->tally->warm_failed > 0)
        return complain_status(r->tally->warm_status, r->tally->warm_words);
    return result;
}

static int tell(const command *self, const load_options *o, const run_result *got)
{
    report r = {.target = o->target,
                .method = o->method,
                .plan = &o->plan,
                .open = o->open,
                .poisson = o->poisson,
                .connections = o->connections,
                .seed = o->seed,
                .calls_max = o->calls_max,
                .tally = got->tally,
                .all = got->all,
                .cores = got->cores,
                .trust = o->trust};
    int    result = print(self, o, &r), judged = judge(self, o, &r);

    if (result == EXIT_FINE)
        result = judged;
    return got->signal != 0 ? 128 + got->signal : result;
}

static int run(const command *self, int argc, char **argv)
{
    load_args  *l = calloc(1, sizeof *l);
    run_result  got = {0};
    maru_error  error;
    maru_status status;
    int         result;

    if (l == NULL)
        return cannot(self, "out of memory");
    l->o.connections = 1;
    l->o.seed = 1;
    l->o.timeout_ms = SESSION_TIMEOUT_MS;
    if ((result = parse(self, argc, argv, l)) < 0 && (result = read_data(self, l)) < 0) {
        status = run_load(&l->o, isatty(STDERR_FILENO), &got, &error);
        result = status == MARU_OK ? tell(self, &l->o, &got) : complain_status(status, error.text);
    }
    run_result_free(&got);
    rows_free(&l->o.rows);
    if (l->arena != NULL)
        maru_arena_free(l->arena);
    free(l);
    return result;
}

static const flag load_flags[] = {
    FLAG_HELP,
    [FLAG_LOAD_RATE] = {"rate", 0, "PLAN", "open model: so many calls a second, whatever becomes of them"},
    [FLAG_LOAD_IN_FLIGHT] = {"in-flight", 0, "PLAN", "closed model: so many calls under way, one after the other"},
    [FLAG_LOAD_TIME] = {"time", 't', "TIME", "how long, where PLAN does not say (default: 10s)"},
    [FLAG_LOAD_CALLS] = {"calls", 0, "N", "end after so many"},
    [FLAG_LOAD_WARMUP] = {"warmup", 0, "TIME", "what is due in the first TIME does not count"},
    [FLAG_LOAD_CONNECTIONS] = {"connections", 'c', "N", "calls go to them in turn (default: 1)"},
    [FLAG_LOAD_LIMIT] = {"limit", 0, "N", "of calls in flight, with --rate; others wait (default: 1000 a connection)"},
    [FLAG_LOAD_POISSON] = {"poisson", 0, NULL, "calls are due at random instead of evenly, with --rate"},
    [FLAG_LOAD_JSON] = {"json", 'd', "JSON", "the request, with ${values}; @FILE reads a file, - stdin (default: {})"},
    [FLAG_LOAD_CSV] = {"csv", 0, "FILE", "rows for ${csv:COLUMN}; its first line names the columns"},
    [FLAG_LOAD_SEED] = {"seed", 0, "N", "of what is random: the same seed, the same calls (default: 1)"},
    [FLAG_LOAD_METADATA] = {"metadata", 0, "KEY=VALUE", "sent along; may be repeated"},
    [FLAG_LOAD_TIMEOUT] = {"timeout", 0, "TIME", "of a call (default: 10s)"},
    [FLAG_LOAD_WANT] = {"want", 0, "FIGURE",
                        "p99<5ms, errors<1%, rate>990 ...: else the exit status is 1; may be "
                        "repeated"},
    [FLAG_LOAD_OUTPUT] = {"output", 'o', "FORMAT",
                          "text, spectrum (text, and all percentiles as HdrHistogram prints "
                          "them), json"},
    [FLAG_LOAD_ALLOW_LATE] = {"allow-late", 0, NULL, "print also the percentiles that the harness itself spoiled"},
    [FLAG_LOAD_DATA] = FLAG_DATA,
};

const command load_command = {
    .name = "load",
    .operands = "TARGET package.Service/Method",
    .summary = "call a method again and again, and say how long it takes",
    .more = "TARGET is the name of a service that runs, or where it listens: tcp://HOST:PORT, ipc:///PATH.\n"
            "PLAN is a number, or a ramp N..M; or several, each with its length: 100@10s,100..5000@1m,5000@30s;\n"
            "of a rate, 0@10s is a pause.\n"
            "Values in the JSON: ${counter} ${counter:FROM} ${random:LOW..HIGH} ${text:N} ${one:A|B|C} ${uuid} "
            "${csv:COLUMN}.\n"
            "Response time counts from when a call should have left, service time from when it left, late is the time\n"
            "between that is the harness's own. FIGURE is p50, p99.9, max, mean (of the response; or service.p50, "
            "late.p50),\n"
            "errors or rate, with <, <=, > or >= a bound. Ctrl-C ends early, and prints what there is when the calls "
            "under\n"
            "way have ended; a second one ends these.\n"
            "Exit status: 0 done, 1 could not, or a --want does not hold, 2 wrong usage, 64 + code where no call ended "
            "well,\n130 Ctrl-C, 143 SIGTERM.\n",
    .flags = load_flags,
    .flag_count = sizeof load_flags / sizeof *load_flags,
    .run = run,
};
