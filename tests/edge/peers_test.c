/* peers_test.c: what the edge knows of the services behind it: one that does not say what it serves is asked again
 * until it does, and meanwhile whoever asks for its paths is told so. On virtual time. */
#include "edgesim.h"

/* What /healthz says of the service. */
static void check_health(edgesim *w, int status, const char *state)
{
    CHECK_INT(edgesim_ask(w, GET("/healthz"), MS), status);
    CHECK_CONTAINS(w->body, state);
}

static void check_silent(edgesim *w)
{
    check_health(w, 503, "{\"ready\":false,\"degraded\":true,\"services\":{\"shop\":\"does not say what it serves\"}}");
    CHECK_INT(edgesim_ask(w, GET("/v1/carts/a"), MS), 503);
    CHECK_CONTAINS(w->body, "\"/v1/carts/a: no such path yet: still asked what they serve: shop\"");
    CHECK_CONTAINS(w->head, "Retry-After: 1");
}

static void check_known(edgesim *w)
{
    check_health(w, 200, "{\"ready\":true,\"degraded\":false,\"services\":{\"shop\":\"up\"}}");
    CHECK_INT(edgesim_ask(w, GET("/v1/carts/a"), MS), 200);
    CHECK_INT(edgesim_ask(w, GET("/v1/none"), MS), 404);
}

/* Asked at 0 s, and 1, 2, 4, 8 and 10 s after: at 1, 3, 7, 15 and 25 s. */
static void test_busy(const char *sentence, const char *cart, int64_t silent_until, int64_t known_at)
{
    edgesim w;
    int64_t began;

    test_begin(sentence);
    edgesim_start(&w, 0);
    edgesim_shop(&w, false, 1);
    edgesim_pass(&w, MS);
    edgesim_fill(&w, cart);
    edgesim_pass(&w, MS);
    began = maru_sim_now(w.sim);
    edgesim_open(&w);
    edgesim_pass(&w, 10 * MS);
    check_silent(&w);
    maru_sim_run(w.sim, began + silent_until);
    check_silent(&w);
    maru_sim_run(w.sim, began + known_at);
    check_known(&w);
    edgesim_close(&w);
    edgesim_shop_end(&w);
    edgesim_stop(&w);
}

/* With 100 ms between them: the call that keeps the service busy comes behind the edge's hello, and before its
 * question, which gets no answer in its 10 s. */
static void test_hang(void)
{
    edgesim w;

    test_begin("a service that did not answer the first question in time is asked again");
    edgesim_start(&w, 100 * MS);
    edgesim_shop(&w, false, 0);
    edgesim_pass(&w, SECOND);
    edgesim_open(&w);
    edgesim_pass(&w, 110 * MS);
    edgesim_fill(&w, "carts/spend-15000");
    edgesim_pass(&w, 290 * MS);
    while (w.filling != NULL && maru_sim_step(w.sim))
        continue;
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/a"), 500 * MS), 503);
    CHECK_CONTAINS(w.body, "still asked what they serve: shop");
    edgesim_pass(&w, 5 * SECOND);
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/a"), SECOND), 200);
    edgesim_close(&w);
    edgesim_shop_end(&w);
    edgesim_stop(&w);
}

static void test_another(void)
{
    edgesim w;

    test_begin(
        "while a service that came back as another does not say what it serves, its paths, old and new, are 503");
    edgesim_start(&w, 0);
    edgesim_shop(&w, false, 0);
    edgesim_open(&w);
    edgesim_pass(&w, SECOND);
    check_known(&w);
    edgesim_shop_end(&w);
    check_health(&w, 200, "{\"ready\":true,\"degraded\":true,\"services\":{\"shop\":\"down\"}}");
    edgesim_shop(&w, true, 1);
    edgesim_fill(&w, "products/sleep-4000");
    edgesim_pass(&w, 2 * SECOND);
    check_health(&w, 200, "{\"ready\":true,\"degraded\":true,\"services\":{\"shop\":\"does not say what it serves\"}}");
    CHECK_INT(edgesim_ask(&w, GET("/v1/products/tea"), MS), 503);
    CHECK_CONTAINS(w.body, "\"/v1/products/tea: no such path yet: still asked what they serve: shop\"");
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/a"), MS), 503);
    CHECK_CONTAINS(w.body, "\"message\":\"shop: what it serves now is not known yet\"");
    CHECK_CONTAINS(w.head, "Retry-After: 1");
    edgesim_pass(&w, 8 * SECOND);
    check_health(&w, 200, "{\"ready\":true,\"degraded\":false,\"services\":{\"shop\":\"up\"}}");
    CHECK_INT(edgesim_ask(&w, GET("/v1/products/tea"), MS), 200);
    CHECK_INT(edgesim_ask(&w, GET("/v1/carts/a"), MS), 404);
    edgesim_close(&w);
    edgesim_shop_end(&w);
    edgesim_stop(&w);
}

static void test_under_way(void)
{
    edgesim w;
    simpeer p;

    test_begin("a request that finds the routes of before while the edge asks is 503, and no word of what a service "
               "has inside");
    edgesim_start(&w, 0);
    edgesim_shop(&w, false, 0);
    edgesim_open(&w);
    edgesim_pass(&w, SECOND);
    check_known(&w);
    edgesim_shop_end(&w);
    edgesim_shop(&w, true, 0);
    while (!w.edge->peers[0].connected && maru_sim_step(w.sim))
        continue;
    simpeer_dial(&p, w.sim, HTTPSIM_URL);
    httpsim_words(&p, GET("/v1/carts/a"));
    edgesim_pass(&w, SECOND);
    CHECK(w.edge->peers[0].told);
    CHECK_INT(edgesim_take(&w, &p), 503);
    CHECK_CONTAINS(w.body, "\"message\":\"shop: what it serves now is not known yet\"");
    simpeer_free(&p);
    edgesim_close(&w);
    edgesim_shop_end(&w);
    edgesim_stop(&w);
}

static void test_stop(void)
{
    edgesim w;

    test_begin("an edge stops at once while it waits to ask again, and while it asks");
    edgesim_start(&w, 0);
    edgesim_shop(&w, false, 1);
    edgesim_pass(&w, MS);
    edgesim_fill(&w, "carts/sleep-60000");
    edgesim_open(&w);
    edgesim_pass(&w, 10 * SECOND);
    for (int asking = 0; asking < 2; asking++) {
        int64_t began = maru_sim_now(w.sim);

        edgesim_close(&w);
        CHECK(maru_sim_now(w.sim) - began < 100 * MS);
        edgesim_open(&w);
        while (w.edge->peers[0].fresh == NULL && maru_sim_step(w.sim))
            continue;
    }
    edgesim_close(&w);
    edgesim_shop_end(&w);
    edgesim_stop(&w);
}

int main(void)
{
    test_busy("a service that refused the first question is asked again a second later", "carts/sleep-900", 950 * MS,
              1050 * MS);
    test_busy("one that goes on refusing is asked again after waits that grow, up to 10 s", "carts/sleep-15500",
              24900 * MS, 25100 * MS);
    test_hang();
    test_another();
    test_under_way();
    test_stop();
    return test_end();
}
