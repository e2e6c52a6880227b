/* handle_test.c: what the edge does with a request that says little: without a time-out, without a type; with one that
 * waits to be told to go on, or is too large for whom it is for; and what its health check says while it stops. On
 * virtual time. */
#include "edgesim.h"

static void start(edgesim *w)
{
    edgesim_start(w, 0);
    edgesim_shop(w, false, 0);
    edgesim_open(w);
    edgesim_pass(w, SECOND);
}

static void stop(edgesim *w)
{
    edgesim_shop_end(w);
    edgesim_stop(w);
}

/* What the service was given, in ms; a few microseconds of it are the way's. */
static void check_left(edgesim *w, const char *request, int64_t want)
{
    const char *left;

    CHECK_INT(edgesim_ask(w, request, MS), 200);
    left = strstr(w->body, "\"etag\":\"");
    if (!CHECK(left != NULL))
        return;
    left += strlen("\"etag\":\"");
    if (!CHECK(atoll(left) <= want && atoll(left) >= want - 5))
        fprintf(stderr, "%s: want %lld ms\n", w->body, (long long)want);
}

static void test_times(void)
{
    edgesim w;
    simpeer p;

    start(&w);
    test_begin("a request without Request-Timeout gets 15 s");
    check_left(&w, GET("/v1/carts/a"), 15000);
    simpeer_dial(&p, w.sim, HTTPSIM_URL);
    httpsim_words(&p, GET("/v1/carts/sleep-20000"));
    edgesim_pass(&w, 14900 * MS);
    CHECK_INT(edgesim_take(&w, &p), 0);
    edgesim_pass(&w, 200 * MS);
    CHECK_INT(edgesim_take(&w, &p), 504);
    CHECK_CONTAINS(w.body, "{\"code\":4,");
    simpeer_free(&p);

    test_begin("one that asks for less gets that; one that asks for more gets 60 s");
    check_left(&w, "GET /v1/carts/a HTTP/1.1\r\nHost: x\r\nRequest-Timeout: 2s\r\nConnection: close\r\n\r\n", 2000);
    check_left(&w, "GET /v1/carts/a HTTP/1.1\r\nHost: x\r\nRequest-Timeout: 59\r\nConnection: close\r\n\r\n", 59000);
    check_left(&w, "GET /v1/carts/a HTTP/1.1\r\nHost: x\r\nRequest-Timeout: 2m\r\nConnection: close\r\n\r\n", 60000);
    check_left(&w, "GET /v1/carts/a HTTP/1.1\r\nHost: x\r\nRequest-Timeout: 12345678901\r\nConnection: close\r\n\r\n",
               60000);
    edgesim_close(&w);
    stop(&w);
}

static void test_type(void)
{
    edgesim w;

    test_begin("a body without Content-Type is taken for JSON");
    start(&w);
    CHECK_INT(
        edgesim_ask(&w,
                    "POST /v1/carts/b/items HTTP/1.1\r\nHost: x\r\nContent-Length: 27\r\nConnection: close\r\n\r\n"
                    "{\"product\": \"products/tea\"}",
                    MS),
        200);
    CHECK_CONTAINS(w.body, "\"name\":\"carts/b\"");
    CHECK_INT(edgesim_ask(&w,
                          "POST /v1/carts/b/items HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
                          "text",
                          MS),
              400);
    CHECK_CONTAINS(w.body, "line 1");
    edgesim_close(&w);
    stop(&w);
}

/* Of a client that waits before it sends its body: status of the one answer, which has to come without it. */
static void check_waits(edgesim *w, const char *line, int status)
{
    char    request[512];
    simpeer p;

    snprintf(request, sizeof request, "%s\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 27\r\n\r\n", line);
    simpeer_dial(&p, w->sim, HTTPSIM_URL);
    httpsim_words(&p, request);
    edgesim_pass(w, MS);
    if (!CHECK_INT(edgesim_take(w, &p), status))
        fprintf(stderr, "%s: %s\n", line, w->head);
    if (status == 100) {
        p.in_size = 0;
        httpsim_words(&p, "{\"product\": \"products/tea\"}");
        edgesim_pass(w, MS);
        CHECK_INT(edgesim_take(w, &p), 200);
    } else {
        CHECK_CONTAINS(w->head, "Connection: close");
    }
    simpeer_free(&p);
}

static void test_waits(void)
{
    static const struct {
        const char *line;
        int         status;
    } rows[] = {
        {"POST /v1/carts/b/items HTTP/1.1", 100},
        {"POST /v1/carts/b/itms HTTP/1.1", 404},
        {"PUT /v1/carts/b/items HTTP/1.1", 405},
        {"PUT /healthz HTTP/1.1", 405},
        {"GET /v1/carts/b HTTP/1.1", 400}, /* takes no body */
        {"POST /v1/carts/b/items HTTP/1.1\r\nContent-Type: text/plain", 415},
        {"POST /v1/carts/b/items HTTP/1.1\r\nContent-Encoding: gzip", 415},
        {"POST /v1/carts/b/items HTTP/1.1\r\nAccept: text/html", 406},
        {"POST /v1/carts/b/items HTTP/1.1\r\nRequest-Timeout: soon", 400},
    };
    edgesim w;

    test_begin("Expect: 100-continue: what the head alone is refused for is said before the body is asked for");
    start(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_waits(&w, rows[i].line, rows[i].status);
    edgesim_close(&w);
    stop(&w);
}

static void test_size(void)
{
    enum { MOST = 256 << 10, SIZE = MOST + 100 };
    edgesim w;
    char   *body = malloc(SIZE + 64), *request = malloc(SIZE + 512);

    test_begin("a body that the edge takes and the service does not is 413, and names whose limit it was");
    if (body == NULL || request == NULL)
        abort();
    edgesim_start(&w, 0);
    w.max_message = MOST;
    edgesim_shop(&w, false, 0);
    edgesim_open(&w);
    edgesim_pass(&w, SECOND);
    snprintf(body, SIZE + 64, "{\"product\": \"%0*d\"}", SIZE, 0);
    snprintf(request, SIZE + 512,
             "POST /v1/carts/b/items HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    CHECK_INT(edgesim_ask(&w, request, SECOND), 413);
    CHECK_CONTAINS(w.body, "bytes as a message: limit 262144 (max_message of shop)");
    free(body);
    free(request);
    edgesim_close(&w);
    stop(&w);
}

static void test_inside(void)
{
    edgesim w;

    test_begin("what is wrong inside a service is for who operates it: its code is told, and whose it is");
    start(&w);
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/fail-8"), MS), 429);
    CHECK_CONTAINS(w.body, "{\"code\":8,\"message\":\"the service can't do that now\",");
    CHECK_CONTAINS(w.body, "\"origin\":\"shop");
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/fail-15"), MS), 500);
    CHECK_CONTAINS(w.body, "{\"code\":15,\"message\":\"the service failed\",");
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/fail-5"), MS), 404);
    CHECK_CONTAINS(w.body, "the file system is full"); /* it may be the customer's own words */
    edgesim_close(&w);
    stop(&w);
}

static void say_rest(void *peer)
{
    httpsim_words(peer, "st: x\r\n\r\n");
}

/* A stop waits a second for a head that has begun. */
static void test_stopping(void)
{
    edgesim w;
    simpeer p;

    test_begin("while the edge is stopping /healthz is 503");
    start(&w);
    CHECK_INT(edgesim_ask(&w, GET("/healthz"), MS), 200);
    simpeer_dial(&p, w.sim, HTTPSIM_URL);
    httpsim_words(&p, "GET /healthz HTTP/1.1\r\nHo");
    edgesim_pass(&w, 10 * MS);
    maru_sim_at(w.sim, maru_sim_now(w.sim) + 500 * MS, say_rest, &p);
    edgesim_close(&w);
    CHECK_INT(edgesim_take(&w, &p), 503);
    CHECK_CONTAINS(w.body, "{\"ready\":false,\"degraded\":false,\"services\":{\"shop\":\"up\"}}");
    simpeer_free(&p);
    stop(&w);
}

int main(void)
{
    test_times();
    test_type();
    test_waits();
    test_size();
    test_inside();
    test_stopping();
    return test_end();
}
