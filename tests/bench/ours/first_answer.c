/* first_answer.c: how long it takes until a service answers for the first time.
 *
 *   first_answer URL                 asks a service that runs for its health
 *   first_answer -- COMMAND ...      starts a service, waits for its `ready NAME URL`, asks, and ends it with SIGTERM
 *
 * Prints `first_us=N`, from just before the start, or the question, until the answer. Status 1 where there is none.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "maru/client.h"
#include "maru/runtime.h"

enum { LIMIT_MS = 10000 };

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Starts command with its output in a pipe, and copies the URL of its ready line. 0 where it said none. */
static pid_t start(char **command, char url[static 256])
{
    posix_spawn_file_actions_t actions;
    char                       line[512];
    int                        out[2];
    pid_t                      pid = 0;
    FILE                      *lines;

    if (pipe(out) != 0)
        return 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    if (posix_spawn(&pid, command[0], &actions, NULL, command, environ) != 0)
        pid = 0;
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    lines = fdopen(out[0], "r");
    url[0] = '\0';
    if (pid && lines && fgets(line, sizeof line, lines))
        sscanf(line, "ready %*s %255s", url);
    return pid;
}

static bool ask(maru_runtime *runtime, const char *url)
{
    maru_error     error = {.code = MARU_OK};
    maru_client   *client;
    maru_call     *call;
    const uint8_t *reply;
    size_t         size;
    bool           answered = false;

    if (maru_client_new(runtime, url, NULL, &client, &error) != MARU_OK) {
        fprintf(stderr, "first_answer: %s\n", error.text);
        return false;
    }
    call = maru_call_begin(runtime, LIMIT_MS);
    if (call) {
        answered = maru_unary_bytes(client, call, "/grpc.health.v1.Health/Check", MARU_METHOD_NO_SIDE_EFFECTS, "", 0,
                                    &reply, &size) == MARU_OK;
        if (!answered)
            fprintf(stderr, "first_answer: %s: %s\n", url, maru_call_message(call));
        maru_call_end(call);
    }
    maru_client_free(client);
    return answered;
}

int main(int argc, char **argv)
{
    bool          starts = argc > 2 && strcmp(argv[1], "--") == 0;
    char          url[256] = "";
    maru_runtime *runtime;
    maru_error    error;
    int64_t       begin;
    pid_t         pid = 0;
    bool          answered;

    if (!starts && argc != 2) {
        fprintf(stderr, "usage: first_answer URL | -- COMMAND ...\n");
        return 2;
    }
    if (maru_runtime_new(NULL, &runtime, &error) != MARU_OK) {
        fprintf(stderr, "first_answer: %s\n", error.text);
        return 1;
    }
    begin = now_ns();
    if (starts)
        pid = start(argv + 2, url);
    answered = ask(runtime, starts ? url : argv[1]);
    if (answered)
        printf("first_us=%.0f\n", (double)(now_ns() - begin) / 1000);
    if (pid) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
    }
    maru_runtime_free(runtime);
    return answered ? 0 : 1;
}
