/* call.c: maru call: one unary call, JSON in and out, by reflection. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "duration.h"
#include "input.h"
#include "maru/json.h"
#include "metadata.h"
#include "method.h"
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
};

typedef struct call_args {
    const char *data, *target, *method, *json, *request_id;
    metadata    metadata;
    int64_t     timeout_ms;
    bool        compact;
} call_args;

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
        c->method = word;
    else
        return complain_usage(self, "\"%s\": want TARGET and package.Service/Method; JSON goes behind -d", word);
    return -1;
}

static int parse_one(const command *self, call_args *c, int which, const char *value)
{
    switch (which) {
    case FLAG_CALL_JSON:
        if (c->json != NULL)
            return complain_usage(self, "-d: want one request, got a second");
        c->json = value;
        return -1;
    case FLAG_CALL_TIMEOUT:
        c->timeout_ms = duration_parse(value);
        return c->timeout_ms > 0 ? -1 : complain_usage(self, "--timeout: " DURATION_WANT ", got \"%s\"", value);
    case FLAG_CALL_METADATA:
        return metadata_take(&c->metadata, self, value);
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
    const char *value;
    int         which, result = -1;

    while (result < 0 && (which = args_next(&a, &value)) != FLAGS_END)
        result = parse_one(self, c, which, value);
    if (result >= 0 || a.exit >= 0)
        return result >= 0 ? result : a.exit;
    if (c->method == NULL)
        return complain_usage(self, "want a TARGET and a package.Service/Method");
    return method_check(self, &c->method);
}

static maru_status set_up(maru_call *call, const call_args *c, maru_error *error)
{
    maru_status status = MARU_OK;

    if (c->request_id != NULL && (status = maru_call_set_request_id(call, c->request_id)) != MARU_OK)
        return session_fail(call, status, error);
    return metadata_add(&c->metadata, call, error);
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

    if ((status = set_up(call, c, error)) != MARU_OK ||
        (status = method_find(s, c->target, c->method, &method, error)) != MARU_OK)
        return status;
    status = json_to_wire(method->request, json, json_size, NULL, s->arena, &request, &request_size, error);
    if (status != MARU_OK)
        return input_fault(c->json, error);
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
    call_args   c = {.timeout_ms = SESSION_TIMEOUT_MS};
    int         result = parse(self, argc, argv, &c);
    maru_error  error;
    maru_status status;
    char       *json;
    size_t      size;
    output      out;

    if (result >= 0)
        return result;
    if (input_read(c.json != NULL ? c.json : "{}", &json, &size, &error) != MARU_OK) {
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
