/* load_test.c: maru load against running services: what it counts is what they count; what it prints, and its exit
 * statuses. Figures of time belong to stall_test.c, where they are known.
 */
#include "test.h"

#include <ctype.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/start.h"

#define SAY  "load", "echo", "clitest.v1.EchoService/Echo"
#define ADD  "load", "relay", "clitest.v1.RelayService/Add"
#define NONE "ipc:///nowhere/at/all"

enum { TRIES = 3 }; /* of what a program may not see that stands still for a while */

static proc maru(const place *p, const char *input, const char *const more[])
{
    const char *words[PROC_WORDS] = {p->maru};
    int         count = 1;

    for (; *more != NULL; more++)
        words[count++] = *more;
    words[count] = NULL;
    return proc_run(words, input);
}

/* What the service has added up. */
static long long sum_of(const place *p)
{
    static const char *const words[] = {"call", "relay", "clitest.v1.RelayService/Add", "--compact", NULL};
    proc                     c = maru(p, NULL, words);
    long long                sum = 0;

    if (CHECK_INT(c.status, 0) && strncmp(c.text[PROC_OUT], "{\"sum\":\"", 8) == 0)
        sum = atoll(c.text[PROC_OUT] + 8);
    proc_free(&c);
    return sum;
}

static long long number(const proc *p, const char *key)
{
    return json_number(p->text[PROC_OUT], "\"target\"", key);
}

/* A load of Add, and by how much the service's sum grew. */
typedef struct add_row {
    const char *words[16];
    const char *sentence;
    long long   calls, sum;
} add_row;

#define CSV "%CSV"

static const add_row add_table[] = {
    {{ADD, "-d{\"number\": 1}", "--in-flight", "8", "--calls", "300", "-c", "3"},
     "every call of a closed model reaches the service once, over several connections",
     300,
     300},
    {{ADD, "-d{\"number\": 1}", "--rate", "200", "-t", "1s"}, "an open model makes rate times time calls", 200, 200},
    {{ADD, "-d{\"number\": 1}", "--rate", "100@500ms,0..200@1s,400@500ms"},
     "stages and ramps make the integral of their rates",
     350,
     350},
    {{ADD, "-d{\"number\": 1}", "--rate", "100@200ms,0@200ms,50@200ms,0@200ms"}, "a pause makes no calls", 30, 30},
    {{ADD, "-d{\"number\": ${counter:1}}", "--in-flight", "4", "--calls", "100"},
     "a counter gives each call its own number",
     100,
     5050},
    {{ADD, "-d{\"number\": \"${csv:n}\"}", "--csv", CSV, "--rate", "100", "--calls", "7"},
     "rows of a CSV are taken in turn, and again from the first",
     7,
     10 + 20 + 30 + 10 + 20 + 30 + 10},
    {{ADD, "-d", "{\"number\": ${random:5..5}}", "--rate", "50", "-t", "1s", "--poisson", "--calls", "20"},
     "random values and arrivals",
     20,
     100},
    {{ADD, "-d{\"number\": 1}", "--in-flight", "1..3@300ms,2@1m", "--calls", "50", "--warmup", "1ms"},
     "a number of calls ends a plan of stages",
     50,
     50},
};

static void check_adds(const place *p)
{
    char      csv[100];
    long long before = sum_of(p), after;
    FILE     *file;

    snprintf(csv, sizeof csv, "%s/rows.csv", p->root);
    file = fopen(csv, "w");
    fputs("x,n\na,10\nb,20\nc,30\n", file);
    fclose(file);
    for (size_t i = 0; i < sizeof add_table / sizeof *add_table; i++) {
        const char *words[PROC_WORDS];
        int         n = 0;
        proc        load;

        test_begin(add_table[i].sentence);
        for (; add_table[i].words[n] != NULL; n++)
            words[n] = strcmp(add_table[i].words[n], CSV) == 0 ? csv : add_table[i].words[n];
        words[n++] = "--output=json";
        words[n] = NULL;
        load = maru(p, NULL, words);
        after = sum_of(p);
        if (!CHECK_INT(load.status, 0))
            fprintf(stderr, "%s", load.text[PROC_ERR]);
        CHECK_INT(number(&load, "made"), add_table[i].calls);
        CHECK_INT(json_number(load.text[PROC_OUT], "\"statuses\"", "OK") + number(&load, "warm"), add_table[i].calls);
        CHECK_INT(after - before, add_table[i].sum);
        before = after;
        proc_free(&load);
    }
}

typedef struct row {
    const char *words[14];
    const char *input;
    int         status;
    const char *out, *err; /* parts; NULL: nothing at all */
} row;

static const row table[] = {
    /* what is printed */
    {{SAY, "--rate", "100", "-t", "200ms"}, NULL, 0, "calls      20 = 20 OK + 0 failed\n", "?"},
    {{SAY, "--rate", "100", "-t", "200ms", "--allow-late"}, NULL, 0, "\np99.9 ", NULL},
    {{SAY, "--in-flight", "2", "-t", "100ms"},
     NULL,
     0,
     "closed     2 in flight for 0.1 s; 1 connection, seed 1\n",
     "?"},
    {{SAY, "--in-flight", "2", "--calls", "9", "--output", "spectrum"},
     NULL,
     0,
     "  Detailed Percentile spectrum:\n",
     "?"},
    {{SAY, "--in-flight", "2", "--calls", "9", "-o", "spectrum"}, NULL, 0, "#[Buckets =           37, ", "?"},
    {{SAY, "--in-flight", "2", "--calls", "9", "-o", "json"}, NULL, 0, "\"model\": \"closed\"", "?"},
    {{SAY, "--in-flight", "2", "--calls", "9", "-d", "@-"}, "{\"text\": \"${text:5}\"}", 0, "9 = 9 OK", "?"},
    {{SAY, "--rate", "10@100ms,20@100ms"}, NULL, 0, "\ncalls/s asked ", "?"},
    {{SAY, "--rate", "100@200ms,0@1h"}, NULL, 0, "\nrate       100.0 calls/s asked, ", "?"},
    {{SAY, "--rate", "100", "-t", "500ms", "--warmup", "300ms"}, NULL, 0, "calls      20 = 20 OK", "?"},
    {{SAY, "--rate", "100", "-t", "500ms", "--warmup", "300ms"}, NULL, 0, "; before them 30 to warm up", "?"},
    /* what is wanted */
    {{SAY, "--rate", "100", "-t", "200ms", "--want", "errors<1", "--want", "rate>1"}, NULL, 0, "calls", "?"},
    {{SAY, "--rate", "100", "-t", "200ms", "--allow-late", "--want", "p99<1us"},
     NULL,
     1,
     "calls",
     "maru load: want p99<1us, got "},
    {{SAY, "--rate", "100", "-t", "200ms", "--want", "rate>1000"}, NULL, 1, "calls", "want rate>1000, got "},
    /* failures of the callee */
    {{"load", "echo", "clitest.v1.EchoService/Fail", "-d{\"code\": 5, \"message\": \"none\"}", "--in-flight", "2",
      "--calls", "8"},
     NULL,
     69,
     "         8 NOT_FOUND, as in: none (from echo/",
     "NOT_FOUND: none (from echo/"},
    {{"load", "echo", "clitest.v1.EchoService/Fail", "-d{\"code\": ${one:0|5}}", "--in-flight", "1", "--calls", "40"},
     NULL,
     0,
     " NOT_FOUND, as in: ",
     "?"},
    {{"load", "echo", "clitest.v1.EchoService/Fail", "-d{\"code\": 5}", "--rate", "100", "-t", "100ms", "--want",
      "errors<50%"},
     NULL,
     69,
     "10 = 0 OK + 10 failed",
     "want errors<50%, got 100%\n"},
    {{"load", "echo", "clitest.v1.EchoService/Wait", "-d{\"ms\": 60000}", "--rate", "50", "-t", "100ms", "--timeout",
      "100ms"},
     NULL,
     68,
     "5 DEADLINE_EXCEEDED, as in: ",
     "DEADLINE_EXCEEDED: "},
    /* wrong words */
    {{"load"}, NULL, 2, NULL, "want a TARGET and a package.Service/Method"},
    {{"load", "echo", "Echo", "--rate", "1"}, NULL, 2, NULL, "want package.Service/Method, got \"Echo\""},
    {{SAY}, NULL, 2, NULL, "want --rate (an open model) or --in-flight (a closed one) (maru"},
    {{SAY, "--rate", "1", "--in-flight", "1"},
     NULL,
     2,
     NULL,
     "want --rate (an open model) or --in-flight (a closed one), not both"},
    {{SAY, "--rate", "0"}, NULL, 2, NULL, "--rate: want 0.001..10000000 calls a second, or a ramp N..M, got \"0\""},
    {{SAY, "--rate", "x"}, NULL, 2, NULL, "--rate: want 0.001"},
    {{SAY, "--in-flight", "0"}, NULL, 2, NULL, "--in-flight: want 1..100000"},
    {{SAY, "--rate", "1@5s", "-t", "5s"}, NULL, 2, NULL, "or no --time"},
    {{SAY, "--rate", "1", "--warmup", "10s"}, NULL, 2, NULL, "--warmup: want less than all of the time, 10 s"},
    {{SAY, "--rate", "1", "-d", "{}", "-d", "{}"}, NULL, 2, NULL, "-d: want one request, got a second"},
    {{SAY, "--rate", "1", "-t", "soon"},
     NULL,
     2,
     NULL,
     "--time: want a time such as 500ms, 5s, 2m, more than 0 and at most 24h, got \"soon\""},
    {{SAY, "--rate", "1", "--calls", "0"}, NULL, 2, NULL, "--calls: want 1.."},
    {{SAY, "--rate", "1", "-c", "20001"}, NULL, 2, NULL, "--connections: want 1..20000, got \"20001\""},
    {{SAY, "--rate", "1", "--limit", "-1"}, NULL, 2, NULL, "--limit: want 1..100000, got \"-1\""},
    {{SAY, "--in-flight", "1", "--limit", "5"}, NULL, 2, NULL, "--limit: only with --rate"},
    {{SAY, "--in-flight", "1", "--poisson"}, NULL, 2, NULL, "--poisson: only with --rate"},
    {{SAY, "--rate", "1", "--want", "p99"}, NULL, 2, NULL, "--want: want one such as p99<5ms"},
    {{SAY, "--rate", "1", "--output", "xml"}, NULL, 2, NULL, "--output: want text, spectrum or json, got \"xml\""},
    {{SAY, "--rate", "1", "--metadata", "x"}, NULL, 2, NULL, "--metadata: want key=value"},
    {{SAY, "--rate", "1", "more"}, NULL, 2, NULL, "\"more\": want TARGET and package.Service/Method"},
    {{SAY, "--rate", "1", "-d", "{\"text\": \"${conter}\"}"},
     NULL,
     2,
     NULL,
     "--json: line 1, column 11: ${conter}: no such value; did you mean counter?"},
    {{SAY, "--rate", "1", "-d", "{\"text\": \"${csv:a}\"}"}, NULL, 2, NULL, "${csv:a}: want --csv FILE"},
    {{SAY, "--rate", "1", "-d", "{\"text\": \"${csv:m}\"}", "--csv", CSV},
     NULL,
     2,
     NULL,
     "${csv:m}: the CSV file has no such column; there are x, n (maru"},
    {{SAY, "--rate", "1", "--csv", CSV}, NULL, 2, NULL, "--csv: want ${csv:COLUMN} in the JSON"},
    /* what can't be */
    {{SAY, "--rate", "1", "-d", "{\"text\": \"${csv:n}\"}", "--csv", "/nowhere"},
     NULL,
     1,
     NULL,
     "/nowhere: No such file or directory"},
    {{SAY, "--rate", "1", "-d", "@/nowhere"}, NULL, 1, NULL, "/nowhere: No such file"},
    {{SAY, "--rate", "1", "-d", "{\"txt\": 1}"},
     NULL,
     67,
     NULL,
     "INVALID_ARGUMENT: the request: line 1, column 2: txt: "},
    {{SAY, "--rate", "1", "-d", "{"}, NULL, 67, NULL, "INVALID_ARGUMENT: the request: line 1, column 2"},
    {{SAY, "--rate", "1", "-d", "{\"number\": \"${csv:x}\"}", "--csv", CSV},
     NULL,
     67,
     NULL,
     "rows.csv, line 2: line 1, column 12: number: "},
    {{"load", "echo", "clitest.v1.EchoService/Ekho", "--rate", "1"},
     NULL,
     76,
     NULL,
     "no method \"Ekho\"; did you mean Echo?"},
    {{"load", "echo", "clitest.v1.EkhoService/Echo", "--rate", "1"},
     NULL,
     76,
     NULL,
     "did you mean clitest.v1.EchoService?"},
    {{"load", "echo", "clitest.v1.EchoService/Stream", "--rate", "1"},
     NULL,
     76,
     NULL,
     "is a stream; want a unary method"},
    {{"load", "ekho", "clitest.v1.EchoService/Echo", "--rate", "1"}, NULL, 78, NULL, "UNAVAILABLE: "},
    {{"load", NONE, "clitest.v1.EchoService/Echo", "--rate", "1", "--timeout", "200ms"},
     NULL,
     68,
     NULL,
     "no connection to " NONE},
    /* what is found out on the way */
    {{SAY, "-d{\"number\": ${random:9223372036854775806..9223372036854775807}0}", "--rate", "100"},
     NULL,
     67,
     NULL,
     "number: "},
};

static bool one_line(const char *text)
{
    const char *end = strchr(text, '\n');

    return end != NULL && end[1] == '\0';
}

static void check_row(const place *p, const row *r, const char *csv)
{
    const char *words[PROC_WORDS];
    int         n = 0;
    proc        load;

    for (; r->words[n] != NULL; n++)
        words[n] = strcmp(r->words[n], CSV) == 0 ? csv : r->words[n];
    words[n] = NULL;
    load = maru(p, r->input, words);
    if (!CHECK_INT(load.status, r->status))
        fprintf(stderr, "%s %s: %s\n", words[n - 2], words[n - 1], load.text[PROC_ERR]);
    if (r->out == NULL)
        CHECK_STR(load.text[PROC_OUT], "");
    else
        CHECK_CONTAINS(load.text[PROC_OUT], r->out);
    if (r->err == NULL)
        CHECK_STR(load.text[PROC_ERR], "");
    else if (*r->err != '?') /* else it may say that it was late itself, as it may on a busy machine */
        CHECK_CONTAINS(load.text[PROC_ERR], r->err);
    if (r->err != NULL && *r->err != '?' && r->out == NULL)
        CHECK(one_line(load.text[PROC_ERR]));
    proc_free(&load);
}

static void check_table(const place *p)
{
    char csv[100];

    test_begin("it prints what it should, says in one line what is wrong, and ends with the right status");
    snprintf(csv, sizeof csv, "%s/rows.csv", p->root);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_row(p, &table[i], csv);
}

typedef struct file_row {
    const char *text, *err; /* after the file's name */
    int         status;
} file_row;

/* One call only where the file is a table. */
static const file_row file_table[] = {
    {"n,x,n\n1,a,2\n", ": line 1: want each column once, got n as column 1 and as column 3\n", 1},
    {"\xef\xbb\xbf\nn,x,\"n\"\n1,a,2\n", ": line 2: want each column once, got n as column 1 and as column 3\n", 1},
    {"\xef\xbb\xbf\"n\",x,n\n1,a,2\n", ": line 1: want each column once, got n as column 1 and as column 3\n", 1},
    {"\xef\xbb\xbf\"n\",x\n1,a\n", NULL, 0},
    {"n,x,,\n1,a,,\n", NULL, 0}, /* what spreadsheets add has no name that is there twice */
    {"n\n", ": want a line of column names and one row at least\n", 1},
    {"n,x\n1\n", ": line 2: want 2 fields, as the first line has, got 1\n", 1},
};

static void check_files(const place *p)
{
    char        csv[100], want[300];
    const char *words[] = {ADD, "-d{\"number\": \"${csv:n}\"}", "--in-flight", "1", "--calls", "1", "--csv", csv, NULL};

    test_begin("a CSV file that is no table is refused, with file, line and column; two columns of one name are none");
    snprintf(csv, sizeof csv, "%s/table.csv", p->root);
    for (size_t i = 0; i < sizeof file_table / sizeof *file_table; i++) {
        FILE *file = fopen(csv, "w");
        proc  load;

        fputs(file_table[i].text, file);
        fclose(file);
        load = maru(p, NULL, words);
        if (!CHECK_INT(load.status, file_table[i].status))
            fprintf(stderr, "%s: %s\n", file_table[i].text, load.text[PROC_ERR]);
        snprintf(want, sizeof want, "maru load: %s%s", csv, file_table[i].err != NULL ? file_table[i].err : "");
        if (file_table[i].err != NULL)
            CHECK_STR(load.text[PROC_ERR], want);
        proc_free(&load);
    }
}

/* Ten calls are due within 180 ms and each is waited for 100 ms, one at a time: the last ends a second after the first
 * was due, however fast or slow the machine is, and none is served in less than 100 ms. */
static void check_stall(const place *p)
{
    const char *const words[] = {"load",
                                 "echo",
                                 "clitest.v1.EchoService/Wait",
                                 "-d{\"ms\": 100}",
                                 "--rate",
                                 "50",
                                 "-t",
                                 "200ms",
                                 "--limit",
                                 "1",
                                 "-o",
                                 "json",
                                 "--allow-late",
                                 NULL};
    const long long   ms = 1000000;
    proc              load = maru(p, NULL, words);
    const char       *out;

    test_begin(
        "what waits for a slow service over real sockets is in the response times, and not in the service times");
    for (int i = 1; i < TRIES && number(&load, "held") < 9; i++) { /* one was answered before the next was seen due */
        proc_free(&load);
        load = maru(p, NULL, words);
    }
    out = load.text[PROC_OUT];
    CHECK_INT(load.status, 0);
    CHECK_INT(number(&load, "made"), 10);
    CHECK_INT(number(&load, "held"), 9);
    CHECK_INT(number(&load, "mostInFlight"), 1);
    CHECK(json_number(out, "\"response\"", "min") >= 100 * ms);
    CHECK(json_number(out, "\"response\"", "max") >= (1000 - 180) * ms);
    CHECK(json_number(out, "\"response\"", "mean") >= (550 - 90) * ms);
    CHECK(json_number(out, "\"service\"", "min") >= 100 * ms);
    CHECK(json_number(out, "\"response\"", "mean") - json_number(out, "\"service\"", "mean") >= 300 * ms);
    proc_free(&load);
}

static void run_on_terminal(const place *p, char *text, size_t room)
{
    size_t size = 0;
    int    fd, status;
    pid_t  pid = forkpty(&fd, NULL, NULL, NULL);

    if (pid == 0) {
        execl(p->maru, p->maru, SAY, "--rate", "50", "-t", "2s", (char *)NULL);
        _exit(127);
    }
    for (ssize_t got; size < room - 1 && (got = read(fd, text + size, room - 1 - size)) > 0;)
        size += (size_t)got;
    text[size] = '\0';
    waitpid(pid, &status, 0);
    close(fd);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The rate of every line is the plan's. Less has only a line that comes after the plan's end, where the line is late or
 * an answer is. Whether a line had the plan's. */
static bool check_rates(const char *text)
{
    static const char part[] = " s of 2 s: ";
    bool              there = false;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        const char *line = at;
        int         rate = -1;

        while (line > text && isdigit((unsigned char)line[-1]))
            line--;
        sscanf(at + sizeof part - 1, "%d calls/s asked, ", &rate);
        if (rate == 50)
            there = true;
        else if (!CHECK(rate >= 0 && rate < 50 && atoi(line) >= 2))
            fprintf(stderr, "%.80s\n", line);
    }
    return there;
}

/* On a terminal it tells how it goes, once a second, in one line that is wiped at the end. */
static void check_terminal(const place *p)
{
    char text[8192];
    bool there = false;

    test_begin("on a terminal a line a second tells how it goes");
    for (int i = 0; i < TRIES && !there; i++) {
        run_on_terminal(p, text, sizeof text);
        there = check_rates(text);
    }
    CHECK_CONTAINS(text, " s of 2 s: 50 calls/s asked, ");
    CHECK_CONTAINS(text, " in flight, 0 failed; p50 ");
    CHECK_CONTAINS(text, "\r\033[Kclitest.v1.EchoService/Echo at echo");
    CHECK_CONTAINS(text, "calls      100 = 100 OK");
}

int main(int argc, char **argv)
{
    place       p = place_open(argc, argv);
    const char *words[] = {p.maru, "up", "--bin", p.services, NULL};
    proc        up;

    setenv("MARU_DATA", p.data, 1);
    up = proc_start(words, NULL);
    test_begin("the services start");
    CHECK(proc_expect(&up, PROC_OUT, 0, "ready ") && proc_expect(&up, PROC_OUT, 0, "\n"));
    check_adds(&p);
    check_table(&p);
    check_files(&p);
    check_stall(&p);
    check_terminal(&p);
    kill(up.pid, SIGTERM);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
