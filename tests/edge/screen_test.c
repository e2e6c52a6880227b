/* screen_test.c: a client that waits before it sends its body (Expect: 100-continue), and a server that looks at the
 * head before it tells it to go on. On virtual time.
 */
#include "test.h"

#include <stdint.h>

#include "httpsim.h"

#define HEAD(path) "POST " path " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
#define ASKS(path) HEAD(path) "Content-Length: 2\r\n\r\n"
#define GET        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
#define GO_ON      "HTTP/1.1 100 Continue\r\n\r\n"

static void one(httpsim *h, simpeer *p)
{
    maru_http_options o = {.screen = httpsim_screen};

    httpsim_start(h, &o);
    httpsim_dial(h, p);
}

static void end(httpsim *h, simpeer *p)
{
    simpeer_free(p);
    httpsim_stop(h);
}

static void test_taken(void)
{
    httpsim h;
    simpeer p;

    test_begin("one that may is told to go on, and the handler gets the whole request");
    one(&h, &p);
    httpsim_words(&p, ASKS("/a"));
    httpsim_pass(&h, SECOND);
    CHECK_STR(httpsim_text(&p), GO_ON);
    CHECK_INT(h.follows, 2);
    CHECK_INT(h.begun, 0);
    CHECK_INT(h.released, 1);
    httpsim_words(&p, "hi" GET);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 100), 1);
    CHECK_INT(httpsim_count(&p, 200), 2);
    CHECK_CONTAINS(httpsim_text(&p), "{hi}");
    CHECK_INT(h.screened, 1);

    test_begin("so is the next one on that connection, in chunks of which nobody knows how many");
    httpsim_words(&p, HEAD("/b") "Transfer-Encoding: chunked\r\n\r\n");
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 100), 2);
    CHECK(h.follows == SIZE_MAX);
    httpsim_words(&p, "2\r\nho\r\n0\r\n\r\n");
    httpsim_pass(&h, SECOND);
    CHECK_CONTAINS(httpsim_text(&p), "{ho}");
    end(&h, &p);

    test_begin("one whose body came while it was looked at is not told what it knows");
    one(&h, &p);
    httpsim_words(&p, ASKS("/a?500"));
    httpsim_pass(&h, 100 * MS);
    httpsim_words(&p, "h");
    httpsim_pass(&h, 100 * MS);
    CHECK_STR(httpsim_text(&p), "");
    httpsim_pass(&h, SECOND);
    httpsim_words(&p, "i");
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 100), 0);
    CHECK_CONTAINS(httpsim_text(&p), "{hi}");
    CHECK_INT(h.screened, 1);
    end(&h, &p);

    test_begin("its body has its time from there on");
    one(&h, &p);
    httpsim_words(&p, ASKS("/a?5000"));
    httpsim_pass(&h, 34 * SECOND);
    CHECK_INT(httpsim_count(&p, 408), 0);
    httpsim_pass(&h, 2 * SECOND);
    CHECK_INT(httpsim_count(&p, 408), 1);
    end(&h, &p);
}

static void test_refused(void)
{
    httpsim h;
    simpeer p;

    test_begin("one that may not has its answer at once, instead, and its connection ends");
    one(&h, &p);
    httpsim_words(&p, ASKS("/no"));
    httpsim_pass(&h, MS);
    CHECK_INT(httpsim_count(&p, 404), 1);
    CHECK_INT(httpsim_count(&p, 100), 0);
    CHECK_CONTAINS(httpsim_text(&p), "Connection: close\r\n");
    CHECK_INT(h.released, 1);
    test_begin("what it sends in spite of that is no request");
    httpsim_words(&p, "hi" GET);
    httpsim_pass(&h, SECOND);
    CHECK_INT(h.begun, 0);
    CHECK_INT(p.closed_at, 0);
    httpsim_pass(&h, 2 * SECOND);
    CHECK(p.closed_at != 0);
    CHECK_INT(httpsim_count(&p, 404), 1);
    end(&h, &p);

    test_begin("nor is what it had sent while it was looked at, behind another request");
    one(&h, &p);
    httpsim_words(&p, GET ASKS("/no?500"));
    httpsim_pass(&h, 100 * MS);
    httpsim_words(&p, "hi" GET);
    httpsim_pass(&h, 3 * SECOND);
    CHECK_INT(h.begun, 1);
    CHECK_INT(httpsim_count(&p, 200), 1);
    CHECK_INT(httpsim_count(&p, 404), 1);
    CHECK(p.closed_at != 0);
    end(&h, &p);

    test_begin("memory that is out is 503");
    one(&h, &p);
    httpsim_words(&p, ASKS("/nomemory"));
    httpsim_pass(&h, MS);
    CHECK_INT(httpsim_count(&p, 503), 1);
    CHECK_INT(httpsim_count(&p, 100), 0);
    CHECK_INT(h.released, 1);
    end(&h, &p);
}

static void say_body(void *peer)
{
    httpsim_words(peer, "hi");
}

static void test_gone(void)
{
    httpsim h;
    simpeer p;

    test_begin("a client that goes meanwhile leaves nothing");
    one(&h, &p);
    httpsim_words(&p, ASKS("/a?30000"));
    httpsim_pass(&h, SECOND);
    simpeer_reset(&p);
    httpsim_pass(&h, SECOND);
    CHECK_INT(h.screened, 1);
    CHECK_INT(h.released, 1);
    CHECK_INT(h.begun, 0);
    end(&h, &p);

    test_begin("one that says no more meanwhile is told that its request was not whole");
    one(&h, &p);
    httpsim_words(&p, ASKS("/a?500"));
    httpsim_pass(&h, 100 * MS);
    simpeer_shut(&p);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 400), 1);
    CHECK_INT(h.released, 1);
    CHECK_INT(h.begun, 0);
    end(&h, &p);

    test_begin("a server that stops tells it to go on, and waits for it, as for every request whose head has come");
    one(&h, &p);
    httpsim_words(&p, ASKS("/a?500"));
    httpsim_pass(&h, 100 * MS);
    maru_sim_at(h.sim, maru_sim_now(h.sim) + SECOND, say_body, &p);
    CHECK(maru_http_drain(h.server));
    CHECK_INT(httpsim_count(&p, 100), 1);
    CHECK_INT(httpsim_count(&p, 200), 1);
    end(&h, &p);
}

int main(void)
{
    test_taken();
    test_refused();
    test_gone();
    return test_end();
}
