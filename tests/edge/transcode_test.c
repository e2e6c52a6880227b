/* transcode_test.c: every line of cases.txt, which says what its columns are. */
#include "test.h"

#include <stdlib.h>

#include "maru/json.h"
#include "maru/transcode.h"
#include "wire/scan.h"
#include "zoo.maru.h"

enum { BUDGET = 16 << 20, TROUBLES_MAX = 32, COLUMNS_MAX = 4 };

typedef struct table {
    transcode  *routes;
    maru_arena *arena;
    unsigned    line, cases;
    char        troubles[TROUBLES_MAX][640];
    size_t      trouble_count;
} table;

/* A line: its columns, and of the first METHOD and PATH. */
typedef struct row {
    char       *columns[COLUMNS_MAX];
    size_t      count;
    const char *method;
    maru_text   path, query;
} row;

static void explain(const table *t, const char *problem, const char *got, const char *want)
{
    fprintf(stderr, "cases.txt:%u: %s\n  got  %s\n  want %s\n", t->line, problem, got, want);
    test_note(false);
}

static void check_same(const table *t, const char *what, const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        explain(t, what, got, want);
    else
        test_note(true);
}

static maru_text text_of(const char *words)
{
    return (maru_text){.at = words, .size = strlen(words)};
}

/* A column of "" is empty. */
static maru_text body_of(const char *column)
{
    return text_of(strcmp(column, "\"\"") == 0 ? "" : column);
}

static const char *as_json(const table *t, const schema_message *type, const uint8_t *bytes, size_t size)
{
    maru_error  error = {0};
    const char *json;

    return wire_to_json(type, bytes, size, NULL, t->arena, &json, NULL, &error) == MARU_OK
               ? json
               : maru_arena_strdup(t->arena, error.text);
}

static bool finds(const table *t, const row *r, transcode_match *match)
{
    if (transcode_find(t->routes, r->method, r->path, match))
        return true;
    explain(t, "there is no route", r->columns[0], "a route");
    return false;
}

/* As the service that is called would. */
static void check_taken(const table *t, const schema_method *method, const uint8_t *bytes, size_t size)
{
    maru_error error = {0};

    for (size_t i = 0; i < zoo_maru_service.count; i++)
        if (strcmp(zoo_maru_service.methods[i].name, method->name) == 0 &&
            scan_message(zoo_maru_service.methods[i].request, bytes, size, &scan_default, NULL, &error) != MARU_OK)
            explain(t, "a service refuses it", error.text, "what it takes");
}

static void run_call(table *t, const row *r)
{
    transcode_match match;
    maru_error      error = {0};
    const uint8_t  *bytes;
    size_t          size;

    if (!finds(t, r, &match))
        return;
    check_same(t, "another method", match.method->name, r->columns[2]);
    if (transcode_request(&match, r->query, body_of(r->columns[1]), t->arena, &bytes, &size, &error) != MARU_OK) {
        explain(t, "it is refused", error.text, r->columns[3]);
        return;
    }
    check_same(t, "another request", as_json(t, match.method->request, bytes, size), r->columns[3]);
    check_taken(t, match.method, bytes, size);
}

static void run_refuse(table *t, const row *r)
{
    transcode_match match;
    maru_error      error = {0};
    const uint8_t  *bytes;
    size_t          size;
    maru_status     status;

    if (!finds(t, r, &match))
        return;
    status = transcode_request(&match, r->query, body_of(r->columns[1]), t->arena, &bytes, &size, &error);
    if (status != MARU_INVALID_ARGUMENT || strstr(error.text, r->columns[2]) == NULL)
        explain(t, "it is not refused with these words", status == MARU_OK ? "OK" : error.text, r->columns[2]);
    else
        test_note(true);
}

static void run_none(table *t, const row *r)
{
    transcode_match match;
    const char     *allowed = transcode_methods(t->routes, r->path, t->arena);

    if (transcode_find(t->routes, r->method, r->path, &match))
        explain(t, "there is a route", match.method->name, "none");
    check_same(t, "other methods", allowed == NULL ? "-" : allowed, r->columns[1]);
}

static void run_reply(table *t, const row *r)
{
    transcode_match match;
    maru_error      error = {0};
    const uint8_t  *bytes;
    size_t          size;
    maru_text       json;

    if (!finds(t, r, &match))
        return;
    if (json_to_wire(match.method->response, r->columns[1], strlen(r->columns[1]), NULL, t->arena, &bytes, &size,
                     &error) != MARU_OK ||
        transcode_reply(&match, bytes, size, t->arena, &json, &error) != MARU_OK)
        explain(t, "no reply", error.text, r->columns[2]);
    else
        check_same(t, "another reply", maru_arena_printf(t->arena, "%.*s", (int)json.size, json.at), r->columns[2]);
}

static void run_key(table *t, const row *r)
{
    transcode_match match;
    maru_error      error = {0};
    const uint8_t  *bytes;
    size_t          size;
    const char     *got = "-";

    if (!finds(t, r, &match))
        return;
    if (transcode_takes_request_id(&match))
        got =
            transcode_request(&match, r->query, body_of(r->columns[1]), t->arena, &bytes, &size, &error) == MARU_OK &&
                    transcode_put_request_id(&match, text_of(r->columns[2]), t->arena, &bytes, &size, &error) == MARU_OK
                ? as_json(t, match.method->request, bytes, size)
                : error.text;
    if (error.code != MARU_OK && strstr(error.text, r->columns[3]) != NULL)
        test_note(true);
    else
        check_same(t, "another request", got, r->columns[3]);
}

static void run_trouble(table *t, const row *r)
{
    for (size_t i = 0; i < t->trouble_count; i++)
        if (strncmp(t->troubles[i], r->columns[0], strlen(r->columns[0])) == 0) {
            test_note(true);
            t->troubles[i][0] = 0;
            return;
        }
    explain(t, "nobody told", "nothing", r->columns[0]);
}

static const struct {
    const char *verb;
    size_t      columns;
    void (*run)(table *t, const row *r);
} verbs[] = {
    {"call", 4, run_call},   {"refuse", 3, run_refuse},   {"none", 2, run_none},
    {"reply", 3, run_reply}, {"trouble", 1, run_trouble}, {"key", 4, run_key},
};

static void split_target(row *r)
{
    char *space = strchr(r->columns[0], ' '), *mark;

    if (space == NULL)
        return;
    r->method = strndup(r->columns[0], (size_t)(space - r->columns[0]));
    mark = strchr(space + 1, '?');
    r->path = (maru_text){.at = space + 1, .size = mark == NULL ? strlen(space + 1) : (size_t)(mark - space - 1)};
    r->query = text_of(mark == NULL ? "" : mark + 1);
}

static row split(char *line)
{
    row r = {.method = NULL};

    for (char *bar; r.count < COLUMNS_MAX; line = bar + 3) {
        r.columns[r.count++] = line;
        if ((bar = strstr(line, " | ")) == NULL)
            break;
        *bar = 0;
    }
    split_target(&r);
    return r;
}

static void run_line(table *t, char *line)
{
    char *rest = line + strcspn(line, " ");

    while (*rest == ' ')
        *rest++ = 0;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        row r;

        if (strcmp(line, verbs[i].verb) != 0)
            continue;
        r = split(rest);
        t->cases++;
        if (r.count == verbs[i].columns)
            verbs[i].run(t, &r);
        else
            explain(t, "columns", rest, verbs[i].verb);
        free((char *)r.method);
        return;
    }
    explain(t, "no such verb", line, "one of those above");
}

static void note_trouble(void *arg, const char *words)
{
    table *t = arg;

    snprintf(t->troubles[t->trouble_count++], sizeof t->troubles[0], "%s", words);
}

static bool open_table(table *t)
{
    schema_pool *pool;
    maru_error   error = {0};

    t->arena = maru_arena_new(BUDGET);
    pool = schema_pool_new(t->arena);
    t->routes = transcode_new(t->arena);
    return CHECK(schema_pool_add_file(pool, zoo_maru_service.file, &error) == MARU_OK) &&
           CHECK(schema_pool_link(pool, &error) == MARU_OK) &&
           CHECK(transcode_add(t->routes, schema_find_service(pool, "zoo.v1.Zoo"), t, note_trouble, t, &error) ==
                 MARU_OK) &&
           CHECK_INT(t->trouble_count, 0) &&
           CHECK(transcode_add(t->routes, schema_find_service(pool, "zoo.v1.Wrong"), t, note_trouble, t, &error) ==
                 MARU_OK);
}

/* What the query may be is kept in some 8 KB, and what is decoded of it takes as much as it has bytes. */
static void test_memory(const table *t)
{
    enum { ROOM = 32 << 10, LONG = 64 << 10 };
    char           *query = malloc(LONG);
    maru_arena     *arena = maru_arena_new(ROOM);
    maru_error      error = {0};
    const uint8_t  *bytes;
    size_t          size;
    transcode_match match;

    test_begin("a query that memory is out for is not told to be a wrong one");
    memset(query, 'a', LONG);
    memcpy(query, "name=%41", sizeof "name=%41" - 1);
    CHECK(transcode_find(t->routes, "GET", text_of("/v1/animals"), &match));
    CHECK_INT(
        transcode_request(&match, (maru_text){.at = query, .size = LONG}, text_of(""), arena, &bytes, &size, &error),
        MARU_RESOURCE_EXHAUSTED);
    CHECK_STR(error.text, "out of memory for this request");
    maru_arena_free(arena);
    free(query);
}

/* The arena that a request takes, in bytes. */
static size_t memory_of(const table *t, const char *method, const char *path, const char *query, maru_text body)
{
    maru_arena     *arena = maru_arena_new(BUDGET);
    maru_error      error = {0};
    const uint8_t  *bytes;
    size_t          size = 0, spent;
    transcode_match match;

    CHECK(transcode_find(t->routes, method, text_of(path), &match));
    CHECK_INT(transcode_request(&match, text_of(query), body, arena, &bytes, &size, &error), MARU_OK);
    CHECK_STR(error.text, "");
    CHECK(size > body.size - 16);
    spent = maru_arena_spent(arena);
    maru_arena_free(arena);
    return spent;
}

static void test_large(const table *t)
{
    enum { LARGE = 1 << 20, FEW = 16 << 10, INNER = sizeof "{\"words\": [\"\"]}" };
    char     *body = malloc(LARGE + INNER);
    maru_text tags = {.at = body, .size = LARGE}, inner = {.at = body};
    size_t    plain;

    test_begin("a body of a MiB is not copied again for a parameter of a nested message that stands alone");
    memset(body, 'x', LARGE);
    memcpy(body, "[\"", 2);
    memcpy(body + LARGE - 2, "\"]", 2);
    plain = memory_of(t, "POST", "/v1/animals/a/tags", "", tags);
    CHECK(plain > LARGE);
    CHECK(memory_of(t, "POST", "/v1/animals/a/tags", "inner.name=a", tags) < plain + FEW);
    test_begin(
        "for one of a message that the body has a part of it is, three times at most: its pieces, and the whole");
    inner.size = (size_t)snprintf(body, LARGE + INNER, "{\"words\": [\"%0*d\"]}", LARGE - INNER, 0);
    plain = memory_of(t, "POST", "/v1/dens", "name=a", inner);
    CHECK(memory_of(t, "PUT", "/v1/animals/a", "", inner) < plain + 3 * LARGE + FEW);
    free(body);
}

int main(int argc, char **argv)
{
    table  *t = calloc(1, sizeof *t);
    FILE   *file = argc == 2 ? fopen(argv[1], "re") : NULL;
    char   *line = NULL;
    size_t  room = 0;
    ssize_t size;

    test_begin("google.api.http as cases.txt says");
    if (!CHECK(file != NULL) || !open_table(t))
        return test_end();
    while ((size = getline(&line, &room, file)) >= 0) {
        t->line++;
        if (size > 0 && line[size - 1] == '\n')
            line[size - 1] = 0;
        if (*line != 0 && *line != '#')
            run_line(t, line);
    }
    CHECK(t->cases > 100);
    for (size_t i = 0; i < t->trouble_count; i++)
        CHECK_STR(t->troubles[i], ""); /* each is in the table */
    test_memory(t);
    test_large(t);
    free(line);
    fclose(file);
    maru_arena_free(t->arena);
    free(t);
    return test_end();
}
