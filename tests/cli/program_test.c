/* program_test.c: programs that `maru up` asks something: what they say, how they end, and those that do not. Without
 * valgrind, which runs what fails in a posix_spawn as a child that ends with 127.
 */
#include "test.h"

#include <time.h>
#include <unistd.h>

#include "program.h"

static void check_programs(void)
{
    char              answer[8];
    const char *const quick[] = {"/bin/sh", "-c", "echo 123456789 >&2; exit 3", NULL};
    const char *const hangs[] = {"/bin/sh", "-c", "echo x >&2; exec sleep 60", NULL};
    const char *const closes[] = {"/bin/sh", "-c", "exec 2>&-; exec sleep 60", NULL};
    const char *const none[] = {"/nonexistent/program", NULL};
    program_ask       ask = {.words = (char *const *)quick,
                             .stream = STDERR_FILENO,
                             .limit_ms = 30000,
                             .linger_ms = 30000,
                             .answer = answer,
                             .size = sizeof answer};
    time_t            begun = time(NULL);
    maru_error        error;
    int               ended;

    test_begin("a program is asked, its answer cut, its status known; one that hangs is killed when its time is over");
    CHECK_INT(program_run(&ask, &ended, &error), MARU_OK);
    CHECK_STR(answer, "1234567");
    CHECK_INT(ended, 3);
    ask.words = (char *const *)hangs;
    ask.limit_ms = 300;
    CHECK_INT(program_run(&ask, &ended, &error), MARU_OK);
    CHECK(time(NULL) - begun < 20); /* what has not closed the stream does not linger on top, 30 s */
    CHECK_STR(answer, "x\n");
    CHECK_INT(ended, PROGRAM_TOLD);
    ask.words = (char *const *)closes;
    ask.limit_ms = 30000;
    ask.linger_ms = 10;
    CHECK_INT(program_run(&ask, &ended, &error), MARU_OK);
    CHECK_INT(ended, PROGRAM_TOLD);
    ask.words = (char *const *)none;
    CHECK_INT(program_run(&ask, &ended, &error), MARU_NOT_FOUND);
    CHECK_CONTAINS(error.text, "/nonexistent/program: ");
}

int main(void)
{
    check_programs();
    return test_end();
}
