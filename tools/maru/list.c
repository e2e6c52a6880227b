/* list.c: maru list: the methods that services answer to, one a line, as maru call takes them. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "commands.h"
#include "maru/reflection.maru.h"
#include "running.h"
#include "session.h"

enum { FLAG_LIST_DATA = 1 };

static const struct {
    uint32_t    flag;
    const char *name;
} flag_names[] = {
    {MARU_METHOD_CLIENT_STREAM, "client-stream"}, {MARU_METHOD_SERVER_STREAM, "server-stream"},
    {MARU_METHOD_NO_SIDE_EFFECTS, "reads-only"},  {MARU_METHOD_EXACTLY_ONCE, "exactly-once"},
    {MARU_METHOD_OPERATOR, "operators-only"},
};

/* The names are what the server says: no terminal gets its control characters. */
static void print_method(const MaruReflection__ServiceInfo *service, const MaruReflection__MethodInfo *method,
                         const char *indent, FILE *out)
{
    char *names = NULL;

    if (asprintf(&names, "%s/%s (%s) returns (%s)", service->name, method->name, method->request, method->response) < 0)
        names = NULL;
    fprintf(out, "%s%s", indent, names != NULL ? utf8_one_line(names) : "(out of memory)");
    free(names);
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if (method->flags & flag_names[i].flag)
            fprintf(out, " %s", flag_names[i].name);
    fputc('\n', out);
}

/* What every service has; its own comes first. */
static bool is_built_in(const char *service)
{
    static const char *const beginnings[] = {"grpc.health.", "maru.reflection.", "maru.metrics.", "maru.log."};

    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(service, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static void print_services(const MaruReflection__ListServicesResponse *answer, bool built_in, const char *indent,
                           FILE *out)
{
    for (size_t i = 0; i < answer->n_services; i++)
        for (size_t j = 0; is_built_in(answer->services[i]->name) == built_in && j < answer->services[i]->n_methods;
             j++)
            print_method(answer->services[i], answer->services[i]->methods[j], indent, out);
}

static maru_status list_one(const char *data, const char *target, const char *indent, FILE *out, maru_error *error)
{
    MaruReflection__ListServicesRequest   ask = MARU_REFLECTION__LIST_SERVICES_REQUEST__INIT;
    MaruReflection__ListServicesResponse *answer;
    session                               s;
    maru_call                            *call = NULL;
    maru_status                           status = session_open(&s, data, target, SESSION_TIMEOUT_MS, error);

    if (status == MARU_OK && (call = maru_call_begin(s.runtime, s.timeout_ms)) == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (status == MARU_OK && (status = maru_reflection_list_services(s.client, call, &ask, &answer)) != MARU_OK)
        session_fail(call, status, error);
    if (status == MARU_OK) {
        print_services(answer, false, indent, out);
        print_services(answer, true, indent, out);
    }
    if (call != NULL)
        maru_call_end(call);
    session_close(&s);
    return status;
}

/* All that run on the data folder; one that does not answer is said, and the rest is listed. */
static int list_all(const command *self, const char *data, FILE *out)
{
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0;
    maru_error  error;
    rundir      dir;
    int         result = EXIT_FINE;
    maru_status status = list != NULL ? running_folder(data, &dir, &error)
                                      : maru_error_set(&error, MARU_RESOURCE_EXHAUSTED, "out of memory");

    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, &error);
    if (status != MARU_OK || count == 0) {
        complain(self, status != MARU_OK ? "%s" : "nothing runs on %s", status != MARU_OK ? error.text : dir.data);
        result = status != MARU_OK ? EXIT_CANNOT : EXIT_FINE;
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s %s\n", list[i].name, list[i].holder.words);
        if ((status = list_one(dir.data, list[i].name, "  ", out, &error)) != MARU_OK)
            result = complain_status(status, error.text);
    }
    free(list);
    return result;
}

static int parse(const command *self, int argc, char **argv, const char **data, const char **target)
{
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_LIST_DATA)
            *data = value;
        else if (*target == NULL)
            *target = value;
        else
            return complain_usage(self, "\"%s\": want one TARGET at most", value);
    }
    return a.exit < 0 && *target != NULL ? running_check_target(self, *target) : a.exit;
}

static int run(const command *self, int argc, char **argv)
{
    const char *data = NULL, *target = NULL;
    int         result = parse(self, argc, argv, &data, &target), printed;
    maru_error  error;
    maru_status status;
    output      out;

    if (result >= 0)
        return result;
    result = EXIT_FINE;
    output_open(&out);
    if (target == NULL)
        result = list_all(self, data, out.file);
    else if ((status = list_one(data, target, "", out.file, &error)) != MARU_OK)
        result = complain_status(status, error.text);
    printed = output_finish(&out, self);
    return result != EXIT_FINE ? result : printed;
}

static const flag list_flags[] = {FLAG_HELP, [FLAG_LIST_DATA] = FLAG_DATA};

const command list_command = {
    .name = "list",
    .operands = "[TARGET]",
    .summary = "print the methods of a service, or of all that run",
    .more = "TARGET is the name of a service that runs, or where it listens: tcp://HOST:PORT, ipc:///PATH.\n",
    .flags = list_flags,
    .flag_count = sizeof list_flags / sizeof *list_flags,
    .run = run,
};
