/* served_test.c: what a server, and the edge's HTTP, say of themselves while they work. On virtual time, so that times
 * are known; asked in the middle of it, so that what is only held or waits for a moment shows.
 */
#include <stdlib.h>

#include "edge/httpsim.h"
#include "rpc/echo.h"
#include "rpc/simpeer.h"
#include "test.h"
#include "watch/look.h"
#include "wire/bytes.h"

#define ECHO_URL "tcp://server:1"

enum { COST_MS = 3, HELD = 1 << 20, CALLS = 4, ECHO = 0, SLEEP = 1 };

/* ---- a server ---- */

struct seen {
    maru_sim     *sim;
    maru_runtime *rt;
    char         *first; /* as the first handler saw it */
};

/* Every handler takes COST_MS of processor; the first looks around meanwhile. */
static void be_slow(struct echo_service *svc, maru_call *call)
{
    struct seen *seen = svc->visitor;

    memset(maru_alloc(call, HELD), 1, HELD);
    if (seen->first == NULL)
        seen->first = look(seen->rt, call);
    maru_sim_spend(seen->sim, COST_MS * MS);
}

/* So many at once, in one write. */
static void call_at_once(simpeer *p, int calls)
{
    bytes   all = {0};
    uint8_t head[FRAME_HEAD_MAX];

    for (int i = 1; i <= calls; i++) {
        frame f = {.kind = FRAME_CALL, .id = (uint32_t)i, .method = echo_maru_service.methods[ECHO].id};

        put(&all, head, frame_write_head(head, &f, false));
    }
    simpeer_write(p, all.at, all.size);
    free(all.at);
}

/* Calls that take a second, and one of a method that nobody has. */
static void sleep_at_once(simpeer *p, int calls)
{
    Echo__Message request = ECHO__MESSAGE__INIT;
    frame         f = {.kind = FRAME_CALL, .id = 2 * CALLS + 1, .method = 1};

    request.millis = 1000;
    for (int i = 1; i <= calls; i++)
        simpeer_call(p, (uint32_t)(CALLS + i), &echo_maru_service.methods[SLEEP], 0, &request.base);
    simpeer_frame(p, &f, NULL);
}

/* The head of a call with a request of that size, and half of it. */
static void call_in_part(simpeer *p, size_t size)
{
    bytes   part = {0};
    uint8_t head[FRAME_HEAD_MAX];
    frame   f = {.kind = FRAME_CALL,
                 .id = 3 * CALLS,
                 .method = echo_maru_service.methods[ECHO].id,
                 .payload_size = (uint32_t)size};

    put(&part, head, frame_write_head(head, &f, false));
    for (size_t i = 0; i < size / 2; i++)
        put_byte(&part, 0);
    simpeer_write(p, part.at, part.size);
    free(part.at);
}

static void run(maru_sim *sim, int64_t ns)
{
    maru_sim_run(sim, maru_sim_now(sim) + ns);
}

static void test_server(void)
{
    maru_server_options options = {.name = "echo", .max_calls_total = CALLS - 1};
    maru_sim           *sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    struct seen         seen = {.sim = sim};
    echo_node           node;
    simpeer             p;
    char               *text;

    test_begin("behind a slow handler calls wait, and are seen to");
    echo_start(&node, ECHO_URL, &options, maru_sim_seam(sim));
    seen.rt = node.rt;
    node.svc.visit = be_slow;
    node.svc.visitor = &seen;
    simpeer_dial(&p, sim, ECHO_URL);
    simpeer_greet(&p);
    run(sim, SECOND);
    call_at_once(&p, CALLS);
    run(sim, SECOND);
    CHECK_INT(simpeer_count(&p, FRAME_REPLY), CALLS);
    check_from(seen.first, "maru_queue_length", 1);
    check_from(seen.first, "maru_calls_running", 1);
    check_value(seen.first, "maru_connections{transport=\"tcp\"}", 1);
    check_value(seen.first, "maru_connections{transport=\"ipc\"}", 0);
    test_begin("what its handlers hold is seen while they run, and not after");
    check_from(seen.first, "maru_memory_held_bytes{of=\"calls\"}", HELD);
    text = look_from_outside(node.rt);
    check_value(text, "maru_memory_held_bytes{of=\"calls\"}", 0);
    check_value(text, "maru_queue_length", 0);
    check_value(text, "maru_calls_running", 0);
    test_begin("each call counts as long as it took, from its arrival, and of that what it waited");
    check_value(text, "maru_call_seconds_count{method=\"/maru.test.v1.EchoService/Echo\"}", CALLS);
    check_value(text, "maru_call_seconds_sum{method=\"/maru.test.v1.EchoService/Echo\"}",
                (1 + 2 + 3 + 4) * COST_MS / 1e3);
    check_value(text, "maru_queue_wait_seconds_count", CALLS);
    check_value(text, "maru_queue_wait_seconds_sum", (1 + 2 + 3) * COST_MS / 1e3);
    check_value(text, "maru_calls_total{method=\"/maru.test.v1.EchoService/Echo\",status=\"OK\"}", CALLS);
    check_value(text, "maru_calls_refused_total{reason=\"max_calls_total\"}", 0);
    free(text);
    test_begin("calls that are refused count by their reason");
    sleep_at_once(&p, CALLS);
    run(sim, SECOND / 2);
    text = look_from_outside(node.rt);
    check_value(text, "maru_calls_running", CALLS - 1);
    check_value(text, "maru_calls_refused_total{reason=\"max_calls_total\"}", 1);
    check_value(text, "maru_calls_refused_total{reason=\"unknown_method\"}", 1);
    check_value(text, "maru_calls_refused_total{reason=\"max_queue\"}", 0);
    free(text);
    run(sim, SECOND);
    test_begin("so is what a request holds that comes in part");
    call_in_part(&p, HELD);
    run(sim, SECOND);
    text = look_from_outside(node.rt);
    check_from(text, "maru_memory_held_bytes{of=\"buffers\"}", HELD / 4);
    free(text);
    free(seen.first);
    simpeer_free(&p);
    echo_stop(&node);
    maru_sim_free(sim);
}

/* ---- HTTP ---- */

static void test_http(void)
{
    maru_http_options options = {.name = "edge"};
    httpsim           h;
    simpeer           p, deaf, holder;
    char             *text;

    test_begin("HTTP says how many requests there were, how long they took, and who is connected");
    httpsim_start(&h, &options);
    httpsim_dial(&h, &p);
    httpsim_words(&p, "GET /sleep?20 HTTP/1.1\r\nHost: x\r\n\r\n");
    httpsim_pass(&h, SECOND);
    text = look_from_outside(h.rt);
    check_value(text, "maru_http_requests_total{code=\"200\"}", 1);
    check_value(text, "maru_http_request_seconds_count", 1);
    check_from(text, "maru_http_request_seconds_sum", 0.02);
    check_value(text, "maru_http_connections", 1);
    check_value(text, "maru_http_connections_opened_total", 1);
    check_value(text, "maru_http_memory_held_bytes{of=\"requests\"}", 0);
    check_value(text, "maru_http_memory_held_bytes{of=\"buffers\"}", 0);
    free(text);
    test_begin(
        "and what is held for a request, for one who asks for much and does not read, and for half of a request");
    httpsim_dial(&h, &deaf);
    deaf.deaf = true;
    httpsim_words(&deaf, "GET /big?1000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    httpsim_dial(&h, &holder);
    httpsim_words(&holder, "GET /hold?500 HTTP/1.1\r\nHost: x\r\n\r\n");
    httpsim_words(&p, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 1000; i++)
        httpsim_words(&p, "Half of it, and more to come. ");
    httpsim_pass(&h, SECOND / 10);
    text = look_from_outside(h.rt);
    check_value(text, "maru_http_connections", 3);
    check_from(text, "maru_http_memory_held_bytes{of=\"requests\"}", HELD);
    check_from(text, "maru_http_memory_held_bytes{of=\"buffers\"}", 1);
    free(text);
    simpeer_free(&p);
    simpeer_free(&deaf);
    simpeer_free(&holder);
    httpsim_stop(&h);
}

int main(void)
{
    test_server();
    test_http();
    return test_end();
}
