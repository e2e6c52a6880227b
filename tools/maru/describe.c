/* describe.c: maru describe: a service, method, message or enum, as .proto text. */
#include "built_in.h"
#include "commands.h"
#include "running.h"
#include "session.h"

enum { FLAG_DESCRIBE_DATA = 1 };

typedef struct describe_args {
    const char *data, *target, *symbol;
} describe_args;

static int parse(const command *self, int argc, char **argv, describe_args *d)
{
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_DESCRIBE_DATA)
            d->data = value;
        else if (d->target == NULL)
            d->target = value;
        else if (d->symbol == NULL)
            d->symbol = value;
        else
            return complain_usage(self, "\"%s\": want TARGET and one NAME at most", value);
    }
    if (a.exit < 0 && d->target == NULL)
        return complain_usage(self, "want a TARGET: a service's name or an nng URL");
    return a.exit < 0 ? running_check_target(self, d->target) : a.exit;
}

static maru_status print_one(session *s, const schema_pool *pool, const char *symbol, FILE *out, maru_error *error)
{
    const char *text;
    maru_status status = schema_print(pool, symbol, s->arena, &text, error);

    if (status == MARU_OK)
        fputs(text, out);
    return status;
}

static maru_status print_services(session *s, const schema_pool *pool, int rank, const char **between, FILE *out,
                                  maru_error *error)
{
    size_t                    count;
    const schema_file *const *files = schema_pool_files(pool, &count);
    maru_status               status = MARU_OK;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < files[i]->service_count && status == MARU_OK; j++) {
            if (built_in_rank(files[i]->services[j].full_name) != rank)
                continue;
            fputs(*between, out);
            status = print_one(s, pool, files[i]->services[j].full_name, out, error);
            *between = "\n";
        }
    return status;
}

/* Every service that is served there, one after the other. */
static maru_status print_all(session *s, const schema_pool *pool, FILE *out, maru_error *error)
{
    const char *between = "";
    maru_status status = MARU_OK;

    for (int rank = 0; rank < BUILT_IN_RANKS && status == MARU_OK; rank++)
        status = print_services(s, pool, rank, &between, out, error);
    return status;
}

static maru_status describe(session *s, const describe_args *d, FILE *out, maru_error *error)
{
    schema_pool *pool;
    maru_status  status = session_open(s, d->data, d->target, SESSION_TIMEOUT_MS, error);

    if (status != MARU_OK || (status = session_schema(s, "", &pool, error)) != MARU_OK)
        return status;
    return d->symbol != NULL ? print_one(s, pool, d->symbol, out, error) : print_all(s, pool, out, error);
}

static int run(const command *self, int argc, char **argv)
{
    describe_args d = {0};
    int           result = parse(self, argc, argv, &d);
    maru_error    error;
    maru_status   status;
    session       s;
    output        out;

    if (result >= 0)
        return result;
    output_open(&out);
    status = describe(&s, &d, out.file, &error);
    session_close(&s);
    if (status == MARU_OK)
        return output_finish(&out, self);
    output_discard(&out);
    return complain_status(status, error.text);
}

static const flag describe_flags[] = {FLAG_HELP, [FLAG_DESCRIBE_DATA] = FLAG_DATA};

const command describe_command = {
    .name = "describe",
    .operands = "TARGET [package.Service[/Method] | package.Message]",
    .summary = "print what a service takes and answers, as .proto text",
    .more = "TARGET is the name of a service that runs, or where it listens: tcp://HOST:PORT, ipc:///PATH.\n"
            "Asks the service itself; no .proto file is needed.\n",
    .flags = describe_flags,
    .flag_count = sizeof describe_flags / sizeof *describe_flags,
    .run = run,
};
