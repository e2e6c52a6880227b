/* time_test.c: seconds and days of a payment, on a simulated clock: the real services in one world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "maru/sim.h"
#include "test.h"
#include "voided.h"

#define S    INT64_C(1000000000)
#define HOUR (3600 * S)
#define DAY  (24 * HOUR)

struct world {
    maru_sim   *sim;
    struct shop shop;
    int64_t     late_at; /* when orders/late was authorised: days take long on a simulated clock, too, and pass once */
};

static void pass(struct world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

static bool late_news(struct world *w, bool is_down)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.down = is_down;
    faults.news_late_ms = 3600000; /* so that answers alone count */
    return shop_faults(&w->shop, faults);
}

static bool ask(struct world *w, const char *order, const char *card)
{
    return shop_submit(&w->shop, order, 4500, shop_token(&w->shop, card)) && shop_say(&w->shop, order, SAY_RESERVED) &&
           shop_heard(&w->shop, "inventory") && shop_heard(&w->shop, "checkout");
}

static int state_of(struct world *w, const char *order)
{
    return (int)shop_look(&w->shop, order)->state;
}

static void test_time_out(struct world *w)
{
    int64_t asked;

    shop_begin(&w->shop, "a slow answer is waited for");
    CHECK(late_news(w, false));
    asked = maru_sim_now(w->sim);
    if (ask(w, "orders/slow", CARD_SLOW) && shop_wait(&w->shop, "orders/slow", AUTHORIZED) != NULL)
        CHECK(maru_sim_now(w->sim) - asked > 2900000000 && maru_sim_now(w->sim) - asked < 3500000000);
    shop_begin(&w->shop, "for 8 seconds; then it is not known, is asked again by key, and is there");
    asked = maru_sim_now(w->sim);
    if (!ask(w, "orders/too-slow", CARD_TOO_SLOW))
        return;
    pass(w, asked + 79 * S / 10 - maru_sim_now(w->sim));
    CHECK_INT(state_of(w, "orders/too-slow"), AUTHORIZING);
    CHECK_STR(shop_look(&w->shop, "orders/too-slow")->detail, "");
    pass(w, asked + 805 * S / 100 - maru_sim_now(w->sim));
    CHECK_CONTAINS(shop_look(&w->shop, "orders/too-slow")->detail, "not known: the provider: DEADLINE_EXCEEDED");
    pass(w, S);
    CHECK_INT(state_of(w, "orders/too-slow"), AUTHORIZED);
    CHECK(ledger_agrees(&w->shop));
}

static const char *lost(char name[static 32], int i)
{
    snprintf(name, 32, "orders/lost%d", i);
    return name;
}

/* More than there are places for tasks. A case is over long before an answer is given up. */
static void test_lost(struct world *w)
{
    enum { MANY = 130 };
    Provider__Faults  faults = PROVIDER__FAULTS__INIT;
    const char       *token;
    char              name[32];
    int64_t           asked = maru_sim_now(w->sim);
    Payment__Payment *payment;

    shop_begin(&w->shop,
               "where all answers are lost, the news ends the wait for them, and no order waits for another's");
    token = shop_token(&w->shop, CARD_WORKS);
    faults.lose_answer = 1000;
    CHECK(shop_faults(&w->shop, faults));
    for (int i = 0; i < MANY; i++)
        CHECK(shop_submit(&w->shop, lost(name, i), 4500, token) && shop_say(&w->shop, name, SAY_RESERVED));
    for (int i = 0; i < MANY; i++)
        shop_wait(&w->shop, lost(name, i), AUTHORIZED);
    CHECK(maru_sim_now(w->sim) - asked < 4 * S);
    shop_begin(&w->shop, "so with captures and voids");
    asked = maru_sim_now(w->sim);
    for (int i = 0; i < MANY; i++)
        CHECK(shop_say(&w->shop, lost(name, i), i % 2 ? SAY_CANCELLED : SAY_PACKED));
    for (int i = 0; i < MANY; i++)
        if ((payment = shop_wait(&w->shop, lost(name, i), i % 2 ? VOIDED : CAPTURED)) != NULL)
            CHECK_STR(payment->detail, "");
    CHECK(maru_sim_now(w->sim) - asked < 4 * S);
    shop_begin(&w->shop, "so with refunds, and the next of an order does not wait for the answer to the one before");
    asked = maru_sim_now(w->sim);
    for (int i = 0; i < 3; i++)
        CHECK_INT(shop_refund(&w->shop, "orders/lost0", 100, &payment), MARU_OK);
    if ((payment = shop_wait(&w->shop, "orders/lost0", CAPTURED)) != NULL)
        CHECK_INT(payment->refunded->minor, 300);
    CHECK(maru_sim_now(w->sim) - asked < 4 * S);
    CHECK(ledger_agrees(&w->shop));
}

static void test_expiry(struct world *w)
{
    shop_begin(&w->shop, "an authorisation that is not captured within 7 days is given up, and says why");
    if (!ask(w, "orders/old", CARD_WORKS) || !shop_wait(&w->shop, "orders/old", AUTHORIZED) ||
        !ask(w, "orders/new", CARD_WORKS) || !shop_wait(&w->shop, "orders/new", AUTHORIZED))
        return;
    pass(w, HOUR);
    if (!ask(w, "orders/late", CARD_WORKS) || !shop_wait(&w->shop, "orders/late", AUTHORIZED))
        return;
    w->late_at = maru_sim_now(w->sim);
    pass(w, 7 * DAY - HOUR - 60 * S);
    shop_begin(&w->shop, "not before: until then it can be captured");
    CHECK_INT(state_of(w, "orders/old"), AUTHORIZED);
    CHECK(shop_say(&w->shop, "orders/new", SAY_PACKED));
    CHECK(shop_wait(&w->shop, "orders/new", CAPTURED) != NULL);
    pass(w, 120 * S);
    CHECK_INT(state_of(w, "orders/old"), VOIDED);
    CHECK_INT(state_of(w, "orders/new"), CAPTURED);
    CHECK_STR(shop_look(&w->shop, "orders/old")->detail, "authorization_expired");
    CHECK_STR(shop_said(&w->shop, "orders/old"), "PaymentAuthorized PaymentVoided ");
    shop_begin(&w->shop, "a parcel that is packed after it changes nothing, and neither does the cancel that follows");
    CHECK(shop_say(&w->shop, "orders/old", SAY_PACKED) && shop_say(&w->shop, "orders/old", SAY_CANCELLED));
    CHECK(shop_heard(&w->shop, "shipping") && shop_heard(&w->shop, "checkout"));
    CHECK_INT(state_of(w, "orders/old"), VOIDED);
    CHECK_STR(shop_said(&w->shop, "orders/old"), "PaymentAuthorized PaymentVoided ");
    CHECK(ledger_agrees(&w->shop));
}

static void test_expired_word(struct world *w)
{
    shop_begin(&w->shop, "one that expired says so in its event, and one that was cancelled does not");
    CHECK_INT(voided_expired(&w->shop, "orders/old"), 1);
    if (ask(w, "orders/cancelled", CARD_WORKS) && shop_wait(&w->shop, "orders/cancelled", AUTHORIZED) &&
        shop_say(&w->shop, "orders/cancelled", SAY_CANCELLED) && shop_wait(&w->shop, "orders/cancelled", VOIDED))
        CHECK_INT(voided_expired(&w->shop, "orders/cancelled"), 0);
}

static void test_outage(struct world *w)
{
    shop_begin(&w->shop, "a provider that is down for long parks nothing, and then all goes on");
    if (!ask(w, "orders/held", CARD_WORKS) || !shop_wait(&w->shop, "orders/held", AUTHORIZED))
        return;
    CHECK(shop_submit(&w->shop, "orders/outage", 4500, shop_token(&w->shop, CARD_WORKS)));
    CHECK(late_news(w, true));
    CHECK(shop_say(&w->shop, "orders/outage", SAY_RESERVED) && shop_say(&w->shop, "orders/held", SAY_PACKED));
    pass(w, HOUR / 2); /* tries of what is parked would be over in a minute */
    CHECK_INT(state_of(w, "orders/outage"), AUTHORIZING);
    CHECK_INT(state_of(w, "orders/held"), CAPTURING);
    CHECK(late_news(w, false));
    pass(w, 60 * S);
    CHECK_INT(state_of(w, "orders/outage"), AUTHORIZED);
    CHECK_INT(state_of(w, "orders/held"), CAPTURED);
    CHECK(shop_heard(&w->shop, "provider") && shop_heard(&w->shop, "checkout") && shop_heard(&w->shop, "inventory"));
    CHECK(ledger_agrees(&w->shop));
    shop_begin(&w->shop, "and so does one that is gone, with its process");
    CHECK(shop_submit(&w->shop, "orders/gone", 4500, shop_token(&w->shop, CARD_WORKS)));
    shop_stop_provider(&w->shop);
    CHECK(shop_say(&w->shop, "orders/gone", SAY_RESERVED));
    pass(w, HOUR / 4);
    CHECK_INT(state_of(w, "orders/gone"), AUTHORIZING);
    CHECK(shop_start_provider(&w->shop));
    pass(w, 60 * S);
    CHECK_INT(state_of(w, "orders/gone"), AUTHORIZED);
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK(ledger_agrees(&w->shop));
}

/* Others may use an order's key at the provider, for another amount. */
static bool take_key(struct world *w, const char *order)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;
    Provider__Operation       *operation;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = 1;
    request.key = maru_printf(w->shop.call, "authorize:%s", order);
    request.token = (char *)shop_token(&w->shop, CARD_WORKS);
    request.amount = &amount;
    request.reference = (char *)order;
    return CHECK_INT(provider_authorize(shop_provider(&w->shop), w->shop.call, &request, &operation), MARU_OK);
}

static void test_key_taken(struct world *w)
{
    int64_t asked;

    shop_begin(&w->shop, "an order whose key is another's is at rest as soon as it is cancelled");
    CHECK(late_news(w, false));
    if (!take_key(w, "orders/taken") || !ask(w, "orders/taken", CARD_WORKS))
        return;
    for (int i = 0; i < 12; i++) { /* by then half a minute is between two tries, and none is near */
        pass(w, 10 * S);
        CHECK_INT(state_of(w, "orders/taken"), AUTHORIZING);
    }
    CHECK_CONTAINS(shop_look(&w->shop, "orders/taken")->detail, "the provider's answer can't be taken in");
    asked = maru_sim_now(w->sim);
    CHECK(shop_say(&w->shop, "orders/taken", SAY_CANCELLED));
    CHECK(shop_wait(&w->shop, "orders/taken", NOT_NEEDED) != NULL);
    CHECK(maru_sim_now(w->sim) - asked < S);
}

static void test_late_capture(struct world *w)
{
    shop_begin(&w->shop, "a capture that is under way when the time is over is refused by the provider, and then void");
    pass(w, w->late_at + 7 * DAY - HOUR / 6 - maru_sim_now(w->sim));
    CHECK_INT(state_of(w, "orders/late"), AUTHORIZED);
    CHECK(late_news(w, true));
    CHECK(shop_say(&w->shop, "orders/late", SAY_PACKED));
    pass(w, HOUR / 3);
    CHECK_INT(state_of(w, "orders/late"), CAPTURING);
    CHECK(late_news(w, false));
    pass(w, 60 * S);
    if (shop_wait(&w->shop, "orders/late", CAPTURE_REFUSED) != NULL)
        CHECK_STR(shop_look(&w->shop, "orders/late")->detail, "authorization_expired");
    CHECK(shop_say(&w->shop, "orders/late", SAY_CANCELLED));
    CHECK(shop_wait(&w->shop, "orders/late", VOIDED) != NULL);
    CHECK_STR(shop_said(&w->shop, "orders/late"), "PaymentAuthorized PaymentCaptureRefused PaymentVoided ");
    CHECK(ledger_agrees(&w->shop));
}

/* Of an order that was cancelled, a person asks again, for as long as the provider refuses. */
static void test_refused_often(struct world *w)
{
    enum { TIMES = 199 };
    Provider__Faults  refuses = PROVIDER__FAULTS__INIT;
    Payment__Payment *payment;
    int               asked = 0;

    shop_begin(&w->shop, "a refund that was refused hundreds of times can be asked for again, and is done");
    refuses.refuse_refund = 1000;
    if (!ask(w, "orders/refused", CARD_WORKS) || !shop_wait(&w->shop, "orders/refused", AUTHORIZED) ||
        !shop_say(&w->shop, "orders/refused", SAY_PACKED) || !shop_wait(&w->shop, "orders/refused", CAPTURED) ||
        !shop_faults(&w->shop, refuses))
        return;
    CHECK(shop_say(&w->shop, "orders/refused", SAY_CANCELLED));
    pass(w, S);
    while (asked < TIMES - 1 && CHECK_INT(shop_refund(&w->shop, "orders/refused", 4500, &payment), MARU_OK)) {
        asked++;
        pass(w, S / 10);
        if (!CHECK_INT(state_of(w, "orders/refused"), CAPTURED))
            return;
    }
    CHECK_INT(asked, TIMES - 1);
    CHECK(late_news(w, false));
    CHECK_INT(shop_refund(&w->shop, "orders/refused", 4000, &payment), MARU_OK);
    CHECK(shop_wait(&w->shop, "orders/refused", CAPTURED) != NULL);
    shop_begin(&w->shop, "up to two hundred times");
    CHECK_INT(shop_refund(&w->shop, "orders/refused", 500, &payment), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(w->shop.call),
                   "orders/refused: want at most 200 refunds that are asked for, got 200, of which 199 were refused");
}

int main(int argc, char **argv)
{
    const maru_sim_options options = {.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 7};
    struct world           w = {.sim = maru_sim_new(&options)};

    printf("# seed %llu\n", (unsigned long long)options.seed);
    if (!shop_open(&w.shop, maru_sim_seam(w.sim)))
        return 1;
    test_time_out(&w);
    test_lost(&w);
    test_expiry(&w);
    test_expired_word(&w);
    test_late_capture(&w);
    test_outage(&w);
    test_key_taken(&w);
    test_refused_often(&w);
    shop_close(&w.shop);
    maru_sim_free(w.sim);
    return test_end();
}
