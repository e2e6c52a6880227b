/* log_test.c: records as JSON, levels by module, and what identifies a call. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
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
    CHECK_STR(words, "\"cal\" is no module: want one of app, call, http, server, client, store, events, service");
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

/* A file may grow to so many bytes, as on a disk with room for as much. */
static void limit_to(rlim_t size)
{
    struct rlimit most;

    getrlimit(RLIMIT_FSIZE, &most);
    most.rlim_cur = size;
    CHECK(setrlimit(RLIMIT_FSIZE, &most) == 0);
}

/* A log into a file, which is read once it is written. */
static bool filing_open(reading *r, bool json)
{
    r->out = memfd_create("log", MFD_CLOEXEC);
    log_open(&r->log, r->out, MARU_LOG_INFO, some_time, NULL);
    r->log.json = json;
    return CHECK(r->out >= 0);
}

static const char *all_of(reading *r)
{
    ssize_t size = pread(r->out, r->text, sizeof r->text - 1, 0);

    r->text[size > 0 ? size : 0] = '\0';
    return r->text;
}

typedef struct disk_row {
    bool        json;
    rlim_t      room;
    const char *text;
} disk_row;

#define LOGFMT "time=2026-01-31T09:00:00.123Z level=warn module=app "
#define JSON   "{\"time\":\"2026-01-31T09:00:00.123Z\",\"level\":\"warn\",\"module\":\"app\","

#define ONE      LOGFMT "msg=\"one\"\n"
#define ONE_JSON JSON "\"msg\":\"one\"}\n"

enum { ROOM = sizeof ONE - 1, ROOM_JSON = sizeof ONE_JSON - 1 };

/* "one", then nine that the disk has no room for, then "two". */
static const disk_row disk_table[] = {
    {false, ROOM, ONE "t\n" LOGFMT "lost=9 msg=\"two\"\n"},
    {false, ROOM + 4, ONE "time\n" LOGFMT "lost=9 msg=\"two\"\n"},
    {true, ROOM_JSON, ONE_JSON "{\n" JSON "\"lost\":9,\"msg\":\"two\"}\n"},
    {true, ROOM_JSON + 4, ONE_JSON "{\"ti\n" JSON "\"lost\":9,\"msg\":\"two\"}\n"},
    {true, 2 * ROOM_JSON - 1, ONE_JSON JSON "\"msg\":\"000\"}\n" JSON "\"lost\":8,\"msg\":\"two\"}\n"},
    {true, 0, "{\n" JSON "\"lost\":10,\"msg\":\"two\"}\n"},
    {true, 1, "{\n" JSON "\"lost\":10,\"msg\":\"two\"}\n"},
};

static void check_disk(void)
{
    test_begin("a file on a full disk: what it did not take is counted, and a record that is torn ends its line");
    for (size_t i = 0; i < sizeof disk_table / sizeof *disk_table; i++) {
        const disk_row *row = &disk_table[i];
        reading         r;

        if (!filing_open(&r, row->json))
            return;
        limit_to(row->room);
        log_write(&r.log, LOG_APP, MARU_LOG_WARN, NULL, "one");
        for (int n = 0; n < 9; n++) {
            log_write(&r.log, LOG_APP, MARU_LOG_WARN, NULL, "%03d", n);
            limit_to(row->room + (n == 4)); /* the end of the torn line, or what tears one */
        }
        limit_to(RLIM_INFINITY);
        log_write(&r.log, LOG_APP, MARU_LOG_WARN, NULL, "two");
        CHECK_STR(all_of(&r), row->text);
        close(r.out);
    }
}

enum { WRITERS = 4, RECORDS = 200 };

/* The disk is full again and again, at any byte. */
static void *write_many(void *arg)
{
    reading *r = arg;

    for (int i = 0; i < RECORDS; i++) {
        limit_to(i % 4 == 0 ? RLIM_INFINITY : (rlim_t)lseek(r->out, 0, SEEK_CUR) + (rlim_t)i % 97);
        log_write(&r->log, LOG_APP, MARU_LOG_WARN, LOG_FIELDS({"end", ".", 0}), "%d", i);
    }
    return NULL;
}

/* Of a line: records that are there, and those that it says are not. */
static void count_line(const char *line, int *there, int *lost)
{
    static const char end[] = " end=.";
    const char       *said = strstr(line, " lost=");
    size_t            size = strlen(line);

    CHECK(size > 0 && strstr(line + 1, "time=") == NULL);
    if (size < sizeof end || strcmp(line + size - (sizeof end - 1), end) != 0)
        return;
    ++*there;
    *lost += said != NULL ? atoi(said + 6) : 0;
}

static void check_disk_of_threads(void)
{
    enum { SIZE = WRITERS * RECORDS * 128 };
    reading   r;
    pthread_t threads[WRITERS];
    char     *text = calloc(1, SIZE), *rest = text, *line;
    int       there = 0, lost = 0;

    test_begin("so it is where many threads write: no two records in one line, and none is lost without being counted");
    if (!filing_open(&r, false))
        return;
    for (int i = 0; i < WRITERS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, write_many, &r), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    limit_to(RLIM_INFINITY);
    log_write(&r.log, LOG_APP, MARU_LOG_WARN, LOG_FIELDS({"end", ".", 0}), "last");
    CHECK(pread(r.out, text, SIZE - 1, 0) > 0);
    while ((line = strsep(&rest, "\n")) != NULL && rest != NULL)
        count_line(line, &there, &lost);
    CHECK_INT(there + lost, WRITERS * RECORDS + 1);
    CHECK(lost > 0);
    free(text);
    close(r.out);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN); /* as a full disk: a write says that it did not fit */
    check_full();
    check_disk();
    check_disk_of_threads();
    check_json();
    check_levels();
    check_ids();
    return test_end();
}
