/* ending_test.c: how connections of HTTP end: by the client, of whom half or all is gone, and by the server that stops.
 * On virtual time.
 */
#include "test.h"

#include "httpsim.h"

#define HOST "Host: x\r\n"
#define GET  "GET /a HTTP/1.1\r\n" HOST "\r\n"

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

static void test_gone(void)
{
    maru_http_options o = {.call_ms = 5000};
    httpsim           h;
    simpeer           p;

    test_begin("where the client's connection is reset, its handler is cancelled");
    one(&h, &p, NULL);
    httpsim_words(&p, "GET /sleep?30000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_pass(&h, SECOND);
    CHECK_INT(h.begun, 1);
    simpeer_reset(&p);
    httpsim_pass(&h, 10 * MS);
    CHECK_INT(h.cancelled, 1);
    CHECK_INT(h.ended, 1);
    end(&h, &p);

    test_begin("one whose end looks like that of a client that only says no more is not, until writing tells");
    one(&h, &p, NULL);
    httpsim_words(&p, "GET /sleep?3000 HTTP/1.1\r\n" HOST "\r\n"
                      "GET /sleep?30000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_pass(&h, SECOND);
    simpeer_close(&p);
    httpsim_pass(&h, SECOND);
    CHECK_INT(h.ended, 0);
    httpsim_pass(&h, 2 * SECOND);
    CHECK_INT(h.ended, 2);
    CHECK_INT(h.cancelled, 1);
    end(&h, &p);

    test_begin("a handler has the server's time and no more");
    one(&h, &p, &o);
    httpsim_words(&p, "GET /sleep?30000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_pass(&h, 4900 * MS);
    CHECK_INT(h.ended, 0);
    httpsim_pass(&h, 200 * MS);
    CHECK_INT(h.ended, 1);
    end(&h, &p);
}

/* The client says words, and then no more. */
static void shut_after(httpsim *h, simpeer *p, const char *words)
{
    one(h, p, NULL);
    httpsim_words(p, words);
    httpsim_pass(h, MS);
    simpeer_shut(p);
    httpsim_pass(h, SECOND);
}

static void test_half_closed(void)
{
    static const char *const parts[] = {"GET /a HT", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhal",
                                        "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhal"};
    httpsim                  h;
    simpeer                  p;

    test_begin("a client that says no more after its requests gets all answers, and the last ends the connection");
    shut_after(&h, &p, "GET /sleep?500 HTTP/1.1\r\n" HOST "\r\n" GET GET);
    CHECK_INT(httpsim_count(&p, 200), 3);
    CHECK_INT(h.cancelled, 0);
    CHECK(p.closed_at != 0 && strstr(httpsim_text(&p), "Connection: close") != NULL);
    CHECK_CONTAINS(strstr(httpsim_text(&p), "Connection: close"), "GET /a");
    end(&h, &p);

    test_begin("so does one whose answers are longer than what may wait unsent");
    shut_after(&h, &p, "GET /big?3000000 HTTP/1.1\r\n" HOST "\r\n" GET "\r\n");
    CHECK_INT(httpsim_count(&p, 200), 2);
    CHECK(p.in_size > 3000000);
    CHECK(p.closed_at != 0);
    end(&h, &p);

    test_begin("one that says nothing, or nothing more after an answer, is closed without a word");
    shut_after(&h, &p, "");
    CHECK_INT(p.in_size, 0);
    CHECK(p.closed_at != 0);
    end(&h, &p);
    shut_after(&h, &p, GET "\r\n");
    CHECK_INT(httpsim_count(&p, 200), 1);
    CHECK_INT(httpsim_count(&p, 400), 0);
    CHECK(p.closed_at != 0);
    end(&h, &p);

    test_begin("one whose request is not whole is told so");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        shut_after(&h, &p, parts[i]);
        CHECK_INT(httpsim_count(&p, 400), 1);
        CHECK_CONTAINS(httpsim_text(&p), "the request ended before all of it had come");
        CHECK_INT(h.begun, 0);
        CHECK(p.closed_at != 0);
        end(&h, &p);
    }
}

/* Stopping. */

static void test_drain(void)
{
    httpsim h;
    simpeer idle, busy, half;
    int64_t since;

    test_begin("a drain closes what is idle, answers what has begun with Connection: close, and takes nothing new");
    httpsim_start(&h, NULL);
    httpsim_dial(&h, &idle);
    httpsim_dial(&h, &busy);
    httpsim_dial(&h, &half);
    httpsim_words(&idle, GET);
    httpsim_words(&busy, "GET /sleep?3000 HTTP/1.1\r\n" HOST "\r\n" GET);
    httpsim_words(&half, "GET /half HTTP/1.1\r\n");
    since = maru_sim_now(h.sim);
    httpsim_pass(&h, SECOND);
    simpeer_write(&half, HOST "\r\n", strlen(HOST "\r\n"));
    CHECK(maru_http_drain(h.server));
    CHECK(maru_http_url(h.server, 0) == NULL);
    httpsim_pass(&h, 10 * MS);
    CHECK_INT(httpsim_count(&idle, 200), 1);
    CHECK_INT(httpsim_count(&busy, 200), 1);
    CHECK_CONTAINS(httpsim_text(&busy), "Connection: close");
    CHECK_CONTAINS(httpsim_text(&half), "GET /half");
    CHECK_CONTAINS(httpsim_text(&half), "Connection: close");
    CHECK(idle.closed_at != 0 && busy.closed_at != 0 && half.closed_at != 0);
    CHECK(busy.closed_at - since >= 5 * SECOND); /* time to read it, whatever it had sent meanwhile */
    simpeer_free(&idle);
    simpeer_free(&busy);
    simpeer_free(&half);
    httpsim_stop(&h);

    test_begin("a handler that takes longer than drain_ms is cut off");
    one(&h, &busy, &(maru_http_options){.drain_ms = 1000});
    httpsim_words(&busy, "GET /sleep?20000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_pass(&h, SECOND);
    CHECK(!maru_http_drain(h.server));
    end(&h, &busy);
    CHECK_INT(h.cancelled, 1);
}

/* How long a stop takes, in ms, that begins when the client has said words. */
static int64_t drain_after(httpsim *h, simpeer *p, const char *words)
{
    int64_t since;

    one(h, p, NULL);
    httpsim_words(p, words);
    httpsim_pass(h, 20 * MS);
    since = maru_sim_now(h->sim);
    CHECK(maru_http_drain(h->server));
    return (maru_sim_now(h->sim) - since) / MS;
}

static void check_between(int64_t got_ms, int64_t least_ms, int64_t most_ms)
{
    if (!CHECK(got_ms >= least_ms && got_ms <= most_ms))
        fprintf(stderr, "got %lld ms, want %lld to %lld\n", (long long)got_ms, (long long)least_ms, (long long)most_ms);
}

static void test_drain_of_heads(void)
{
    static const char *const halves[] = {"G", "GET /a HTTP/1.1\r\nHo", "\r\n\r\nGET /a HTTP/1.1\r\n" HOST,
                                         GET "GET /b"};
    static const char *const blanks[] = {"", "\r\n", GET, GET "\r\n\r\n"};
    httpsim                  h;
    simpeer                  p;

    test_begin("a client that has begun a head does not hold up a stop: after a second it is told so, and closed");
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        check_between(drain_after(&h, &p, halves[i]), 1000, 3100); /* 2 s of them to read the answer in */
        CHECK_INT(httpsim_count(&p, 408), 1);
        CHECK_CONTAINS(httpsim_text(&p), "the server is stopping, and had not got the whole head of the request");
        CHECK_INT(h.begun, i == 3);
        httpsim_pass(&h, 10 * MS);
        CHECK(p.closed_at != 0);
        end(&h, &p);
    }

    test_begin("one that has said nothing, or empty lines, is closed at once, without a word");
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        check_between(drain_after(&h, &p, blanks[i]), 0, 20);
        CHECK_INT(httpsim_count(&p, 408), 0);
        end(&h, &p);
    }

    test_begin("a request whose head has come is waited for: its body, and what its handler does");
    one(&h, &p, NULL);
    httpsim_words(&p, "POST /sleep?4000 HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhal");
    httpsim_pass(&h, 20 * MS);
    httpsim_words(&p, "f.");
    CHECK(maru_http_drain(h.server));
    CHECK_INT(httpsim_count(&p, 200), 1);
    CHECK_INT(h.cancelled, 0);
    end(&h, &p);
}

/* A client that reads nothing of a long answer, and has said more behind its request; it reads when the stop begins.
 * How long that takes, in ms. */
static int64_t drain_of_full(httpsim *h, simpeer *p, const char *more)
{
    maru_http_options o = {.max_output = 100000};
    int64_t           since;

    one(h, p, &o);
    p->deaf = true;
    httpsim_words(p, "GET /big?300000 HTTP/1.1\r\n" HOST "\r\n");
    httpsim_words(p, more);
    httpsim_pass(h, SECOND);
    since = maru_sim_now(h->sim);
    p->deaf = false;
    simpeer_listen_up(p);
    CHECK(maru_http_drain(h->server));
    CHECK(p->in_size > 300000);
    return (maru_sim_now(h->sim) - since) / MS;
}

static void test_drain_of_the_full(void)
{
    httpsim h;
    simpeer p;

    test_begin("a client that reads its long answer while the server stops gets it whole, and holds up nothing then");
    check_between(drain_of_full(&h, &p, ""), 0, 2500);
    end(&h, &p);

    test_begin("what it has begun behind that has its second too, and what it has said whole is answered");
    check_between(drain_of_full(&h, &p, "GET /b"), 1000, 3500);
    CHECK_INT(httpsim_count(&p, 408), 1);
    end(&h, &p);
    check_between(drain_of_full(&h, &p, GET), 0, 2500);
    CHECK_INT(httpsim_count(&p, 200), 2);
    end(&h, &p);
}

int main(void)
{
    test_gone();
    test_half_closed();
    test_drain();
    test_drain_of_heads();
    test_drain_of_the_full();
    return test_end();
}
