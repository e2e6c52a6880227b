/* crowd_test.c: more peers than a server takes: the limit has a name that the refused, their callers and the log are
 * told, and those on this machine are let in.
 */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "duct/files.h"
#include "rpc/scene.h"
#include "server/server_impl.h"

static void check_going_away(peer *p, const char *words)
{
    frame f;

    if (CHECK(peer_next(p, &f)) && CHECK_INT(f.kind, FRAME_GOING_AWAY))
        CHECK(memmem(f.payload, f.payload_size, words, strlen(words)) != NULL);
}

/* Whether these words say that time was over before the server could say why: of no connection nothing is known. */
static bool is_too_soon(const char *words)
{
    static const char alone[] = " within the deadline";
    size_t            size = strlen(words);

    return strstr(words, ": the deadline had passed before it was sent to ") != NULL ||
           strstr(words, " does not answer: a connection stands, and nothing came on it within the deadline") != NULL ||
           (strstr(words, ": no connection to ") != NULL && size >= sizeof alone - 1 &&
            strcmp(words + size - (sizeof alone - 1), alone) == 0);
}

/* What a program of ours says that is refused, once it had so long to hear why. */
static bool caller_knows(scene *s, const char *words, int64_t ms)
{
    maru_client  *client = echo_client(s->node.rt, s->node.url);
    maru_call    *call = maru_call_begin(s->node.rt, ms);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    bool          knows;

    CHECK_INT(echo_echo(client, call, &request, &response), MARU_DEADLINE_EXCEEDED);
    knows = strstr(maru_call_message(call), words) != NULL;
    if (!knows && !CHECK(is_too_soon(maru_call_message(call))))
        fprintf(stderr, "within %d ms: want \"%s\", got \"%s\"\n", (int)ms, words, maru_call_message(call));
    maru_call_end(call);
    maru_client_free(client);
    return knows;
}

static void check_caller_knows(scene *s, const char *words)
{
    CHECK(caller_knows(s, words, 500) || caller_knows(s, words, 6000));
}

static void test_connections(void)
{
    enum { LIMIT = 8 };
    maru_server_options options = {.name = "echo", .max_connections = LIMIT};
    scene               s;
    peer                peers[LIMIT];
    bool                again = false;

    test_begin("a connection above max_connections is told so by name, and closed; those that are there stay");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    for (int i = 1; i < LIMIT; i++)
        CHECK(peer_dial(&peers[i], s.node.url));
    CHECK(peer_connect(&peers[0], s.node.url) && peer_hello(&peers[0], SP_REQ, SP_REP));
    check_going_away(&peers[0], "connections: limit 8 (max_connections)");
    CHECK(peer_is_closed(&peers[0]));
    peer_close(&peers[0]);
    scene_check_served(&s);
    check_caller_knows(&s, "connections: limit 8 (max_connections)");
    test_begin("when one goes another may come");
    peer_close(&peers[1]);
    for (int i = 0; i < 1000 && !again; i++) { /* the server has to notice first */
        again = peer_dial(&peers[0], s.node.url);
        if (!again)
            peer_close(&peers[0]);
    }
    CHECK(again);
    peer_close(&peers[0]);
    for (int i = 2; i < LIMIT; i++)
        peer_close(&peers[i]);
    scene_stop(&s);
}

/* Whoever fills all places of the network leaves some for those on this machine, is told, and the log has a line. */
static void test_local_share(const char *ipc)
{
    enum { LIMIT = 32, LOCAL = 2, REMOTE = LIMIT - LOCAL, MORE = 200 };
    maru_server_options options = {.name = "echo", .max_connections = LIMIT};
    scene               s;
    peer                remote[REMOTE], local[LOCAL], all[MORE], more;
    int                 told = 0;
    frame               f;

    test_begin("tcp peers, however many, leave a sixteenth of the connections to those on ipc");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    CHECK_INT(maru_server_listen(s.node.server, ipc, NULL), MARU_OK);
    for (int i = 1; i < REMOTE; i++)
        CHECK(peer_dial(&remote[i], s.node.url));
    for (int i = 0; i < MORE; i++) {
        CHECK(peer_connect(&all[i], s.node.url));
        told += peer_hello(&all[i], SP_REQ, SP_REP) && peer_next(&all[i], &f) && f.kind == FRAME_GOING_AWAY;
    }
    CHECK(told > 0);
    for (int i = 0; i < LOCAL; i++)
        CHECK(peer_dial(&local[i], ipc));
    scene_check_served(&s);
    test_begin("and above that those on ipc are refused too");
    CHECK(peer_connect(&more, ipc) && peer_hello(&more, SP_REQ, SP_REP));
    check_going_away(&more, "limit 32 (max_connections), 2 of them for ipc only");
    peer_close(&more);
    for (int i = 1; i < REMOTE; i++)
        peer_close(&remote[i]);
    for (int i = 0; i < LOCAL; i++)
        peer_close(&local[i]);
    for (int i = 0; i < MORE; i++)
        peer_close(&all[i]);
    scene_stop(&s);
}

static size_t times_in(const char *text, const char *part)
{
    size_t times = 0;

    for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
        times++;
    return times;
}

/* How many connections a server takes that was made where so many files may be open; and how many it tells at once. */
static size_t connections_of(rlim_t limit, size_t wanted, size_t *told)
{
    maru_server_options options = {.name = "echo", .max_connections = wanted};
    struct rlimit       was, few;
    scene               s;
    size_t              connections;

    getrlimit(RLIMIT_NOFILE, &was);
    few = was;
    few.rlim_cur = limit;
    scene_start(&s, "tcp://127.0.0.1:0", NULL); /* what a first one opens is open */
    scene_stop(&s);
    CHECK_INT(maru_runtime_new(NULL, &s.node.rt, NULL), MARU_OK);
    setrlimit(RLIMIT_NOFILE, &few);
    CHECK_INT(maru_server_new(s.node.rt, &options, &s.node.server, NULL), MARU_OK);
    setrlimit(RLIMIT_NOFILE, &was);
    connections = s.node.server->options.max_connections;
    *told = s.node.server->told_at_once;
    echo_stop(&s.node);
    return connections;
}

static void test_files(void)
{
    const files_wish wish = {.connections = 10000, .kept = 128, .parts = 4};
    size_t           told, connections, before = 0;

    test_begin(
        "where a process may open 1000 files there are less connections than that, so that one more can be told");
    CHECK_INT(connections_of(1000, 0, &told), 1000 - 128);
    CHECK_INT(told, 64);
    test_begin("also where it may open a few: some are left for its own, and for those that are told");
    for (rlim_t limit = 40; limit <= 256; limit += 12) {
        connections = connections_of(limit, 0, &told);
        CHECK(connections >= 1 && connections >= before && told >= 1 && connections + told + 16 < limit);
        before = connections;
    }
    CHECK(before > 128);
    test_begin("and no more than were wished for");
    CHECK_INT(connections_of(130, 8, &told), 8);
    test_begin("where it may open many, all that were wished for");
    CHECK_INT(files_share_of(&wish, 10128, 30).connections, 10000);
    CHECK_INT(files_share_of(&wish, 10128, 30).limit, 0);
    CHECK_INT(files_share_of(&wish, 10127, 30).connections, 9999);
    CHECK_INT(files_share_of(&wish, 10127, 30).limit, 10127);
    test_begin("where its own are more than there may be, one, and one for all else");
    CHECK_INT(files_share_of(&wish, 20, 30).connections, 1);
    CHECK_INT(files_share_of(&wish, 20, 30).spare, 1);
    test_begin("one more file is never fewer connections");
    for (size_t limit = 1; limit < 1000; limit++)
        CHECK(files_share_of(&wish, limit, 30).connections <= files_share_of(&wish, limit + 1, 30).connections);
}

/* 100 peers that each say bytes (NULL: the right hello), one after the other; what the log had of them. */
static void say_100(const scene *s, const char *bytes, size_t size, char text[static 4096])
{
    int     was = dup(STDERR_FILENO), into = memfd_create("stderr", 0);
    ssize_t got;
    peer    p;

    dup2(into, STDERR_FILENO);
    for (int i = 0; i < 100; i++) {
        if (peer_connect(&p, s->node.url) &&
            (bytes != NULL ? peer_write(&p, bytes, size) : peer_hello(&p, SP_REQ, SP_REP)))
            peer_is_closed(&p);
        peer_close(&p);
    }
    dup2(was, STDERR_FILENO);
    close(was);
    got = pread(into, text, 4095, 0);
    text[got < 0 ? 0 : got] = 0;
    close(into);
}

static void test_logged(void)
{
    static const char   http[] = "GET / HTTP/1.1\r\n\r\n", large[] = "\0SP\0\0\x30\0\0\0\0\0\2\0\0\0\0";
    maru_server_options options = {.name = "echo", .max_connections = 1};
    scene               s;
    char                text[4096];

    test_begin("100 refused connections are one line of the log, which names the limit");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    say_100(&s, NULL, 0, text);
    CHECK_CONTAINS(text, "connections: limit 1 (max_connections)");
    CHECK_INT(times_in(text, "\n"), 1);
    scene_stop(&s);
    test_begin("so are 100 that were closed for what their peers said, with whose and why");
    scene_start(&s, "tcp://127.0.0.1:0", NULL);
    say_100(&s, http, sizeof http - 1, text);
    CHECK_CONTAINS(text, "connection closed: does not begin with the SP hello");
    CHECK_CONTAINS(text, "peer=tcp:127.0.0.1");
    CHECK_INT(times_in(text, "\n"), 1);
    scene_stop(&s);
    test_begin("a message that is too long is told with the limit");
    scene_start(&s, "tcp://127.0.0.1:0", NULL);
    say_100(&s, large, sizeof large - 1, text);
    CHECK_CONTAINS(text, "message longer than the limit: 42");
    CHECK_CONTAINS(text, " bytes (max_message, and its head)");
    scene_stop(&s);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "crowd");
    test_connections();
    test_local_share(url);
    test_files();
    test_logged();
    return test_end();
}
