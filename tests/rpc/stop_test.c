/* stop_test.c: servers stop and start: what is in flight ends, what is new goes to the successor, an address is one
 * server's, and what a killed one leaves behind hinders nobody. Some servers are processes of their own: this program,
 * started as `rpc_stop serve URL`.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rpc/echo.h"
#include "rpc/peer.h"
#include "runtime/rt.h"
#include "self.h"

enum { ECHO, SLEEP, RELAY };

static const maru_method *method(int index)
{
    return &echo_maru_service.methods[index];
}

static void ask(peer *p, uint32_t id, int which, int64_t millis)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.millis = millis;
    CHECK(peer_call(p, id, method(which), 0, &request.base));
}

static void check_reply(peer *p, uint32_t id, int status, const char *words)
{
    frame f;
    char  got[512] = "";

    if (!CHECK(peer_expect(p, FRAME_REPLY, &f)))
        return;
    if (f.status != MARU_OK)
        peer_words(&f, got, sizeof got);
    CHECK_INT(f.id, id);
    CHECK_INT(f.status, status);
    CHECK_CONTAINS(got, words);
}

/* A drain on a thread of its own. */
typedef struct draining {
    maru_server *server;
    pthread_t    thread;
    bool         in_time;
} draining;

static void *drain_main(void *arg)
{
    draining *d = arg;

    d->in_time = maru_server_drain(d->server);
    return NULL;
}

static void drain_begin(draining *d, maru_server *server)
{
    *d = (draining){.server = server};
    if (!CHECK_INT(pthread_create(&d->thread, NULL, drain_main, d), 0))
        exit(1);
}

static bool drain_end(draining *d)
{
    pthread_join(d->thread, NULL);
    return d->in_time;
}

/* The Relay of the node waits for a peer that is the test, which so decides when it ends. */
static void hold_relay(echo_node *node, peer_listener *listener, peer *back)
{
    CHECK(peer_listen(listener, "tcp://127.0.0.1:0"));
    node->svc.next = echo_client(node->rt, listener->url);
    CHECK(peer_accept(listener, back) && peer_hello(back, SP_REP, SP_REQ) && peer_maru_hello(back, 0, 100));
}

static void test_drain(void)
{
    echo_node     node;
    draining      drain;
    peer_listener listener;
    peer          back, p, late;
    frame         f, nested;
    Echo__Message response = ECHO__MESSAGE__INIT;

    test_begin("a server that stops tells its peers, and refuses what is new with UNAVAILABLE");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    hold_relay(&node, &listener, &back);
    CHECK(peer_dial(&p, node.url));
    ask(&p, 1, RELAY, 0);
    CHECK(peer_expect(&back, FRAME_CALL, &nested));
    drain_begin(&drain, node.server);
    CHECK(peer_expect(&p, FRAME_GOING_AWAY, &f));
    ask(&p, 2, ECHO, 0);
    check_reply(&p, 2, MARU_UNAVAILABLE, "stopping");
    test_begin("it takes no connection any more");
    CHECK(!peer_connect(&late, node.url) || peer_is_closed(&late));
    peer_close(&late);
    test_begin("what is in flight ends as it would have, and the stop was in time");
    CHECK(peer_reply(&back, &nested, MARU_OK, &response.base));
    check_reply(&p, 1, MARU_OK, "");
    CHECK(drain_end(&drain));
    test_begin("once stopped it closes what is still connected");
    maru_client_free(node.svc.next);
    echo_stop(&node);
    CHECK(peer_is_closed(&p));
    peer_close(&p);
    peer_close(&back);
    peer_listener_close(&listener);
}

static void test_bound(void)
{
    maru_server_options options = {.name = "echo", .drain_ms = 100};
    echo_node           node;
    peer                p;
    int64_t             begun;

    test_begin("a stop waits no longer than its bound; what has not ended is cancelled");
    echo_start(&node, "tcp://127.0.0.1:0", &options, NULL);
    CHECK(peer_dial(&p, node.url));
    ask(&p, 1, SLEEP, 3600000);
    ask(&p, 2, ECHO, 0);
    check_reply(&p, 2, MARU_OK, "");
    begun = rt_now(node.rt);
    CHECK(!maru_server_drain(node.server));
    CHECK(rt_now(node.rt) - begun >= 100 * INT64_C(1000000));
    echo_stop(&node);
    CHECK_INT(node.svc.cancelled, 1);
    peer_close(&p);
    test_begin("200 servers are freed with a handler that does not end by itself, and each frees all that is its own");
    options.drain_ms = 1;
    for (int i = 0; i < 200; i++) {
        echo_start(&node, "tcp://127.0.0.1:0", &options, NULL);
        CHECK(peer_dial(&p, node.url));
        ask(&p, 1, SLEEP, 3600000);
        ask(&p, 2, ECHO, 0);
        check_reply(&p, 2, MARU_OK, "");
        echo_stop(&node);
        CHECK_INT(node.svc.cancelled, 1);
        peer_close(&p);
    }
}

/* Starts another server on the address of one that is stopping: as soon as it has let go of it. */
static void start_successor(echo_node *node, const char *url)
{
    maru_server_options options = {.name = "echo", .instance = "successor"};
    maru_error          error;
    int64_t             until;

    *node = (echo_node){0};
    CHECK_INT(maru_runtime_new(NULL, &node->rt, NULL), MARU_OK);
    until = rt_now(node->rt) + PEER_WAIT_MS * INT64_C(1000000);
    CHECK_INT(maru_server_new(node->rt, &options, &node->server, NULL), MARU_OK);
    CHECK_INT(echo_serve(node->server, &echo_table, &node->svc, NULL), MARU_OK);
    while (maru_server_listen(node->server, url, &error) != MARU_OK && rt_now(node->rt) < until)
        sched_yield();
    snprintf(node->url, sizeof node->url, "%s", maru_server_url(node->server, 0));
    CHECK_STR(node->url, url);
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    (void)message;
    (void)response;
    CHECK_INT(status, MARU_OK);
    sem_post(arg);
}

/* One may have been on its way when the old one stopped: it is told so, and nothing was done. */
static void call_often(maru_runtime *rt, maru_client *client)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    for (int i = 0; i < 100; i++) {
        maru_call  *call = maru_call_begin(rt, PEER_WAIT_MS);
        maru_status status = echo_echo(client, call, &request, &response);

        if (!CHECK(status == MARU_OK || (i == 0 && status == MARU_UNAVAILABLE)))
            fprintf(stderr, "call %d: %s\n", i, maru_call_message(call));
        maru_call_end(call);
    }
}

static void test_successor(const char *url)
{
    echo_node     old, new;
    draining      drain;
    peer_listener listener;
    peer          back;
    frame         nested;
    maru_client  *client;
    maru_call    *held;
    sem_t         ended;
    Echo__Message request = ECHO__MESSAGE__INIT, response = ECHO__MESSAGE__INIT;

    sem_init(&ended, 0, 0);
    echo_start(&old, url, NULL, NULL);
    hold_relay(&old, &listener, &back);
    client = echo_client(old.rt, old.url);
    held = maru_call_begin(old.rt, PEER_WAIT_MS);
    echo_relay_async(client, held, &request, on_end, &ended);
    CHECK(peer_expect(&back, FRAME_CALL, &nested));
    drain_begin(&drain, old.server);
    start_successor(&new, old.url);
    call_often(old.rt, client);
    CHECK(new.svc.started >= 99);
    CHECK(peer_reply(&back, &nested, MARU_OK, &response.base));
    sem_wait(&ended);
    CHECK(drain_end(&drain));
    maru_call_end(held);
    maru_client_free(client);
    maru_client_free(old.svc.next);
    echo_stop(&old);
    test_begin("and the end of the old one does not take the address from the new one");
    client = echo_client(new.rt, new.url);
    call_often(new.rt, client);
    maru_client_free(client);
    echo_stop(&new);
    peer_close(&back);
    peer_listener_close(&listener);
}

/* Servers that are processes. */

typedef struct process {
    pid_t pid;
    FILE *out;
    int   in;
    char  line[512]; /* its first: its URL, or why not */
} process;

/* The child: serves until its input ends. */
static int serve(const char *url)
{
    echo_node     node = {0};
    maru_error    error;
    char          byte;
    maru_status   status;
    maru_runtime *rt;

    if (maru_runtime_new(NULL, &rt, &error) != MARU_OK)
        return 3;
    node.rt = rt;
    if ((status = maru_server_new(rt, NULL, &node.server, &error)) == MARU_OK &&
        (status = echo_serve(node.server, &echo_table, &node.svc, &error)) == MARU_OK)
        status = maru_server_listen(node.server, url, &error);
    printf("%s\n", status == MARU_OK ? maru_server_url(node.server, 0) : error.text);
    fflush(stdout);
    if (status == MARU_OK)
        while (read(0, &byte, 1) > 0)
            ;
    echo_stop(&node);
    return status == MARU_OK ? 0 : 1;
}

static void process_start(process *p, const char *url)
{
    char *const                arguments[] = {(char *)"rpc_stop", (char *)"serve", (char *)url, NULL};
    int                        in[2], out[2];
    char                       self[PATH_MAX];
    posix_spawn_file_actions_t actions;

    if (pipe(in) != 0 || pipe(out) != 0)
        exit(1);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&actions, in[i]);
        posix_spawn_file_actions_addclose(&actions, out[i]);
    }
    *p = (process){.in = in[1]};
    if (!CHECK_INT(posix_spawn(&p->pid, self_path(self), &actions, NULL, arguments, environ), 0))
        exit(1);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    p->out = fdopen(out[0], "r");
}

/* Waits until it serves, or has said why it does not. */
static void process_said(process *p)
{
    CHECK(fgets(p->line, sizeof p->line, p->out) != NULL);
    p->line[strcspn(p->line, "\n")] = 0;
}

/* Its exit status; a signal as 128 + its number. */
static int process_end(process *p)
{
    int status;

    close(p->in);
    CHECK(waitpid(p->pid, &status, 0) == p->pid);
    fclose(p->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check_served(const char *url)
{
    peer p;

    CHECK(peer_dial(&p, url));
    ask(&p, 1, ECHO, 0);
    check_reply(&p, 1, MARU_OK, "");
    peer_close(&p);
}

static void test_second(const char *url)
{
    process first, second;
    char    who[64];

    process_start(&first, url);
    process_said(&first);
    process_start(&second, first.line);
    process_said(&second);
    CHECK_INT(process_end(&second), 1);
    snprintf(who, sizeof who, "in use by rpc_stop (pid %d)", (int)first.pid);
    CHECK_CONTAINS(second.line, who);
    CHECK_CONTAINS(second.line, first.line);
    check_served(first.line);
    CHECK_INT(process_end(&first), 0);
}

static void test_killed(const char *url)
{
    process p;
    peer    connected;
    char    address[512];

    process_start(&p, url);
    process_said(&p);
    snprintf(address, sizeof address, "%s", p.line);
    for (int i = 0; i < 5; i++) {
        CHECK(peer_dial(&connected, address));
        ask(&connected, 1, SLEEP, 3600000);
        kill(p.pid, SIGKILL);
        CHECK_INT(process_end(&p), 128 + SIGKILL);
        CHECK(peer_is_closed(&connected));
        process_start(&p, address);
        process_said(&p);
        CHECK_STR(p.line, address);
        check_served(address);
        peer_close(&connected);
    }
    CHECK_INT(process_end(&p), 0);
}

int main(int argc, char **argv)
{
    char url[128];

    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    echo_ipc_url(url, "stop");
    test_drain();
    test_bound();
    test_begin("over tcp new calls of the same client go to the successor, while the old one still answers");
    test_successor("tcp://127.0.0.1:0");
    test_begin("and over ipc");
    test_successor(url);
    test_begin("a second server on one tcp address is refused, and told which process has it");
    test_second("tcp://127.0.0.1:0");
    test_begin("and on one ipc address");
    test_second(url);
    test_begin("a server that was killed with calls in flight hinders no other on its tcp address");
    test_killed("tcp://127.0.0.1:0");
    test_begin("nor on its ipc address");
    test_killed(url);
    return test_end();
}
