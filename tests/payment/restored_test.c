/* restored_test.c: payment's store goes back to a backup of before an order, days later, on a simulated clock: what it
 * says again of money that was given up is what it said, whatever it hears first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"
#include "ledger.h"
#include "maru/sim.h"
#include "store/care.h"
#include "test.h"
#include "voided.h"

#define S   INT64_C(1000000000)
#define DAY (24 * 3600 * S)

struct world {
    maru_sim   *sim;
    struct shop shop;
    char        store[96], backup[96], away[96];
};

static void pass(struct world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

static bool told(maru_status status, const maru_error *error)
{
    return CHECK_INT(status, MARU_OK) || (fprintf(stderr, "%s\n", error->text), false);
}

static bool back_up(struct world *w)
{
    care       *c;
    maru_error  error;
    maru_status status;

    shop_stop_payment(&w->shop);
    status = care_open(w->store, true, &c, &error);
    if (status == MARU_OK) {
        status = care_backup(c, w->backup, &error);
        care_close(c);
    }
    return told(status, &error) && CHECK(shop_start_payment(&w->shop));
}

/* The backup takes the store's place; payment is stopped. */
static bool go_back(struct world *w)
{
    maru_error error;

    shop_stop_payment(&w->shop);
    return CHECK_INT(rename(w->store, w->away), 0) &&
           told(care_restore(w->backup, w->store, "payment", &error), &error);
}

/* An order that is authorised, and nothing more. */
static bool hold(struct world *w, const char *order)
{
    return shop_submit(&w->shop, order, 4500, shop_token(&w->shop, CARD_WORKS)) &&
           shop_say(&w->shop, order, SAY_RESERVED) && shop_wait(&w->shop, order, AUTHORIZED);
}

static bool cancel(struct world *w, const char *order)
{
    return shop_say(&w->shop, order, SAY_CANCELLED) && shop_wait(&w->shop, order, VOIDED);
}

/* One of each: its time was over; it was cancelled; its time was over, and checkout cancelled it for that; a cancel
 * that the provider heard of after the time was over. */
static bool make_orders(struct world *w)
{
    Provider__Faults down = PROVIDER__FAULTS__INIT, up = PROVIDER__FAULTS__INIT;

    down.down = true;
    if (!hold(w, "orders/old") || !hold(w, "orders/cancelled") || !hold(w, "orders/both") || !hold(w, "orders/late") ||
        !cancel(w, "orders/cancelled"))
        return false;
    pass(w, 7 * DAY - 60 * S);
    if (!shop_faults(&w->shop, down) || !shop_say(&w->shop, "orders/late", SAY_CANCELLED))
        return false;
    pass(w, 120 * S);
    return shop_faults(&w->shop, up) && shop_wait(&w->shop, "orders/old", VOIDED) &&
           shop_wait(&w->shop, "orders/late", VOIDED) && cancel(w, "orders/both");
}

static void check_words(struct world *w, const char *order, int expired)
{
    CHECK_INT(voided_expired(&w->shop, order), expired);
    CHECK_STR(shop_said(&w->shop, order), "PaymentAuthorized PaymentVoided ");
    if (CHECK(shop_look(&w->shop, order) != NULL)) {
        CHECK_INT(shop_look(&w->shop, order)->state, VOIDED);
        CHECK_STR(shop_look(&w->shop, order)->detail, expired ? "authorization_expired" : "");
    }
}

static void check_all(struct world *w)
{
    check_words(w, "orders/old", 1);
    check_words(w, "orders/both", 1);
    check_words(w, "orders/cancelled", 0);
    check_words(w, "orders/late", 0);
    CHECK(ledger_agrees(&w->shop));
}

static void test_first_time(struct world *w)
{
    shop_begin(&w->shop, "a payment that knows of no order is backed up");
    if (back_up(w)) {
        shop_begin(&w->shop, "what was given up because its time was over says so, and nothing else does");
        CHECK(make_orders(w));
        check_all(w);
    }
}

/* That they were cancelled is known before that anything was authorised. */
static void test_others_first(struct world *w)
{
    shop_stop_provider(&w->shop);
    if (!go_back(w) || !CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "a restored payment says the same, where it hears of the provider last");
    CHECK(shop_heard(&w->shop, "checkout") && shop_heard(&w->shop, "inventory"));
    CHECK(shop_start_provider(&w->shop) && shop_heard(&w->shop, "provider"));
    pass(w, 60 * S);
    check_all(w);
}

/* That they were authorised and voided is known before anything else is. */
static void test_provider_first(struct world *w)
{
    snprintf(w->away, sizeof w->away, "%s/again", w->shop.payment.folder);
    if (!go_back(w))
        return;
    node_stop(&w->shop.producers[0], NULL, NULL);
    if (!CHECK(shop_start_payment(&w->shop)))
        return;
    shop_begin(&w->shop, "a restored payment says so of an order of which it heard by the provider alone");
    CHECK(shop_heard(&w->shop, "provider"));
    CHECK_INT(voided_expired(&w->shop, "orders/old"), 1);
    CHECK_INT(voided_expired(&w->shop, "orders/cancelled"), 0);
}

int main(int argc, char **argv)
{
    const maru_sim_options options = {.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 7};
    struct world           w = {.sim = maru_sim_new(&options)};

    printf("# seed %llu\n", (unsigned long long)options.seed);
    if (!shop_open(&w.shop, maru_sim_seam(w.sim)))
        return 1;
    snprintf(w.store, sizeof w.store, "%s/store", w.shop.payment.folder);
    snprintf(w.backup, sizeof w.backup, "%s/backup", w.shop.payment.folder);
    snprintf(w.away, sizeof w.away, "%s/away", w.shop.payment.folder);
    test_first_time(&w);
    test_others_first(&w);
    test_provider_first(&w);
    shop_close(&w.shop);
    maru_sim_free(w.sim);
    return test_end();
}
