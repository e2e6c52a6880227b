/* follows.c: maru order timeline --follow over real processes, and what it and why take for an order (alive.h). */
#include <stdio.h>
#include <string.h>

#include "alive.h"
#include "test.h"

static const plan stays = {.cancel_ms = -1, .leaves = true};

static proc follow(const char *order)
{
    char              line[256];
    const char *const words[] = {"/bin/sh", "-c", line, NULL};

    snprintf(line, sizeof line, "exec maru order timeline --follow %s", order);
    return proc_start(words, NULL);
}

static void runs(shop *s, const char *line, int status)
{
    proc p = shop_run(s, line);

    if (!CHECK_INT(p.status, status))
        fprintf(stderr, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

/* Cancelled while the provider is down: what payment asks of it stays open. */
static const char *cancel_while_captured(shop *s)
{
    const char *order = shop_buy(s, stays);
    char        text[ALIVE_TEXT], line[256];

    snprintf(line, sizeof line,
             "maru call shipping shop.shipping.v1.ShippingService/MarkPacked -d '{\"order\":\"%s\"}'", order);
    CHECK(why_says(s, order, "shipping has that event: it is being packed", text) && shop_provider(s, true));
    runs(s, line, 0);
    CHECK(why_says(s, order, "not known: the provider: UNAVAILABLE", text)); /* it shall capture */
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    return order;
}

static void follows_money(shop *s)
{
    const char *order = cancel_while_captured(s);
    proc        p = follow(order);

    test_begin("follow: a cancelled order is followed until its money went back, however long the provider is away");
    CHECK(proc_expect(&p, PROC_OUT, 0, "StockReleased"));
    runs(s, "maru audit --wait 1s", 3); /* nothing comes for so long */
    CHECK(shop_provider(s, false));
    CHECK_INT(proc_end(&p), 0);
    CHECK_CONTAINS(p.text[PROC_OUT], "  PaymentCaptured ");
    CHECK_CONTAINS(p.text[PROC_OUT], "  RefundSucceeded ");
    CHECK_CONTAINS(p.text[PROC_OUT], "\nCANCELLED: CUSTOMER\n");
    proc_free(&p);
}

static void follows_nobody(shop *s)
{
    const char *order = shop_buy(s, stays);
    char        text[ALIVE_TEXT], words[256];
    proc        p;

    test_begin("follow: where who owes the next event can't be asked, it ends after a while, and says so");
    CHECK(why_says(s, order, "shipping has that event: it is being packed", text));
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT));
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    p = follow(order);
    CHECK_INT(proc_end(&p), 1);
    CHECK_CONTAINS(p.text[PROC_OUT], "\nCANCELLED: CUSTOMER\n");
    snprintf(words, sizeof words,
             "%s: more is to come, but not by itself: PaymentVoided is owed by payment, which can't be asked: ", order);
    CHECK_CONTAINS(p.text[PROC_ERR], words);
    snprintf(words, sizeof words, "; see maru order why %s\n", order);
    CHECK_CONTAINS(p.text[PROC_ERR], words);
    proc_free(&p);
    CHECK(fleet_launch(&s->fleet, SHIP_PAYMENT));
    p = follow(order);
    CHECK_INT(proc_end(&p), 0);
    CHECK_CONTAINS(p.text[PROC_OUT], "  PaymentVoided ");
    proc_free(&p);
}

static void says_no_name(shop *s)
{
    static const char *const names[] = {"'a b'", "orders/ä", "$(printf %065d 0)", "$(printf %0300d 0)",
                                        "orders/$(printf %0300d 0)"};
    enum { INVALID = 67 };
    char line[256];

    test_begin("why: of what is no order's name it says what the timeline says");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        proc timeline, why;

        snprintf(line, sizeof line, "maru order timeline %s", names[i]);
        timeline = shop_run(s, line);
        snprintf(line, sizeof line, "maru order why %s", names[i]);
        why = shop_run(s, line);
        CHECK_INT(timeline.status, INVALID);
        CHECK_INT(why.status, INVALID);
        CHECK_CONTAINS(timeline.text[PROC_ERR], "INVALID_ARGUMENT: name: want orders/ and 1..64 of ");
        timeline.text[PROC_ERR][strcspn(timeline.text[PROC_ERR], "(\n")] = '\0'; /* it asked checkout */
        why.text[PROC_ERR][strcspn(why.text[PROC_ERR], "(\n")] = ' ';
        CHECK_STR(why.text[PROC_ERR], timeline.text[PROC_ERR]);
        CHECK_STR(why.text[PROC_OUT], "");
        proc_free(&timeline);
        proc_free(&why);
    }
    runs(s, "maru order why orders/$(printf %064d 0)", 69);
}

void follows(shop *s)
{
    CHECK(pack_in(s, 600000));
    follows_money(s);
    follows_nobody(s);
    says_no_name(s);
    CHECK(pack_in(s, 20));
}
