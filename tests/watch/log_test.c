/* log_test.c: records as JSON, levels by module, and what identifies a call. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "maru/call.h"
#include "maru/runtime.h"
#include "runtime/call_log.h"
#include "test.h"

static int64_t some_time(void *self)
{
    return INT64_C(1769850000123000000);
}

/* What a log writes into a pipe, one record. */
typedef struct reading {
    maru_log log;
    int      out;
    char     text[2 * LOG_LINE_MAX];
} reading;

static bool reading_open(reading *r, bool json)
{
    int fds[2];

    if (!CHECK(pipe2(fds, O_NONBLOCK) == 0))
        return false;
    log_open(&r->log, fds[1], MARU_LOG_INFO, some_time, NULL);
    r->log.json = json;
    r->out = fds[0];
    return true;
}

static const char *next(reading *r)
{
    ssize_t size = read(r->out, r->text, sizeof r->text - 1);

    r->text[size > 0 ? size : 0] = '\0';
    return r->text;
}

static void reading_close(reading *r)
{
    close(r->out);
    close(r->log.fd);
}

static void check_json(void)
{
    reading r;
    char    longer[2 * LOG_LINE_MAX];

    test_begin("a record is one JSON object a line, whatever is in it");
    if (!reading_open(&r, true))
        return;
    snprintf(r.log.service, sizeof r.log.service, "cart");
    log_write(&r.log, LOG_STORE, MARU_LOG_WARN, LOG_FIELDS({"path", "/a \"b\"\\c\n\x01\xff.", 0}, {"n", NULL, -3}),
              "장터 %d", 7);
    CHECK_STR(next(&r),
              "{\"time\":\"2026-01-31T09:00:00.123Z\",\"level\":\"warn\",\"service\":\"cart\",\"module\":\"store\","
              "\"msg\":\"장터 7\",\"path\":\"/a \\\"b\\\"\\\\c\\n ?.\",\"n\":-3}\n");

    test_begin("one that is too long is cut inside a value or between keys, and is JSON still");
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    log_write(&r.log, LOG_STORE, MARU_LOG_WARN, NULL, "%s", longer);
    next(&r);
    CHECK(strlen(r.text) <= LOG_LINE_MAX);
    CHECK_STR(r.text + strlen(r.text) - 17, "xxx\",\"cut\":true}\n");
    for (size_t size = LOG_LINE_MAX - 200; size < LOG_LINE_MAX; size++) {
        longer[size] = '\0';
        log_write(&r.log, LOG_STORE, MARU_LOG_WARN, LOG_FIELDS({"a", NULL, 12345}, {"b", "xy", 0}), "%s", longer);
        longer[size] = 'x';
        next(&r);
        if (!CHECK(strlen(r.text) <= LOG_LINE_MAX) || !CHECK(strcmp(r.text + strlen(r.text) - 2, "}\n") == 0) ||
            !CHECK(strstr(r.text, "\"a\":") == NULL || strstr(r.text, "\"a\":12345") != NULL) ||
            !CHECK(strstr(r.text, "\"b\":,") == NULL && strstr(r.text, "\"b\":}") == NULL))
            fprintf(stderr, "%s", r.text);
    }
    reading_close(&r);
}

static void check_levels(void)
{
    static const char *const bad[] = {
        "", "loud", "call=", "=debug", "calls=debug", "info,", "info;debug", "call=debug,x=info"};
    reading    r;
    log_levels levels;
    char       words[LOG_LEVELS_TEXT];

    test_begin("each module has its level, the last word counts, and what was not said stays");
    if (!reading_open(&r, false))
        return;
    CHECK(log_levels_parse("warn,call=debug,store=off", &levels, words));
    log_levels_set(&r.log, &levels);
    CHECK(log_wants(&r.log, LOG_CALL, MARU_LOG_DEBUG));
    CHECK(!log_wants(&r.log, LOG_STORE, MARU_LOG_ERROR));
    CHECK(!log_wants(&r.log, LOG_HTTP, MARU_LOG_INFO) && log_wants(&r.log, LOG_HTTP, MARU_LOG_WARN));
    CHECK(log_levels_parse("store=error", &levels, words));
    log_levels_set(&r.log, &levels);
    CHECK(log_wants(&r.log, LOG_STORE, MARU_LOG_ERROR) && log_wants(&r.log, LOG_CALL, MARU_LOG_DEBUG));
    log_write(&r.log, LOG_STORE, MARU_LOG_WARN, NULL, "not this");
    log_write(&r.log, LOG_CALL, MARU_LOG_DEBUG, NULL, "this");
    CHECK_CONTAINS(next(&r), "module=call msg=\"this\"\n");
    CHECK(strstr(r.text, "not this") == NULL);
    reading_close(&r);

    test_begin("what is no level or no module is refused, with those there are");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!CHECK(!log_levels_parse(bad[i], &levels, words) && strstr(words, "want one of ") != NULL))
            fprintf(stderr, "\"%s\": %s\n", bad[i], words);
    CHECK(!log_levels_parse("call=loud", &levels, words));
    CHECK_STR(words, "\"loud\" is no level: want one of debug, info, warn, error, off");
    CHECK(!log_levels_parse("cal=info", &levels, words));
    CHECK_STR(words, "\"cal\" is no module: want one of app, call, http, server, store, events, service");
}

static void check_ids(void)
{
    static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    maru_runtime     *rt;
    maru_error        error;
    maru_call        *call;
    log_field         fields[CALL_LOG_IDS];
    call_ids          ids;

    test_begin("a call is told by its trace, its span and the id of its request, and by no key of its caller's");
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, &error), MARU_OK))
        return;
    call = maru_call_begin(rt, 0);
    CHECK_INT(call_log_ids(call, &ids, fields), 0);
    CHECK_INT(maru_call_set_request_id(call, "secret-key"), MARU_OK);
    CHECK_INT(maru_call_add_metadata(call, "authorization", "secret"), MARU_OK);
    CHECK_INT(call_log_ids(call, &ids, fields), 0);
    CHECK_INT(maru_call_set_traceparent(call, trace), MARU_OK);
    CHECK_INT(maru_call_add_metadata(call, "x-request-id", "r-1"), MARU_OK);
    CHECK_INT(call_log_ids(call, &ids, fields), 3);
    CHECK_STR(fields[0].text, "r-1");
    CHECK_STR(fields[1].text, "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK_STR(fields[2].text, "00f067aa0ba902b7");
    maru_call_begin_trace(call); /* it has one */
    CHECK_INT(call_log_ids(call, &ids, fields), 3);
    CHECK_STR(fields[1].text, "4bf92f3577b34da6a3ce929d0e0e4736");
    maru_call_end(call);
    call = maru_call_begin(rt, 0);
    maru_call_begin_trace(call);
    CHECK_INT(call_log_ids(call, &ids, fields), 2);
    CHECK_INT(strlen(fields[0].text), 32);
    maru_call_end(call);
    maru_runtime_free(rt);
}

/* Until not one byte more fits. */
static void fill(const reading *r)
{
    static const char bytes[4096];

    while (write(r->log.fd, bytes, sizeof bytes) > 0)
        ;
    while (write(r->log.fd, bytes, 1) > 0)
        ;
}

static void drain(const reading *r)
{
    char bytes[4096];

    while (read(r->out, bytes, sizeof bytes) > 0)
        ;
}

static void check_full(void)
{
    reading r;

    test_begin("where nobody reads, what is said is lost and holds up nobody; the next that can be read says how much");
    if (!reading_open(&r, false))
        return;
    fill(&r);
    fcntl(r.log.fd, F_SETFL, 0); /* as a program has it: a write waits for as long as it takes */
    for (int i = 0; i < 1000; i++)
        log_write(&r.log, LOG_APP, MARU_LOG_WARN, NULL, "%d", i);
    drain(&r);
    log_write(&r.log, LOG_APP, MARU_LOG_WARN, NULL, "again");
    CHECK_STR(next(&r), "time=2026-01-31T09:00:00.123Z level=warn module=app lost=1000 msg=\"again\"\n");
    log_write(&r.log, LOG_APP, MARU_LOG_WARN, NULL, "more");
    CHECK_STR(next(&r), "time=2026-01-31T09:00:00.123Z level=warn module=app msg=\"more\"\n");
    reading_close(&r);
}

int main(void)
{
    check_full();
    check_json();
    check_levels();
    check_ids();
    return test_end();
}
