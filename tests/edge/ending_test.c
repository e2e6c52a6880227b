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

int main(void)
{
    test_gone();
    test_half_closed();
    test_drain();
    return test_end();
}
