/* hostile_test.c: raw peers that say what no friend would, over tcp and ipc: the one is answered or closed, all others
 * are served as before, and the process neither dies nor grows.
 */
#include "test.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buffer.h"
#include "random.h"
#include "rpc/echo.h"
#include "rpc/peer.h"
#include "rpc/scene.h"
#include "server/server_impl.h"
#include "wire/bytes.h"

enum { ECHO, SLEEP, RELAY, FAIL, EAT, BIG, COUNT };

static const maru_method *method(int index)
{
    return &echo_maru_service.methods[index];
}

/* What closes a connection: bytes after the SP hello, or instead of it. */

typedef struct fatal {
    const char *sentence;
    bool        hello; /* said first */
    const char *bytes;
    size_t      size;
} fatal;

#define FATAL(sentence, hello, bytes)                                                                                  \
    {                                                                                                                  \
        sentence, hello, bytes, sizeof bytes - 1                                                                       \
    }

static const fatal fatals[] = {
    FATAL("a wrong SP hello", false, "\0SX\0\0\x30\0\0"),
    FATAL("an SP hello with a version", false, "\0SP\1\0\x30\0\0"),
    FATAL("an SP hello of another protocol (PUB)", false, "\0SP\0\0\x20\0\0"),
    FATAL("an SP hello of a server", false, "\0SP\0\0\x31\0\0"),
    FATAL("an SP hello whose reserved bytes are not 0", false, "\0SP\0\0\x30\0\1"),
    FATAL("HTTP", false, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    FATAL("a TLS client hello", false, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00"),
    FATAL("a message of 8 GiB, 17 bytes in all", true, "\0\0\0\2\0\0\0\0\x80"),
    FATAL("a length of all ones", true, "\xff\xff\xff\xff\xff\xff\xff\xff\x80\0\0\1"),
    FATAL("a message one byte above the limit", true, "\0\0\0\0\0\x40\x40\x3e\x80\0\0\1"),
    FATAL("a message of no bytes", true, "\0\0\0\0\0\0\0\0"),
    FATAL("a message without a request id", true, "\0\0\0\0\0\0\0\x08\0\0\0\1\0\0\0\2"),
    FATAL("a message with nine hops", true,
          "\0\0\0\0\0\0\0\x24\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\x80\0\0\1"),
};

static void test_fatal(const char *url, bool ipc)
{
    scene s;

    scene_start(&s, url, NULL);
    for (size_t i = 0; i < sizeof fatals / sizeof *fatals; i++) {
        peer p;
        char sentence[160];

        snprintf(sentence, sizeof sentence, "over %s %s closes the connection, and no other", ipc ? "ipc" : "tcp",
                 fatals[i].sentence);
        test_begin(sentence);
        CHECK(peer_connect(&p, s.node.url));
        if (fatals[i].hello)
            CHECK(peer_hello(&p, SP_REQ, SP_REP));
        if (fatals[i].hello && ipc)
            CHECK(peer_write(&p, "\1", 1));
        CHECK(peer_write(&p, fatals[i].bytes, fatals[i].size));
        CHECK(peer_is_closed(&p));
        peer_close(&p);
        scene_check_served(&s);
        test_finish_case(); /* the sentence ends here */
    }
    if (ipc) {
        peer p;

        test_begin("over ipc a message that does not begin with 01 closes the connection");
        CHECK(peer_connect(&p, s.node.url) && peer_hello(&p, SP_REQ, SP_REP) && peer_write(&p, "\2\0\0\0", 4));
        CHECK(peer_is_closed(&p));
        peer_close(&p);
    }
    scene_stop(&s);
}

static void test_garbage(uint64_t seed)
{
    scene s;
    rng   r = {seed};

    test_begin("random bytes after a right hello close the connection sooner or later, 100 times");
    scene_start(&s, "tcp://127.0.0.1:0", NULL);
    for (int i = 0; i < 100; i++) {
        peer    p;
        uint8_t junk[64];

        for (size_t at = 0; at < sizeof junk; at++)
            junk[at] = (uint8_t)rng_next(&r);
        junk[0] |= 1; /* a length that cannot be */
        CHECK(peer_connect(&p, s.node.url) && peer_hello(&p, SP_REQ, SP_REP));
        CHECK(peer_write(&p, junk, sizeof junk));
        CHECK(peer_is_closed(&p));
        peer_close(&p);
    }
    scene_stop(&s);
}

/* What is answered: the connection stays. */

static void check_refused(peer *p, uint32_t id, int status, const char *words)
{
    frame reply;
    char  got[512];

    if (!CHECK(peer_expect(p, FRAME_REPLY, &reply)))
        return;
    peer_words(&reply, got, sizeof got);
    CHECK_INT(reply.id, id);
    CHECK_INT(reply.status, status);
    CHECK_CONTAINS(got, words);
}

#define WRITE(p, text) CHECK(peer_write(p, text, sizeof text - 1))

static void test_answered(void)
{
    scene s;
    peer *p = &s.friend;
    frame call = {.kind = FRAME_CALL, .id = 77, .method = 0x1234};

    scene_start(&s, "tcp://127.0.0.1:0", NULL);
    test_begin("a header that is too short is answered, with what was expected");
    WRITE(p, "\0\0\0\0\0\0\0\x05\x80\0\0\x09X");
    check_refused(p, 9, MARU_INVALID_ARGUMENT, "bad header: want 16 bytes");
    test_begin("so is one of another magic, kind, status or flag");
    WRITE(p, "\0\0\0\0\0\0\0\x14\x80\0\0\x0aN\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    check_refused(p, 10, MARU_INVALID_ARGUMENT, "bad header");
    WRITE(p, "\0\0\0\0\0\0\0\x14\x80\0\0\x0bM\x0b\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    check_refused(p, 11, MARU_INVALID_ARGUMENT, "bad header");
    WRITE(p, "\0\0\0\0\0\0\0\x14\x80\0\0\x0cM\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    check_refused(p, 12, MARU_INVALID_ARGUMENT, "bad header");
    WRITE(p, "\0\0\0\0\0\0\0\x14\x80\0\0\x0dM\1\x11\0\0\0\0\0\0\0\0\0\0\0\0\0");
    check_refused(p, 13, MARU_INVALID_ARGUMENT, "bad header");
    WRITE(p, "\0\0\0\0\0\0\0\x14\x80\0\0\x0eM\1\0\x02\0\0\0\0\0\0\0\0\0\0\0\0");
    check_refused(p, 14, MARU_INVALID_ARGUMENT, "bad header");
    test_begin("an extension that goes past the end, or is above its limit, is answered");
    WRITE(p, "\0\0\0\0\0\0\0\x18\x80\0\0\x0fM\1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
    check_refused(p, 15, MARU_INVALID_ARGUMENT, "bad extension: want at most 16384 bytes");
    test_begin("a method that nobody has is answered, with its id");
    CHECK(peer_frame(p, &call, NULL));
    check_refused(p, 77, MARU_UNIMPLEMENTED, "no method with the id 0000000000001234");
    test_begin("kinds that are not for a server, and cancels of no call, are let pass");
    for (uint8_t kind = FRAME_REPLY; kind <= FRAME_GOING_AWAY; kind++)
        if (kind != FRAME_PING)
            CHECK(peer_frame(p, &(frame){.kind = kind, .id = 500u + kind}, NULL));
    scene_check_served(&s);
    test_begin("a ping is answered with what it carried; one that carries too much is not");
    {
        frame f;
        CHECK(peer_frame(p, &(frame){.kind = FRAME_PING, .payload_size = 17}, "0123456789abcdefg"));
        CHECK(peer_frame(p, &(frame){.kind = FRAME_PING, .payload_size = 16}, "0123456789abcdef"));
        if (CHECK(peer_expect(p, FRAME_PONG, &f)))
            CHECK_MEM(f.payload, f.payload_size, "0123456789abcdef", 16);
    }
    test_begin("metadata with a wrong key, and a request id that is none, are refused by name");
    call = (frame){.kind = FRAME_CALL, .id = 78, .method = method(ECHO)->id};
    call.extension = (const uint8_t *)"\x0a\x06\x0a\x01\x41\x12\x01v";
    call.extension_size = 8;
    CHECK(peer_frame(p, &call, NULL));
    check_refused(p, 78, MARU_INVALID_ARGUMENT, "metadata key");
    call.extension = (const uint8_t *)"\x22\x02\x01z";
    call.extension_size = 4;
    CHECK(peer_frame(p, &call, NULL));
    check_refused(p, 78, MARU_INVALID_ARGUMENT, "request id");
    scene_stop(&s);
}

static void test_duplicates(void)
{
    scene         s;
    frame         reply;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a call whose id is in flight already is the same call: it runs once, and is answered once");
    scene_start(&s, "tcp://127.0.0.1:0", NULL);
    request.millis = 100;
    for (int i = 0; i < 10; i++)
        CHECK(peer_call(&s.friend, 1000, method(SLEEP), 0, &request.base));
    CHECK(peer_expect(&s.friend, FRAME_REPLY, &reply));
    CHECK_INT(reply.id, 1000);
    CHECK_INT(s.node.svc.started, 1);
    CHECK(peer_call(&s.friend, 1001, method(ECHO), 0, &request.base));
    CHECK(peer_expect(&s.friend, FRAME_REPLY, &reply));
    CHECK_INT(reply.id, 1001);
    scene_stop(&s);
}

/* Payloads. */

static size_t resident_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss;
}

static void send_payload(peer *p, uint32_t id, const bytes *b)
{
    frame call = {.kind = FRAME_CALL, .id = id, .method = method(ECHO)->id, .payload_size = b->size};

    CHECK(peer_frame(p, &call, b->at));
}

static void test_payloads(void)
{
    scene  s;
    bytes  deep = {0}, wide = {0};
    size_t before;

    for (int i = 0; i < 16000; i++)
        wrap(&deep, 5);
    while (wide.size + 2 <= (4 << 20))
        put_delimited(&wide, 6, "", 0);
    scene_start(&s, "tcp://127.0.0.1:0", NULL);
    before = resident_kib();
    test_begin("a message nested 16,000 deep is refused, with the limit's name, and not unpacked");
    send_payload(&s.friend, 1, &deep);
    check_refused(&s.friend, 1, MARU_RESOURCE_EXHAUSTED, "64");
    test_begin("so are 2 million empty submessages in 4 MiB, and half of them");
    send_payload(&s.friend, 2, &wide);
    check_refused(&s.friend, 2, MARU_RESOURCE_EXHAUSTED, "takes more memory than the limit");
    wide.size = 2 << 20;
    send_payload(&s.friend, 3, &wide);
    check_refused(&s.friend, 3, MARU_RESOURCE_EXHAUSTED, "takes more memory than the limit");
    test_begin("bytes that are no message are refused");
    wide.size = 7;
    send_payload(&s.friend, 4, &wide);
    check_refused(&s.friend, 4, MARU_INVALID_ARGUMENT, "request: ");
    test_begin("none of that took more memory than one call may have, 64 MiB, and its bytes a few times");
    printf("# %zu KiB at most, %zu KiB before\n", resident_kib(), before);
#ifdef __SANITIZE_THREAD__ /* it remembers what was done to each of them */
    CHECK(resident_kib() < before + 4 * (64 + 40) * 1024);
#else
    CHECK(resident_kib() < before + (64 + 40) * 1024);
#endif
    free(deep.at);
    free(wide.at);
    scene_stop(&s);
}

/* Numbers. */

static void test_call_flood(void)
{
    enum { LIMIT = 100, CALLS = 1000 };
    maru_server_options options = {.name = "echo", .max_calls = LIMIT};
    scene               s;
    peer                p;
    frame               reply;
    int                 refused = 0, cancelled = 0;
    Echo__Message       request = ECHO__MESSAGE__INIT;

    test_begin("a flood above max_calls is refused call by call, with the limit's name, and the rest goes on");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    CHECK(peer_dial(&p, s.node.url));
    request.millis = 600000;
    for (uint32_t id = 1; id <= CALLS; id++)
        CHECK(peer_call(&p, id, method(SLEEP), 0, &request.base));
    for (; refused < CALLS - LIMIT && CHECK(peer_expect(&p, FRAME_REPLY, &reply)); refused++) {
        char words[256];

        peer_words(&reply, words, sizeof words);
        if (!CHECK_INT(reply.status, MARU_RESOURCE_EXHAUSTED) || !CHECK_CONTAINS(words, "limit 100 (max_calls)"))
            break;
        CHECK(reply.id > LIMIT);
    }
    scene_check_served(&s);
    test_begin("once its calls have ended it may call again");
    for (uint32_t id = 1; id <= LIMIT; id++)
        CHECK(peer_cancel(&p, id, "test"));
    for (; cancelled < LIMIT && CHECK(peer_expect(&p, FRAME_REPLY, &reply)); cancelled++)
        CHECK_INT(reply.status, MARU_CANCELLED);
    CHECK(peer_call(&p, 5000, method(ECHO), 0, &request.base));
    CHECK(peer_expect(&p, FRAME_REPLY, &reply) && reply.id == 5000 && reply.status == MARU_OK);
    peer_close(&p);
    scene_stop(&s);
}

/* Each asks for a little less than one call may; together they would be too much. */
static void test_memory_total(void)
{
    enum { MIB = 1 << 20, CALLS = 12, FIT = 3 };
    maru_server_options options = {.name = "echo", .max_memory_total = 10 * MIB};
    scene               s;
    peer                p;
    frame               reply;
    char                words[256], *body = calloc(1, 3 * MIB);
    Echo__Message       request = ECHO__MESSAGE__INIT;

    test_begin("calls that would take more memory together than max_memory_total are refused by its name");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    CHECK(peer_dial(&p, s.node.url));
    request.millis = 600000;
    request.body = (ProtobufCBinaryData){.data = (uint8_t *)body, .len = 3 * MIB};
    for (uint32_t id = 1; id <= CALLS; id++)
        CHECK(peer_call(&p, id, method(SLEEP), 0, &request.base));
    for (int i = 0; i < CALLS - FIT && CHECK(peer_expect(&p, FRAME_REPLY, &reply)); i++) {
        peer_words(&reply, words, sizeof words);
        CHECK_INT(reply.status, MARU_RESOURCE_EXHAUSTED);
        CHECK_CONTAINS(words, "limit 10485760 for all calls together (max_memory_total)");
    }
    test_begin("small ones are served beside them; a handler that wants more is ended with that name");
    scene_check_served(&s);
    request = (Echo__Message)ECHO__MESSAGE__INIT;
    request.millis = 20000;
    CHECK(peer_call(&s.friend, 77777, method(EAT), 0, &request.base));
    check_refused(&s.friend, 77777, MARU_RESOURCE_EXHAUSTED, "max_memory_total");
    test_begin("once those have ended there is room again");
    peer_close(&p);
    scene_check_served(&s);
    for (int tries = 0; tries < 1000; tries++) { /* the server has to notice first */
        request.millis = 5000;
        CHECK(peer_call(&s.friend, 80000 + (uint32_t)tries, method(EAT), 0, &request.base));
        if (!CHECK(peer_expect(&s.friend, FRAME_REPLY, &reply)) || reply.status == MARU_OK)
            break;
    }
    CHECK_INT(reply.status, MARU_OK);
    CHECK_INT(s.node.server->memory.held, 0);
    free(body);
    scene_stop(&s);
}

/* Messages that are begun and not ended: each is allowed, all of them together are not. A buffer doubles, so that each
 * of these holds 2 MiB, of which 64 KiB do not count. */
static void test_buffers_total(void)
{
    enum { MIB = 1 << 20, FIT = 4, TOO_MANY = 3, COUNTED = 2 * MIB - BUFFER_KEPT };
    maru_server_options options = {.name = "echo", .max_buffer_total = FIT * 2 * MIB};
    scene               s;
    peer                p[FIT + TOO_MANY];
    uint8_t            *begun = calloc(1, 2 * MIB);

    test_begin("connections whose buffers together would be more than max_buffer_total are closed");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    begun[5] = 0x30; /* of the 3 MiB that this announces only a part comes */
    for (int i = 0; i < FIT; i++) {
        CHECK(peer_dial(&p[i], s.node.url) && peer_write(&p[i], begun, MIB + MIB / 8));
        while (s.node.server->buffers.held < (size_t)(i + 1) * COUNTED)
            scene_check_served(&s);
    }
    for (int i = FIT; i < FIT + TOO_MANY; i++) {
        CHECK(peer_dial(&p[i], s.node.url));
        peer_write(&p[i], begun, MIB + MIB / 8); /* it may be closed before all of it is written */
        CHECK(peer_is_closed(&p[i]));
        peer_close(&p[i]);
    }
    test_begin("those that were there before stay, others are served, and what they held is given back");
    for (int i = 0; i < 1000 && s.node.server->buffers.held != FIT * COUNTED; i++)
        scene_check_served(&s); /* what was closed gives back a moment after its peer sees it */
    CHECK_INT(s.node.server->buffers.held, FIT * COUNTED);
    for (int i = 0; i < FIT; i++)
        peer_close(&p[i]);
    while (s.node.server->buffers.held > 0)
        scene_check_served(&s);
    free(begun);
    scene_stop(&s);
}

/* ThreadSanitizer has room for 8000 fibers. */
#ifdef __SANITIZE_THREAD__
enum { TOTAL = 2000 };
#else
enum { TOTAL = 10000 };
#endif

static void test_total(void)
{
    maru_server_options options = {.name = "echo", .max_calls = 20000, .max_calls_total = TOTAL};
    scene               s;
    peer                p;
    Echo__Message       request = ECHO__MESSAGE__INIT;
    char                words[64];

    test_begin("of 10,001 calls in flight the last is refused, with the limit's name");
    scene_start(&s, "tcp://127.0.0.1:0", &options);
    CHECK(peer_dial(&p, s.node.url));
    request.millis = 600000;
    for (uint32_t id = 1; id <= TOTAL + 1; id++)
        CHECK(peer_call(&p, id, method(SLEEP), 0, &request.base));
    snprintf(words, sizeof words, "limit %d (max_calls_total)", TOTAL);
    check_refused(&p, TOTAL + 1, MARU_RESOURCE_EXHAUSTED, words);
    CHECK_INT(s.node.svc.started, TOTAL);
    test_begin("when their connection is closed all of them are cancelled");
    peer_close(&p);
    scene_stop(&s);
    CHECK_INT(s.node.svc.cancelled, TOTAL);
}

/* How many sessions the server has, as the strand sees it. */

typedef struct look {
    const maru_server *server;
    size_t             sessions;
} look;

static void count_sessions(void *arg)
{
    look *l = arg;

    l->sessions = l->server->session_count;
}

static size_t sessions_of(scene *s)
{
    look l = {.server = s->node.server};

    rt_on_strand(s->node.rt, count_sessions, &l);
    return l.sessions;
}

static void test_scan(const char *url, const char *where)
{
    char  sentence[120];
    scene s;
    peer  p;

    snprintf(sentence, sizeof sentence, "300 quick connects and closes over %s, some in the middle of a hello", where);
    test_begin(sentence);
    scene_start(&s, url, NULL);
    for (int i = 0; i < 300; i++) {
        CHECK(peer_connect(&p, s.node.url));
        if (i % 3 == 1)
            peer_write(&p, "\0SP", 3);
        if (i % 3 == 2)
            peer_hello(&p, SP_REQ, SP_REP);
        if (i % 2 == 1)
            peer_reset(&p);
        else
            peer_close(&p);
    }
    for (int64_t until = rt_now(s.node.rt) + PEER_WAIT_MS * INT64_C(1000000);
         sessions_of(&s) > 1 && rt_now(s.node.rt) < until;)
        sched_yield();
    CHECK_INT(sessions_of(&s), 1);
    scene_stop(&s);
    test_finish_case(); /* the sentence ends here */
}

int main(void)
{
    rng  r = rng_seeded("hostile");
    char url[128];

    echo_ipc_url(url, "hostile");
    test_fatal("tcp://127.0.0.1:0", false);
    test_fatal(url, true);
    test_garbage(rng_next(&r));
    test_answered();
    test_duplicates();
    test_payloads();
    test_call_flood();
    test_memory_total();
    test_buffers_total();
    test_total();
    test_scan("tcp://127.0.0.1:0", "tcp");
    test_scan(url, "ipc");
    return test_end();
}
