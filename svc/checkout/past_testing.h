/* past_testing.h: what the tests of orders of the past have in common, over testing.h: invoices. Header only;
 * included by tests alone.
 */
#ifndef SHOP_CHECKOUT_PAST_TESTING_H
#define SHOP_CHECKOUT_PAST_TESTING_H

#include "testing.h"

enum { THEN = 1291191960 };

#define COMPLETED "OrderSubmitted OrderConfirmed OrderCompleted"

/* ---- requests ---- */

/* Room for one request of up to four lines and two charges, which tests change before they send it. It points into
 * itself: it is not copied. */
struct bill {
    Checkout__PlacePastOrderRequest  order;
    Checkout__ReturnPastGoodsRequest back;
    Google__Protobuf__Timestamp      time;
    Checkout__Line                   lines[4], *line_list[4];
    Checkout__Charge                 charges[2], *charge_list[2];
    Shop__Money                      prices[4], amounts[2];
};

static inline void add_line(struct bill *bill, const char *product, int64_t quantity, int64_t pence)
{
    size_t i = bill->order.n_lines++;

    bill->prices[i] = (Shop__Money)SHOP__MONEY__INIT;
    bill->prices[i].currency = (char *)"GBP";
    bill->prices[i].minor = pence;
    bill->lines[i] = (Checkout__Line)CHECKOUT__LINE__INIT;
    bill->lines[i].product = (char *)product;
    bill->lines[i].quantity = quantity;
    bill->lines[i].title = (char *)"SPOON";
    bill->lines[i].price = &bill->prices[i];
    bill->line_list[i] = &bill->lines[i];
    bill->back.n_lines = bill->order.n_lines;
}

static inline void add_charge(struct bill *bill, const char *title, int64_t pence)
{
    size_t i = bill->order.n_charges++;

    bill->amounts[i] = (Shop__Money)SHOP__MONEY__INIT;
    bill->amounts[i].currency = (char *)"GBP";
    bill->amounts[i].minor = pence;
    bill->charges[i] = (Checkout__Charge)CHECKOUT__CHARGE__INIT;
    bill->charges[i].title = (char *)title;
    bill->charges[i].amount = &bill->amounts[i];
    bill->charge_list[i] = &bill->charges[i];
}

static inline struct bill *bill_of(struct bill *bill, const char *invoice, const char *customer, int64_t time)
{
    *bill = (struct bill){.order = CHECKOUT__PLACE_PAST_ORDER_REQUEST__INIT,
                          .back = CHECKOUT__RETURN_PAST_GOODS_REQUEST__INIT,
                          .time = GOOGLE__PROTOBUF__TIMESTAMP__INIT};
    bill->time.seconds = time;
    bill->order.invoice = bill->back.invoice = (char *)invoice;
    bill->order.customer = bill->back.customer = (char *)customer;
    bill->order.time = bill->back.time = &bill->time;
    bill->order.lines = bill->back.lines = bill->line_list;
    bill->order.charges = bill->charge_list;
    return bill;
}

static inline maru_status place_past(struct shop *shop, const struct bill *bill, Checkout__Order **order)
{
    return checkout_place_past_order(shop->checkout.s.client, shop->checkout.call, &bill->order, order);
}

static inline maru_status give_back(struct shop *shop, const struct bill *bill,
                                    Checkout__ReturnPastGoodsResponse **found)
{
    return checkout_return_past_goods(shop->checkout.s.client, shop->checkout.call, &bill->back, found);
}

#endif
