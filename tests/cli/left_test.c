/* left_test.c: what is left behind: nothing that runs; no run folder after a clean end, else only until the next start.
 */
#include "test.h"

#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "start.h"

/* maru up, started by a shell that waits for it; and its process id, as it says it. */
static proc start_under_shell(const place *p, pid_t *up)
{
    static const char script[] = "\"$0\" up --supervised $$ --bin \"$1\" --data \"$2\" & wait";
    const char       *words[] = {"/bin/sh", "-c", script, p->maru, p->services, p->data, NULL};
    proc              shell = proc_start(words, NULL);
    const char       *at;

    CHECK(is_ready(&shell));
    CHECK(proc_expect(&shell, PROC_ERR, 0, "; Ctrl-C stops all"));
    at = strstr(shell.text[PROC_ERR], "; process ");
    *up = at != NULL ? (pid_t)atol(at + strlen("; process ")) : 0;
    CHECK(*up > 0 && *up != shell.pid);
    return shell;
}

static void check_supervised(const place *p)
{
    pid_t up, echo;
    proc  shell;

    test_begin("with --supervised up stops, and all its services, when who started it is killed with -9");
    shell = start_under_shell(p, &up);
    echo = pid_of(p, p->data, "echo");
    CHECK(echo > 0);
    CHECK_INT(kill(shell.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&shell), 128 + SIGKILL); /* its output ends when nobody has it any more */
    CHECK_CONTAINS(shell.text[PROC_ERR], "Hangup: stops all");
    if (!CHECK(pid_gone(up)) && up > 0)
        kill(up, SIGKILL);
    CHECK(pid_gone(echo));
    proc_free(&shell);
}

/* The folder of the socket that up says echo has. */
static void run_folder(const proc *up, char out[static 512])
{
    char path[512] = "";

    CHECK(sscanf(up->text[PROC_OUT], "ready echo=ipc://%500[^ \n]", path) == 1);
    snprintf(out, 512, "%s", dirname(path));
}

/* As a machine that went down leaves it: sockets too. */
static void kill_all(const place *p, const char *data, proc *up)
{
    pid_t echo = pid_of(p, data, "echo"), relay = pid_of(p, data, "relay");

    CHECK(echo > 0 && relay > 0);
    CHECK_INT(kill(up->pid, SIGSTOP), 0); /* it starts none anew */
    CHECK_INT(kill(echo, SIGKILL), 0);
    CHECK_INT(kill(relay, SIGKILL), 0);
    CHECK_INT(kill(up->pid, SIGKILL), 0);
    CHECK_INT(proc_end(up), 128 + SIGKILL);
    CHECK(pid_gone(echo));
    CHECK(pid_gone(relay));
}

static void stop_up(proc *up)
{
    CHECK_INT(kill(up->pid, SIGTERM), 0);
    CHECK_INT(proc_end(up), 0);
    proc_free(up);
}

/* A service by itself, without maru up. */
static void check_alone(const place *p, const char *run)
{
    char        program[256];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        echo;

    snprintf(program, sizeof program, "%s/echo", p->services);
    echo = proc_start(words, NULL);
    CHECK(proc_expect(&echo, PROC_OUT, 0, "ready echo "));
    CHECK_INT(access(run, F_OK), 0);
    CHECK_INT(kill(echo.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&echo), 0);
    CHECK(access(run, F_OK) != 0);
    proc_free(&echo);
}

static void check_clean(const place *p)
{
    char  run[512];
    pid_t echo;
    proc  up;

    test_begin("a clean stop leaves no run folder behind, and the next start makes it anew");
    for (int i = 0; i < 2; i++) {
        up = start_up(p, p->data, NULL);
        CHECK(is_ready(&up));
        run_folder(&up, run);
        CHECK_INT(access(run, F_OK), 0);
        stop_up(&up);
        CHECK(access(run, F_OK) != 0);
    }
    test_begin("also where a service was killed and started again meanwhile");
    up = start_up(p, p->data, NULL);
    CHECK(is_ready(&up));
    echo = pid_of(p, p->data, "echo");
    CHECK(echo > 0 && kill(echo, SIGKILL) == 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo starts again"));
    stop_up(&up);
    CHECK(access(run, F_OK) != 0);
    test_begin("a service that ran by itself does as much");
    check_alone(p, run);
}

static void check_swept(const place *p)
{
    char other[128], third[128], dead[512], dead_socket[600], lives[512];
    proc a, b, c, call;

    test_begin("a start removes the run folders of applications that no longer run, and of none that does");
    snprintf(other, sizeof other, "%s/other", p->root);
    snprintf(third, sizeof third, "%s/third", p->root);
    a = start_up(p, p->data, NULL);
    b = start_up(p, other, NULL);
    CHECK(is_ready(&a));
    CHECK(is_ready(&b));
    run_folder(&a, dead);
    run_folder(&b, lives);
    kill_all(p, p->data, &a);
    snprintf(dead_socket, sizeof dead_socket, "%s/echo.sock", dead);
    CHECK_INT(access(dead_socket, F_OK), 0);
    c = start_up(p, third, NULL);
    CHECK(is_ready(&c));
    CHECK(access(dead, F_OK) != 0);
    CHECK_INT(access(lives, F_OK), 0);
    call = run_maru(p, "call", other, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    proc_free(&call);
    proc_free(&a);
    a = start_up(p, p->data, NULL);
    CHECK(is_ready(&a));
    CHECK_INT(access(dead_socket, F_OK), 0);
    stop_up(&a);
    stop_up(&b);
    stop_up(&c);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {check_supervised, check_clean, check_swept};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
