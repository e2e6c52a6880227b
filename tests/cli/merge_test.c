/* merge_test.c: lines of many processes where what they go to does not take them: a file whose disk is full, a reader
 * that stands still or goes away. The thread that writes gets a signal for each write that fails, which is waited for.
 */
#include "merge.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

enum { WIDTH = sizeof "maru up" - 1, WAIT_MS = 30000 };

/* Of a handler of signals, which has no argument. */
static sem_t failures;

static void on_failure(int number)
{
    (void)number;
    sem_post(&failures);
}

/* Without the write that it waits for, all that comes after it would be waited for as long. */
static void await_failure(void)
{
    struct timespec until;
    bool            came;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_MS / 1000;
    do
        came = sem_timedwait(&failures, &until) == 0;
    while (!came && errno == EINTR);
    if (!CHECK(came)) {
        fprintf(stderr, "no write failed within %d s\n", WAIT_MS / 1000);
        exit(test_end());
    }
}

/* A file may grow to so many bytes, as on a disk with room for as much. */
static void limit_to(rlim_t size)
{
    struct rlimit most;

    getrlimit(RLIMIT_FSIZE, &most);
    most.rlim_cur = size;
    CHECK(setrlimit(RLIMIT_FSIZE, &most) == 0);
}

/* ---- a full disk ---- */

#define ONE         "a       | one\n"
#define TWO         "a       | two\n"
#define FULL        "stderr could not be written: File too large\n"
#define MISSING(n)  "maru up | " n " lines are missing here: " FULL
#define MISSING_ONE "maru up | 1 line is missing here: " FULL

enum { ROOM = sizeof ONE - 1, TRIES = 9 };

typedef struct disk_row {
    rlim_t      room, more; /* for "one"; after the fifth that failed */
    int         tries;
    const char *text;
} disk_row;

/* "one", then some that the disk has no room for, then "two". */
static const disk_row disk_table[] = {
    {ROOM, 0, TRIES, ONE MISSING("9") TWO},
    {ROOM, 0, 1, ONE MISSING_ONE TWO},
    {ROOM + 4, 0, TRIES, ONE "a   \n" MISSING("9") TWO},
    {ROOM + 4, 1, TRIES, ONE "a   \n" MISSING("9") TWO},
    {ROOM + 4, 1 + 9, TRIES, ONE "a   \nmaru up |\n" MISSING("9") TWO},
    {ROOM + ROOM - 1, 0, TRIES, ONE "a       | 000\n" MISSING("8") TWO},
    {ROOM, sizeof MISSING("5") - 2, TRIES, ONE MISSING("5") MISSING("4") TWO},
    {ROOM, sizeof MISSING("5") - 1, TRIES, ONE MISSING("5") MISSING("4") TWO},
};

static void check_row(const disk_row *row)
{
    int     out = memfd_create("stderr", MFD_CLOEXEC);
    merge  *m = merge_new(out, WIDTH);
    char    text[1024];
    ssize_t size;

    if (!CHECK(m != NULL))
        return;
    limit_to(row->room);
    merge_line(m, "a", "one", 3);
    for (int n = 0; n < row->tries; n++) {
        merge_say(m, "a", "%03d", n);
        await_failure();
        limit_to(row->room + (n >= 4 ? row->more : 0));
    }
    limit_to(RLIM_INFINITY);
    merge_line(m, "a", "two", 3);
    merge_finish(m, WAIT_MS);
    size = pread(out, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    CHECK_STR(text, row->text);
    close(out);
}

static void check_disk(void)
{
    test_begin("a file on a full disk: what it did not take is counted, and a line that is torn ends before the next");
    for (size_t i = 0; i < sizeof disk_table / sizeof *disk_table; i++)
        check_row(&disk_table[i]);
}

/* ---- a reader ---- */

/* More bytes than a pipe and both blocks have room for. */
enum { LINES = 40000, DIGITS = 100, GONE = 5 };

typedef struct tally {
    int there, unread, unwritten;
} tally;

static int all_of(const tally *t)
{
    return t->there + t->unread + t->unwritten;
}

/* Each line has its number: so many came before it, or were said to be missing. */
static void count_line(const char *line, tally *t)
{
    const char *text = strchr(line, '|') != NULL ? strchr(line, '|') + 2 : "";
    int         number = (int)strtol(text, NULL, 10);

    if (strstr(line, "stderr was not read\n") != NULL)
        t->unread += number;
    else if (strstr(line, "stderr could not be written: Broken pipe\n") != NULL)
        t->unwritten += number;
    else if (CHECK_INT(strlen(text), DIGITS + 1) && CHECK_INT(number, all_of(t)))
        t->there++;
}

/* All numbers, then "last". */
static tally read_lines(merge *m, FILE *in)
{
    char  line[256];
    tally t = {0};

    while (all_of(&t) < LINES && fgets(line, sizeof line, in) != NULL)
        count_line(line, &t);
    merge_line(m, "a", "last", 4);
    CHECK(fgets(line, sizeof line, in) != NULL);
    CHECK_STR(line, "a       | last\n");
    return t;
}

static FILE *read_again(int pipe)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", pipe);
    return fopen(path, "re");
}

static void check_reader(void)
{
    int    ends[2], n = 0;
    merge *m;
    FILE  *in;
    tally  t;

    test_begin("a reader that is gone, and one that stands still: what is missing is said in its place, and why");
    if (!CHECK_INT(pipe2(ends, O_CLOEXEC), 0) || !CHECK((m = merge_new(ends[1], WIDTH)) != NULL))
        return;
    close(ends[0]);
    for (; n < GONE; n++) {
        merge_say(m, "a", "%0*d", DIGITS, n);
        await_failure();
    }
    if (!CHECK((in = read_again(ends[1])) != NULL))
        return;
    for (; n < LINES; n++)
        merge_say(m, "a", "%0*d", DIGITS, n);
    t = read_lines(m, in);
    CHECK_INT(t.unwritten, GONE);
    CHECK(t.unread > 0 && t.there > 0);
    merge_finish(m, WAIT_MS);
    fclose(in);
    close(ends[1]);
}

int main(void)
{
    struct sigaction act = {.sa_handler = on_failure};

    sem_init(&failures, 0, 0);
    sigaction(SIGXFSZ, &act, NULL);
    sigaction(SIGPIPE, &act, NULL);
    check_disk();
    check_reader();
    return test_end();
}
