/* cases_test.c: every line of cases.txt, which says what its columns are. protoc encodes and decodes the text format.
 */
#include <stdlib.h>

#include "support.h"
#include "test.h"

typedef struct table {
    const char        *descriptors;
    const schema_pool *pool;
    maru_arena        *arena;
    unsigned           line;
    unsigned           cases;
} table;

typedef struct row {
    const char           *type_name; /* full */
    const schema_message *type;
    const char           *left, *right;
} row;

static void explain(const table *t, const char *problem, const char *got, const char *want)
{
    fprintf(stderr, "cases.txt:%u: %s\n  got  %s\n  want %s\n", t->line, problem, got, want);
    test_note(false);
}

static bool reads(const table *t, const row *r, const char *json, const json_read_options *options, blob *wire)
{
    maru_error  error = {0};
    maru_status status = json_to_wire(r->type, json, strlen(json), options, t->arena, &wire->at, &wire->size, &error);

    if (status != MARU_OK)
        explain(t, "the JSON is refused", error.text, json);
    return status == MARU_OK;
}

static void prints(const table *t, const row *r, blob wire, const json_write_options *options, const char *want)
{
    maru_error  error = {0};
    const char *got;
    size_t      size;

    if (wire_to_json(r->type, wire.at, wire.size, options, t->arena, &got, &size, &error) != MARU_OK)
        explain(t, "it does not print", error.text, want);
    else if (strcmp(got, want) != 0 || size != strlen(want))
        explain(t, "it prints otherwise", got, want);
    else
        test_note(true);
}

static void is_refused(const table *t, maru_status status, const char *words, const char *want)
{
    if (status == MARU_OK)
        explain(t, "it is not refused", "", want);
    else if (status != MARU_INVALID_ARGUMENT || strstr(words, want) == NULL)
        explain(t, "it is refused with other words", words, want);
    else
        test_note(true);
}

static void run_text(table *t, const row *r)
{
    blob text = {.at = (const uint8_t *)r->left, .size = strlen(r->left)}, ours, want, got;
    blob wire = support_protoc(t->descriptors, "encode", r->type_name, text, t->arena);

    prints(t, r, wire, NULL, r->right);
    if (!reads(t, r, r->right, NULL, &ours))
        return;
    want = support_protoc(t->descriptors, "decode", r->type_name, wire, t->arena);
    got = support_protoc(t->descriptors, "decode", r->type_name, ours, t->arena);
    if (got.size != want.size || memcmp(got.at, want.at, want.size) != 0)
        explain(t, "protoc reads the message otherwise", (const char *)got.at, (const char *)want.at);
    else
        test_note(true);
    free((void *)wire.at);
    free((void *)want.at);
    free((void *)got.at);
}

static void run_json(table *t, const row *r)
{
    blob wire;

    if (reads(t, r, r->left, NULL, &wire))
        prints(t, r, wire, NULL, r->right);
}

static void run_wire(table *t, const row *r)
{
    prints(t, r, support_from_hex(r->left, t->arena), NULL, r->right);
}

static void run_refuse(table *t, const row *r)
{
    maru_error     error = {0};
    const uint8_t *bytes;
    size_t         size;

    is_refused(t, json_to_wire(r->type, r->left, strlen(r->left), NULL, t->arena, &bytes, &size, &error), error.text,
               r->right);
}

static void run_no_json(table *t, const row *r)
{
    blob        wire = support_from_hex(r->left, t->arena);
    maru_error  error = {0};
    const char *text;

    is_refused(t, wire_to_json(r->type, wire.at, wire.size, NULL, t->arena, &text, NULL, &error), error.text, r->right);
}

static void run_ignore(table *t, const row *r)
{
    json_read_options options = {.ignore_unknown = true};
    blob              wire;

    if (reads(t, r, r->left, &options, &wire))
        prints(t, r, wire, NULL, r->right);
}

static void run_written(table *t, const row *r, json_write_options options)
{
    blob wire;

    if (reads(t, r, r->left, NULL, &wire))
        prints(t, r, wire, &options, r->right);
}

static void run_names(table *t, const row *r)
{
    run_written(t, r, (json_write_options){.proto_names = true});
}

static void run_numbers(table *t, const row *r)
{
    run_written(t, r, (json_write_options){.enums_as_numbers = true});
}

static void run_zeros(table *t, const row *r)
{
    run_written(t, r, (json_write_options){.emit_defaults = true});
}

static const struct verb {
    const char *name;
    void (*run)(table *, const row *);
} verbs[] = {
    {"text", run_text},     {"json", run_json},       {"wire", run_wire},
    {"refuse", run_refuse}, {"no-json", run_no_json}, {"ignore", run_ignore},
    {"names", run_names},   {"numbers", run_numbers}, {"zeros", run_zeros},
};

/* Cuts text at the next " | ", and returns what is behind it. */
static char *cut(char *text)
{
    char *bar = text == NULL ? NULL : strstr(text, " | ");

    if (bar == NULL)
        return NULL;
    *bar = '\0';
    return bar + 3;
}

static void run_line(table *t, char *line)
{
    char *verb = strtok(line, " !"), *rest = strtok(NULL, "");
    char *type, *left, *right;
    row   r;

    rest += strspn(rest, " !");
    type = rest;
    left = cut(type);
    right = cut(left);
    if (right == NULL) {
        explain(t, "the line has not three columns", rest, "TYPE | LEFT | RIGHT");
        return;
    }
    r = (row){.type = support_type(t->pool, type), .left = left, .right = right};
    r.type_name = r.type->full_name;
    t->cases++;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, verb) == 0) {
            verbs[i].run(t, &r);
            return;
        }
    explain(t, "there is no such verb", verb, "text, json, wire, ...");
}

static void run_table(table *t, char *text)
{
    for (char *line = text, *end; *line != '\0'; line = end) {
        end = strchr(line, '\n');
        *end++ = '\0';
        t->line++;
        if (strncmp(line, "## ", 3) == 0)
            test_begin(line + 3);
        else if (line[0] != '\0' && line[0] != '#')
            run_line(t, line);
    }
}

int main(int argc, char **argv)
{
    char  path[4096];
    table t = {.descriptors = argc > 1 ? argv[1] : "json_test.desc", .arena = maru_arena_new(256 << 20)};
    blob  text;

    snprintf(path, sizeof path, "%s/tests/json/cases.txt", getenv("MARU_SOURCE"));
    text = support_read_file(path);
    t.pool = support_pool(t.descriptors, t.arena);
    run_table(&t, (char *)text.at);
    test_begin("the table was read to its end");
    CHECK(t.cases > 300);
    free((void *)text.at);
    maru_arena_free(t.arena);
    return test_end();
}
