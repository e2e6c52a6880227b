/* queue_test.c: calls before their turn, on virtual time: there is a bound for all that wait, of many connections,
 * which locks out nobody who asks for less than a share; a turn is half of them; deadlines that pass while they wait,
 * at either side; how long a request may be; memory that is out when a call's words are kept.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "conn/conn_impl.h"
#include "maru/wire.pb-c.h"
#include "rpc/peer.h"
#include "rpc/simworld.h"
#include "server/server_impl.h"
#include "wire/bytes.h"

enum { ECHO, SLEEP, RELAY, COUNT = 6, FLOOD = 2000, QUEUE = 200, PEERS = 4 };

/* Calls in one write, which one read then brings. */
static void call_often(simpeer *p, int times)
{
    bytes   all = {0};
    uint8_t head[FRAME_HEAD_MAX];

    for (int i = 1; i <= times; i++) {
        frame f = {.kind = FRAME_CALL, .id = (uint32_t)i, .method = method(ECHO)->id};

        put(&all, head, frame_write_head(head, &f, false));
    }
    simpeer_write(p, all.at, all.size);
    free(all.at);
}

/* What came back: how many were answered, how many refused, each with words that have the limit's name. */
static void count_answers(simpeer *p, int *answered, int *refused)
{
    static const char words[] = "calls that wait on this server: limit 200 (max_queue)";
    frame             f;

    *answered = *refused = 0;
    while (simpeer_next(p, &f)) {
        if (f.kind != FRAME_REPLY)
            continue;
        *answered += f.status == MARU_OK;
        if (f.status != MARU_OK && CHECK_INT(f.status, MARU_RESOURCE_EXHAUSTED))
            *refused += CHECK(memmem(f.payload, f.payload_size, words, strlen(words)) != NULL);
    }
}

static void test_bound(void)
{
    maru_server_options options = {.name = "echo", .max_calls = FLOOD, .max_queue = QUEUE};
    world               w;
    simpeer             greedy[PEERS], modest;
    Echo__Message       request = ECHO__MESSAGE__INIT;
    int                 answered, refused, all = 0;

    test_begin(
        "of calls that come at once, more than max_queue of all connections do not wait: the rest hear its name");
    world_start(&w, 0, &options);
    for (int i = 0; i < PEERS; i++) {
        simpeer_dial(&greedy[i], w.sim, URL);
        simpeer_greet(&greedy[i]);
    }
    simpeer_dial(&modest, w.sim, URL);
    simpeer_greet(&modest);
    pass(w.sim, SECOND);
    for (int i = 0; i < PEERS; i++)
        call_often(&greedy[i], FLOOD);
    simpeer_call(&modest, 1, method(ECHO), 0, &request.base);
    pass(w.sim, SECOND);
    for (int i = 0; i < PEERS; i++) {
        count_answers(&greedy[i], &answered, &refused);
        CHECK_INT(answered + refused, FLOOD);
        CHECK(answered >= QUEUE / (PEERS + 1));
        all += answered;
    }
    CHECK(all >= QUEUE && all < PEERS * FLOOD / 2);
    CHECK_INT(atomic_load(&w.node.server->counts.refused[REFUSED_QUEUE]), PEERS * FLOOD - all);
    test_begin("while one that asks for less than its share is answered");
    count_answers(&modest, &answered, &refused);
    CHECK_INT(answered, 1);
    for (int i = 0; i < PEERS; i++)
        simpeer_free(&greedy[i]);
    simpeer_free(&modest);
    world_stop(&w);
}

/* How many calls each turn had. Nothing is said on the connection when one begins: the answers of the one before went
 * with its end. */
enum { TURNS_NOTED = 8, ASKED = 100 };

typedef struct turns {
    const maru_server *server;
    bool               cut; /* the connection is closed in the first call */
    int                count, calls[TURNS_NOTED];
} turns;

static void note_turn(struct echo_service *svc, maru_call *call)
{
    turns *t = svc->visitor;
    conn  *c = t->server->sessions->conn;

    (void)call;
    if (t->cut)
        conn_close(c, "by the test");
    if (c->duct.out.size == 0 && t->count < TURNS_NOTED)
        t->count++;
    if (CHECK(t->count > 0))
        t->calls[t->count - 1]++;
}

static void ask_in_one_write(world *w, turns *t)
{
    simpeer p;

    w->node.svc.visit = note_turn;
    w->node.svc.visitor = t;
    simpeer_dial(&p, w->sim, URL);
    simpeer_greet(&p);
    pass(w->sim, SECOND);
    call_often(&p, ASKED);
    pass(w->sim, SECOND);
    CHECK_INT(simpeer_count(&p, FRAME_REPLY), t->cut ? 0 : ASKED);
    simpeer_free(&p);
    pass(w->sim, SECOND);
}

static void test_turns(void)
{
    static const int want[] = {ASKED / 2, ASKED / 4, 16, 9};
    world            w;

    world_start(&w, 0, NULL);
    turns cut = {.server = w.node.server, .cut = true}, all = {.server = w.node.server};
    test_begin("of calls that wait, half are answered before the rest, and no fewer than 16");
    ask_in_one_write(&w, &cut);
    CHECK_INT(w.node.svc.started, ASKED / 2);
    ask_in_one_write(&w, &all); /* what was cut off waits no more */
    if (CHECK_INT(all.count, 4))
        for (int i = 0; i < 4; i++)
            CHECK_INT(all.calls[i], want[i]);
    world_stop(&w);
}

static void test_cancelled(void)
{
    world   w;
    simpeer p;
    frame   f = {.kind = FRAME_PING};
    bytes   both = {0};
    uint8_t head[FRAME_HEAD_MAX];
    char    words[128];

    test_begin("a call that is cancelled before its turn is not begun, and is answered so");
    world_start(&w, 0, NULL);
    simpeer_dial(&p, w.sim, URL);
    simpeer_greet(&p);
    pass(w.sim, MS);
    f = (frame){.kind = FRAME_CALL, .id = 1, .method = method(ECHO)->id};
    put(&both, head, frame_write_head(head, &f, false));
    f = (frame){.kind = FRAME_CANCEL, .id = 1};
    put(&both, head, frame_write_head(head, &f, false));
    simpeer_write(&p, both.at, both.size); /* which one read brings */
    free(both.at);
    pass(w.sim, SECOND);
    while (simpeer_next(&p, &f) && f.kind != FRAME_REPLY)
        ;
    if (CHECK_INT(f.kind, FRAME_REPLY)) {
        CHECK_INT(f.status, MARU_CANCELLED);
        peer_words(&f, words, sizeof words);
        CHECK_STR(words, "cancelled before it was started");
    }
    CHECK_INT(w.node.svc.started, 0);
    simpeer_free(&p);
    world_stop(&w);
}

/* The first handler computes, and lets nobody else have a turn. */
enum { SLOW_MS = 20 };

static void be_slow(struct echo_service *svc, maru_call *call)
{
    (void)call;
    if (svc->started == 1)
        maru_sim_spend(svc->visitor, SLOW_MS * MS);
}

/* Calls of Echo in one write: the slow one without a deadline, one whose deadline is at its turn, one that has a
 * millisecond more. */
static void call_behind_slow(simpeer *p)
{
    static const uint32_t times_ms[] = {0, SLOW_MS, SLOW_MS + 1};
    bytes                 all = {0};
    uint8_t               head[FRAME_HEAD_MAX];

    for (uint32_t i = 0; i < 3; i++) {
        frame f = {.kind = FRAME_CALL, .id = i + 1, .method = method(ECHO)->id, .time_ms = times_ms[i]};

        put(&all, head, frame_write_head(head, &f, false));
    }
    simpeer_write(p, all.at, all.size);
    free(all.at);
}

static void test_expired(void)
{
    world   w;
    simpeer p;
    frame   f;
    int     replies = 0;
    char    words[128];

    test_begin("a call whose deadline passes before its turn is not begun, though the queue was empty just before");
    world_start(&w, 0, NULL);
    w.node.svc.visit = be_slow;
    w.node.svc.visitor = w.sim;
    simpeer_dial(&p, w.sim, URL);
    simpeer_greet(&p);
    pass(w.sim, SECOND);
    call_behind_slow(&p);
    pass(w.sim, SECOND);
    while (simpeer_next(&p, &f)) {
        if (f.kind != FRAME_REPLY)
            continue;
        replies++;
        CHECK_INT(f.status, f.id == 2 ? MARU_DEADLINE_EXCEEDED : MARU_OK);
        if (f.id != 2 || f.status == MARU_OK)
            continue;
        peer_words(&f, words, sizeof words);
        CHECK_STR(words, "the deadline passed in the queue, after 20 ms");
    }
    CHECK_INT(replies, 3);
    CHECK_INT(w.node.svc.started, 2);
    CHECK_INT(atomic_load(&w.node.server->counts.refused[REFUSED_EXPIRED]), 1);
    CHECK_INT(atomic_load(&w.node.server->counts.refused[REFUSED_OVERLOADED]), 0);
    simpeer_free(&p);
    world_stop(&w);
}

/* Two calls of a client whose server takes one at a time. The callback of the first takes the time of the second. */
typedef struct late_pair {
    maru_sim   *sim;
    maru_call  *first, *second;
    int64_t     late; /* how long after the deadline of the second it has its turn, ns */
    maru_status status;
} late_pair;

static void take_time(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    late_pair *pair = arg;

    (void)message;
    (void)response;
    CHECK_INT(status, MARU_OK);
    maru_sim_spend(pair->sim, maru_call_deadline(pair->second) + pair->late - maru_sim_now(pair->sim));
}

static void note_status(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    (void)message;
    (void)response;
    ((late_pair *)arg)->status = status;
}

/* Takes all that came; that of one CALL stays in f. */
static void one_call(simpeer *server, frame *f)
{
    int   count = 0;
    frame next;

    while (simpeer_next(server, &next))
        if (next.kind == FRAME_CALL) {
            *f = next;
            count++;
        }
    CHECK_INT(count, 1);
}

static void check_time_sent(simpeer *server, maru_runtime *rt, maru_client *client, int64_t late)
{
    late_pair pair = {
        .sim = server->sim, .first = maru_call_begin(rt, 60000), .second = maru_call_begin(rt, 2000), .late = late};
    Echo__Message request = ECHO__MESSAGE__INIT;
    frame         f = {.kind = FRAME_PING};

    echo_echo_async(client, pair.first, &request, take_time, &pair);
    echo_echo_async(client, pair.second, &request, note_status, &pair);
    pass(pair.sim, SECOND / 10);
    one_call(server, &f);
    simpeer_frame(server, &(frame){.kind = FRAME_REPLY, .id = f.id}, NULL);
    pass(pair.sim, 3 * SECOND);
    one_call(server, &f);
    CHECK_INT(f.time_ms, 1);
    CHECK_INT(pair.status, MARU_DEADLINE_EXCEEDED);
    simpeer_frame(server, &(frame){.kind = FRAME_REPLY, .id = f.id}, NULL);
    pass(pair.sim, SECOND / 10);
    maru_call_end(pair.first);
    maru_call_end(pair.second);
}

static void test_no_time_left(void)
{
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    maru_runtime_options options = {.seam = maru_sim_seam(sim)};
    maru_runtime        *rt;
    maru_client         *client;
    simpeer              server;

    test_begin("a call that is sent at its deadline, or just after it, says so: a time of 0 would say it has none");
    CHECK_INT(maru_runtime_new(&options, &rt, NULL), MARU_OK);
    simpeer_listen(&server, sim, URL);
    simpeer_hello(&server, SP_REP);
    simpeer_maru_hello(&server, 1);
    client = echo_client(rt, URL);
    pass(sim, SECOND / 100);
    check_time_sent(&server, rt, client, 0);
    check_time_sent(&server, rt, client, MS / 2);
    check_time_sent(&server, rt, client, 5 * MS);
    maru_client_free(client);
    maru_runtime_free(rt);
    simpeer_free(&server);
    maru_sim_free(sim);
}

/* Waits in the first handler, that of Relay, until its caller has given up. */
static void be_cancelled(struct echo_service *svc, maru_call *call)
{
    if (svc->started == 1)
        CHECK_INT(maru_sleep(call, 600000), MARU_CANCELLED);
}

static void test_calls_on(void)
{
    world         w;
    simpeer       p;
    frame         f = {.kind = FRAME_PING};
    Echo__Message request = ECHO__MESSAGE__INIT;
    char          words[256];

    test_begin("a handler that is cancelled, and calls on all the same, is told so at once: nothing is sent");
    world_start(&w, 0, NULL);
    w.node.svc.next = echo_client(w.node.rt, URL);
    w.node.svc.visit = be_cancelled;
    simpeer_dial(&p, w.sim, URL);
    simpeer_greet(&p);
    request.millis = 1000;
    simpeer_call(&p, 1, method(RELAY), 0, &request.base);
    pass(w.sim, SECOND);
    CHECK_INT(w.node.svc.started, 1);
    simpeer_cancel(&p, 1, "enough");
    pass(w.sim, SECOND / 2);
    while (simpeer_next(&p, &f) && f.kind != FRAME_REPLY)
        ;
    if (CHECK_INT(f.kind, FRAME_REPLY)) {
        CHECK_INT(f.status, MARU_CANCELLED);
        peer_words(&f, words, sizeof words);
        CHECK_CONTAINS(words, "/maru.test.v1.EchoService/Sleep: cancelled: its caller gave up: enough");
    }
    pass(w.sim, 5 * SECOND);
    CHECK_INT(w.node.svc.started, 1);
    simpeer_free(&p);
    maru_client_free(w.node.svc.next);
    world_stop(&w);
}

/* A call whose words, once they were unpacked, leave nearly nothing of its arena's first block. */
static void call_with_words(simpeer *p, uint32_t id, size_t size)
{
    MaruPb__Extension ext = MARU_PB__EXTENSION__INIT;
    MaruPb__Pair      pair = MARU_PB__PAIR__INIT, *pairs[] = {&pair};
    uint8_t           packed[8192], head[FRAME_HEAD_MAX + sizeof packed];
    char              trace[4096] = "", name[101], value[101];
    frame             f = {.kind = FRAME_CALL, .id = id, .method = method(COUNT)->id, .extension = packed};

    memset(trace, 'x', size);
    memset(name, 'n', 100);
    memset(value, 'v', 100);
    trace[size] = name[100] = value[100] = '\0';
    ext.traceparent = trace;
    ext.request_id = value;
    ext.metadata = pairs;
    ext.n_metadata = id % 2;
    pair.key = name;
    pair.value = value;
    f.extension_size = maru_pb__extension__pack(&ext, packed);
    simpeer_write(p, head, frame_write_head(head, &f, false));
}

/* Holds what memory there is for all calls, but for less than a block. */
static void fill_memory(simpeer *p, const maru_server *server)
{
    Echo__Message request = ECHO__MESSAGE__INIT;
    char         *text = malloc(522001);

    CHECK_INT(server->options.max_memory_total, 1 << 20);
    memset(text, 'x', 522000);
    text[522000] = '\0';
    request.text = text;
    request.millis = 600000;
    simpeer_call(p, 1, method(SLEEP), 0, &request.base);
    free(text);
}

static void test_memory(void)
{
    maru_server_options options = {.name = "echo", .max_memory_total = 1 << 20};
    world               w;
    simpeer             holder, p;
    frame               f;
    int                 fine = 0, refused = 0;

    test_begin("a call for whose words there is no memory is refused, whichever of them it is, and harms nobody");
    world_start(&w, 0, &options);
    simpeer_dial(&holder, w.sim, URL);
    simpeer_greet(&holder);
    pass(w.sim, MS);
    fill_memory(&holder, w.node.server);
    pass(w.sim, SECOND);
    CHECK_INT(w.node.server->running, 1);
    simpeer_dial(&p, w.sim, URL);
    simpeer_hello(&p, SP_REQ); /* of a plain peer it is asked whether it gave a request id */
    for (uint32_t id = 1; id <= 300; id++) {
        call_with_words(&p, id, 2000 + 6 * id);
        pass(w.sim, MS);
    }
    while (simpeer_next(&p, &f))
        if (f.kind == FRAME_REPLY && f.status == MARU_OK)
            fine++;
        else if (f.kind == FRAME_REPLY && CHECK_INT(f.status, MARU_RESOURCE_EXHAUSTED))
            refused++;
    CHECK_INT(fine + refused, 300);
    CHECK(fine > 0 && refused > 0);
    simpeer_free(&holder);
    simpeer_free(&p);
    world_stop(&w);
}

static void test_message(void)
{
    enum { MOST = 256 * 1024 };
    maru_server_options options = {.name = "echo", .max_message = MOST};
    static const char   words[] = "request: 262145 bytes, limit 262144 (max_message)";
    world               w;
    simpeer             p;
    frame               f;
    uint8_t            *payload = calloc(1, MOST + 1);

    test_begin("a request of max_message is taken, one that is a byte longer is refused by that name");
    world_start(&w, 0, &options);
    simpeer_dial(&p, w.sim, URL);
    simpeer_hello(&p, SP_REQ);
    payload[0] = 0x7a; /* a field that nobody knows, of all that follows */
    payload[1] = ((MOST - 4) & 0x7f) | 0x80;
    payload[2] = ((MOST - 4) >> 7 & 0x7f) | 0x80;
    payload[3] = (MOST - 4) >> 14;
    for (size_t more = 0; more < 2; more++)
        simpeer_frame(
            &p,
            &(frame){
                .kind = FRAME_CALL, .id = (uint32_t)more + 1, .method = method(ECHO)->id, .payload_size = MOST + more},
            payload);
    pass(w.sim, SECOND);
    for (int got = 0; got < 2 && CHECK(simpeer_next(&p, &f));)
        if (f.kind == FRAME_REPLY && f.id == 2 && ++got)
            CHECK(f.status == MARU_RESOURCE_EXHAUSTED &&
                  memmem(f.payload, f.payload_size, words, strlen(words)) != NULL);
        else if (f.kind == FRAME_REPLY && ++got)
            CHECK_INT(f.status, MARU_OK);
    free(payload);
    simpeer_free(&p);
    world_stop(&w);
}

int main(void)
{
    test_bound();
    test_turns();
    test_cancelled();
    test_expired();
    test_no_time_left();
    test_calls_on();
    test_message();
    test_memory();
    return test_end();
}
