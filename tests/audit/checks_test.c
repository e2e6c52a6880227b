/* checks_test.c: each check of the audit over a book made by hand: clean as it is, and one thing wrong a case. */
#include "wrong.h"

static void none(handmade *h)
{
}

/* ---- stock ---- */

static void count_more(handmade *h)
{
    h->stock->received++;
}

static void hold_more(handmade *h)
{
    h->stock->on_hand++;
}

static void reserve_below(handmade *h)
{
    h->stock->reserved = -1;
}

static void reserve_above(handmade *h)
{
    h->stock->reserved = h->stock->on_hand + 1;
}

static void reserve_for_nobody(handmade *h)
{
    h->stock->reserved = 1;
}

/* Live where the order is over: the order's check finds it too. */
static void reserve_on(handmade *h)
{
    h->gone->reservation->state = INVENTORY__RESERVATION_STATE__COMMITTED;
}

static void renumber(handmade *h)
{
    h->b.stock[0].movements[1]->number = 3;
}

static void leave_less(handmade *h)
{
    h->b.stock[0].movements[0]->on_hand--;
}

static void find_some(handmade *h)
{
    h->b.stock[0].movements[0]->kind = INVENTORY__MOVEMENT_KIND__RETURNED;
}

static void ship_of_nothing(handmade *h)
{
    h->done->reservation->goods[0]->product = (char *)"products/y";
}

static void ship_more(handmade *h)
{
    h->done->shipment->goods[0]->quantity++;
}

static void keep_nothing(handmade *h)
{
    h->gone->reservation->goods[0]->quantity--;
}

static void keep_a_part(handmade *h)
{
    h->gone->order->lines[1]->product = (char *)"products/z";
    h->gone->reservation->goods[0]->quantity = 1;
    h->gone->shipment->n_goods = 0;
}

/* ---- money ---- */

static void authorize_twice(handmade *h)
{
    h->gone->ledger.authorizations = 2;
}

static void capture_twice(handmade *h)
{
    h->done->ledger.captures = 2;
}

static void capture_above(handmade *h)
{
    h->done->ledger.authorized = h->done->payment->authorized->minor = HAND_PRICE - 1;
}

static void refund_above(handmade *h)
{
    h->done->ledger.refunded = HAND_PRICE + 1;
}

static void refund_above_by_us(handmade *h)
{
    h->gone->payment->refunded = hand_money(h, 1);
}

static void pay_in_won(handmade *h)
{
    h->gone->payment->authorized->currency = (char *)"KRW";
}

static void capture_in_won(handmade *h)
{
    h->done->payment->captured->currency = (char *)"KRW";
}

/* Of an order that is over, all of what was captured. */
static void refund_in_won(handmade *h)
{
    h->gone->payment->state = h->gone->folded.payment = PAYMENT__PAYMENT_STATE__REFUNDED;
    h->gone->payment->captured = hand_money(h, HAND_PRICE);
    h->gone->payment->refunded = hand_money(h, HAND_PRICE);
    h->gone->payment->refunded->currency = (char *)"KRW";
    h->gone->ledger.captures = 1;
    h->gone->ledger.captured = h->gone->ledger.refunded = HAND_PRICE;
    h->gone->folded.captured = h->gone->folded.refunded = HAND_PRICE;
}

static void charge_in_won(handmade *h)
{
    h->gone->payment->amount->currency = (char *)"KRW";
}

static void settle_in_won(handmade *h)
{
    h->done->ledger.currency = "KRW";
}

static void settle_in_two(handmade *h)
{
    h->done->ledger.other = "KRW";
}

static void authorize_unknown(handmade *h)
{
    h->gone->payment->authorized = NULL;
}

static void refund_unknown(handmade *h)
{
    h->done->ledger.refunded = 1;
}

/* ---- orders ---- */

static void ask_twice(handmade *h)
{
    h->gone->order->request_id = h->done->order->request_id;
    h->gone->order->customer = (char *)"customers/another";
}

static void quote_twice(handmade *h)
{
    h->gone->order->quote = h->done->order->quote;
}

static void know_alone(handmade *h)
{
    book_order_of(&h->b, "orders/c");
}

static void never_end(handmade *h)
{
    h->done->order->state = h->done->folded.order = CHECKOUT__ORDER_STATE__CONFIRMED;
}

static void capture_less(handmade *h)
{
    h->done->ledger.captured = h->done->payment->captured->minor = h->done->folded.captured = HAND_PRICE - 1;
}

static void not_leave(handmade *h)
{
    h->done->reservation->state = h->done->folded.reservation = INVENTORY__RESERVATION_STATE__RELEASED;
}

static void not_arrive(handmade *h)
{
    h->done->shipment->state = h->done->folded.shipment = SHIPPING__SHIPMENT_STATE__DISPATCHED;
}

static void stay_open(handmade *h)
{
    h->gone->ledger.voids = 0;
}

static void keep_money(handmade *h)
{
    h->gone->payment->captured = hand_money(h, HAND_PRICE);
    h->gone->ledger.captured = h->gone->folded.captured = HAND_PRICE;
    h->gone->ledger.captures = 1;
}

/* Others captured it before its goods were bound, which they never were. */
static void pay_too_early(handmade *h)
{
    h->gone->shipment->state = SHIPPING__SHIPMENT_STATE__EXPECTED;
    h->gone->shipment->n_goods = 0;
    h->gone->folded.shipment = 0;
}

/* Counted as it left, and in inventory's log. */
static void ship_all_the_same(handmade *h)
{
    h->gone->reservation->state = h->gone->folded.reservation = INVENTORY__RESERVATION_STATE__SHIPPED_OUT;
    h->stock->shipped = 2 * HAND_PIECES;
    h->stock->on_hand = h->stock->available = HAND_RECEIVED - 2 * HAND_PIECES;
    hand_move(h, 1, INVENTORY__MOVEMENT_KIND__SHIPPED, -2 * HAND_PIECES, h->stock->on_hand);
}

static void leave_all_the_same(handmade *h)
{
    h->gone->shipment->state = h->gone->folded.shipment = SHIPPING__SHIPMENT_STATE__DELIVERED;
}

/* ---- logs ---- */

static void fold_order(handmade *h)
{
    h->gone->order->state = CHECKOUT__ORDER_STATE__COMPLETED;
    h->gone->folded.order = CHECKOUT__ORDER_STATE__CANCELLED;
    h->gone->payment->state = PAYMENT__PAYMENT_STATE__VOIDING; /* under way: nothing else is asked of it */
}

static void fold_total(handmade *h)
{
    h->gone->folded.total++;
}

static void fold_reservation(handmade *h)
{
    h->gone->reservation->state = INVENTORY__RESERVATION_STATE__REJECTED;
}

static void fold_payment(handmade *h)
{
    h->gone->payment->state = PAYMENT__PAYMENT_STATE__DECLINED;
}

static void fold_shipment(handmade *h)
{
    h->gone->folded.shipment = SHIPPING__SHIPMENT_STATE__PACKED;
}

static void fold_captured(handmade *h)
{
    h->done->folded.captured = 0;
}

static void fold_refunded(handmade *h)
{
    h->done->folded.refunded = 1;
}

static void say_more(handmade *h)
{
    HAND_SAY(h, CHECKOUT, h->done, Checkout__OrderCompleted, CHECKOUT__ORDER_COMPLETED__INIT);
    hand_consumer(h);
}

static void say_garbage(handmade *h)
{
    HAND_SAY(h, PAYMENT, h->done, Payment__PaymentCaptured, PAYMENT__PAYMENT_CAPTURED__INIT);
}

static void skip_sequence(handmade *h)
{
    MaruEvents__Event event = MARU_EVENTS__EVENT__INIT;

    event.producer = (char *)"checkout";
    event.sequence = h->sequences[BOOK_CHECKOUT] + 2;
    event.aggregate = (char *)"carts/1";
    fold_event(&h->b, BOOK_CHECKOUT, event.sequence - 2, &event);
}

static void say_for_another(handmade *h)
{
    MaruEvents__Event event = MARU_EVENTS__EVENT__INIT;

    event.producer = (char *)"cart";
    event.sequence = 1;
    event.aggregate = (char *)"carts/1";
    fold_event(&h->b, BOOK_CHECKOUT, 0, &event);
}

static void skip_version(handmade *h)
{
    MaruEvents__Event event = MARU_EVENTS__EVENT__INIT;

    event.id = event.producer = (char *)"shipping";
    event.sequence = h->sequences[BOOK_SHIPPING] + 1;
    event.aggregate = (char *)h->gone->name;
    event.version = 3;
    event.type = (char *)"shop.shipping.v1.ShipmentCancelled";
    fold_event(&h->b, BOOK_SHIPPING, event.sequence - 1, &event);
}

static void read_beyond(handmade *h)
{
    hand_consumer(h)->sequence++;
}

static void park(handmade *h)
{
    MaruEvents__Consumer *c = hand_consumer(h);

    c->parked = 1;
    c->waiting = 2;
}

/* A service that the audit was never told of. */
static void park_elsewhere(handmade *h)
{
    book_other           *other = hand_make(h, sizeof *other);
    MaruEvents__Consumer *c = HAND(h, MaruEvents__Consumer, MARU_EVENTS__CONSUMER__INIT);

    c->producer = (char *)"checkout";
    c->parked = c->waiting = 1;
    other->name = "sales";
    other->consumers = hand_make(h, sizeof *other->consumers);
    other->consumers[0] = c;
    other->consumer_count = 1;
    h->b.others = other;
    h->b.other_count = 1;
}

static void hear_less(handmade *h)
{
    hand_timeline(h, h->done)->n_entries--;
}

static void hear_nothing(handmade *h)
{
    hand_timeline(h, h->done)->n_entries = 0;
}

static void hear_twice(handmade *h)
{
    Checkout__TimelineEntry **entries = hand_timeline(h, h->done)->entries;

    entries[4] = entries[1]; /* both inventory's */
}

/* A third order, while it is being made: what must hold at rest is not asked. */
static book_order *hand_new(handmade *h)
{
    book_order *o = book_order_of(&h->b, "orders/c");

    h->b.logs[BOOK_CART].still = false;
    return o;
}

static void submit_garbage(handmade *h)
{
    HAND_SAY(h, CHECKOUT, hand_new(h), Checkout__OrderSubmitted, CHECKOUT__ORDER_SUBMITTED__INIT);
}

static void refund_garbage(handmade *h)
{
    HAND_SAY(h, PAYMENT, hand_new(h), Payment__RefundSucceeded, PAYMENT__REFUND_SUCCEEDED__INIT);
}

/* ---- what is no finding ---- */

static void refuse_cancel(handmade *h)
{
    h->done->order->state = CHECKOUT__ORDER_STATE__CONFIRMED;
    h->done->folded.order = CHECKOUT__ORDER_STATE__CANCELLING;
    h->done->folded.cancel_refused = true;
    h->done->shipment->state = h->done->folded.shipment = SHIPPING__SHIPMENT_STATE__DISPATCHED;
}

static void ask_for_cancel(handmade *h)
{
    h->done->order->state = h->done->folded.order = CHECKOUT__ORDER_STATE__CANCELLING;
    h->done->shipment->state = h->done->folded.shipment = SHIPPING__SHIPMENT_STATE__DISPATCHED;
}

static void wait_to_pack(handmade *h)
{
    h->done->order->state = h->done->folded.order = CHECKOUT__ORDER_STATE__CONFIRMED;
    h->done->shipment->state = SHIPPING__SHIPMENT_STATE__PENDING;
    h->done->folded.shipment = 0;
}

static void break_log(handmade *h)
{
    h->b.logs[BOOK_SHIPPING].broken = true;
    h->done->folded.shipment = 0;
    h->done->folded.versions[BOOK_SHIPPING] = 0;
    h->b.logs[BOOK_SHIPPING].last_end = 0;
}

static void be_under_way(handmade *h)
{
    h->b.logs[BOOK_CART].still = false;
    h->stock->reserved = 1; /* found only at rest */
}

static void be_behind(handmade *h)
{
    hand_consumer(h)->lag = 1;
    h->stock->reserved = 1;
}

static void be_tried_again(handmade *h)
{
    hand_consumer(h)->waiting = 1;
    h->stock->reserved = 1;
}

static const wrong all[] = {
    {"a book in which all agrees is clean", none, ""},
    {"stock: more was received than is there", count_more, "stock-equation stock-kinds"},
    {"stock: more is there than was received", hold_more, "stock-equation stock-ledger"},
    {"stock: less than nothing is reserved", reserve_below, "stock-bounds reserved-sum"},
    {"stock: more is reserved than there is", reserve_above, "stock-bounds reserved-sum"},
    {"stock: what is reserved is not what reservations hold", reserve_for_nobody, "reserved-sum"},
    {"stock: a reservation lives on after its order", reserve_on, "reserved-sum fold cancelled"},
    {"stock: movements are not numbered 1, 2, 3", renumber, "stock-ledger"},
    {"stock: a movement leaves another sum", leave_less, "stock-ledger"},
    {"stock: a movement is of another kind", find_some, "stock-kinds"},
    {"stock: what left is of a product that is not there", ship_of_nothing, "stock-shipped goods"},
    {"goods: the parcel holds more than was ordered", ship_more, "goods"},
    {"goods: less was reserved than was ordered", keep_nothing, "goods"},
    {"goods: a product that was ordered is not reserved", keep_a_part, "goods"},
    {"money: two authorisations", authorize_twice, "charge-once"},
    {"money: two captures", capture_twice, "charge-once"},
    {"money: more captured than authorised", capture_above, "charge-once"},
    {"money: more refunded than captured, by the provider", refund_above, "refund-bound ledgers-equal"},
    {"money: more refunded than captured, by us", refund_above_by_us, "refund-bound ledgers-equal fold"},
    {"money: authorised in another currency", pay_in_won, "one-currency"},
    {"money: captured in another currency", capture_in_won, "one-currency"},
    {"money: refunded in another currency", refund_in_won, "one-currency"},
    {"money: to be charged in another currency", charge_in_won, "one-currency"},
    {"money: the provider's ledger is in another currency", settle_in_won, "one-currency"},
    {"money: the provider's ledger is in two currencies", settle_in_two, "one-currency"},
    {"money: the provider authorised what we do not know", authorize_unknown, "ledgers-equal"},
    {"money: the provider refunded what we do not know", refund_unknown, "ledgers-equal"},
    {"orders: two of one request id, whoever said it", ask_twice, "request-once"},
    {"orders: two of one quote", quote_twice, "request-once"},
    {"orders: one that checkout does not know", know_alone, "order-known"},
    {"orders: one that does not end", never_end, "order-ends"},
    {"orders: completed for less", capture_less, "completed"},
    {"orders: completed, and the goods are here", not_leave, "stock-shipped completed"},
    {"orders: completed, and not delivered", not_arrive, "completed"},
    {"orders: cancelled, and still authorised", stay_open, "cancelled"},
    {"orders: cancelled, and not refunded", keep_money, "cancelled"},
    {"orders: cancelled, and its goods left", ship_all_the_same, "cancelled"},
    {"orders: cancelled, and delivered", leave_all_the_same, "cancelled"},
    {"orders: cancelled before there was a parcel, and paid before that, by others", pay_too_early, ""},
    {"logs: an order is not in the state that checkout's log says", fold_order, "fold"},
    {"logs: an order's total is not what checkout's log says", fold_total, "fold"},
    {"logs: a reservation is not in the state that inventory's log says", fold_reservation, "fold"},
    {"logs: a payment is not in the state that its log says", fold_payment, "fold"},
    {"logs: a shipment is not in the state that shipping's log says", fold_shipment, "fold"},
    {"logs: what was captured is not what payment's log says", fold_captured, "fold"},
    {"logs: what was refunded is not what payment's log says", fold_refunded, "fold"},
    {"logs: an order goes on after its end", say_more, "fold"},
    {"logs: an event that says no amount", say_garbage, "fold"},
    {"logs: an order without a total", submit_garbage, "fold"},
    {"logs: a refund that says no amount", refund_garbage, "fold"},
    {"logs: a sequence is left out", skip_sequence, "log-dense"},
    {"logs: an event is of another service", say_for_another, "log-dense"},
    {"logs: a version is left out", skip_version, "log-dense timeline"},
    {"logs: somebody has read more than there is", read_beyond, "cursors"},
    {"logs: an event is a dead letter", park, "delivered"},
    {"logs: an event is a dead letter at a service that came later", park_elsewhere, "delivered"},
    {"logs: an event is not in its timeline", hear_less, "timeline"},
    {"logs: an order has no timeline", hear_nothing, "timeline"},
    {"logs: an event is in its timeline twice", hear_twice, "timeline"},
    {"a cancel that came too late leaves an order confirmed", refuse_cancel, ""},
    {"a cancel that is being decided is no finding", ask_for_cancel, ""},
    {"a parcel that waits to be packed is in no log", wait_to_pack, ""},
    {"of a log that can't be read nothing follows", break_log, ""},
    {"while a log grows, what must hold at rest is not asked", be_under_way, ""},
    {"nor while somebody is behind", be_behind, ""},
    {"nor while an event is tried again", be_tried_again, ""},
    {NULL, NULL, NULL},
};

int main(void)
{
    test_all(all);
    return test_end();
}
