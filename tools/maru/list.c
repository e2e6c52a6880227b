/* list.c: maru list: the methods that services answer to, one a line, as maru call takes them. */
#include <stdlib.h>

#include "base/utf8.h"
#include "built_in.h"
#include "commands.h"
#include "each.h"
#include "maru/reflection.maru.h"

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

static void print_services(const MaruReflection__ListServicesResponse *answer, int rank, const char *indent, FILE *out)
{
    for (size_t i = 0; i < answer->n_services; i++)
        for (size_t j = 0; built_in_rank(answer->services[i]->name) == rank && j < answer->services[i]->n_methods; j++)
            print_method(answer->services[i], answer->services[i]->methods[j], indent, out);
}

static maru_status list_one(void *arg, const char *name, maru_client *client, maru_call *call, FILE *out)
{
    MaruReflection__ListServicesRequest   ask = MARU_REFLECTION__LIST_SERVICES_REQUEST__INIT;
    MaruReflection__ListServicesResponse *answer;
    const char                           *indent = arg;
    maru_status                           status = maru_reflection_list_services(client, call, &ask, &answer);

    (void)name;
    for (int rank = 0; rank < BUILT_IN_RANKS && status == MARU_OK; rank++)
        print_services(answer, rank, indent, out);
    return status;
}

static void print_title(const running *who, FILE *out)
{
    fprintf(out, "%s %s\n", who->name, who->holder.words);
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
    int         result = parse(self, argc, argv, &data, &target);

    if (result >= 0)
        return result;
    return each_service(self, data, target, print_title, list_one, (void *)(target == NULL ? "  " : ""));
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
