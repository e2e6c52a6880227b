/* foreign_test.c: what the provider did under an order's name beside the shop, or for one that checkout and payment
 * lost: it is named, and the steps of docs/orders.md ("A charge without an order") give it back. And timers
 * of a store that went back say whom they wait for.
 *
 * Payment gives checkout 10 s to tell of an order that the provider knows: all that waits for that waits at once, and
 * what shipping does meanwhile is looked at meanwhile.
 *
 *   foreign_test BIN       BIN: the folder of the programs
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "alive.h"
#include "events/tables.h"
#include "google/protobuf/empty.pb-c.h"
#include "test.h"

enum { LINE = 1024 };

static const plan stays = {.cancel_ms = -1, .leaves = true};

static void says(shop *s, const char *line, int status, const char *part)
{
    proc p = shop_run(s, line);

    CHECK_INT(p.status, status);
    if (!CHECK_CONTAINS(p.text[PROC_OUT], part))
        fprintf(stderr, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

static bool until(shop *s, const char *line, const char *part)
{
    char text[ALIVE_TEXT];
    bool seen = shop_until(s, line, part, text, sizeof text);

    if (!seen)
        fprintf(stderr, "%s\n%s\n", line, text);
    return seen;
}

/* As somebody who has the provider's key. */
static void authorize(shop *s, const char *order)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "t=$(maru call provider shop.provider.v1.ProviderService/Tokenize "
             "-d '{\"number\": \"4242424242424242\", \"expiry\": \"12/99\"}' | sed -n 's/.*\"token\": "
             "*\"\\([^\"]*\\)\".*/\\1/p'); "
             "maru call provider shop.provider.v1.ProviderService/Authorize -d '{\"key\": \"authorize:%s\", "
             "\"reference\": \"%s\", \"token\": \"'$t'\", \"amount\": {\"currency\": \"GBP\", \"minor\": 1}}'",
             order, order);
    says(s, line, 0, order);
}

/* As the docs say it, by hand. */
static void give_up(shop *s, const char *order)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "order=%s; maru call provider shop.provider.v1.ProviderService/Void "
             "-d \"{\\\"key\\\": \\\"by-hand:void:$order\\\", \\\"authorization\\\": \\\"authorize:$order\\\"}\"",
             order);
    says(s, line, 0, "\"succeeded\": true");
}

static void audit_names(shop *s, const char *order, const char *what)
{
    char line[LINE];

    snprintf(line, sizeof line, "ledgers-equal: %s: the provider holds %s", order, what);
    CHECK(until(s, "maru audit", line));
}

static void pays(shop *s, const char *order, const char *words)
{
    char line[LINE];

    snprintf(line, sizeof line, "maru call payment shop.payment.v1.PaymentService/GetPayment -d '{\"order\":\"%s\"}'",
             order);
    CHECK(until(s, line, words));
}

static void use_key(shop *s)
{
    const char *order;
    char        line[LINE];
    proc        p;

    test_begin("an order whose key somebody used before for another amount waits, and is at rest once cancelled");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, stays);
    authorize(s, order);
    CHECK(fleet_launch(&s->fleet, SHIP_INVENTORY));
    pays(s, order, "not known: the provider's answer can't be taken in: ");
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    pays(s, order, "\"NOT_NEEDED\"");
    snprintf(line, sizeof line, "maru events retry payment provider authorize:%s; maru events dead payment", order);
    p = shop_run(s, line); /* it may have been tried again by itself */
    proc_free(&p);
    test_begin("the audit names what is held, and is clean once it was given up");
    audit_names(s, order, "1 GBP under authorize:");
    give_up(s, order);
    CHECK(until(s, "maru audit --wait 5s", "\naudit: clean\n"));
}

static void back_up(shop *s, const char *service)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "rm -rf \"$MARU_DATA/%s.backup\" \"$MARU_DATA/%s.away\"; maru store backup %s \"$MARU_DATA/%s.backup\"",
             service, service, service, service);
    says(s, line, 0, "");
}

static void restore(shop *s, fleet_ship ship)
{
    const char *service = fleet_ship_name(ship);
    char        line[LINE];

    snprintf(line, sizeof line,
             "mv \"$MARU_DATA/%s\" \"$MARU_DATA/%s.away\" && maru store restore %s \"$MARU_DATA/%s.backup\"", service,
             service, service, service);
    says(s, line, 0, "");
}

/* ---- charges without an order ---- */

/* What both lost: one that was declined, a parcel that is being packed, and two that are cancelled while the provider
 * does not answer, of which one was captured beside the shop. */
typedef struct lost_orders {
    const char *declined, *packed, *held, *taken;
} lost_orders;

static void capture(shop *s, const char *order)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "order=%s; minor=$(maru call provider shop.provider.v1.ProviderService/GetOperation "
             "-d \"{\\\"key\\\": \\\"authorize:$order\\\"}\" | sed -n 's/.*\"minor\": \"\\([0-9]*\\)\".*/\\1/p'); "
             "maru call provider shop.provider.v1.ProviderService/Capture -d \"{\\\"key\\\": \\\"mine:$order\\\", "
             "\\\"authorization\\\": \\\"authorize:$order\\\", \\\"amount\\\": {\\\"currency\\\": \\\"GBP\\\", "
             "\\\"minor\\\": \\\"$minor\\\"}}\"",
             order);
    says(s, line, 0, "\"succeeded\": true");
}

/* Inventory hears of it by itself, when checkout's part is done; of a checkout that went back it would never hear. */
static bool heard(shop *s, const char *order, const char *word)
{
    char line[LINE];

    snprintf(line, sizeof line, "maru order timeline %s", order);
    return until(s, line, word);
}

static void cancel_unheard(shop *s, lost_orders *lost)
{
    lost->held = shop_buy(s, stays);
    lost->taken = shop_buy(s, stays);
    CHECK(shop_wait(s, lost->held, CHECKOUT__ORDER_STATE__CONFIRMED));
    CHECK(shop_wait(s, lost->taken, CHECKOUT__ORDER_STATE__CONFIRMED));
    capture(s, lost->taken);
    CHECK(shop_provider(s, true));
    CHECK(shop_cancel(s, lost->held) && shop_cancel(s, lost->taken));
    CHECK(shop_wait(s, lost->held, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(shop_wait(s, lost->taken, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(heard(s, lost->held, "  StockReleased ") && heard(s, lost->taken, "  StockReleased "));
}

/* What others know of the orders stays a finding: order-known. */
static void lose_both(shop *s, lost_orders *lost)
{
    char text[ALIVE_TEXT];

    test_begin("checkout and payment both lose orders");
    CHECK(pack_in(s, 600000));
    back_up(s, "checkout");
    back_up(s, "payment");
    lost->declined = shop_buy(s, (plan){.card = CARD_DECLINED, .cancel_ms = -1});
    lost->packed = shop_buy(s, stays);
    CHECK(why_says(s, lost->packed, "it is being packed", text));
    CHECK(heard(s, lost->packed, "  StockCommitted ") && heard(s, lost->declined, "  StockReleased "));
    cancel_unheard(s, lost);
    CHECK(fleet_halt(&s->fleet, SHIP_CHECKOUT) && fleet_halt(&s->fleet, SHIP_PAYMENT));
    restore(s, SHIP_CHECKOUT);
    restore(s, SHIP_PAYMENT);
    CHECK(shop_provider(s, false));
    CHECK(fleet_launch(&s->fleet, SHIP_CHECKOUT) && fleet_launch(&s->fleet, SHIP_PAYMENT));
}

/* By hand, as the docs say it. */
static void by_hand(shop *s, const char *method, const char *key, const char *order)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "order=%s; maru call provider shop.provider.v1.ProviderService/%s -d \"{\\\"key\\\": \\\"%s:$order\\\", "
             "\\\"authorization\\\": \\\"authorize:$order\\\", \\\"amount\\\": {\\\"currency\\\": \\\"GBP\\\", "
             "\\\"minor\\\": \\\"1\\\"}}\"",
             order, method, key);
    says(s, line, 0, "\"succeeded\": true");
}

static void charge_nobody(shop *s)
{
    test_begin("somebody charges, and takes, under the names of orders that there never were");
    authorize(s, "orders/zzz");
    authorize(s, "orders/yyy");
    by_hand(s, "Capture", "capture", "orders/yyy");
    pays(s, "orders/zzz", "the provider told of it, and checkout did not: ");
}

static void payment_tells(shop *s, const char *order, const char *amount)
{
    char line[LINE];

    snprintf(line, sizeof line, "%s: the provider did ", order);
    CHECK(until(s, "grep -h 'the provider did' \"$MARU_DATA/payment.log\"", line));
    snprintf(line, sizeof line, "operation%s for it, the first authorize:%s%s", amount, order,
             strcmp(order, "orders/zzz") == 0 ? " (1 GBP), and checkout, whose log was read, says nothing of it: "
                                              : "");
    CHECK(until(s, "grep -h 'the provider did' \"$MARU_DATA/payment.log\"", line));
}

/* What was cancelled, and what nobody undoes any more: by the line that why prints. */
static void undo(shop *s, const char *order, const char *stands, const char *method)
{
    char line[LINE], wanted[LINE], text[ALIVE_TEXT], *command;

    test_begin("why says of what both lost, and was cancelled, that its money is to be given back, and how");
    snprintf(wanted, sizeof wanted, "(it knows no order): give it back there, by %s with a key of your own", method);
    snprintf(line, sizeof line, "maru audit | grep 'ledgers-equal: %s: '", order);
    CHECK(until(s, line, wanted));
    snprintf(line, sizeof line, "maru order why %s", order);
    CHECK(shop_until(s, line, stands, text, sizeof text));
    CHECK(strstr(text, "nothing has to be done") == NULL);
    snprintf(line, sizeof line, "  maru call provider shop.provider.v1.ProviderService/%s ", method);
    if (CHECK((command = strstr(text, line)) != NULL)) {
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "\"succeeded\": true");
    }
    snprintf(line, sizeof line, "maru order why %s", order);
    CHECK(until(s, line, "\n  lost  nothing of it is open\n"));
}

/* There is no charge of it. */
static void tell_declined(shop *s, const char *order)
{
    char line[LINE], text[ALIVE_TEXT];

    test_begin("of one that was declined it is said that nothing is held, and by no warning");
    pays(s, order, "checkout did not: it refused to authorise it, and holds nothing for it");
    snprintf(line, sizeof line, "grep -h ' msg=\"%s: the provider ' \"$MARU_DATA/payment.log\"", order);
    CHECK(shop_until(s, line, ": the provider refused to authorise it (authorize:", text, sizeof text));
    CHECK_CONTAINS(text, " level=info ");
    CHECK_CONTAINS(text, ": nothing is held, and nothing has to be given back\"");
    CHECK(strstr(text, "A charge without an order") == NULL);
    CHECK(why_says(s, order, "\n  lost  nothing of it is open\n  do    nothing has to be done\n", text));
}

/* What a confirmed one has is not known while the provider hangs; and is not told as held once it was given up. */
static void end_packed(shop *s, const char *order)
{
    char line[LINE], text[ALIVE_TEXT];

    test_begin("while the provider hangs, why does not say of a confirmed one what is held for it, or was paid");
    CHECK_INT(kill(s->fleet.pids[SHIP_PROVIDER], SIGSTOP), 0);
    CHECK(why_says(s, order, "\n  note  provider could not be asked: ", text));
    CHECK_CONTAINS(text, "\n  lost  payment lost it as well, and not all could be asked what they have of it\n");
    CHECK(strstr(text, "give up") == NULL && strstr(text, "nothing leaves") == NULL);
    CHECK_INT(kill(s->fleet.pids[SHIP_PROVIDER], SIGCONT), 0);
    test_begin("by the line that why prints then, it is given up, and nothing has to be done any more");
    if (CHECK(why_says(s, order, "  maru call provider shop.provider.v1.ProviderService/Void ", text))) {
        char *command = strstr(text, "maru call provider ");

        CHECK_CONTAINS(text, "give up what the provider holds for it");
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "\"succeeded\": true");
    }
    CHECK(why_says(s, order, "\n  do    nothing has to be done: the provider holds nothing for it, ", text));
    CHECK(strstr(text, "give up") == NULL);
    snprintf(line, sizeof line, "order-known: %s: others know it, and checkout does not: ", order);
    CHECK(shop_until(s, "maru audit", line, text, sizeof text));
    CHECK_CONTAINS(strstr(text, line), " (voided), captured 0, refunded 0: ");
}

static void give_back(shop *s, const lost_orders *all)
{
    const char *lost = all->packed;
    char        line[LINE];

    test_begin("payment tells of each charge that has no order, of one that it lost, too");
    payment_tells(s, "orders/zzz", "");
    payment_tells(s, "orders/yyy", "s");
    payment_tells(s, lost, "");
    test_begin("and the audit, until it is given up, or, where it was captured, refunded");
    audit_names(s, "orders/zzz", "1 GBP under authorize:");
    audit_names(s, lost, "");
    snprintf(line, sizeof line, "maru order why %s", lost);
    CHECK(until(s, line, "\n  lost  it was confirmed, and payment lost it as well: "));
    CHECK(until(s, "maru audit", "ledgers-equal: orders/yyy: the provider took 1 GBP under authorize:"));
    give_up(s, "orders/zzz");
    end_packed(s, lost);
    by_hand(s, "Refund", "by-hand:refund", "orders/yyy");
    undo(s, all->held, "\n  lost  its parcel was stopped, and payment lost it as well: nobody voids what is ", "Void");
    undo(s, all->taken, "\n  lost  its parcel was stopped, and payment lost it as well: nobody gives its ", "Refund");
    CHECK(until(s, "maru audit | grep -c ledgers-equal", "0\n"));
    tell_declined(s, all->declined);
}

/* The provider runs, and can't say what it did: its news of the order has a gap. */
static maru_status lose_news(maru_txn *txn, void *arg)
{
    event_key key = {.size = 0};

    key_text(&key, arg);
    key_nul(&key);
    key_number(&key, 1);
    return maru_delete(txn, &events_aggregates, key_of(&key));
}

static void lose_ledger(shop *s, const char *order)
{
    char line[LINE], name[LINE];

    test_begin("where the provider can't say what it did, it is not said that nothing is open");
    snprintf(name, sizeof name, "authorize:%s", order);
    CHECK(fleet_halt(&s->fleet, SHIP_PROVIDER) && shop_change(s, SHIP_PROVIDER, NULL, lose_news, name) &&
          fleet_launch(&s->fleet, SHIP_PROVIDER));
    snprintf(line, sizeof line, "maru order why %s", order);
    CHECK(until(s, line, "\n  note  provider could not be asked: DATA_LOSS: "));
    CHECK(until(s, line, "\n  lost  payment lost it as well, and not all could be asked what they have of it\n"));
}

/* Of all that is found, nothing is about that order, which is over. */
static void not_found(shop *s, const char *order)
{
    char line[LINE];

    snprintf(line, sizeof line, "maru audit | grep -c ': %s: '", order);
    CHECK(until(s, line, "0\n"));
}

/* ---- meanwhile ---- */

/* What shipping's timer was set for is set anew: for a time when it has waited for all that it waits for after a start,
 * but not for what it waits for since it went back. */
static maru_status end_packing(maru_txn *txn, void *arg)
{
    enum { PACKED_MS = 4000 };
    static const Google__Protobuf__Empty nothing = GOOGLE__PROTOBUF__EMPTY__INIT;

    return maru_timer_set(txn, "pack", arg, maru_txn_wall_clock(txn) + (int64_t)PACKED_MS * MARU_NS_PER_MS,
                          &nothing.base);
}

/* The parcel's time comes while payment, of which it hears that it is paid, is away. */
static void hold_timers(shop *s)
{
    const char *order;
    char        text[ALIVE_TEXT];

    test_begin("timers of a shipping that went back wait for a payment that is away: lag and why say so");
    CHECK(pack_in(s, 600000));
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "it is being packed", text));
    back_up(s, "shipping");
    CHECK(fleet_halt(&s->fleet, SHIP_SHIPPING) && fleet_halt(&s->fleet, SHIP_PAYMENT));
    restore(s, SHIP_SHIPPING);
    CHECK(shop_change(s, SHIP_SHIPPING, NULL, end_packing, (void *)order));
    CHECK(fleet_launch(&s->fleet, SHIP_SHIPPING));
    CHECK(until(s, "maru events lag 2>/dev/null | grep '^shipping *payment .*  no payment runs here  '",
                "  timers of shipping wait for it (restored)\n"));
    CHECK(why_says(s, order,
                   "  why   timers of shipping wait for news of payment, since its store went back to a backup", text));
    CHECK_CONTAINS(text, "\n  do    nothing is lost: start payment, or mend what the words say");
    CHECK(strstr(text, "it goes on by itself") == NULL);
    CHECK(until(s, "grep -h 'timers wait' \"$MARU_DATA/shipping.log\"", "timers wait for news of payment: "));
    test_begin("and go on once it is back");
    CHECK(fleet_launch(&s->fleet, SHIP_PAYMENT) && shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
    CHECK(until(s, "grep -h 'timers wait' \"$MARU_DATA/shipping.log\"", "timers wait for no news any more"));
    not_found(s, order);
}

static void let_time_pass(shop *s, int64_t ms)
{
    maru_call *call = maru_call_begin(s->market.runtime, 0);

    maru_sleep(call, ms);
    maru_call_end(call);
}

static bool is_over(shop *s, const char *order)
{
    Checkout__OrderState state = shop_state(s, order);

    return state == CHECKOUT__ORDER_STATE__CANCELLED || state == CHECKOUT__ORDER_STATE__COMPLETED;
}

enum { STOPS = 3, STOPS_TRIED = 8, LOOKS = 400, LOOK_MS = 100 };

/* Bought, and confirmed: false where its parcel came before that was seen. Nothing else may become of it. */
static bool is_confirmed(shop *s, const char *order)
{
    Checkout__OrderState state;
    int                  looks = 0;

    while ((state = shop_state(s, order)) == CHECKOUT__ORDER_STATE__SUBMITTED && looks++ < 10 * LOOKS)
        let_time_pass(s, LOOK_MS / 10);
    if (state != CHECKOUT__ORDER_STATE__CONFIRMED)
        CHECK_INT(state, CHECKOUT__ORDER_STATE__COMPLETED);
    return state == CHECKOUT__ORDER_STATE__CONFIRMED;
}

/* False where its parcel came meanwhile. */
static bool cancels(shop *s, const char *order)
{
    maru_status status = shop_ask_cancel(s, order);

    if (status != MARU_OK)
        CHECK_INT(status, MARU_FAILED_PRECONDITION);
    return status == MARU_OK;
}

/* Stops shipping, and cancels them meanwhile; false where one of their parcels had left before. */
static bool cancel_stopped(shop *s, const char *const orders[static STOPS], int stopped_ms)
{
    bool all = true;

    CHECK_INT(kill(s->fleet.pids[SHIP_SHIPPING], SIGSTOP), 0);
    for (int i = 0; i < STOPS; i++)
        all = is_confirmed(s, orders[i]) && cancels(s, orders[i]) && all;
    let_time_pass(s, stopped_ms);
    CHECK_INT(kill(s->fleet.pids[SHIP_SHIPPING], SIGCONT), 0);
    return all;
}

/* Too short to be told from a busy machine: a parcel may be packed before it is read that it shall be stopped. And on
 * one before the stop: those that had left by then say nothing, and others are bought. */
static void stop_shortly(shop *s)
{
    enum { PACKS_MS = 1200, STOPPED_MS = 1700 };
    const char *orders[STOPS];
    bool        in_time = false;

    test_begin("a stop in which a parcel's time and a cancel came ends in one of the two, and all agrees");
    CHECK(pack_in(s, PACKS_MS));
    for (int tried = 0; !in_time && tried < STOPS_TRIED; tried++) {
        for (int i = 0; i < STOPS; i++)
            orders[i] = shop_buy(s, stays);
        for (int i = 0; i < STOPS; i++)
            is_confirmed(s, orders[i]);
        in_time = cancel_stopped(s, orders, STOPPED_MS);
        for (int i = 0; i < STOPS; i++) {
            for (int looks = 0; !is_over(s, orders[i]) && looks < LOOKS; looks++)
                let_time_pass(s, LOOK_MS);
            CHECK(is_over(s, orders[i]));
            not_found(s, orders[i]);
        }
    }
    CHECK(in_time);
}

int main(int argc, char **argv)
{
    shop        s;
    lost_orders lost;

    if (argc != 2) {
        fprintf(stderr, "foreign_test: want the folder of the programs\n");
        return 2;
    }
    test_begin("a shop starts");
    if (CHECK(shop_open(&s, argv[1]))) {
        use_key(&s);
        lose_both(&s, &lost);
        charge_nobody(&s);
        hold_timers(&s);
        stop_shortly(&s);
        give_back(&s, &lost);
        lose_ledger(&s, lost.held);
    }
    CHECK(shop_close(&s, test_state.all_failed == 0));
    return test_end();
}
