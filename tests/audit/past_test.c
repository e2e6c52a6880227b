/* past_test.c: what the audit finds of orders of the past: clean as they are, and one thing wrong a case. */
#include "audit/foreign.h"
#include "wrong.h"

/* orders/a as one of the past: paid elsewhere. */
static void be_past(handmade *h)
{
    h->done->order->invoice = (char *)"1";
    h->done->order->quote = h->done->order->request_id = (char *)"";
    h->done->payment->settle_time = HAND(h, Google__Protobuf__Timestamp, GOOGLE__PROTOBUF__TIMESTAMP__INIT);
    h->done->ledger = (book_ledger){0};
}

/* And a piece of it, at 100, came back, and was paid back. */
static void give_back(handmade *h)
{
    Inventory__Movement    **movements = hand_make(h, 8 * sizeof *movements);
    Inventory__Goods       **goods = hand_goods(h);
    book_stock              *stock = &h->b.stock[0];
    Payment__RefundSucceeded refund = PAYMENT__REFUND_SUCCEEDED__INIT;

    be_past(h);
    memcpy(movements, stock->movements, stock->movement_count * sizeof *movements);
    movements[stock->movement_count] = HAND(h, Inventory__Movement, INVENTORY__MOVEMENT__INIT);
    movements[stock->movement_count]->number = stock->movement_count + 1;
    stock->movement_count++;
    movements[stock->movement_count - 1]->kind = INVENTORY__MOVEMENT_KIND__RETURNED;
    movements[stock->movement_count - 1]->delta = 1;
    movements[stock->movement_count - 1]->on_hand = ++h->stock->on_hand;
    stock->movements = movements;
    h->stock->movements++;
    h->stock->returned = goods[0]->quantity = 1;
    h->done->reservation->returned = goods;
    h->done->reservation->n_returned = 1;
    h->done->order->lines[1]->returned = 1;
    h->done->order->lines[1]->price = refund.amount = h->done->payment->refunded = hand_money(h, 100);
    HAND_SAY(h, CHECKOUT, h->done, Checkout__OrderReturned, CHECKOUT__ORDER_RETURNED__INIT);
    HAND_SAY(h, INVENTORY, h->done, Inventory__StockReturned, INVENTORY__STOCK_RETURNED__INIT);
    hand_say(h, BOOK_PAYMENT, h->done, &refund.base);
    hand_consumer(h);
}

static void invoice_twice(handmade *h)
{
    be_past(h);
    h->gone->order->invoice = h->done->order->invoice;
    h->gone->payment->amount->minor = 0; /* nothing is charged for it */
}

static void charge_for_past(handmade *h)
{
    h->gone->order->invoice = (char *)"2";
}

static void settle_today(handmade *h)
{
    be_past(h);
    h->done->order->invoice = (char *)"";
    h->done->order->quote = h->done->order->request_id = (char *)"r";
}

static void ask_for_past(handmade *h)
{
    be_past(h);
    h->done->ledger.authorizations = 1;
}

/* As somebody who has the provider's key. */
static void charge_for(handmade *h, book_ledger ledger)
{
    be_past(h);
    hand_own_charge(h, h->done, ledger);
    foreign_part(&h->b);
}

static void hold_for_past(handmade *h)
{
    charge_for(h, (book_ledger){.authorized = HAND_PRICE, .authorizations = 1, .currency = "GBP"});
}

static void give_up_for_past(handmade *h)
{
    charge_for(h, (book_ledger){.authorized = HAND_PRICE, .authorizations = 1, .voids = 1, .currency = "GBP"});
}

static void take_for_past(handmade *h)
{
    charge_for(
        h, (book_ledger){
               .authorized = 5, .captured = 5, .refunded = 4, .authorizations = 1, .captures = 1, .currency = "KRW"});
}

static void give_back_for_past(handmade *h)
{
    charge_for(
        h, (book_ledger){
               .authorized = 5, .captured = 5, .refunded = 5, .authorizations = 1, .captures = 1, .currency = "KRW"});
}

static void pay_less_elsewhere(handmade *h)
{
    be_past(h);
    h->done->payment->captured->minor = h->done->folded.captured = HAND_PRICE - 1;
}

static void return_more_stock(handmade *h)
{
    give_back(h);
    h->done->reservation->returned[0]->quantity = 2;
}

static void return_unheard(handmade *h)
{
    give_back(h);
    h->done->order->lines[1]->returned = 2;
    h->done->order->lines[1]->price = hand_money(h, 50);
}

static void return_unpaid(handmade *h)
{
    give_back(h);
    h->done->order->lines[1]->price = hand_money(h, 101);
}

static void return_more_than_left(handmade *h)
{
    give_back(h);
    h->done->order->lines[1]->returned = h->done->reservation->returned[0]->quantity = HAND_PIECES + 1;
    h->done->order->lines[1]->price = hand_money(h, 1);
    h->stock->returned = h->b.stock[0].movements[h->b.stock[0].movement_count - 1]->delta = HAND_PIECES + 1;
    h->stock->on_hand = h->b.stock[0].movements[h->b.stock[0].movement_count - 1]->on_hand =
        h->stock->on_hand + HAND_PIECES;
}

static const wrong all[] = {
    {"an order that was paid elsewhere is no finding", be_past, ""},
    {"nor what came back of it", give_back, ""},
    {"two orders of one invoice", invoice_twice, "request-once"},
    {"payment charges for an order of the past", charge_for_past, "settled"},
    {"an order of today was paid elsewhere", settle_today, "settled"},
    {"the provider was asked for it", ask_for_past, "ledgers-equal"},
    {"somebody had money held for it", hold_for_past, "ledgers-equal"},
    {"and no more once that was given up", give_up_for_past, ""},
    {"or taken, until all of it is given back", take_for_past, "ledgers-equal"},
    {"and then no more", give_back_for_past, ""},
    {"less was paid elsewhere than it cost", pay_less_elsewhere, "completed"},
    {"inventory has more back than the order", return_more_stock, "returned"},
    {"the order has more back than inventory", return_unheard, "returned"},
    {"what came back was not paid back", return_unpaid, "returned"},
    {"more came back than left", return_more_than_left, "returned"},
    {NULL, NULL, NULL},
};

int main(void)
{
    test_all(all);
    return test_end();
}
