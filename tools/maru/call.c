/* call.c: maru call: one unary call, JSON in and out, by reflection. */
#include <stdlib.h>
#include <string.h>

#include "app/nearest.h"
#include "commands.h"
#include "duration.h"
#include "input.h"
#include "maru/json.h"
#include "running.h"
#include "runtime/call_impl.h"
#include "session.h"

enum {
    FLAG_CALL_JSON = 1,
    FLAG_CALL_TIMEOUT,
    FLAG_CALL_METADATA,
    FLAG_CALL_REQUEST_ID,
    FLAG_CALL_COMPACT,
    FLAG_CALL_DATA,
    METADATA_MAX = 64,
};

typedef struct call_args {
    const char *data, *target, *method, *json, *request_id;
    const char *metadata[METADATA_MAX]; /* "key=value" */
    size_t      metadata_count;
    int64_t     timeout_ms;
    bool        compact;
} call_args;

static int parse_metadata(const command *self, call_args *c, const char *value)
{
    const char *equals = strchr(value, '=');
    char        key[256];

    if (equals == NULL || equals == value)
        return complain_usage(self, "--metadata: want key=value, got \"%s\"", value);
    snprintf(key, sizeof key, "%.*s", (int)(equals - value), value);
    if ((size_t)(equals - value) >= sizeof key || !call_metadata_fits(key, equals + 1))
        return complain_usage(self, "--metadata: want a lowercase key and a printable value, got \"%.200s\"", value);
    if (c->metadata_count == METADATA_MAX)
        return complain_usage(self, "--metadata: want at most %d of them", METADATA_MAX);
    c->metadata[c->metadata_count++] = value;
    return -1;
}

static int parse_request_id(const command *self, call_args *c, const char *value)
{
    if (!call_request_id_fits(value))
        return complain_usage(self, "--request-id: want 1..128 bytes of printable ASCII, got \"%.200s\"", value);
    c->request_id = value;
    return -1;
}

static int parse_word(const command *self, call_args *c, const char *word)
{
    if (c->target == NULL)
        return running_check_target(self, c->target = word);
    if (c->method == NULL)
        c->method = word[0] == '/' ? word + 1 : word;
    else
        return complain_usage(self, "\"%s\": want TARGET and package.Service/Method; JSON goes behind -d", word);
    return -1;
}

static int parse_one(const command *self, call_args *c, int which, const char *value)
{
    switch (which) {
    case FLAG_CALL_JSON:
        c->json = value;
        return -1;
    case FLAG_CALL_TIMEOUT:
        c->timeout_ms = duration_parse(value);
        return c->timeout_ms > 0
                   ? -1
                   : complain_usage(self, "--timeout: want a time such as 500ms, 5s, 2m, got \"%s\"", value);
    case FLAG_CALL_METADATA:
        return parse_metadata(self, c, value);
    case FLAG_CALL_REQUEST_ID:
        return parse_request_id(self, c, value);
    case FLAG_CALL_COMPACT:
        c->compact = true;
        return -1;
    case FLAG_CALL_DATA:
        c->data = value;
        return -1;
    default:
        return parse_word(self, c, value);
    }
}

static int parse(const command *self, int argc, char **argv, call_args *c)
{
    args        a = args_of(self, argc, argv);
    const char *value, *slash;
    int         which, result = -1;

    while (result < 0 && (which = args_next(&a, &value)) != FLAGS_END)
        result = parse_one(self, c, which, value);
    if (result >= 0 || a.exit >= 0)
        return result >= 0 ? result : a.exit;
    if (c->method == NULL)
        return complain_usage(self, "want a TARGET and a package.Service/Method");
    slash = strchr(c->method, '/');
    if (slash == NULL || slash == c->method || slash[1] == '\0' || strchr(slash + 1, '/') != NULL)
        return complain_usage(self, "want package.Service/Method, got \"%s\"", c->method);
    return -1;
}

static maru_status unknown_method(const schema_service *service, const char *name, maru_error *error)
{
    nearest     n = {.word = name};
    const char *best;

    for (size_t i = 0; i < service->method_count; i++)
        nearest_offer(&n, service->methods[i].name);
    best = nearest_best(&n);
    return maru_error_set(error, MARU_UNIMPLEMENTED, "%s: no method \"%.100s\"%s%s%s", service->full_name, name,
                          best != NULL ? "; did you mean " : "", best != NULL ? best : "", best != NULL ? "?" : "");
}

/* The pool of the service, or of all services where it has none of that name: for the sake of "did you mean". */
static maru_status find_method(session *s, const call_args *c, const schema_method **method, maru_error *error)
{
    schema_pool          *pool;
    const schema_service *service;
    char                  name[SCHEMA_NAME_MAX];
    const char           *slash = strchr(c->method, '/'), *best;
    maru_status           status;

    if (snprintf(name, sizeof name, "%.*s", (int)(slash - c->method), c->method) >= (int)sizeof name)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want a name of less than %d bytes", SCHEMA_NAME_MAX);
    if ((status = session_schema(s, name, &pool, error)) == MARU_NOT_FOUND)
        status = session_schema(s, "", &pool, error);
    if (status != MARU_OK)
        return status;
    if ((service = schema_find_service(pool, name)) == NULL) {
        best = schema_nearest_service(pool, name);
        return maru_error_set(error, MARU_UNIMPLEMENTED, "%s: serves no \"%.200s\"%s%s%s", c->target, name,
                              best != NULL ? "; did you mean " : "", best != NULL ? best : "", best != NULL ? "?" : "");
    }
    *method = schema_service_method(service, slash + 1);
    if (*method == NULL)
        return unknown_method(service, slash + 1, error);
    if ((*method)->flags & (MARU_METHOD_CLIENT_STREAM | MARU_METHOD_SERVER_STREAM))
        return maru_error_set(error, MARU_UNIMPLEMENTED, "%s: is a stream; maru call makes unary calls", c->method);
    return MARU_OK;
}

/* "key=value", cut in the call's arena. */
static maru_status add_metadata(maru_call *call, const call_args *c, maru_error *error)
{
    for (size_t i = 0; i < c->metadata_count; i++) {
        char       *key = maru_strdup(call, c->metadata[i]), *value;
        maru_status status;

        if (key == NULL)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
        value = strchr(key, '=');
        *value++ = '\0';
        if ((status = maru_call_add_metadata(call, key, value)) != MARU_OK)
            return session_fail(call, status, error);
    }
    return MARU_OK;
}

static maru_status set_up(maru_call *call, const call_args *c, maru_error *error)
{
    maru_status status = MARU_OK;

    if (c->request_id != NULL && (status = maru_call_set_request_id(call, c->request_id)) != MARU_OK)
        return session_fail(call, status, error);
    return add_metadata(call, c, error);
}

/* A reply that is none is the callee's fault, not the caller's: as maru_unary has it. */
static maru_status reply_fault(const schema_method *method, maru_status status, maru_error *error)
{
    char words[sizeof error->text];

    memcpy(words, error->text, sizeof words);
    return maru_error_set(error, status == MARU_INVALID_ARGUMENT ? MARU_INTERNAL : status, "%s: reply: %s",
                          method->path, words);
}

static maru_status exchange(session *s, const call_args *c, maru_call *call, const char *json, size_t json_size,
                            FILE *out, maru_error *error)
{
    json_write_options   write = {.indent = c->compact ? 0 : 2};
    const schema_method *method = NULL;
    const uint8_t       *request, *reply;
    size_t               request_size, reply_size, text_size;
    const char          *text;
    maru_status          status;

    if ((status = set_up(call, c, error)) != MARU_OK || (status = find_method(s, c, &method, error)) != MARU_OK ||
        (status = json_to_wire(method->request, json, json_size, NULL, s->arena, &request, &request_size, error)) !=
            MARU_OK)
        return status;
    status = maru_unary_bytes(s->client, call, method->path, method->flags, request, request_size, &reply, &reply_size);
    if (status != MARU_OK)
        return session_fail(call, status, error);
    status = wire_to_json(method->response, reply, reply_size, &write, s->arena, &text, &text_size, error);
    if (status != MARU_OK)
        return reply_fault(method, status, error);
    fwrite(text, 1, text_size, out);
    fputc('\n', out);
    return MARU_OK;
}

static maru_status call_out(const call_args *c, const char *json, size_t size, FILE *out, maru_error *error)
{
    session     s;
    maru_call  *call = NULL;
    maru_status status = session_open(&s, c->data, c->target, c->timeout_ms, error);

    if (status == MARU_OK && (call = maru_call_begin(s.runtime, s.timeout_ms)) == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (status == MARU_OK)
        status = exchange(&s, c, call, json, size, out, error);
    if (call != NULL)
        maru_call_end(call);
    session_close(&s);
    return status;
}

static int run(const command *self, int argc, char **argv)
{
    call_args   c = {.json = "{}", .timeout_ms = SESSION_TIMEOUT_MS};
    int         result = parse(self, argc, argv, &c);
    maru_error  error;
    maru_status status;
    char       *json;
    size_t      size;
    output      out;

    if (result >= 0)
        return result;
    if (input_read(c.json, &json, &size, &error) != MARU_OK) {
        complain(self, "%s", error.text);
        free(json);
        return EXIT_CANNOT;
    }
    output_open(&out);
    status = call_out(&c, json, size, out.file, &error);
    free(json);
    if (status == MARU_OK)
        return output_finish(&out, self);
    output_discard(&out);
    return complain_status(status, error.text);
}

static const flag call_flags[] = {
    FLAG_HELP,
    [FLAG_CALL_JSON] = {"json", 'd', "JSON", "the request; @FILE reads a file, @, @- or - stdin (default: {})"},
    [FLAG_CALL_TIMEOUT] = {"timeout", 0, "TIME", "500ms, 5s, 2m ... (default: 10s)"},
    [FLAG_CALL_METADATA] = {"metadata", 0, "KEY=VALUE", "sent along; may be repeated"},
    [FLAG_CALL_REQUEST_ID] = {"request-id", 0, "ID", "of an exactly-once call, to repeat it safely"},
    [FLAG_CALL_COMPACT] = {"compact", 0, NULL, "print the reply on one line"},
    [FLAG_CALL_DATA] = FLAG_DATA,
};

const command call_command = {
    .name = "call",
    .operands = "TARGET package.Service/Method",
    .summary = "call a method, with JSON in and out",
    .more = "TARGET is the name of a service that runs, or where it listens: tcp://HOST:PORT, ipc:///PATH.\n"
            "maru list prints the methods that there are, maru describe TARGET what they take and answer.\n"
            "The reply is printed on stdout. A call that fails prints one line on stderr, as in\n"
            "  NOT_FOUND: products/x: no such product (from catalog/4711)\n"
            "and the exit status is 64 + the code of its status (NOT_FOUND: 69).\n",
    .flags = call_flags,
    .flag_count = sizeof call_flags / sizeof *call_flags,
    .run = run,
};
