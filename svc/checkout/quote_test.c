/* quote_test.c: what a cart costs, over real calls. */
#include "testing.h"

static void test_quote(struct shop *shop)
{
    Checkout__Quote *made, *again;
    int64_t          now;

    begin(shop, "a quote has the cart's lines, at today's titles and prices of the catalogue, with the tax in them");
    if (!CHECK_INT(quote(shop, "carts/minji", "", &made), MARU_OK))
        return;
    CHECK_STR(made->cart, "carts/minji");
    CHECK_STR(made->cart_etag, "round-0");
    CHECK_INT(made->n_lines, 2);
    CHECK_STR(made->lines[0]->product, "products/tea");
    CHECK_STR(made->lines[0]->title, "TEA");
    CHECK_INT(made->lines[0]->quantity, 2);
    CHECK_INT(made->lines[0]->price->minor, 4500);
    CHECK_INT(made->lines[0]->total->minor, 9000);
    CHECK_STR(made->lines[1]->product, "products/cup");
    CHECK_INT(made->total->minor, 18000);
    CHECK_STR(made->total->currency, "KRW");
    CHECK_INT(made->tax->minor, 1636);
    CHECK_STR(made->tax->currency, "KRW");
    CHECK_INT(strlen(made->name), strlen("quotes/") + 32);
    now = maru_call_wall_clock(shop->checkout.call) / 1000000000;
    CHECK(made->expire_time->seconds > now + 14 * 60 && made->expire_time->seconds <= now + 15 * 60);
    begin(shop, "the next one has another name; a repeat of a call gets the same quote");
    CHECK_INT(quote(shop, "carts/minji", "round-0", &again), MARU_OK);
    maru_call_set_request_id(shop->checkout.call, "once");
    CHECK_INT(quote(shop, "carts/minji", "", &made), MARU_OK);
    CHECK(strcmp(made->name, again->name) != 0);
    CHECK_INT(quote(shop, "carts/minji", "", &again), MARU_OK);
    CHECK_STR(again->name, made->name);
}

static void test_errors(struct shop *shop)
{
    Checkout__Quote *made;

    begin(shop, "what is wrong is refused in words");
    refused(shop, quote(shop, "minji", "", &made), MARU_INVALID_ARGUMENT, "cart: want carts/ and 1..64");
    CHECK_INT(shop->cart.asked, 0);
    refused(shop, quote(shop, "carts/empty", "", &made), MARU_FAILED_PRECONDITION, "carts/empty: nothing is in it");
    refused(shop, quote(shop, "carts/minji", "round-1", &made), MARU_ABORTED,
            "carts/minji: cart_etag: want the cart's, \"round-0\", got \"round-1\"");
    begin(shop, "a product that is sold no longer, or has no price, is named");
    refused(shop, quote(shop, "carts/gone", "", &made), MARU_FAILED_PRECONDITION,
            "lines: products/gone is sold no longer");
    refused(shop, quote(shop, "carts/free", "", &made), MARU_FAILED_PRECONDITION, "products/free has no price");
    begin(shop, "currencies are not mixed, and money does not wrap");
    refused(shop, quote(shop, "carts/mixed", "", &made), MARU_FAILED_PRECONDITION, "got GBP for products/mug");
    refused(shop, quote(shop, "carts/rich", "", &made), MARU_OUT_OF_RANGE,
            "total: 1000000 of products/gold-9 make it more than 64 bits hold");
}

/* A hundred megabytes of products: more than the memory of a call holds at once. */
static void test_thousand(struct shop *shop)
{
    Checkout__Quote *made;
    char             title[TITLE_BYTES + 1];
    int              wrong = 0;

    begin(shop, "a thousand lines of large products are asked for in parts, and each line has its own");
    maru_call_end(shop->checkout.call);
    shop->checkout.call = maru_call_begin(shop->checkout.s.runtime, 60000); /* under a sanitizer, beside others */
    if (!CHECK_INT(quote(shop, "carts/large-1000", "", &made), MARU_OK)) {
        fprintf(stderr, "%s\n", maru_call_message(shop->checkout.call));
        return;
    }
    CHECK_INT(made->n_lines, 1000);
    memset(title, 'T', TITLE_BYTES);
    title[TITLE_BYTES] = '\0';
    for (int i = 0; i < 1000; i++) {
        char name[32];

        snprintf(name, sizeof name, "products/large-%d", i);
        wrong += strcmp(made->lines[i]->product, name) != 0 || strcmp(made->lines[i]->title, title) != 0 ||
                 made->lines[i]->quantity != i + 1 || made->lines[i]->total->minor != 3 * (i + 1);
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(made->total->minor, 3 * 500500);
    CHECK_INT(made->tax->minor, 250250); /* 250250 exactly: a sixth */
    CHECK_INT(shop->catalog.most, 16);
    CHECK_INT(shop->catalog.asked, 63);
}

/* On a busy machine an answer may take longer than it should, once or twice. */
enum { TRIES = 3 };

static void refused_soon(struct shop *shop, const char *words)
{
    Checkout__Quote *made;
    maru_status      status = MARU_OK;
    int64_t          before, took = INT64_MAX;
    bool             heard = false;

    for (int i = 0; i < TRIES && !(took < 5000 && heard); i++) {
        before = maru_call_left_ms(shop->checkout.call);
        status = quote(shop, "carts/minji", "", &made);
        took = before - maru_call_left_ms(shop->checkout.call);
        heard = strstr(maru_call_message(shop->checkout.call), words) != NULL;
    }
    refused(shop, status, MARU_UNAVAILABLE, words);
    CHECK(took < 5000);
}

static void test_alone(struct shop *shop)
{
    begin(shop, "without a catalogue there is no quote, and the caller hears it in time");
    serving_stop(&shop->catalog_s);
    refused_soon(shop, "the catalogue did not answer");
    begin(shop, "nor without a cart service");
    serving_stop(&shop->cart_s);
    refused_soon(shop, "the cart service did not answer");
}

static void test_hurried(struct shop *shop)
{
    Checkout__Quote *made;
    maru_status      status = MARU_DEADLINE_EXCEEDED;

    begin(shop, "a caller with less time than an answer may take hears who did not answer, not only that it is over");
    serving_stop(&shop->cart_s);
    for (int i = 0; i < TRIES && status == MARU_DEADLINE_EXCEEDED; i++) {
        maru_call_end(shop->checkout.call);
        shop->checkout.call = maru_call_begin(shop->checkout.s.runtime, 3000);
        status = quote(shop, "carts/minji", "", &made);
    }
    refused(shop, status, MARU_UNAVAILABLE, "the cart service did not answer");
}

int main(void)
{
    run(test_quote, false);
    run(test_errors, false);
    run_within(test_thousand, false, 60000);
    run_within(test_alone, false, CHECKOUT_ANSWER_MS);
    run(test_hurried, false);
    return test_end();
}
