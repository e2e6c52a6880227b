/* restore_test.c: the store of a service of a running shop goes back to a backup, while others have read more of it:
 * they go on, new orders end, what the restored service can say again it says again, and what is lost is named.
 *
 *   restore_test BIN       BIN: the folder of the programs
 */
#include <stdio.h>
#include <string.h>

#include "alive.h"
#include "test.h"

static void says(shop *s, const char *line, int status, const char *part)
{
    proc p = shop_run(s, line);

    CHECK_INT(p.status, status);
    if (!CHECK_CONTAINS(p.text[PROC_OUT], part))
        fprintf(stderr, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

static void run(shop *s, const char *format, const char *service)
{
    char line[512];

    snprintf(line, sizeof line, format, service, service, service, service);
    says(s, line, 0, "");
}

static const char *complete_one(shop *s)
{
    const char *order = shop_buy(s, (plan){.cancel_ms = -1});

    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
    return order;
}

static void restore(shop *s, fleet_ship ship)
{
    run(s, "mv \"$MARU_DATA/%s\" \"$MARU_DATA/%s.away\" && maru store restore %s \"$MARU_DATA/%s.backup\"",
        fleet_ship_name(ship));
    CHECK(fleet_launch(&s->fleet, ship));
}

static void go_back(shop *s, fleet_ship ship)
{
    CHECK(fleet_halt(&s->fleet, ship));
    restore(s, ship);
}

static void back_up(shop *s, fleet_ship ship)
{
    run(s, "rm -rf \"$MARU_DATA/%s.backup\" \"$MARU_DATA/%s.away\"; maru store backup %s \"$MARU_DATA/%s.backup\"",
        fleet_ship_name(ship));
}

/* Orders of all ends. */
static void buy_all_kinds(shop *s)
{
    shop_buy(s, (plan){.cancel_ms = 3, .leaves = true});
    shop_buy(s, (plan){.cancel_ms = -1, .card = CARD_DECLINED});
    shop_buy(s, (plan){.cancel_ms = -1, .card = CARD_CAPTURE_REFUSED});
}

/* Whose events follow from those of others: it reads these again, and says what it said. */
static void restore_one_that_answers(shop *s, fleet_ship ship)
{
    char        text[ALIVE_TEXT];
    const char *clean;

    test_begin(fleet_ship_name(ship));
    complete_one(s);
    back_up(s, ship);
    complete_one(s);
    shop_buy(s, (plan){.cancel_ms = 0});
    buy_all_kinds(s);
    complete_one(s);
    go_back(s, ship);
    complete_one(s);
    /* A parcel was packed, and may be stopped at once by a restored shipping: that it was packed is in no log then. */
    clean = ship == SHIP_SHIPPING ? "\naudit: clean" : "\naudit: clean\n";
    CHECK(shop_until(s, "maru audit --wait 5s", clean, text, sizeof text));
}

/* ---- whose first words are a customer's ---- */

static const plan stays = {.cancel_ms = -1, .leaves = true};

static void pack(shop *s, const char *order)
{
    char line[256];

    snprintf(line, sizeof line,
             "maru call shipping shop.shipping.v1.ShippingService/MarkPacked -d '{\"order\":\"%s\"}'", order);
    says(s, line, 0, "PACKED");
}

static void find_lost(shop *s, const char *lost)
{
    char text[ALIVE_TEXT], line[256], *command;

    test_begin("what was lost is named: by the lag, by the audit, by why");
    CHECK(shop_until(s, "maru events lag", " that had their effect are not in its log (restored)", text, sizeof text));
    CHECK(shop_ends(s, "maru audit --wait 2s", 1, "lost: cursors: inventory: ", "\naudit: NOT clean: "));
    snprintf(line, sizeof line, "order-known: %s: ", lost);
    says(s, "maru audit", 1, line);
    snprintf(line, sizeof line, "maru order why %s; echo status $?", lost);
    /* An order is COMPLETED as shipping says, and inventory may hear that later than checkout. */
    CHECK(shop_until(s, line, "\n  has   StockShipped of inventory, ", text, sizeof text));
    CHECK_CONTAINS(text, "status 69");
    CHECK_CONTAINS(text, ": checkout's log does not have it, but ");
    CHECK_CONTAINS(text, ": checkout's store went back to a backup of before it, or is of another time;");
    test_begin("and how far it went, and what can safely be done");
    says(s, "maru audit", 1,
         ": others know it, and checkout does not: inventory says SHIPPED_OUT, payment CAPTURED, shipping DELIVERED; "
         "the provider authorised ");
    CHECK_CONTAINS(text,
                   "\n  has   StockShipped of inventory, PaymentCaptured of payment, ShipmentDelivered of shipping\n"
                   "  lost  its goods left, and are paid\n  do    leave it: ");
    CHECK_CONTAINS(text, "\n  or    put back a newer backup of checkout, if there is one");
    test_begin("the command that it prints gives the money back, and then nothing of it is open");
    if (CHECK((command = strstr(text, "  maru call payment ")) != NULL)) {
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "\"state\": \"REFUNDING\"");
    }
    CHECK(shop_until(s, line, "\n  lost  nothing of it is open\n", text, sizeof text));
}

/* By somebody who has the provider's key, and asked beside the shop. */
static void find_stranger(shop *s)
{
    char text[ALIVE_TEXT];

    test_begin("what was authorised beside the shop is not told as one that checkout lost");
    says(s,
         "t=$(maru call provider shop.provider.v1.ProviderService/Tokenize "
         "-d '{\"number\": \"4242424242424242\", \"expiry\": \"12/99\"}' | sed -n 's/.*\"token\": "
         "*\"\\([^\"]*\\)\".*/\\1/p'); "
         "maru call provider shop.provider.v1.ProviderService/Authorize -d '{\"key\": \"authorize:orders/zzz\", "
         "\"reference\": \"orders/zzz\", \"token\": \"'$t'\", \"amount\": {\"currency\": \"GBP\", \"minor\": 500}}'",
         0, "orders/zzz");
    CHECK(shop_until(
        s, "maru order why zzz 2>&1; echo status $?",
        "orders/zzz: checkout knows no such order; payment: the provider told of it, and checkout did not: ", text,
        sizeof text));
    CHECK_CONTAINS(text, "status 69");
}

static void restore_the_first(shop *s)
{
    const char *packed, *cancelled, *renewed, *lost, *next;
    char        text[ALIVE_TEXT];

    test_begin("checkout: what was under way goes on to where the others are");
    CHECK(pack_in(s, 600000));
    packed = shop_buy(s, stays);
    cancelled = shop_buy(s, stays);
    renewed = shop_buy(s, stays);
    CHECK(why_says(s, packed, "it is being packed", text) && why_says(s, cancelled, "it is being packed", text) &&
          why_says(s, renewed, "it is being packed", text));
    back_up(s, SHIP_CHECKOUT);
    pack(s, packed);
    CHECK(shop_wait(s, packed, CHECKOUT__ORDER_STATE__COMPLETED));
    CHECK(shop_cancel(s, cancelled) && shop_wait(s, cancelled, CHECKOUT__ORDER_STATE__CANCELLED));
    lost = shop_buy(s, stays);
    CHECK(why_says(s, lost, "it is being packed", text));
    pack(s, lost);
    CHECK(shop_wait(s, lost, CHECKOUT__ORDER_STATE__COMPLETED));
    go_back(s, SHIP_CHECKOUT);
    CHECK(shop_wait(s, packed, CHECKOUT__ORDER_STATE__COMPLETED));
    CHECK(shop_wait(s, cancelled, CHECKOUT__ORDER_STATE__CANCELLED));
    test_begin("checkout: one that a customer cancels then is cancelled, and a new one is completed");
    CHECK(shop_cancel(s, renewed) && shop_wait(s, renewed, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(pack_in(s, 20));
    next = complete_one(s);
    CHECK(why_says(s, next, " had an effect at inventory and are not in its log, which went back to a backup", text));
    find_lost(s, lost);
    find_stranger(s);
}

/* ---- what only the provider, or only shipping, knows ---- */

/* Of a service that went back nobody hears any more what it said after the backup. */
static bool heard(shop *s, const char *order, const char *word)
{
    char line[256], text[ALIVE_TEXT];

    snprintf(line, sizeof line, "maru order timeline %s", order);
    return shop_until(s, line, word, text, sizeof text);
}

static bool pays(shop *s, const char *order, const char *state)
{
    char line[256], text[ALIVE_TEXT];

    snprintf(line, sizeof line, "maru call payment shop.payment.v1.PaymentService/GetPayment -d '{\"order\":\"%s\"}'",
             order);
    return shop_until(s, line, state, text, sizeof text);
}

static void adjust_some(shop *s, const char *sign, int first, int last)
{
    char line[512];

    snprintf(line, sizeof line,
             "sed -n %d,%dp \"$MARU_DATA/goods\" | while read product available; do "
             "maru call inventory shop.inventory.v1.InventoryService/AdjustStock "
             "-d '{\"product\": \"'$product'\", \"delta\": \"%s'$available'\", \"reason\": \"a test\"}' || exit 1; "
             "done",
             first, last, sign);
    says(s, line, 0, "\"product\"");
}

/* All that is available is written off (-), or found again, by calls as a person would make them; some at a time, since
 * a program takes long to start under a sanitizer. */
static void adjust(shop *s, const char *sign)
{
    enum { AT_ONCE = 8 };

    for (int first = 1; first <= PRODUCTS; first += AT_ONCE)
        adjust_some(s, sign, first, first + AT_ONCE - 1);
}

/* Payment was asked for nothing, and says nothing of it: that the order was cancelled only inventory's word tells. */
static void lose_cancel(shop *s)
{
    const char *order;
    char        text[ALIVE_TEXT];

    test_begin("checkout: an order whose cancel it lost before it was paid is cancelled again");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, stays);
    CHECK(shop_provider(s, true) && fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK(why_says(s, order, "not known: the provider: UNAVAILABLE", text));
    back_up(s, SHIP_CHECKOUT);
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(shop_provider(s, false) && pays(s, order, "\"NOT_NEEDED\"") && heard(s, order, "  StockReleased "));
    go_back(s, SHIP_CHECKOUT);
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(why_says(s, order, "over  no event is owed", text));
    says(s, "maru audit --wait 5s", 0, "\naudit: clean");
}

/* A backup of before the goods came in: of what was sold of them since, only shipping knows where it is. */
static void lose_goods(shop *s)
{
    const char *order;
    char        line[256], text[ALIVE_TEXT];

    test_begin("inventory: the parcel of an order for which it has no goods any more is stopped");
    CHECK(pack_in(s, 600000));
    says(s,
         "maru call inventory shop.inventory.v1.InventoryService/ListStock -d '{\"pageSize\": 1000}' | awk -F '\"' "
         "'$2 == \"product\" {product = $4} $2 == \"available\" {print product, $4}' | tee \"$MARU_DATA/goods\"",
         0, "products/SOAK01 ");
    adjust(s, "-");
    back_up(s, SHIP_INVENTORY);
    adjust(s, "");
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "it is being packed", text));
    go_back(s, SHIP_INVENTORY);
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    snprintf(line, sizeof line,
             "maru call shipping shop.shipping.v1.ShippingService/GetShipment -d '{\"order\":\"%s\"}'", order);
    CHECK(shop_until(s, line, "\"STOPPED\"", text, sizeof text) && pays(s, order, "\"VOIDED\""));
    says(s, "maru audit --wait 5s", 0, "\naudit: clean, but for what restored stores lost\n");
    adjust(s, "");
    CHECK(pack_in(s, 20));
}

/* The provider's news is read before that of anybody who could say that it was asked. */
static void close_what_is_open(shop *s)
{
    const char *order;
    char        text[ALIVE_TEXT];

    test_begin(
        "payment: what it asked after the backup is voided, where it hears of that before it hears of the order");
    CHECK(pack_in(s, 600000));
    back_up(s, SHIP_PAYMENT);
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "it is being packed", text));
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT));
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(fleet_halt(&s->fleet, SHIP_CHECKOUT) && fleet_halt(&s->fleet, SHIP_INVENTORY));
    restore(s, SHIP_PAYMENT);
    CHECK(pays(s, order, "the provider told of it, and checkout did not"));
    CHECK(fleet_launch(&s->fleet, SHIP_CHECKOUT) && pays(s, order, "\"VOIDED\""));
    CHECK(fleet_launch(&s->fleet, SHIP_INVENTORY) && pack_in(s, 20));
    CHECK(shop_until(s, "maru audit --wait 5s", "\naudit: clean\n", text, sizeof text));
}

int main(int argc, char **argv)
{
    shop s;

    if (argc != 2) {
        fprintf(stderr, "restore_test: want the folder of the programs\n");
        return 2;
    }
    test_begin("a shop starts");
    if (CHECK(shop_open(&s, argv[1]))) {
        restore_one_that_answers(&s, SHIP_INVENTORY);
        restore_one_that_answers(&s, SHIP_PAYMENT);
        close_what_is_open(&s);
        restore_one_that_answers(&s, SHIP_SHIPPING);
        lose_cancel(&s);
        lose_goods(&s);
        restore_the_first(&s);
    }
    CHECK(shop_close(&s, test_state.all_failed == 0));
    return test_end();
}
