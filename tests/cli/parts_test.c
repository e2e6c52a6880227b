/* parts_test.c: the pure parts of the command line: supervision, lines, times, the state file, notes of programs. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/stop.h"
#include "app/wishes.h"
#include "built_in.h"
#include "child.h"
#include "command.h"
#include "discover.h"
#include "duration.h"
#include "lines.h"
#include "names.h"
#include "note.h"
#include "state.h"
#include "vet.h"

static void check_backoff(void)
{
    static const int64_t wants[] = {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000};
    int64_t              now = 1000;
    child                c = child_new(now);

    test_begin("a child that dies at once is started again after 0.1 s, doubling to 10 s; 30 s of life begin anew");
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        CHECK_INT(child_due(&c, now), CHILD_START);
        CHECK_INT(child_due(&c, now), CHILD_NOTHING);
        child_started(&c, now);
        child_ended(&c, now += 5);
        CHECK_INT(c.next_ms, now + wants[i]);
        CHECK_INT(child_due(&c, c.next_ms - 1), CHILD_NOTHING);
        now = c.next_ms;
    }
    CHECK_INT(c.restarts, 9);
    CHECK_INT(child_due(&c, now), CHILD_START);
    child_started(&c, now);
    child_ready(&c);
    child_ended(&c, now + 30000);
    CHECK_INT(c.next_ms, now + 30100);
}

static void check_stop(void)
{
    child c = child_new(0), never = child_new(0);

    test_begin("a child that is told to stop is killed after its time, and is not started again");
    CHECK_INT(child_due(&c, 0), CHILD_START);
    child_started(&c, 0);
    child_ready(&c);
    CHECK(child_stop(&c, 10));
    CHECK(!child_stop(&c, 11));
    CHECK_INT(child_due(&c, 10 + CHILD_STOP_MS - 1), CHILD_NOTHING);
    CHECK_INT(child_due(&c, 10 + CHILD_STOP_MS), CHILD_KILL);
    CHECK_INT(child_due(&c, INT64_MAX - 1), CHILD_NOTHING);
    child_ended(&c, 20000);
    CHECK_INT(c.state, CHILD_ENDED);
    CHECK_INT(child_due(&c, INT64_MAX - 1), CHILD_NOTHING);
    CHECK(!child_stop(&never, 0));
    CHECK_INT(never.state, CHILD_ENDED);
}

static void check_names(void)
{
    static const found_service found[] = {{.name = "cart"}, {.name = "catalog"}};
    char                       words[DISCOVER_WORDS];

    test_begin("of an unknown service it is said which was meant, or which there are");
    CHECK_STR(discover_unknown(found, 2, NULL, "catalgo", words), "no such service; did you mean catalog?");
    CHECK_STR(discover_unknown(found, 2, "up", "upp", words), "no such service; did you mean up?");
    CHECK_STR(discover_unknown(found, 2, "up", "shipping", words), "no such service (there is cart, catalog)");
    test_begin("two services say the same where they differ in what may have been meant");
    CHECK(vet_same("c:1: \"foo\": no such setting", "c:1: \"foo\": no such setting; did you mean fo?"));
    CHECK(!vet_same("c:1: \"foo\": no such setting", "c:1: \"fo\": no such setting"));
    CHECK(!vet_same("c:1", "c:12"));
    test_begin("a process's own services come first, then those that every one has");
    CHECK_INT(built_in_rank("shop.cart.v1.CartService"), BUILT_IN_OWN);
    CHECK_INT(built_in_rank("maruvian.Events"), BUILT_IN_OWN);
    CHECK_INT(built_in_rank("grpc.health.v1.Health"), 1);
    CHECK_INT(built_in_rank("maru.events.v1.EventLog"), BUILT_IN_RANKS - 1);
}

static void check_many_names(void)
{
    static found_service found[40];
    char                 words[DISCOVER_WORDS], text[NAMES_TEXT] = "", one[300];
    names                list = {.out = text};

    test_begin(
        "where there are more names than a line takes, those that it has are whole, and it says that there are more");
    for (int i = 0; i < 40; i++)
        snprintf(found[i].name, sizeof found[i].name, "service-%02d", i);
    discover_unknown(found, 40, NULL, "xyz", words);
    CHECK_CONTAINS(words, "no such service (there is service-00, service-01, ");
    CHECK_CONTAINS(words, ", service-15, ...)");
    CHECK_STR(discover_unknown(found, 40, NULL, "servise-39", words), "no such service; did you mean service-39?");
    snprintf(one, sizeof one, "%0*d", NAMES_TEXT - 6, 0); /* with ", ..." and the NUL it just fits */
    names_put(&list, one);
    CHECK_STR(text, one);
    names_put(&list, "a");
    names_put(&list, "b");
    CHECK_STR(text + strlen(one), ", ...");
}

/* Lines, one after the other, with a | behind each. */
static void collect(void *arg, const char *line, size_t size)
{
    FILE *out = arg;

    fprintf(out, "%.*s|", (int)size, line);
}

static void check_lines(void)
{
    static const char text[] = "one\n\ntwo\nlast";

    test_begin("lines are the same however the bytes are cut");
    for (size_t cut = 1; cut < sizeof text; cut++) {
        char  *got = NULL;
        size_t size = 0;
        lines  l = {.take = collect, .arg = open_memstream(&got, &size)};

        for (size_t at = 0; at < sizeof text - 1; at += cut)
            lines_put(&l, text + at, cut < sizeof text - 1 - at ? cut : sizeof text - 1 - at);
        lines_end(&l);
        fclose(l.arg);
        CHECK_STR(got, "one||two|last|");
        free(got);
    }
}

static void check_long_line(void)
{
    static char text[LINES_MAX * 2 + 2];
    char       *got = NULL;
    size_t      size = 0;
    lines       l = {.take = collect, .arg = open_memstream(&got, &size)};

    test_begin("a line that is too long comes in pieces, and nothing of it is lost");
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\n';
    lines_put(&l, text, sizeof text);
    fclose(l.arg);
    CHECK_INT(size, LINES_MAX * 2 + 1 + 3);
    CHECK(got[LINES_MAX] == '|' && got[size - 2] == 'a');
    free(got);
}

static void check_durations(void)
{
    static const struct {
        const char *text;
        int64_t     ms;
    } table[] = {{"500ms", 500}, {"5s", 5000}, {"2m", 120000},     {"1h", 3600000}, {"24h", 86400000},
                 {"25h", -1},    {"0s", -1},   {"5", -1},          {"", -1},        {"s", -1},
                 {"5 s", -1},    {"-5s", -1},  {"999999999s", -1}, {"5sx", -1}};
    static const struct {
        int64_t     ms;
        const char *text;
    } shown[] = {{0, "0.0 s"},    {1, "1 ms"},        {300, "0.3 s"},       {9990, "9.9 s"},
                 {59000, "59 s"}, {61000, "1 m 1 s"}, {7500000, "2 h 5 m"}, {90000000, "1 d 1 h"}};
    char out[32];

    test_begin("times are read and shown as people write them");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK_INT(duration_parse(table[i].text), table[i].ms);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        CHECK_STR(duration_format(shown[i].ms, out), shown[i].text);
}

static void check_state(void)
{
    state_row rows[2] = {
        {.name = "cart", .pid = 7, .state = CHILD_READY, .restarts = 3, .started_ms = 9, .urls = "ipc:///a tcp://b:1"},
        {.name = "mail", .state = CHILD_WAITING}};
    state_row  got[2];
    size_t     count = 0, size = 0;
    char      *text = NULL;
    FILE      *out = open_memstream(&text, &size);
    maru_error error = {0};

    test_begin(
        "the state file is read as it was written; any part of it is refused with file, line and what was wanted");
    state_print(rows, 2, out);
    fclose(out);
    CHECK_INT(state_parse("up.state", text, got, 2, &count, &error), MARU_OK);
    CHECK_INT(count, 2);
    CHECK_STR(got[0].urls, rows[0].urls);
    CHECK_INT(got[0].restarts, 3);
    CHECK_INT(got[1].state, CHILD_WAITING);
    CHECK_INT(state_parse("up.state", text, got, 1, &count, &error), MARU_RESOURCE_EXHAUSTED);
    for (size_t cut = size - 2; cut > 0; cut--) {
        text[cut] = '\0';
        CHECK_INT(state_parse("up.state", text, got, 2, &count, &error), MARU_INVALID_ARGUMENT);
        CHECK(strncmp(error.text, "up.state:", 9) == 0);
    }
    free(text);
    CHECK_INT(state_parse("f", "maru-up 2\n", got, 2, &count, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "f:1: want \"maru-up 1\", got \"maru-up 2\"");
    CHECK_INT(state_parse("f", "maru-up 1\nservice\ta\t-1\tready\t0\t0\t\nend\n", got, 2, &count, &error),
              MARU_INVALID_ARGUMENT);
}

static void check_notes(char **argv)
{
    static const unsigned char good[] = {5,   0,   0, 0, 8, 0, 0,   0,   1,   0,   0,   0,   'M', 'a',
                                         'r', 'u', 0, 0, 0, 0, 's', 'e', 'r', 'v', 'i', 'c', 'e', 0};
    unsigned char              bytes[sizeof good];
    char                       path[512];
    int                        fd;

    test_begin("a service is known by the note in its program; nothing else is, and no bytes crash the reader");
    CHECK(note_found(good, sizeof good));
    for (size_t size = 0; size < 20; size++)
        CHECK(!note_found(good, size));
    memcpy(bytes, good, sizeof good);
    bytes[8] = 2; /* another type */
    CHECK(!note_found(bytes, sizeof bytes));
    for (unsigned seed = 0; seed < 100000; seed++) {
        unsigned state = seed;

        memcpy(bytes, good, sizeof good);
        for (int i = 0; i < 3; i++)
            bytes[(unsigned)rand_r(&state) % 12] = (unsigned char)rand_r(&state);
        note_found(bytes, sizeof bytes);
    }
    snprintf(path, sizeof path, "%s/echo", argv[2]);
    CHECK((fd = open(path, O_RDONLY)) >= 0 && note_in_file(fd));
    close(fd);
    CHECK((fd = open(argv[1], O_RDONLY)) >= 0 && !note_in_file(fd));
    close(fd);
    CHECK((fd = open("/etc/passwd", O_RDONLY)) >= 0 && !note_in_file(fd));
    close(fd);
}

static void check_probe_answers(void)
{
    char name[STATE_NAME_MAX + 1];

    test_begin("only what says that it is a service counts as one");
    CHECK(discover_parse("maru-service cart 1.0.0\n", name));
    CHECK_STR(name, "cart");
    CHECK(!discover_parse("maru-service Cart 1.0.0\n", name));
    CHECK(!discover_parse("maru-service ../x 1\n", name));
    CHECK(!discover_parse("maru-service cart", name));
    CHECK(!discover_parse("", name));
}

static void check_wishes(void)
{
    wishes w = {0};

    test_begin(
        "a signal that comes in the moment of the first is the same wish, whichever it is; a later one is a second");
    CHECK_INT(wishes_take(&w, SIGTERM, false, 5000), WISH_FIRST);
    CHECK_INT(wishes_take(&w, SIGTERM, true, 5000), WISH_SAME); /* timeout's, to the group */
    CHECK_INT(wishes_take(&w, SIGINT, true, 5000 + WISHES_MOMENT_MS - 1), WISH_SAME);
    CHECK_INT(wishes_take(&w, SIGHUP, true, 5000 + WISHES_MOMENT_MS), WISH_SAME);
    CHECK_INT(wishes_take(&w, SIGINT, true, 5000 + WISHES_MOMENT_MS), WISH_SECOND);
    CHECK_INT(wishes_take(&w, SIGINT, true, 5001 + WISHES_MOMENT_MS), WISH_SAME);
    CHECK_INT(wishes_take(&w, SIGINT, true, 5000 + 2 * WISHES_MOMENT_MS), WISH_SECOND);
    test_begin("where it stops by itself already, the first is a second wish, but for SIGHUP");
    w = (wishes){0};
    CHECK_INT(wishes_take(&w, SIGHUP, true, 10), WISH_SAME);
    CHECK_INT(wishes_take(&w, SIGTERM, true, 10), WISH_SECOND);
    w = (wishes){0};
    CHECK_INT(wishes_take(&w, SIGHUP, false, 10), WISH_FIRST);
}

static void check_held_hangup(void)
{
    test_begin("a SIGHUP that nohup has ignored is not waiting, though the kernel keeps it while it is held");
    signal(SIGHUP, SIG_IGN);
    signals_hold();
    raise(SIGHUP);
    CHECK(!signals_waiting());
    signal(SIGHUP, SIG_DFL);
    raise(SIGHUP);
    CHECK(signals_waiting());
    signal(SIGHUP, SIG_IGN); /* the kernel forgets it */
    signals_release();
    signal(SIGHUP, SIG_DFL);
}

/* What is said on stderr of a failed call. */
static void check_complaint(maru_status status, const char *message, const char *want)
{
    char    got[256] = "";
    int     ends[2], err = dup(STDERR_FILENO), result;
    ssize_t size;

    if (!CHECK(err >= 0 && pipe(ends) == 0))
        return;
    dup2(ends[1], STDERR_FILENO);
    result = complain_status(status, message);
    dup2(err, STDERR_FILENO);
    close(err);
    close(ends[1]);
    size = read(ends[0], got, sizeof got - 1);
    close(ends[0]);
    CHECK_INT(size, (ssize_t)strlen(want));
    CHECK_STR(got, want);
    CHECK_INT(result, 64 + (int)status);
}

static void check_complaints(void)
{
    test_begin("a failed call is its code's name and its words in one line; where it has no words, the name");
    check_complaint(MARU_NOT_FOUND, "name: no\nproduct", "NOT_FOUND: name: no product\n");
    check_complaint(MARU_NOT_FOUND, "", "NOT_FOUND\n");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 1;
    check_backoff();
    check_stop();
    check_names();
    check_many_names();
    check_lines();
    check_long_line();
    check_durations();
    check_state();
    check_notes(argv);
    check_probe_answers();
    check_wishes();
    check_held_hangup();
    check_complaints();
    return test_end();
}
