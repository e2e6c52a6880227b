/* steps_test.c: what an operator is told to do about money that others moved at the provider works as it is printed:
 * the lines of maru order why and of docs/orders.md are taken from there, and run. And what the audit does not call
 * wrong.
 *
 *   steps_test BIN DOCS       BIN: the folder of the programs; DOCS: docs/orders.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alive.h"
#include "shop/payment.pb-c.h"
#include "test.h"

enum { LINE = 2048 };

static const plan stays = {.cancel_ms = -1, .leaves = true};

static const char PACKING[] = "it is being packed";
static const char OVER[] = "over  no event is owed";
static const char NOTHING[] = "nothing: all of it was given back there";

static void says(shop *s, const char *line, int status, const char *part)
{
    proc p = shop_run(s, line);

    if (!CHECK_INT(p.status, status) || !CHECK_CONTAINS(p.text[PROC_OUT], part))
        fprintf(stderr, "%s\n%s%s", line, p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

static bool until(shop *s, const char *line, const char *part)
{
    char text[ALIVE_TEXT];

    return shop_until(s, line, part, text, sizeof text);
}

/* That of a parcel that is not packed yet, and authorised. */
static const char *buy(shop *s)
{
    const char *order = shop_buy(s, stays);
    char        text[ALIVE_TEXT];

    CHECK(why_says(s, order, PACKING, text));
    return order;
}

static bool pays(shop *s, const char *order, const char *words)
{
    char line[LINE];

    snprintf(line, sizeof line, "maru call payment shop.payment.v1.PaymentService/GetPayment -d '{\"order\":\"%s\"}'",
             order);
    return until(s, line, words);
}

/* ---- somebody who has the provider's key ---- */

/* How much is authorised for an order, by the provider. */
static long price_of(shop *s, const char *order)
{
    char line[LINE], *at;
    long minor = 0;
    proc p;

    snprintf(line, sizeof line,
             "maru call provider shop.provider.v1.ProviderService/GetOperation -d '{\"key\": \"authorize:%s\"}'",
             order);
    p = shop_run(s, line);
    if (CHECK((at = strstr(p.text[PROC_OUT], "\"minor\": \"")) != NULL))
        minor = strtol(at + strlen("\"minor\": \""), NULL, 10);
    proc_free(&p);
    return minor;
}

static void others(shop *s, const char *method, const char *key, const char *order, long minor, const char *says_so)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "maru call provider shop.provider.v1.ProviderService/%s -d '{\"key\": \"%s:%s\", "
             "\"authorization\": \"authorize:%s\", \"amount\": {\"currency\": \"GBP\", \"minor\": \"%ld\"}}'",
             method, key, order, order, minor);
    says(s, line, 0, says_so);
}

static void others_authorize(shop *s, const char *key, const char *reference, long minor)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "t=$(maru call provider shop.provider.v1.ProviderService/Tokenize "
             "-d '{\"number\": \"4242424242424242\", \"expiry\": \"12/99\"}' | sed -n 's/.*\"token\": "
             "*\"\\([^\"]*\\)\".*/\\1/p'); "
             "maru call provider shop.provider.v1.ProviderService/Authorize -d '{\"key\": \"%s\", "
             "\"reference\": \"%s\", \"token\": \"'$t'\", \"amount\": {\"currency\": \"GBP\", \"minor\": \"%ld\"}}'",
             key, reference, minor);
    says(s, line, 0, "\"succeeded\": true");
}

/* ---- what is printed is run ---- */

/* The first line of what why says of the order that begins so, as it is; false: it says none. */
static bool take_line(shop *s, const char *order, const char *part, char line[static LINE])
{
    char text[ALIVE_TEXT], *at;

    if (!CHECK(why_says(s, order, part, text)) || !CHECK((at = strstr(text, part)) != NULL))
        return false;
    snprintf(line, LINE, "%.*s", (int)strcspn(at, "\n"), at);
    return true;
}

/* Until why says that it is over, or that. */
static bool ends(shop *s, const char *order, const char *other)
{
    char line[LINE];

    snprintf(line, sizeof line, "maru order why %s | grep -cE '%s|%s'", order, OVER, other);
    return until(s, line, "1\n");
}

static bool cancel(shop *s, const char *order)
{
    return CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
}

static void clean(shop *s)
{
    CHECK(until(s, "maru audit --wait 5s", "\naudit: clean\n"));
}

/* ---- payment voids what was captured ---- */

static const maru_table payments = {1, "payments", &payment__payment_record__descriptor};

/* As an older version left what it did not take in: it waits for a void that does not come. */
static maru_status forget_capture(maru_txn *txn, void *arg)
{
    const char             *order = arg;
    Payment__PaymentRecord *record;
    maru_status             status = maru_get(txn, &payments, maru_key_text(order), (ProtobufCMessage **)&record);

    if (status != MARU_OK)
        return status;
    record->payment->state = PAYMENT__PAYMENT_STATE__VOIDING;
    record->payment->cancelled = true;
    record->payment->captured = NULL;
    return maru_put(txn, &payments, maru_key_text(order), &record->base);
}

static const char *void_in_vain(shop *s)
{
    static const maru_table *const tables[] = {&payments, NULL};
    const char                    *order = buy(s);

    others(s, "Capture", "by-hand", order, price_of(s, order), "\"succeeded\": true");
    CHECK(pays(s, order, "\"CAPTURED\""));
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT) && shop_change(s, SHIP_PAYMENT, tables, forget_capture, (void *)order) &&
          fleet_launch(&s->fleet, SHIP_PAYMENT));
    CHECK(pays(s, order, "\"VOIDING\""));
    cancel(s, order);
    return order;
}

static const char REFUND[] = "  maru call provider shop.provider.v1.ProviderService/Refund ";

static void give_back_in_vain(shop *s)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;
    const char      *order;
    char             line[LINE], again[LINE], amount[64];

    test_begin("why: what payment voids in vain: the printed Refund is refused, and printed with a key that is free");
    order = void_in_vain(s);
    snprintf(amount, sizeof amount, "\"minor\": \"%ld\"}}'", price_of(s, order));
    faults.refuse_refund = 1000;
    if (!take_line(s, order, REFUND, line) || !CHECK(shop_faults(s, &faults)))
        return;
    CHECK_CONTAINS(line, amount);
    says(s, line, 0, "refunds_suspended");
    CHECK(shop_provider(s, false));
    says(s, line, 0, "refunds_suspended");
    test_begin("why: that gives back all that the provider has left, and then there is nothing to be done");
    if (!take_line(s, order, REFUND, again))
        return;
    CHECK(strcmp(line, again) != 0);
    CHECK_CONTAINS(again, amount);
    says(s, again, 0, "\"succeeded\": true");
    says(s, again, 0, "\"succeeded\": true");
    CHECK(ends(s, order, NOTHING)); /* a payment that counts what others gave back takes that in */
}

/* ---- the void's key is used up ---- */

static void give_up_spent(shop *s)
{
    const char *order;
    char        line[LINE], text[ALIVE_TEXT];

    test_begin("why: the key by which payment voids was used for something else: the printed Void ends it");
    order = buy(s);
    others(s, "Capture", "void", order, price_of(s, order) + 1, "amount_differs");
    cancel(s, order);
    if (!take_line(s, order, "  maru call provider shop.provider.v1.ProviderService/Void ", line))
        return;
    says(s, line, 0, "\"succeeded\": true");
    CHECK(why_says(s, order, OVER, text));
    CHECK(pays(s, order, "\"VOIDED\""));
    clean(s);
}

/* ---- a part is given back ---- */

/* A payment that counts what others had given back has nothing that is to be done by hand. */
static void give_back_rest(shop *s)
{
    static const char rest[] = "somebody else had some of it";
    const char       *order;
    char              text[ALIVE_TEXT], *command;

    test_begin("why: of a cancelled order's money others had a part given back: the rest is, as it is printed");
    order = buy(s);
    others(s, "Capture", "by-hand", order, price_of(s, order), "\"succeeded\": true");
    CHECK(pays(s, order, "\"CAPTURED\""));
    others(s, "Refund", "by-hand:some", order, 1, "\"succeeded\": true");
    cancel(s, order);
    CHECK(ends(s, order, rest));
    CHECK(why_says(s, order, order, text));
    if ((command = strstr(text, "  maru call payment ")) != NULL) {
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "\"state\": \"REFUNDING\"");
    }
    CHECK(ends(s, order, NOTHING));
}

/* ---- what is only late is no finding ---- */

static void hear_late(shop *s)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;
    const char      *order;
    char             line[LINE];

    test_begin("audit: what others captured of a cancelled order, whose news is late, is not to be given back by hand");
    faults.news_late_ms = 4000;
    order = buy(s);
    CHECK(shop_faults(s, &faults));
    others(s, "Capture", "by-hand", order, price_of(s, order), "\"succeeded\": true");
    cancel(s, order);
    snprintf(
        line, sizeof line,
        "n=0; until maru call payment shop.payment.v1.PaymentService/GetPayment -d '{\"order\":\"%s\"}' | "
        "grep -q REFUNDED; do n=$((n + 1)); test $n -lt 400 || break; maru audit | grep -E '^[a-z-]+: %s: '; done; "
        "echo none",
        order, order);
    {
        proc p = shop_run(s, line);

        CHECK_STR(p.text[PROC_OUT], "none\n");
        proc_free(&p);
    }
    CHECK(shop_provider(s, false));
    CHECK(pays(s, order, "\"REFUNDED\""));
    clean(s);
}

/* ---- an order that is bought by hand, so that its name is known before ---- */

enum { PIECES_TOO_MANY = 1000000 };

/* NAME TOTAL of what a new order will be. */
static bool quote(shop *s, const char *cart, long pieces, char name[static 64], long *total)
{
    char line[LINE];
    proc p;
    bool well;

    snprintf(
        line, sizeof line,
        "maru call cart shop.cart.v1.CartService/AddItem -d '{\"cart\": \"carts/%s\", \"product\": "
        "\"products/SOAK01\", \"quantity\": %ld}' >/dev/null; "
        "maru call checkout shop.checkout.v1.CheckoutService/Quote -d '{\"cart\": \"carts/%s\"}' | "
        "awk -F '\"' '$2 == \"name\" {name = $4} $2 == \"total\" {total = 1} total && $2 == \"minor\" {print name, "
        "$4; exit}'",
        cart, pieces, cart);
    p = shop_run(s, line);
    well = CHECK(sscanf(p.text[PROC_OUT], "quotes/%63s %ld", name, total) == 2);
    if (!well)
        fprintf(stderr, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
    return well;
}

static void place_order(shop *s, const char *name)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "t=$(maru call payment shop.payment.v1.PaymentService/TokenizeCard "
             "-d '{\"number\": \"4242424242424242\", \"expiry\": \"12/99\"}' | sed -n 's/.*\"token\": "
             "*\"\\([^\"]*\\)\".*/\\1/p'); maru call checkout shop.checkout.v1.CheckoutService/PlaceOrder -d "
             "'{\"requestId\": \"r-%s\", \"quote\": \"quotes/%s\", \"paymentToken\": \"'$t'\"}'",
             name, name);
    says(s, line, 0, "\"orders/");
}

static void pack(shop *s, const char *order)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "maru call shipping shop.shipping.v1.ShippingService/MarkPacked -d '{\"order\":\"%s\"}'", order);
    says(s, line, 0, "PACKED");
}

static void authorize_elsewhere(shop *s)
{
    char name[64], order[96], key[128], text[ALIVE_TEXT];
    long total;

    test_begin("audit: an order that is authorised under its own key with another reference is rightly paid");
    if (!quote(s, "elsewhere", 1, name, &total))
        return;
    snprintf(order, sizeof order, "orders/%s", name);
    snprintf(key, sizeof key, "authorize:%s", order);
    others_authorize(s, key, "orders/elsewhere", total);
    place_order(s, name);
    CHECK(why_says(s, order, PACKING, text));
    pack(s, order);
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
    clean(s);
}

static void pay_too_early(shop *s)
{
    char name[64], order[96], key[128];
    long total;

    test_begin("audit: an order that others paid, and for which there were no goods, is clean once its money is back");
    if (!quote(s, "early", PIECES_TOO_MANY, name, &total))
        return;
    snprintf(order, sizeof order, "orders/%s", name);
    snprintf(key, sizeof key, "authorize:%s", order);
    others_authorize(s, key, order, total);
    others(s, "Capture", "by-hand", order, total, "\"succeeded\": true");
    place_order(s, name);
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(pays(s, order, "\"REFUNDED\""));
    clean(s);
}

/* ---- a capture that is refused first ---- */

static void capture_after_refusal(shop *s)
{
    const char *order;
    char        line[LINE], text[ALIVE_TEXT];

    test_begin("why: what was captured after the capture was refused is over, and no log is against it");
    order = buy(s);
    CHECK(fleet_halt(&s->fleet, SHIP_CHECKOUT));
    others(s, "Capture", "capture", order, price_of(s, order) + 1, "amount_differs");
    pack(s, order);
    CHECK(pays(s, order, "\"CAPTURE_REFUSED\""));
    others(s, "Capture", "by-hand", order, price_of(s, order), "\"succeeded\": true");
    snprintf(line, sizeof line, "maru events tail shipping --aggregate %s", order);
    CHECK(until(s, line, " ShipmentDelivered "));
    CHECK(pays(s, order, "\"CAPTURED\""));
    /* It hears that the parcel arrived before it hears of the refusal, which it would ask to cancel it for. */
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT) && fleet_launch(&s->fleet, SHIP_CHECKOUT));
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED) && fleet_launch(&s->fleet, SHIP_PAYMENT));
    CHECK(why_says(s, order, OVER, text));
    CHECK(strstr(text, "another end") == NULL);
    clean(s);
}

/* ---- the lines of the docs ---- */

/* Of the block of docs/orders.md the line that has part in it, for another order and amount. */
static void take_from_docs(shop *s, const char *docs, const char *order, long minor, const char *part,
                           const char *says_so)
{
    char line[LINE];

    snprintf(line, sizeof line,
             "awk '/^order=orders\\/7f3a$/ {in_it = 1} /^```/ {in_it = 0} in_it' '%s' | "
             "grep -F -e 'order=' -e '%s' | sed -e 's|build/bin/maru|maru|' -e 's|=orders/7f3a|=%s|' -e "
             "'s/KRW/GBP/; s/3000/%ld/' >\"$MARU_DATA/step\"; test \"$(wc -l <\"$MARU_DATA/step\")\" = 2 && "
             ". \"$MARU_DATA/step\"",
             docs, part, order, minor);
    says(s, line, 0, says_so);
}

static void follow_docs(shop *s, const char *docs)
{
    test_begin("docs: what the provider did for nobody is looked at, and given up, as it is written there");
    others_authorize(s, "authorize:orders/nobody", "orders/nobody", 7);
    CHECK(until(s, "maru audit", "ledgers-equal: orders/nobody: the provider holds 7 GBP under authorize:"));
    take_from_docs(s, docs, "orders/nobody", 7, "GetOperation", "\"AUTHORIZE\"");
    take_from_docs(s, docs, "orders/nobody", 7, "ProviderService/Void", "\"succeeded\": true");
    take_from_docs(s, docs, "orders/nobody", 7, "events tail", "by-hand:void-1:orders/nobody");
    clean(s);
    test_begin("docs: and what it took is given back");
    others_authorize(s, "authorize:orders/noone", "orders/noone", 8);
    others(s, "Capture", "k", "orders/noone", 8, "\"succeeded\": true");
    CHECK(until(s, "maru audit", "ledgers-equal: orders/noone: the provider took 8 GBP under authorize:"));
    take_from_docs(s, docs, "orders/noone", 8, "ProviderService/Refund", "\"succeeded\": true");
    clean(s);
}

int main(int argc, char **argv)
{
    shop s;

    if (argc != 3) {
        fprintf(stderr, "steps_test: want the folder of the programs, and docs/orders.md\n");
        return 2;
    }
    test_begin("a shop starts, which packs when it is told to");
    if (CHECK(shop_open(&s, argv[1]) && pack_in(&s, 600000))) {
        hear_late(&s);
        authorize_elsewhere(&s);
        pay_too_early(&s);
        capture_after_refusal(&s);
        give_up_spent(&s);
        follow_docs(&s, argv[2]);
        give_back_rest(&s);
        give_back_in_vain(&s); /* the last: its payment stays as it is */
    }
    CHECK(shop_close(&s, test_state.all_failed == 0));
    return test_end();
}
