/* flow_test.c: what becomes of an order when the others say what they say: real logs, told and read. */
#include "testing.h"

/* ---- what the others say ---- */

static void reserved(struct shop *shop, const char *order)
{
    Inventory__StockReserved event = INVENTORY__STOCK_RESERVED__INIT;
    Inventory__Goods         goods = INVENTORY__GOODS__INIT, *list[] = {&goods};

    goods.product = (char *)"products/tea";
    goods.quantity = 2;
    event.order = (char *)order;
    event.goods = list;
    event.n_goods = 1;
    teller_say(&shop->inventory, order, &event.base);
}

static void rejected(struct shop *shop, const char *order)
{
    Inventory__StockRejected event = INVENTORY__STOCK_REJECTED__INIT;
    Inventory__Shortage      shortage = INVENTORY__SHORTAGE__INIT, *list[] = {&shortage};

    shortage.product = (char *)"products/tea";
    shortage.wanted = 2;
    shortage.available = 1;
    event.order = (char *)order;
    event.shortages = list;
    event.n_shortages = 1;
    teller_say(&shop->inventory, order, &event.base);
}

static void expired(struct shop *shop, const char *order)
{
    Inventory__StockReleased event = INVENTORY__STOCK_RELEASED__INIT;

    event.order = (char *)order;
    event.expired = true;
    teller_say(&shop->inventory, order, &event.base);
}

static void authorized(struct shop *shop, const char *order)
{
    Payment__PaymentAuthorized event = PAYMENT__PAYMENT_AUTHORIZED__INIT;
    Shop__Money                amount = SHOP__MONEY__INIT;

    amount.currency = (char *)"KRW";
    amount.minor = 18000;
    event.order = (char *)order;
    event.amount = &amount;
    teller_say(&shop->payment, order, &event.base);
}

static void declined(struct shop *shop, const char *order)
{
    Payment__PaymentDeclined event = PAYMENT__PAYMENT_DECLINED__INIT;

    event.order = (char *)order;
    event.reason = (char *)"insufficient_funds";
    teller_say(&shop->payment, order, &event.base);
}

static void capture_refused(struct shop *shop, const char *order)
{
    Payment__PaymentCaptureRefused event = PAYMENT__PAYMENT_CAPTURE_REFUSED__INIT;

    event.order = (char *)order;
    event.reason = (char *)"card_closed";
    teller_say(&shop->payment, order, &event.base);
}

static void void_expired(struct shop *shop, const char *order)
{
    Payment__PaymentVoided event = PAYMENT__PAYMENT_VOIDED__INIT;

    event.order = (char *)order;
    event.expired = true;
    teller_say(&shop->payment, order, &event.base);
}

static void dispatched(struct shop *shop, const char *order)
{
    Shipping__ShipmentDispatched event = SHIPPING__SHIPMENT_DISPATCHED__INIT;

    event.order = (char *)order;
    event.tracking = (char *)"KR-1";
    teller_say(&shop->shipping, order, &event.base);
}

static void released(struct shop *shop, const char *order)
{
    says(&shop->inventory, order, &inventory__stock_released__descriptor);
}

static void shipped(struct shop *shop, const char *order)
{
    says(&shop->inventory, order, &inventory__stock_shipped__descriptor);
}

static void voided(struct shop *shop, const char *order)
{
    says(&shop->payment, order, &payment__payment_voided__descriptor);
}

static void delivered(struct shop *shop, const char *order)
{
    says(&shop->shipping, order, &shipping__shipment_delivered__descriptor);
}

static void stopped(struct shop *shop, const char *order)
{
    says(&shop->shipping, order, &shipping__shipment_cancelled__descriptor);
}

static void not_stopped(struct shop *shop, const char *order)
{
    says(&shop->shipping, order, &shipping__shipment_cancel_refused__descriptor);
}

static void asked(struct shop *shop, const char *name)
{
    Checkout__Order *order;

    if (!CHECK_INT(cancel(shop, name, &order), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(shop->checkout.call));
}

static void too_late(struct shop *shop, const char *name)
{
    Checkout__Order *order;

    refused(shop, cancel(shop, name, &order), MARU_FAILED_PRECONDITION, "too late to cancel");
}

/* ---- stories ---- */

enum { SCENES = 8 };

struct story {
    const char *sentence;
    void (*scenes[SCENES])(struct shop *shop, const char *order); /* each has its effect before the next */
    Checkout__OrderState   state;
    Checkout__CancelReason reason;
    const char            *detail; /* a part of it; "" : it is empty */
    const char            *said;
};

#define STATE(name) CHECKOUT__ORDER_STATE__##name
#define WHY(name)   CHECKOUT__CANCEL_REASON__##name
#define NO_REASON   WHY(CANCEL_REASON_UNSPECIFIED)
#define CONFIRMING  "OrderSubmitted OrderConfirmed"

static const struct story stories[] = {
    {"a reservation alone confirms nothing", {reserved}, STATE(SUBMITTED), NO_REASON, "", "OrderSubmitted"},
    {"nor does an authorisation", {authorized}, STATE(SUBMITTED), NO_REASON, "", "OrderSubmitted"},
    {"both do", {reserved, authorized}, STATE(CONFIRMED), NO_REASON, "", CONFIRMING},
    {"in either order", {authorized, reserved}, STATE(CONFIRMED), NO_REASON, "", CONFIRMING},
    {"and twice is as once", {reserved, authorized, reserved, authorized}, STATE(CONFIRMED), NO_REASON, "", CONFIRMING},
    {"what is delivered is completed, and too late to cancel",
     {reserved, authorized, dispatched, too_late, delivered, too_late},
     STATE(COMPLETED),
     NO_REASON,
     "",
     CONFIRMING " OrderCompleted"},
    {"what left had been reserved and authorised, whether or not that was heard",
     {dispatched, too_late, delivered, reserved, authorized},
     STATE(COMPLETED),
     NO_REASON,
     "",
     CONFIRMING " OrderCompleted"},
    {"out of stock, and late news of the payment",
     {rejected, authorized, reserved},
     STATE(CANCELLED),
     WHY(OUT_OF_STOCK),
     "products/tea: 2 wanted, 1 there",
     "OrderSubmitted OrderCancelled"},
    {"declined",
     {reserved, declined},
     STATE(CANCELLED),
     WHY(DECLINED),
     "insufficient_funds",
     "OrderSubmitted OrderCancelled"},
    {"the reservation expired before the payment was there",
     {reserved, expired, authorized},
     STATE(CANCELLED),
     WHY(PAYMENT_TIME_OUT),
     "the reservation expired",
     "OrderSubmitted OrderCancelled"},
    {"it expired just after it was confirmed, and could not be renewed: shipping, which never heard of it, stops it",
     {reserved, authorized, expired, rejected, stopped},
     STATE(CANCELLED),
     WHY(OUT_OF_STOCK),
     "products/tea",
     CONFIRMING " OrderCancelRequested OrderCancelled"},
    {"an inventory that was restored has no goods for what left already: that is not cancelled",
     {reserved, authorized, dispatched, rejected},
     STATE(CONFIRMED),
     NO_REASON,
     "",
     CONFIRMING},
    {"the customer, at once; a repeat is as once",
     {asked, asked, reserved, authorized},
     STATE(CANCELLED),
     WHY(CUSTOMER),
     "",
     "OrderSubmitted OrderCancelled"},
    {"the customer, after the reservation",
     {reserved, asked},
     STATE(CANCELLED),
     WHY(CUSTOMER),
     "",
     "OrderSubmitted OrderCancelled"},
    {"the customer, after it was confirmed: shipping is asked",
     {reserved, authorized, asked, asked},
     STATE(CANCELLING),
     WHY(CUSTOMER),
     "",
     CONFIRMING " OrderCancelRequested"},
    {"and says yes",
     {reserved, authorized, asked, stopped, asked},
     STATE(CANCELLED),
     WHY(CUSTOMER),
     "",
     CONFIRMING " OrderCancelRequested OrderCancelled"},
    {"or no: it goes on, and is not asked again",
     {reserved, authorized, asked, dispatched, not_stopped, too_late},
     STATE(CONFIRMED),
     NO_REASON,
     "it left already",
     CONFIRMING " OrderCancelRequested"},
    {"delivered while shipping is being asked",
     {reserved, authorized, asked, dispatched, delivered, not_stopped},
     STATE(COMPLETED),
     NO_REASON,
     "",
     CONFIRMING " OrderCancelRequested OrderCompleted"},
    {"the capture was refused: shipping stops it",
     {reserved, authorized, capture_refused, asked, stopped},
     STATE(CANCELLED),
     WHY(PAYMENT_FAILED),
     "card_closed",
     CONFIRMING " OrderCancelRequested OrderCancelled"},
    {"not captured in time: shipping stops it",
     {reserved, authorized, void_expired, stopped},
     STATE(CANCELLED),
     WHY(AUTHORIZATION_EXPIRED),
     "not captured in time",
     CONFIRMING " OrderCancelRequested OrderCancelled"},
    {"this store went back to before a cancel that inventory heard: it is cancelled again",
     {reserved, released, authorized, voided, stopped},
     STATE(CANCELLED),
     WHY(CUSTOMER),
     "before checkout's store went back",
     "OrderSubmitted OrderCancelRequested OrderCancelled"},
    {"or that payment heard, though it was confirmed anew meanwhile",
     {authorized, reserved, voided, released, stopped},
     STATE(CANCELLED),
     WHY(CUSTOMER),
     "before checkout's store went back",
     CONFIRMING " OrderCancelRequested OrderCancelled"},
    {"but what left is not cancelled by that",
     {reserved, authorized, dispatched, released, voided},
     STATE(CONFIRMED),
     NO_REASON,
     "",
     CONFIRMING},
    {"a shipping that was restored stops what had left, until it hears so, too: that is not cancelled",
     {reserved, authorized, asked, shipped, stopped, delivered},
     STATE(COMPLETED),
     NO_REASON,
     "",
     CONFIRMING " OrderCancelRequested OrderCompleted"},
};

static void play(struct shop *shop, const struct story *story, int number)
{
    Checkout__Order *order;
    const char      *name;

    begin(shop, story->sentence);
    name = new_order(shop, maru_printf(shop->checkout.call, "carts/story-%d", number));
    for (int i = 0; i < SCENES && story->scenes[i] != NULL; i++) {
        story->scenes[i](shop, name);
        teller_settle(&shop->checkout);
    }
    if (!CHECK_INT(get(shop, name, &order), MARU_OK))
        return;
    CHECK_INT(order->state, story->state);
    CHECK_INT(order->reason, story->reason);
    CHECK_CONTAINS(order->detail, story->detail);
    CHECK(story->detail[0] != '\0' || order->detail[0] == '\0');
    CHECK_STR(teller_story(&shop->checkout, name), story->said);
}

static void test_stories(struct shop *shop)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        play(shop, &stories[i], (int)i);
}

/* ---- what is said ---- */

static void test_words(struct shop *shop)
{
    Checkout__OrderConfirmed       *confirmed;
    Checkout__OrderCancelRequested *requested;
    Checkout__OrderCancelled       *cancelled;
    const char                     *name;

    begin(shop, "each event has what its readers need");
    name = new_order(shop, "carts/a");
    reserved(shop, name);
    authorized(shop, name);
    teller_settle(&shop->checkout);
    capture_refused(shop, name);
    teller_settle(&shop->checkout);
    stopped(shop, name);
    teller_settle(&shop->checkout);
    confirmed =
        (Checkout__OrderConfirmed *)teller_said(&shop->checkout, name, 1, &checkout__order_confirmed__descriptor);
    requested = (Checkout__OrderCancelRequested *)teller_said(&shop->checkout, name, 2,
                                                              &checkout__order_cancel_requested__descriptor);
    cancelled =
        (Checkout__OrderCancelled *)teller_said(&shop->checkout, name, 3, &checkout__order_cancelled__descriptor);
    if (!CHECK(confirmed != NULL && requested != NULL && cancelled != NULL))
        return;
    CHECK_STR(confirmed->order, name);
    CHECK_INT(confirmed->n_lines, 2);
    CHECK_STR(confirmed->lines[0]->product, "products/tea");
    CHECK_INT(confirmed->lines[0]->quantity, 2);
    CHECK_STR(requested->order, name);
    CHECK_INT(requested->reason, WHY(PAYMENT_FAILED));
    CHECK_STR(cancelled->order, name);
    CHECK_INT(cancelled->reason, WHY(PAYMENT_FAILED));
    CHECK_STR(cancelled->detail, "card_closed");
}

static void check_entry(const Checkout__Timeline *found, size_t index, const char *type, const char *service,
                        const char *detail)
{
    const Checkout__TimelineEntry *entry = found->entries[index];

    CHECK_STR(entry->type, type);
    CHECK_STR(entry->service, service);
    CHECK_STR(entry->detail, detail);
    CHECK(strncmp(entry->event_id, service, strlen(service)) == 0);
    CHECK(entry->time != NULL && entry->time->seconds > 0);
    CHECK(entry->after_ms >= 0 && entry->after_ms < SERVING_CALL_MS);
}

/* The cause of a new order's first event, whose call had that request id; NULL where something failed. */
static const char *cause_of_order(struct shop *shop, const char *request_id, const char *cart)
{
    Checkout__Timeline *found;
    Checkout__Quote    *made;
    Checkout__Order    *order;
    maru_call          *call = shop->checkout.call;

    if (!CHECK_INT(maru_call_set_request_id(call, cart), MARU_OK) || /* Quote's own */
        !CHECK_INT(quote(shop, cart, "", &made), MARU_OK) ||
        !CHECK_INT(maru_call_set_request_id(call, request_id), MARU_OK) ||
        !CHECK_INT(place(shop, wish(cart, made->name), &order), MARU_OK) ||
        !CHECK_INT(timeline(shop, order->name, &found), MARU_OK) || !CHECK(found->n_entries > 0))
        return NULL;
    return found->entries[0]->causation_id;
}

static void test_keys(struct shop *shop)
{
    const char *one, *same, *other;

    begin(shop, "a cause tells calls apart by their request ids, and has none of them: they are their callers' own");
    one = cause_of_order(shop, "till-key-1", "carts/a");
    same = cause_of_order(shop, "till-key-1", "carts/b");
    other = cause_of_order(shop, "till-key-2", "carts/c");
    if (!CHECK(one != NULL && same != NULL && other != NULL))
        return;
    CHECK(strncmp(one, "call /shop.checkout.v1.CheckoutService/PlaceOrder ", 50) == 0);
    CHECK_INT(strspn(one + 50, "0123456789abcdef"), 8);
    CHECK_INT(strlen(one), 58);
    CHECK(strstr(one, "till") == NULL);
    CHECK_STR(same, one);
    CHECK(strcmp(other, one) != 0);
}

static void test_timeline(struct shop *shop)
{
    MaruEvents__ReadAggregateResponse *log;
    Checkout__Timeline                *found;
    const char                        *name;

    begin(shop, "the timeline has every event, ours and theirs, with its cause and words for a person");
    name = new_order(shop, "carts/a");
    reserved(shop, name);
    teller_settle(&shop->checkout);
    authorized(shop, name);
    teller_settle(&shop->checkout);
    says(&shop->shipping, name, &shipping__shipment_packed__descriptor);
    teller_settle(&shop->checkout);
    if (!CHECK_INT(timeline(shop, name, &found), MARU_OK) || !CHECK_INT(found->n_entries, 5))
        return;
    CHECK_STR(found->order, name);
    check_entry(found, 0, "shop.checkout.v1.OrderSubmitted", "checkout", "2 lines, 18000 KRW");
    check_entry(found, 1, "shop.inventory.v1.StockReserved", "inventory", "2 pieces of 1 product");
    check_entry(found, 2, "shop.payment.v1.PaymentAuthorized", "payment", "18000 KRW");
    check_entry(found, 3, "shop.checkout.v1.OrderConfirmed", "checkout", "reserved and authorised");
    check_entry(found, 4, "shop.shipping.v1.ShipmentPacked", "shipping", "packed");
    begin(shop, "ids and causes are those of the logs");
    log = teller_about(&shop->checkout, name);
    if (!CHECK(log != NULL && log->n_events == 2))
        return;
    CHECK_STR(found->entries[0]->event_id, log->events[0]->id);
    CHECK_STR(found->entries[0]->causation_id, log->events[0]->causation_id);
    CHECK_CONTAINS(found->entries[0]->causation_id, "PlaceOrder");
    CHECK_STR(found->entries[3]->event_id, log->events[1]->id);
    CHECK_STR(found->entries[3]->causation_id, found->entries[2]->event_id);
    begin(shop, "of an order that is not there it is NOT_FOUND");
    refused(shop, timeline(shop, "orders/none", &found), MARU_NOT_FOUND, "name: no order orders/none");
}

/* ---- troubles ---- */

static void test_strangers(struct shop *shop)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters;
    Checkout__Order                     *order;
    const char                          *name;

    begin(shop, "events about orders that are not here have no effect, and hold up nothing");
    name = new_order(shop, "carts/a");
    reserved(shop, "orders/stranger");
    declined(shop, "orders/stranger");
    reserved(shop, name);
    authorized(shop, name);
    teller_settle(&shop->checkout);
    CHECK_INT(maru_event_inbox_list_dead_letters(shop->checkout.s.client, shop->checkout.call, &request, &letters),
              MARU_OK);
    CHECK_INT(letters->n_dead_letters, 0);
    CHECK_INT(get(shop, name, &order), MARU_OK);
    CHECK_INT(order->state, STATE(CONFIRMED));
    CHECK_INT(get(shop, "orders/stranger", &order), MARU_NOT_FOUND);
}

static void test_away(struct shop *shop)
{
    Checkout__Order *order;
    char             name[64];

    begin(shop, "what was said while checkout was off is heard after, and once");
    snprintf(name, sizeof name, "%s", new_order(shop, "carts/a"));
    reserved(shop, name);
    authorized(shop, name);
    teller_settle(&shop->checkout);
    shop_stop_checkout(shop);
    dispatched(shop, name);
    delivered(shop, name);
    if (!CHECK(teller_again(&shop->checkout) && shop_serve(shop)))
        return;
    teller_wait(&shop->checkout, name, CONFIRMING " OrderCompleted");
    teller_settle(&shop->checkout);
    CHECK_STR(teller_story(&shop->checkout, name), CONFIRMING " OrderCompleted");
    CHECK_INT(get(shop, name, &order), MARU_OK);
    CHECK_INT(order->state, STATE(COMPLETED));
}

int main(void)
{
    run(test_stories, false);
    run(test_words, false);
    run(test_timeline, false);
    run(test_keys, false);
    run(test_strangers, false);
    run(test_away, false);
    return test_end();
}
