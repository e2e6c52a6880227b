/* ids_test.c: the request ids of a client, as a server sees them: they count up, leave out 0 and those that live, and
 * an answer to none of them changes nothing. The server is a raw peer.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "rpc/asked.h"
#include "rpc/echo.h"
#include "rpc/peer.h"

enum { MAX_MESSAGE = 1000 };

/* The runtime's randomness, where a client's ids begin: each word is 7ffffffe. */
static void two_before_the_end(void *self, void *into, size_t size)
{
    static const uint8_t word[] = {0xfe, 0xff, 0xff, 0x7f};

    (void)self;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)into)[i] = word[i % sizeof word];
}

typedef struct world {
    maru_seam     seam;
    maru_runtime *rt;
    maru_client  *client;
    peer_listener listener;
    peer          server;
} world;

static void world_start(world *w)
{
    maru_runtime_options options = {.seam = &w->seam};

    *w = (world){.seam = *maru_seam_real()};
    w->seam.random = two_before_the_end;
    CHECK(peer_listen(&w->listener, "tcp://127.0.0.1:0"));
    if (!CHECK_INT(maru_runtime_new(&options, &w->rt, NULL), MARU_OK))
        exit(1);
    w->client = echo_client(w->rt, w->listener.url);
    CHECK(peer_accept(&w->listener, &w->server) && peer_hello(&w->server, SP_REP, SP_REQ) &&
          peer_maru_hello(&w->server, MAX_MESSAGE, 1000));
}

static void world_stop(world *w)
{
    maru_client_free(w->client);
    maru_runtime_free(w->rt);
    peer_close(&w->server);
    peer_listener_close(&w->listener);
}

static void ask(world *w, asked *a, const char *text)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    asked_begin(a, w->rt, 2000);
    request.text = (char *)text;
    echo_echo_async(w->client, a->call, &request, asked_on_end, a);
}

static frame take_call(world *w)
{
    frame f = {0};

    CHECK(peer_expect(&w->server, FRAME_CALL, &f));
    return f;
}

static void answer(world *w, uint32_t id)
{
    frame         call = {.kind = FRAME_CALL, .id = id};
    Echo__Message response = ECHO__MESSAGE__INIT;

    CHECK(peer_reply(&w->server, &call, MARU_OK, &response.base));
}

/* A call that is answered at once: its id. */
static uint32_t exchange(world *w)
{
    asked    a;
    uint32_t id;

    ask(w, &a, "");
    id = take_call(w).id;
    answer(w, id);
    CHECK_INT(asked_end(&a), MARU_OK);
    return id;
}

static void test_end_of_ids(void)
{
    world w;

    test_begin("after 2^31-1 the ids begin again with 1: 0 belongs to no call");
    world_start(&w);
    CHECK_INT(exchange(&w), 0x7fffffff);
    CHECK_INT(exchange(&w), 1);
    CHECK_INT(exchange(&w), 2);
    test_begin("an answer to 0, or to an id that nobody asked with, is of no call and changes nothing");
    answer(&w, FRAME_CONTROL_ID);
    answer(&w, 2);
    answer(&w, 12345);
    CHECK_INT(exchange(&w), 3);
    CHECK_INT(exchange(&w), 4);
    world_stop(&w);
}

static void test_live(void)
{
    enum { OTHERS = 300 };
    world    w;
    asked    held;
    uint32_t id;

    test_begin("a call keeps its place in the table while hundreds of others go by, and its answer finds it");
    world_start(&w);
    ask(&w, &held, "");
    id = take_call(&w).id;
    for (int i = 0; i < OTHERS; i++)
        CHECK(exchange(&w) != id);
    answer(&w, id);
    CHECK_INT(asked_end(&held), MARU_OK);
    world_stop(&w);
}

static void test_too_big(void)
{
    world w;
    asked a;
    char  text[MAX_MESSAGE + 1];

    test_begin("a request that is bigger than the server takes is refused here, by its limit, and is not sent");
    world_start(&w);
    CHECK_INT(exchange(&w), 0x7fffffff);
    memset(text, 'x', MAX_MESSAGE);
    text[MAX_MESSAGE] = 0;
    ask(&w, &a, text);
    CHECK_INT(asked_end(&a), MARU_RESOURCE_EXHAUSTED);
    CHECK_STR(a.words, "request: 1003 bytes, limit 1000 (max_message of the server)");
    CHECK_INT(exchange(&w), 1); /* the next that it sees */
    world_stop(&w);
}

int main(void)
{
    test_end_of_ids();
    test_live();
    test_too_big();
    return test_end();
}
