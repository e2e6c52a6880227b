/* few_test.c: more peers than a service has descriptors for, where it has few: some are served, the others are told
 * that there is no room and what to raise, or closed; nobody hangs.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc.h"
#include "rpc/peer.h"

enum { PEERS = 300 };

typedef struct counts {
    int served, told, closed;
    int right; /* of those that were told: with what to raise */
} counts;

/* What one peer hears; it stays connected. */
static void hear(peer *p, const char *files, counts *c)
{
    frame f;

    if (!peer_hello(p, SP_REQ, SP_REP) || !peer_next(p, &f))
        c->closed += CHECK(peer_is_closed(p));
    else if (f.kind == FRAME_HELLO)
        c->served++;
    else if (CHECK_INT(f.kind, FRAME_GOING_AWAY)) {
        c->told++;
        c->right += memmem(f.payload, f.payload_size, files, strlen(files)) != NULL &&
                    memmem(f.payload, f.payload_size, "max_connections", strlen("max_connections")) == NULL;
    }
}

static const char script[] = "ulimit -n \"$0\"; exec \"$@\"";

/* Whoever says that it is ready lets somebody in. */
static void check_one(const proc *run, const char *files)
{
    char   url[128];
    peer   one;
    counts c = {0};

    CHECK(sscanf(run->text[PROC_OUT], "ready echo %127s", url) == 1);
    CHECK(peer_connect(&one, url));
    hear(&one, files, &c);
    CHECK_INT(c.served, 1);
    peer_close(&one);
}

static void check_start(const place *p)
{
    char        program[512], limit[16], told[64];
    const char *words[] = {"/bin/sh",           "-c", script, limit, program, "--data", p->data, "--listen",
                           "tcp://127.0.0.1:0", NULL};
    int         served = 0, refused = 0, roomless = 0;

    test_begin("a service that can't open what it needs says so in a line, and never that it is ready");
    snprintf(program, sizeof program, "%s/echo", p->services);
    for (int files = 5; files <= 30; files++) {
        proc run;
        bool ready;

        snprintf(limit, sizeof limit, "%d", files);
        run = proc_start(words, NULL);
        if ((ready = proc_expect(&run, PROC_OUT, 0, "ready "))) {
            check_one(&run, limit);
            CHECK_INT(kill(run.pid, SIGTERM), 0);
        }
        if (!CHECK_INT(proc_end(&run), ready ? 0 : 1))
            printf("# with %d files\n", files);
        CHECK(ready || strchr(run.text[PROC_ERR], '\n') != NULL);
        served += ready;
        if (strstr(run.text[PROC_ERR], "no file is left for a connection") != NULL) {
            snprintf(told, sizeof told, "%d files may be open (ulimit -Hn)\n", files);
            CHECK_CONTAINS(run.text[PROC_ERR], told);
            roomless++;
        }
        refused += strstr(run.text[PROC_ERR], "signals: ") != NULL;
        proc_free(&run);
    }
    CHECK(served > 0);
    CHECK(refused > 0);
    CHECK(roomless > 0);
}

static void check_few(const place *p, const char *files)
{
    char        program[512], url[128], told[64];
    const char *words[] = {"/bin/sh",           "-c", script, files, program, "--data", p->data, "--listen",
                           "tcp://127.0.0.1:0", NULL};
    proc        echo;
    peer        peers[PEERS], more;
    counts      c = {0};

    snprintf(program, sizeof program, "%s/echo", p->services);
    snprintf(told, sizeof told, "%s files may be open (ulimit -Hn)", files);
    echo = proc_start(words, NULL);
    CHECK(proc_expect(&echo, PROC_OUT, 0, "ready echo tcp://"));
    CHECK(sscanf(echo.text[PROC_OUT], "ready echo %127s", url) == 1);
    for (int i = 0; i < PEERS; i++)
        CHECK(peer_connect(&peers[i], url));
    for (int i = 0; i < PEERS; i++)
        hear(&peers[i], told, &c);
    printf("# %s files, %d peers: %d served, %d told, %d closed\n", files, PEERS, c.served, c.told, c.closed);
    CHECK(c.served > 0);
    CHECK(c.told > 0);
    CHECK_INT(c.right, c.told);
    for (int i = 0; i < PEERS; i++)
        peer_close(&peers[i]);
    c.served = 0;
    for (int i = 0; i < 1000 && c.served == 0; i++) { /* it has to notice first */
        CHECK(peer_connect(&more, url));
        hear(&more, told, &c);
        peer_close(&more);
    }
    CHECK_INT(c.served, 1);
    CHECK_INT(kill(echo.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&echo), 0);
    proc_free(&echo);
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);

    check_start(&p);
    test_begin("where a service may open few files, peers that find no room are told or closed, and it goes on");
    check_few(&p, "40");
    check_few(&p, "64");
    check_few(&p, "128");
    check_few(&p, "200");
    place_close(&p);
    return test_end();
}
