/* limits_test.c: how much an HTTP server takes, and how long it waits, on virtual time. */
#include "test.h"

#include <stdlib.h>

#include "httpsim.h"

#define HOST  "Host: x\r\n"
#define GET   "GET /a HTTP/1.1\r\n" HOST "\r\n"
#define SLEEP "GET /sleep?5000 HTTP/1.1\r\n" HOST "\r\n"

static void one(httpsim *h, simpeer *p, const maru_http_options *options)
{
    httpsim_start(h, options);
    httpsim_dial(h, p);
}

static void end(httpsim *h, simpeer *p)
{
    simpeer_free(p);
    httpsim_stop(h);
}

/* When it was closed, in ms after a moment; -1: not yet. */
static int64_t closed_ms(const simpeer *p, int64_t since)
{
    return p->closed_at == 0 ? -1 : (p->closed_at - since) / MS;
}

static void check_about(int64_t got_ms, int64_t want_ms)
{
    if (!CHECK(got_ms >= want_ms && got_ms <= want_ms + 10))
        fprintf(stderr, "got %lld ms, want %lld\n", (long long)got_ms, (long long)want_ms);
}

/* Sizes. */

static void say_many(simpeer *p, const char *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        httpsim_words(p, words);
}

static void refused(const maru_http_options *options, const char *head, const char *words, unsigned count,
                    const char *tail, int status)
{
    httpsim h;
    simpeer p;

    one(&h, &p, options);
    httpsim_words(&p, head);
    say_many(&p, words, count);
    httpsim_words(&p, tail);
    httpsim_pass(&h, SECOND);
    if (!CHECK_INT(httpsim_count(&p, status), 1))
        fprintf(stderr, "%u of \"%.20s\", got %.200s\n", count, words, httpsim_text(&p));
    if (status == 413 || status == 414 || status == 431) /* and says which limit it was, and how much that is */
        CHECK(strstr(httpsim_text(&p), ": limit ") != NULL && strstr(httpsim_text(&p), " (max_") != NULL);
    CHECK_INT(h.begun, status == 200);
    end(&h, &p);
}

static void test_sizes(void)
{
    maru_http_options o = {.max_head = 1000, .max_headers = 4, .max_target = 100, .max_body = 64};

    test_begin("a head that is too large is 431, whole or without end");
    refused(&o, "GET / HTTP/1.1\r\n" HOST "X-A: ", "0123456789", 80, "\r\n\r\n", 200);
    refused(&o, "GET / HTTP/1.1\r\n" HOST "X-A: ", "0123456789", 100, "\r\n\r\n", 431);
    refused(&o, "GET / HTTP/1.1\r\n" HOST "X-A: ", "0123456789", 200, "", 431);
    refused(&o, "", "\r\n", 600, "", 431);
    test_begin("so are too many headers");
    refused(&o, "GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 3, "\r\n", 200);
    refused(&o, "GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 4, "\r\n", 431);
    test_begin("a target that is too long is 414");
    refused(&o, "GET /", "0123456789", 9, " HTTP/1.1\r\n" HOST "\r\n", 200);
    refused(&o, "GET /", "0123456789", 10, " HTTP/1.1\r\n" HOST "\r\n", 414);
    test_begin("a body that is too large is 413: by its length before it comes, in chunks when it does");
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Content-Length: 64\r\n\r\n", "01234567", 8, "", 200);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Content-Length: 65\r\n\r\n", "", 0, "", 413);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "8\r\n01234567\r\n", 8, "0\r\n\r\n",
            200);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "8\r\n01234567\r\n", 9, "", 413);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n", "0", 65, "", 413);
    test_begin("chunks' lines and trailers are bounded too");
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;", "0123456789", 110, "", 431);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: 23456\r\n", 110, "", 431);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: 23456\r\n", 90, "\r\n", 200);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
            "1;456789012345678901234567890\r\na\r\n", 60, "", 400);
    test_begin("those that come whole are no exception");
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;", "0123456789", 110, "\r\n", 431);
    refused(&o, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: 23456\r\n", 110, "\r\n", 431);
}

static void test_output(void)
{
    maru_http_options o = {.max_output = 100000, .send_ms = 5000};
    httpsim           h;
    simpeer           p;
    int64_t           since;

    test_begin("a client that reads nothing: its next requests wait, and it is given up after the time for sending");
    one(&h, &p, &o);
    p.deaf = true;
    say_many(&p, "GET /big?300000 HTTP/1.1\r\n" HOST "\r\n", 20);
    since = maru_sim_now(h.sim);
    httpsim_pass(&h, SECOND);
    CHECK(h.begun >= 1 && h.begun <= 3);
    httpsim_pass(&h, 20 * SECOND);
    simpeer_listen_up(&p);
    httpsim_pass(&h, SECOND);
    CHECK(p.closed_at != 0 && closed_ms(&p, since) > 5000);
    CHECK(h.begun <= 4);
    end(&h, &p);

    test_begin("one that reads slowly gets all of it");
    one(&h, &p, &o);
    p.deaf = true;
    say_many(&p, "GET /big?300000 HTTP/1.1\r\n" HOST "\r\n", 5);
    httpsim_pass(&h, 2 * SECOND);
    p.deaf = false;
    simpeer_listen_up(&p);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 200), 5);
    CHECK(p.in_size > 5 * 300000);
    end(&h, &p);
}

static void test_connections(void)
{
    maru_http_options o = {.max_connections = 3};
    httpsim           h;
    simpeer           p[4];

    test_begin("above max_connections a further one is closed at once");
    httpsim_start(&h, &o);
    for (int i = 0; i < 4; i++)
        httpsim_dial(&h, &p[i]);
    httpsim_pass(&h, SECOND);
    CHECK_INT((p[0].closed_at != 0) + (p[1].closed_at != 0) + (p[2].closed_at != 0), 0);
    CHECK(p[3].closed_at != 0);
    for (int i = 0; i < 4; i++)
        simpeer_free(&p[i]);
    httpsim_stop(&h);
}

/* Which of them are closed, as "0110". */
static const char *closed_of(const simpeer *p, size_t count, char out[static 12])
{
    for (size_t i = 0; i < count; i++)
        out[i] = p[i].closed_at != 0 ? '1' : '0';
    out[count] = '\0';
    return out;
}

/* One of them does not read, so that its answer stays half sent. */
static void test_makes_room(void)
{
    enum { MOST = 5, PEERS = 10 };
    maru_http_options o = {.max_connections = MOST, .makes_room = true};
    httpsim           h;
    simpeer           p[PEERS];
    char              closed[12];

    httpsim_start(&h, &o);
    test_begin("a server that makes room closes the connection that is idle after an answer for longest");
    for (int i = 0; i < MOST; i++)
        httpsim_dial(&h, &p[i]);
    p[0].deaf = true;
    httpsim_words(&p[0], "GET /big?300000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_words(&p[1], "GET / HTTP/1.1\r\n");
    httpsim_words(&p[3], GET);
    httpsim_pass(&h, SECOND);
    httpsim_words(&p[2], GET);
    httpsim_pass(&h, SECOND);
    httpsim_dial(&h, &p[5]);
    httpsim_words(&p[5], SLEEP);
    httpsim_pass(&h, SECOND);
    CHECK_STR(closed_of(p, 6, closed), "000100");
    test_begin(
        "where none is, the one that came first of those that asked nothing yet; for each of two at once another");
    simpeer_dial(&p[6], h.sim, HTTPSIM_URL);
    httpsim_dial(&h, &p[7]);
    httpsim_words(&p[6], SLEEP);
    httpsim_words(&p[7], SLEEP);
    httpsim_pass(&h, SECOND);
    CHECK_STR(closed_of(p, 8, closed), "01110000");
    httpsim_dial(&h, &p[8]);
    httpsim_words(&p[8], SLEEP);
    httpsim_pass(&h, SECOND);
    CHECK_STR(closed_of(p, 9, closed), "011110000");
    test_begin("and the new one where all wait for their answers, which they get");
    httpsim_dial(&h, &p[9]);
    httpsim_pass(&h, SECOND);
    CHECK_STR(closed_of(p, 10, closed), "0111100001");
    p[0].deaf = false;
    simpeer_listen_up(&p[0]);
    httpsim_pass(&h, 8 * SECOND);
    for (int i = 0; i < PEERS; i++) {
        CHECK_INT(httpsim_count(&p[i], 200), i != 1 && i != 4 && i != 9);
        simpeer_free(&p[i]);
    }
    httpsim_stop(&h);
}

static void test_memory(void)
{
    maru_http_options o = {.max_memory = 4 << 20};
    httpsim           h;
    simpeer           p;

    test_begin(
        "a handler whose memory is out is answered with 503, what it held is given back, and the next is served");
    one(&h, &p, &o);
    httpsim_words(&p, "GET /memory HTTP/1.1\r\n" HOST "\r\n" GET);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 503), 1);
    CHECK_CONTAINS(httpsim_text(&p), "{\"code\":8,");
    CHECK_INT(httpsim_count(&p, 200), 1);
    CHECK_INT(h.released, 2);
    end(&h, &p);
}

/* 768 KiB of a body that does not end make a buffer of 1 MiB, of which 64 KiB do not count. */
static void test_memory_total(void)
{
    enum { FIT = 3, PEERS = 5, PART = 768 << 10 };
    maru_http_options o = {.max_buffer_total = FIT << 20};
    httpsim           h;
    simpeer           p[PEERS];
    char             *part = calloc(1, PART);

    test_begin("connections whose buffers together would be more than max_buffer_total are closed, and others served");
    httpsim_start(&h, &o);
    for (int i = 0; i < PEERS; i++) {
        httpsim_dial(&h, &p[i]);
        httpsim_words(&p[i], "POST /body HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n");
        simpeer_write(&p[i], part, PART);
        httpsim_pass(&h, SECOND);
        CHECK_INT(p[i].closed_at != 0, i >= FIT);
    }
    for (int i = 0; i < PEERS; i++)
        simpeer_free(&p[i]);
    httpsim_pass(&h, SECOND);
    httpsim_dial(&h, &p[0]);
    httpsim_words(&p[0], GET);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p[0], 200), 1);
    end(&h, &p[0]);

    test_begin("a handler that wants more of it is answered with 503");
    o = (maru_http_options){.max_memory_total = 1 << 20};
    one(&h, &p[0], &o);
    httpsim_words(&p[0], "GET /memory HTTP/1.1\r\n" HOST "\r\n");
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p[0], 503), 1);
    end(&h, &p[0]);
    free(part);
}

/* Order. */

static void test_pipelining(void)
{
    httpsim     h;
    simpeer     p;
    char        words[128];
    const char *at;

    test_begin("requests of one connection are answered in order, whatever each takes");
    one(&h, &p, NULL);
    for (int i = 0; i < 200; i++) {
        snprintf(words, sizeof words, "POST /sleep?%d HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\n%04d", 200 - i, i);
        httpsim_words(&p, words);
    }
    httpsim_pass(&h, 60 * SECOND);
    CHECK_INT(httpsim_count(&p, 200), 200);
    at = httpsim_text(&p);
    for (int i = 0; i < 200 && at != NULL; i++) {
        snprintf(words, sizeof words, "{%04d}", i);
        at = strstr(at, words);
        CHECK(at != NULL);
    }
    end(&h, &p);

    test_begin("while one is handled, no more is read than the buffer holds");
    one(&h, &p, NULL);
    httpsim_words(&p, "GET /sleep?30000 HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < 40000; i++)
        httpsim_words(&p, GET);
    httpsim_pass(&h, SECOND);
    CHECK_INT(h.begun, 1);
    CHECK(p.out != NULL); /* the rest waits at the client */
    end(&h, &p);
}

static void test_two_connections(void)
{
    httpsim h;
    simpeer p, q;

    test_begin("a slow request does not hold up those of other connections");
    one(&h, &p, NULL);
    httpsim_dial(&h, &q);
    httpsim_words(&p, "GET /sleep?5000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_pass(&h, MS);
    httpsim_words(&q, GET);
    httpsim_pass(&h, 10 * MS);
    CHECK_INT(httpsim_count(&q, 200), 1);
    CHECK_INT(httpsim_count(&p, 200), 0);
    simpeer_free(&q);
    end(&h, &p);
}

/* HEAD, Expect. */

static void test_head(void)
{
    httpsim h;
    simpeer p;

    test_begin("HEAD is answered with the length and without the body");
    one(&h, &p, NULL);
    httpsim_words(&p, "HEAD /big?1234 HTTP/1.1\r\n" HOST "\r\n" GET);
    httpsim_pass(&h, SECOND);
    CHECK_CONTAINS(httpsim_text(&p), "Content-Length: 1234\r\n");
    CHECK(strstr(httpsim_text(&p), "xxx") == NULL);
    CHECK_CONTAINS(httpsim_text(&p), "\r\n\r\nHTTP/1.1 200 OK");
    end(&h, &p);
}

static void test_continue(void)
{
    httpsim h;
    simpeer p;

    test_begin("Expect: 100-continue is told to go on before its body comes");
    one(&h, &p, NULL);
    httpsim_words(&p, "POST /a HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
    httpsim_pass(&h, SECOND);
    CHECK_STR(httpsim_text(&p), "HTTP/1.1 100 Continue\r\n\r\n");
    httpsim_words(&p, "h");
    httpsim_pass(&h, SECOND);
    httpsim_words(&p, "i");
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 100), 1);
    CHECK_CONTAINS(httpsim_text(&p), "{hi}");
    end(&h, &p);

    test_begin("it is not told so where the body is there, is none, or is refused");
    one(&h, &p, NULL);
    httpsim_words(&p, "POST /a HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
                      "POST /a HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"
                      "POST /a HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 100), 0);
    CHECK_INT(httpsim_count(&p, 200), 2);
    CHECK_INT(httpsim_count(&p, 413), 1);
    end(&h, &p);
}

/* Time. */

static void test_silence(void)
{
    httpsim h;
    simpeer silent, slow, idle;
    int64_t since, last;

    test_begin("a connection that says nothing is closed after the time for a head, without a word");
    httpsim_start(&h, NULL);
    httpsim_dial(&h, &silent);
    since = silent.connected_at;
    httpsim_pass(&h, 30 * SECOND);
    check_about(closed_ms(&silent, since), 10000);
    CHECK_INT(silent.in_size, 0);
    simpeer_free(&silent);

    test_begin("a head that comes a byte a second is answered with 408 after 10 s, however busy it looks");
    httpsim_dial(&h, &slow);
    for (int i = 0; i < 9; i++) {
        simpeer_write(&slow, "GET /aaaaaaaaaa" + i, 1);
        httpsim_pass(&h, SECOND);
    }
    CHECK_INT(slow.in_size, 0);
    httpsim_pass(&h, 2 * SECOND);
    CHECK_INT(httpsim_count(&slow, 408), 1);
    httpsim_pass(&h, 3 * SECOND);
    CHECK(slow.closed_at != 0);
    simpeer_free(&slow);

    test_begin("one that is idle after an answer is closed after 60 s");
    httpsim_dial(&h, &idle);
    httpsim_pass(&h, 5 * SECOND);
    httpsim_words(&idle, GET);
    httpsim_pass(&h, 50 * SECOND);
    httpsim_words(&idle, GET);
    last = maru_sim_now(h.sim);
    httpsim_pass(&h, 59 * SECOND);
    CHECK_INT(closed_ms(&idle, last), -1);
    httpsim_pass(&h, 5 * SECOND);
    check_about(closed_ms(&idle, last), 60000);
    CHECK_INT(httpsim_count(&idle, 200), 2);
    simpeer_free(&idle);
    httpsim_stop(&h);
}

static void test_slow_body(void)
{
    httpsim h;
    simpeer p;

    test_begin("a body that does not end is answered with 408 after 30 s, in chunks too");
    one(&h, &p, NULL);
    httpsim_words(&p, "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 29; i++) {
        httpsim_words(&p, "1\r\na\r\n");
        httpsim_pass(&h, SECOND);
    }
    CHECK_INT(p.in_size, 0);
    httpsim_pass(&h, 2 * SECOND);
    CHECK_INT(httpsim_count(&p, 408), 1);
    CHECK_INT(h.begun, 0);
    end(&h, &p);
}

static void test_lingering(void)
{
    maru_http_options o = {.max_body = 1000};
    httpsim           h;
    simpeer           p;

    test_begin("who is refused may read why: what it sends on is dropped for a while, and not for ever");
    one(&h, &p, &o);
    httpsim_words(&p, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n");
    for (int i = 0; i < 10; i++) {
        say_many(&p, "0123456789", 100);
        httpsim_pass(&h, 100 * MS);
    }
    CHECK_INT(httpsim_count(&p, 413), 1);
    CHECK_INT(p.closed_at, 0);
    httpsim_pass(&h, 2 * SECOND);
    CHECK(p.closed_at != 0);
    end(&h, &p);

    test_begin("who sends on without end is cut off earlier");
    one(&h, &p, &o);
    httpsim_words(&p, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n");
    for (int i = 0; i < 300 && p.closed_at == 0; i++) {
        say_many(&p, "0123456789", 100);
        httpsim_pass(&h, MS);
    }
    CHECK(p.closed_at != 0);
    end(&h, &p);
}

int main(void)
{
    test_sizes();
    test_output();
    test_connections();
    test_makes_room();
    test_memory();
    test_memory_total();
    test_pipelining();
    test_two_connections();
    test_head();
    test_continue();
    test_silence();
    test_slow_body();
    test_lingering();
    return test_end();
}
