/* events_cli.c: maru events over real processes: a log as people read it, who is behind, and dead letters (alive.h). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alive.h"
#include "test.h"

/* Runs it: its status, and its output in text. */
static int run(shop *s, char text[static ALIVE_TEXT], const char *format, const char *word)
{
    char line[512];
    proc p;
    int  status;

    snprintf(line, sizeof line, format, word);
    p = shop_run(s, line);
    snprintf(text, ALIVE_TEXT, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    status = p.status;
    proc_free(&p);
    return status;
}

static int count_lines(const char *text)
{
    int lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* ---- tail ---- */

static void tail_aggregate(shop *s, const char *order)
{
    char text[ALIVE_TEXT], part[256];

    test_begin("tail --aggregate: the events about one, in their order, with what they say as JSON");
    CHECK_INT(run(s, text, "maru events tail checkout --aggregate %s", order), 0);
    CHECK_INT(count_lines(text), 3);
    snprintf(part, sizeof part, "Z %s v1 OrderSubmitted <- call /shop.checkout.v1.CheckoutService/PlaceOrder", order);
    CHECK_CONTAINS(text, part);
    snprintf(part, sizeof part, "{\"order\":\"%s\",\"lines\":[{\"product\":\"products/", order);
    CHECK_CONTAINS(text, part);
    CHECK_CONTAINS(text, ",\"paymentToken\":\"(secret)\",");
    CHECK(strstr(text, "tok_") == NULL);
    snprintf(part, sizeof part, "Z %s v2 OrderConfirmed <- ", order);
    CHECK_CONTAINS(text, part);
    snprintf(part, sizeof part, "Z %s v3 OrderCompleted <- shipping-", order);
    CHECK_CONTAINS(text, part);
    CHECK_INT(run(s, text, "maru events tail checkout --after 2 --aggregate %s", order), 0);
    CHECK_INT(count_lines(text), 1);
    CHECK_CONTAINS(text, " v3 OrderCompleted ");
    test_begin("tail --aggregate of what has no events says so, as it may be mistyped; that is no error");
    CHECK_INT(run(s, text, "maru events tail checkout --aggregate %s", "orders/none"), 0);
    CHECK_STR(text, "maru events: checkout has no event about orders/none\n");
    CHECK_INT(run(s, text, "maru events tail checkout --after 3 --aggregate %s", order), 0);
    snprintf(part, sizeof part, "maru events: checkout has no event about %s behind version 3\n", order);
    CHECK_STR(text, part);
}

static void secrets(shop *s)
{
    char text[ALIVE_TEXT];

    test_begin("what is secret is said to be so by describe, and is told to whoever calls for it");
    CHECK_INT(run(s, text, "maru describe checkout shop.checkout.v1.%s", "OrderSubmitted"), 0);
    CHECK_CONTAINS(text, "string payment_token = 5 [(maru.secret) = true];");
    CHECK_INT(run(s, text,
                  "maru call payment shop.payment.v1.PaymentService/TokenizeCard -d '{\"number\": \"%s\", \"expiry\": "
                  "\"12/39\"}'",
                  "4242424242424242"),
              0);
    CHECK_CONTAINS(text, "\"token\": \"tok_");
}

static void tail_log(shop *s, const char *order)
{
    char text[ALIVE_TEXT], number[32], line[128];
    long last;

    test_begin("tail: the whole log, or what comes after a sequence");
    /* Its last word of an order that may have been COMPLETED before. */
    snprintf(line, sizeof line, "maru events tail inventory --aggregate %s", order);
    CHECK(shop_until(s, line, " StockShipped ", text, sizeof text));
    CHECK_INT(run(s, text, "maru events tail inventory | sed -n '1p;$p' | cut -d' ' -f1%s", ""), 0);
    CHECK_INT(atol(text), 1);
    last = strchr(text, '\n') == NULL ? 0 : atol(strchr(text, '\n') + 1);
    CHECK(last > 2);
    snprintf(number, sizeof number, "%ld", last - 2);
    CHECK_INT(run(s, text, "maru events tail inventory --after %s", number), 0);
    CHECK_INT(count_lines(text), 2);
    CHECK_INT(atol(text), last - 1);
    CHECK_INT(run(s, text, "maru events tail inventory --after %s", "99999"), 0);
    CHECK_STR(text, "");
    test_begin("tail: a service that does not run is named");
    CHECK_INT(run(s, text, "maru events tail %s", "nobody") != 0, 1);
    CHECK_CONTAINS(text, "nobody");
}

static void tail_follow(shop *s)
{
    const char *words[] = {"/bin/sh", "-c", "exec maru events tail shipping --follow", NULL};
    proc        p = proc_start(words, NULL);
    const char *order;
    char        part[256];
    size_t      from;

    test_begin("tail --follow: goes on as more events come, until it is told to end");
    CHECK(proc_expect(&p, PROC_OUT, 0, "ShipmentDelivered"));
    from = p.size[PROC_OUT];
    order = shop_buy(s, (plan){.cancel_ms = -1});
    snprintf(part, sizeof part, "%s v3 ShipmentDelivered <- ", order);
    CHECK(proc_expect(&p, PROC_OUT, from, part));
    test_begin("tail --follow: waits for a service that is killed, says so once, and goes on when it is back");
    from = p.size[PROC_OUT];
    CHECK(fleet_kill(&s->fleet, SHIP_SHIPPING));
    CHECK(proc_expect(&p, PROC_ERR, 0, "maru events: shipping can't be read now, and is waited for: "));
    order = shop_buy(s, (plan){.cancel_ms = -1});
    snprintf(part, sizeof part, "%s v3 ShipmentDelivered <- ", order);
    CHECK(proc_expect(&p, PROC_OUT, from, part));
    CHECK_INT(count_lines(p.text[PROC_ERR]), 1);
    kill(p.pid, SIGINT);
    proc_end(&p);
    CHECK(p.status == 0 || p.status == 128 + SIGINT);
    proc_free(&p);
}

/* ---- who is behind ---- */

static void lag(shop *s)
{
    char        text[ALIVE_TEXT];
    const char *order;

    test_begin("lag: how far each consumer is with each producer, and who does not run");
    CHECK(shop_until(s, "maru events lag | awk '$1 == \"shipping\" && $2 == \"inventory\" {print \"lag\", $5, $6, $7}'",
                     "lag 0 0 0", text, sizeof text));
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, (plan){.cancel_ms = -1, .leaves = true});
    CHECK_INT(run(s, text, "maru events lag%s", ""), 64 + MARU_UNAVAILABLE);
    CHECK_CONTAINS(text, "  no inventory runs here\n");
    CHECK_CONTAINS(text, "UNAVAILABLE: 1 service does not run: how far it has read is not known\n");
    CHECK_INT(run(s, text, "maru events lag 2>&1 | grep -c 'inventory.*does not run'%s", ""), 0);
    CHECK_STR(text, "1\n");
    CHECK_INT(run(s, text, "maru events lag 2>/dev/null | grep '^inventory '%s", ""), 0);
    CHECK_INT(count_lines(text), 1);
    CHECK_CONTAINS(text, " -  does not run: what it has not read waits in the logs\n");
    CHECK(fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK_INT(run(s, text, "maru events lag | grep -c 'does not run'%s", ""), 1);
    CHECK_INT(run(s, text, "maru events lag%s", ""), 0);
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
}

static void lag_hung(shop *s)
{
    char text[ALIVE_TEXT], part[128];

    test_begin("lag: a consumer that hangs has its line in the table, with its process, and the status says so");
    CHECK(kill(s->fleet.pids[SHIP_INVENTORY], SIGSTOP) == 0);
    CHECK_INT(run(s, text, "maru events lag 2>/dev/null%s", ""), 64 + MARU_DEADLINE_EXCEEDED);
    snprintf(part, sizeof part, " -  does not answer (DEADLINE_EXCEEDED; pid %d): how far it has read is not known\n",
             (int)s->fleet.pids[SHIP_INVENTORY]);
    CHECK_CONTAINS(text, part);
    CHECK_CONTAINS(text, "\ninventory    -  ");
    CHECK_CONTAINS(text, "\nshipping     inventory ");
    CHECK(kill(s->fleet.pids[SHIP_INVENTORY], SIGCONT) == 0);
    CHECK(shop_until(s, "maru events lag >/dev/null 2>&1; echo status $?", "status 0", text, sizeof text));
}

/* ---- dead letters ---- */

/* The printed command that contains part is run as it stands. */
static int run_printed(shop *s, char text[static ALIVE_TEXT], const char *part)
{
    char  line[512];
    char *command = strstr(text, part);

    if (!CHECK(command != NULL))
        return -1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(command, "\n"), command);
    return run(s, text, "%s", line);
}

/* Checkout's second event about the order came to inventory behind its first, which is a dead letter there. */
static void show(shop *s)
{
    char        text[ALIVE_TEXT], part[256];
    const char *order;

    test_begin("show: a dead letter in full, without its secrets, and what waits behind it");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, (plan){.cancel_ms = -1, .leaves = true});
    CHECK(park_submit(s, "inventory", order) && fleet_launch(&s->fleet, SHIP_INVENTORY) && shop_cancel(s, order));
    snprintf(part, sizeof part, "maru events show inventory checkout %s", order);
    CHECK(shop_until(s, part, "\n  behind  v2 OrderCancelled\n", text, sizeof text));
    snprintf(part, sizeof part, "%s v1 shop.checkout.v1.OrderSubmitted of checkout\n  event   checkout-", order);
    CHECK(strncmp(text, part, strlen(part)) == 0);
    snprintf(part, sizeof part, "\n  began   with %s\n", order);
    CHECK_CONTAINS(text, part);
    CHECK_CONTAINS(text, "\n  cause   call /shop.checkout.v1.CheckoutService/PlaceOrder");
    CHECK_CONTAINS(text, "\n  error   INTERNAL: as the test wants it\n");
    CHECK_CONTAINS(text, "\n  tries   8: it is a dead letter, and tried no more\n");
    CHECK_CONTAINS(text, "\n  since   20");
    CHECK_CONTAINS(text, " ago\n  behind  ");
    snprintf(part, sizeof part, "\npayload:\n{\n  \"order\": \"%s\",\n", order);
    CHECK_CONTAINS(text, part);
    CHECK_CONTAINS(text, "\n  \"paymentToken\": \"(secret)\"");
    CHECK(strstr(text, "tok_") == NULL);
    test_begin("show: without the producer, which knows the type, the payload's bytes are counted, and it says why");
    CHECK(fleet_halt(&s->fleet, SHIP_CHECKOUT));
    CHECK_INT(run(s, text, "maru events show inventory checkout %s", order), 0);
    CHECK_CONTAINS(text, " bytes: checkout, which knows their type, could not be asked: UNAVAILABLE: ");
    CHECK(fleet_launch(&s->fleet, SHIP_CHECKOUT));
    test_begin("show: what it says can be done works as printed");
    CHECK_INT(run_printed(s, text, "maru events retry inventory checkout "), 0);
    CHECK_CONTAINS(text, "v1 of checkout is tried again\n");
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    test_begin("show: where nothing waits, it says so");
    snprintf(part, sizeof part, "maru events show inventory checkout %s", order);
    CHECK(shop_until(s, part, "NOT_FOUND: ", text, sizeof text)); /* it is tried soon, and then what is behind it */
    CHECK_INT(run(s, text, "maru events show inventory checkout %s", order), 64 + MARU_NOT_FOUND);
    snprintf(part, sizeof part, "NOT_FOUND: no event of checkout about %s waits at inventory\n", order);
    CHECK_STR(text, part);
}

static void skip(shop *s)
{
    char        text[ALIVE_TEXT], part[256];
    const char *order;

    test_begin("dead: what failed, after how many tries, and why");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, (plan){.cancel_ms = -1, .leaves = true});
    CHECK(park_submit(s, "inventory", order) && fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK_INT(run(s, text, "maru events dead %s", "inventory"), 0);
    snprintf(part, sizeof part, "checkout %s v1 shop.checkout.v1.OrderSubmitted tries 8 parked: INTERNAL: as the test",
             order);
    CHECK_CONTAINS(text, part);
    CHECK_INT(
        run(s, text, "maru events lag | awk '$1 == \"inventory\" && $2 == \"checkout\" {print \"parked\", $7}'%s", ""),
        0);
    CHECK_CONTAINS(text, "parked 1\n");
    test_begin("skip: only the version that was meant; it has no effect then, and what follows has");
    CHECK_INT(run(s, text, "maru events skip inventory checkout %s 2", order) != 0, 1);
    CHECK_CONTAINS(text, "version: want the first that waits, 1, got 2");
    CHECK_INT(run(s, text, "maru events skip inventory checkout %s 1", order), 0);
    CHECK_CONTAINS(text, "v1 of checkout is given up: it has no effect there\n");
    CHECK_INT(run(s, text, "maru events dead %s", "inventory"), 0);
    CHECK_STR(text, "");
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    test_begin("retry: where nothing waits, it says so");
    CHECK_INT(run(s, text, "maru events retry inventory checkout %s", order) != 0, 1);
    CHECK_CONTAINS(text, "no event of checkout about orders/");
}

void events_cli(shop *s)
{
    const char *order = shop_buy(s, (plan){.cancel_ms = -1});

    tail_aggregate(s, order);
    secrets(s);
    tail_log(s, order);
    tail_follow(s);
    lag(s);
    lag_hung(s);
    show(s);
    skip(s);
}
