/* outages.c: with inventory or payment stopped, browsing, carts, quotes and ordering work, by HTTP too; what was
 * ordered waits, and finishes once the service is back (alive.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "alive.h"
#include "maru/events.h"
#include "test.h"

/* ---- the edge, asked by curl ---- */

typedef struct web {
    shop *shop;
    long  status;
    char  body[1 << 16];
} web;

/* body: JSON of a POST; NULL: a GET. */
static bool ask(web *w, const char *path, const char *body, long status)
{
    char  line[4096];
    char *code;
    proc  p;

    snprintf(line, sizeof line, "curl -sS -m 20 -w '\n%%{http_code}' %s%s%s 'http://%s%s'",
             body != NULL ? "-H 'Content-Type: application/json' -d '" : "", body != NULL ? body : "",
             body != NULL ? "'" : "", w->shop->fleet.http, path);
    p = shop_run(w->shop, line);
    snprintf(w->body, sizeof w->body, "%s", p.text[PROC_OUT]);
    code = strrchr(w->body, '\n');
    w->status = code == NULL ? 0 : atol(code + 1);
    if (w->status != status)
        fprintf(stderr, "%s: %s%s\n", path, w->body, p.text[PROC_ERR]);
    proc_free(&p);
    return CHECK_INT(w->status, status);
}

/* The text of the first "key":"text" of the body; "" where there is none. */
static const char *field(const web *w, const char *key, char text[static 128])
{
    char        name[64];
    const char *at;

    snprintf(name, sizeof name, "\"%s\":\"", key);
    at = strstr(w->body, name);
    text[0] = '\0';
    if (at != NULL)
        snprintf(text, 128, "%.*s", (int)strcspn(at + strlen(name), "\""), at + strlen(name));
    CHECK(at != NULL);
    return text;
}

/* The edge finds a service that came back within its backoff: until then it says that it is down. */
static void tokenize(web *w, char token[static 128])
{
    char line[256], text[ALIVE_TEXT];

    snprintf(line, sizeof line, "curl -sS -m 20 http://%s/healthz", w->shop->fleet.http);
    CHECK(shop_until(w->shop, line, "\"payment\":\"up\"", text, sizeof text));
    if (ask(w, "/v1/cards:tokenize", "{\"number\":\"4242424242424242\",\"expiry\":\"12/49\"}", 200))
        field(w, "token", token);
}

/* Looks around, fills a cart, quotes and orders. */
static void order(web *w, const char *cart, const char *token, char name[static 128])
{
    char path[128], body[512], quote[128];

    ask(w, "/v1/products?pageSize=3", NULL, 200);
    CHECK_CONTAINS(w->body, "\"products/SOAK00\"");
    CHECK_CONTAINS(w->body, "\"products/SOAK02\"");
    ask(w, "/v1/products/SOAK01", NULL, 200);
    snprintf(path, sizeof path, "/v1/carts/%s/items", cart);
    ask(w, path, "{\"product\":\"products/SOAK01\",\"quantity\":\"2\"}", 200);
    snprintf(path, sizeof path, "/v1/carts/%s", cart);
    ask(w, path, NULL, 200);
    CHECK_CONTAINS(w->body, "\"products/SOAK01\"");
    snprintf(path, sizeof path, "/v1/carts/%s:quote", cart);
    ask(w, path, "{}", 200);
    field(w, "name", quote);
    snprintf(body, sizeof body, "{\"requestId\":\"%s\",\"quote\":\"%s\",\"paymentToken\":\"%s\"}", cart, quote, token);
    ask(w, "/v1/orders", body, 200);
    CHECK_CONTAINS(w->body, "\"SUBMITTED\"");
    field(w, "name", name);
}

/* ---- what is stopped ---- */

static void without_inventory(shop *s)
{
    web  w = {.shop = s};
    char token[128] = "", name[128] = "", path[160];

    test_begin("with inventory stopped: browsing, carts, quotes and ordering work, by HTTP");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    tokenize(&w, token);
    order(&w, "no-inventory", token, name);
    ask(&w, "/v1/products/SOAK01/stock", NULL, 503);
    snprintf(path, sizeof path, "/v1/%s", name);
    ask(&w, path, NULL, 200);
    CHECK_CONTAINS(w.body, "\"SUBMITTED\"");
    test_begin("and the order finishes once inventory is back");
    CHECK(fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK(shop_wait(s, name, CHECKOUT__ORDER_STATE__COMPLETED));
}

static void audit_lacks(shop *s, const char *seen, const char *checked)
{
    proc p = shop_run(s, "maru audit");

    CHECK_INT(p.status, 3);
    CHECK_CONTAINS(p.text[PROC_OUT], seen);
    CHECK_CONTAINS(p.text[PROC_OUT], "\nnot checked: ");
    CHECK_CONTAINS(p.text[PROC_OUT], checked);
    CHECK_CONTAINS(p.text[PROC_OUT], "\naudit: INCOMPLETE: what was checked is clean\n");
    proc_free(&p);
}

static void without_payment(shop *s)
{
    web  w = {.shop = s};
    char token[128] = "", name[128] = "", text[ALIVE_TEXT];

    test_begin("with payment stopped: browsing, carts, quotes and ordering work, by HTTP; cards do not");
    tokenize(&w, token);
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT));
    order(&w, "no-payment", token, name);
    ask(&w, "/v1/cards:tokenize", "{\"number\":\"4242424242424242\",\"expiry\":\"12/49\"}", 503);
    CHECK(why_says(s, name, "owed  PaymentAuthorized or PaymentDeclined, by payment, because of StockReserved", text));
    CHECK_CONTAINS(text, "\n  why   payment does not answer: ");
    CHECK_CONTAINS(text, "\n  do    start payment: ");
    test_begin("the audit says that payment does not run, and goes on without it");
    audit_lacks(s, "not seen: payment: does not run on ", "refund-bound, one-currency, ");
    test_begin("and the order finishes once payment is back");
    CHECK(fleet_launch(&s->fleet, SHIP_PAYMENT));
    CHECK(shop_wait(s, name, CHECKOUT__ORDER_STATE__COMPLETED));
}

static void without_provider(shop *s)
{
    web  w = {.shop = s};
    char token[128] = "", name[128] = "", text[ALIVE_TEXT];

    test_begin("with the provider down: payment says that it does not know, and asks on until it does");
    tokenize(&w, token);
    CHECK(shop_provider(s, true));
    order(&w, "no-provider", token, name);
    CHECK(why_says(s, name,
                   "payment has that event: not known: the provider: UNAVAILABLE: it can't be reached, or says", text));
    CHECK_CONTAINS(text, "\n  owed  PaymentAuthorized or PaymentDeclined, by payment, because of StockReserved");
    test_begin("the audit says that it could not see the provider, checks the rest, and calls that incomplete");
    audit_lacks(s, "not seen: provider: provider: it is down", "charge-once, refund-bound, one-currency, ");
    CHECK(shop_provider(s, false));
    CHECK(shop_wait(s, name, CHECKOUT__ORDER_STATE__COMPLETED));
    test_begin("with the provider stopped: what a payment says of it has no address of the house");
    tokenize(&w, token);
    CHECK(fleet_halt(&s->fleet, SHIP_PROVIDER));
    order(&w, "provider-gone", token, name);
    CHECK(why_says(s, name, "payment has that event: not known: the provider: ", text));
    CHECK(strstr(text, "ipc:") == NULL && strstr(text, ".sock") == NULL);
    CHECK(fleet_launch(&s->fleet, SHIP_PROVIDER));
    CHECK(shop_wait(s, name, CHECKOUT__ORDER_STATE__COMPLETED));
}

/* What a full disk is to it: no file of its can grow. */
static bool limit_provider(shop *s, rlim_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

    return CHECK_INT(prlimit(s->fleet.pids[SHIP_PROVIDER], RLIMIT_FSIZE, &limit, NULL), 0);
}

static void with_full_provider(shop *s)
{
    web  w = {.shop = s};
    char token[128] = "", name[128] = "", text[ALIVE_TEXT];

    test_begin("where the provider can't write, why says so, and that somebody must make room");
    tokenize(&w, token);
    if (!limit_provider(s, 0))
        return;
    order(&w, "provider-full", token, name);
    CHECK(why_says(s, name,
                   "payment has that event: not known: the provider: RESOURCE_EXHAUSTED: it can't write: the file has "
                   "reached the largest size allowed (it was asked to do it)\n  do    make room for the provider's "
                   "store",
                   text));
    CHECK(strstr(text, "ipc:") == NULL && strstr(text, "wait:") == NULL);
    test_begin("and then it goes on by itself");
    limit_provider(s, RLIM_INFINITY);
    CHECK(shop_wait(s, name, CHECKOUT__ORDER_STATE__COMPLETED));
}

/* ---- for too long ---- */

/* The order's 30 s are over at once: what its timer was set for is set anew, for a time that is past. */
static maru_status end_its_time(maru_txn *txn, void *arg)
{
    Checkout__OrderPointer pointer = CHECKOUT__ORDER_POINTER__INIT;

    pointer.order = arg;
    return maru_timer_set(txn, "stock-answer", pointer.order, 1, &pointer.base);
}

static void without_inventory_for_long(shop *s)
{
    char        text[ALIVE_TEXT], line[256];
    const char *name;
    proc        p;

    test_begin("with inventory stopped for more than 30 s: what was ordered is cancelled, by STOCK_TIME_OUT");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    name = shop_buy(s, (plan){.cancel_ms = -1, .leaves = true});
    CHECK(fleet_halt(&s->fleet, SHIP_CHECKOUT) && shop_change(s, SHIP_CHECKOUT, NULL, end_its_time, (void *)name) &&
          fleet_launch(&s->fleet, SHIP_CHECKOUT));
    CHECK(shop_wait(s, name, CHECKOUT__ORDER_STATE__CANCELLED));
    snprintf(line, sizeof line, "maru call checkout shop.checkout.v1.CheckoutService/GetOrder -d '{\"name\":\"%s\"}'",
             name);
    CHECK(shop_until(s, line, "\"STOCK_TIME_OUT\"", text, sizeof text));
    test_begin("and once inventory is back, all of it agrees");
    CHECK(fleet_launch(&s->fleet, SHIP_INVENTORY));
    p = shop_run(s, "maru audit --wait 20s");
    CHECK_INT(p.status, 0);
    CHECK_CONTAINS(p.text[PROC_OUT], "\naudit: clean\n");
    proc_free(&p);
}

void outages(shop *s)
{
    without_inventory(s);
    without_payment(s);
    without_provider(s);
    with_full_provider(s);
    without_inventory_for_long(s);
}
