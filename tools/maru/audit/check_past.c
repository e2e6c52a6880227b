/* check_past.c: the invariants of orders of the past: paid elsewhere, and what came back of them (checks.h). */
#include <inttypes.h>
#include <string.h>

#include "audit/checks_impl.h"

/* Else an order of today could be paid by nobody. */
void settled(book *b)
{
    EACH_ORDER(b, o)
    {
        if (o->order == NULL || o->payment == NULL)
            continue;
        if (is_settled(o) && !is_past(o->order))
            book_find(b, "settled", o->name, "payment says that it was paid elsewhere, and it is none of the past");
        if (!is_settled(o) && is_past(o->order) && book_minor(o->payment->amount) != 0)
            book_find(b, "settled", o->name, "it is of the past, and payment charges for it");
    }
}

/* ---- what came back ---- */

static int64_t pieces_of(Inventory__Goods *const *goods, size_t count, const char *product)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += strcmp(goods[i]->product, product) == 0 ? goods[i]->quantity : 0;
    return sum;
}

static int64_t returned_of(const Checkout__Order *order, const char *product)
{
    int64_t sum = 0;

    for (size_t i = 0; i < order->n_lines; i++)
        sum += strcmp(order->lines[i]->product, product) == 0 ? order->lines[i]->returned : 0;
    return sum;
}

static void goods_came_back(book *b, const book_order *o)
{
    const Inventory__Reservation *r = o->reservation;

    for (size_t i = 0; r != NULL && i < r->n_goods; i++) {
        int64_t back = pieces_of(r->returned, r->n_returned, r->goods[i]->product);
        int64_t want = returned_of(o->order, r->goods[i]->product);

        if (back != want || back > r->goods[i]->quantity)
            book_find(b, "returned", o->name,
                      "%" PRId64 " of %s came back by the order, %" PRId64 " by inventory, of %" PRId64 " that left",
                      want, r->goods[i]->product, back, r->goods[i]->quantity);
    }
}

/* Of the past only: what is given back else is an operator's to say. */
static void money_went_back(book *b, const book_order *o)
{
    int64_t worth = 0;

    for (size_t i = 0; i < o->order->n_lines; i++)
        worth += o->order->lines[i]->returned * book_minor(o->order->lines[i]->price);
    if (is_past(o->order) && o->payment != NULL && book_minor(o->payment->refunded) < worth)
        book_find(b, "returned", o->name, "goods for %" PRId64 " came back, and %" PRId64 " were given back", worth,
                  book_minor(o->payment->refunded));
}

static void stock_came_back(book *b)
{
    EACH_ORDER(b, o)
    for (size_t i = 0; o->reservation != NULL && i < o->reservation->n_returned; i++) {
        book_stock *stock = book_stock_of(b, o->reservation->returned[i]->product);

        if (stock != NULL)
            stock->returned += o->reservation->returned[i]->quantity;
    }
    for (size_t i = 0; i < b->stock_count; i++)
        if (b->stock[i].returned != b->stock[i].stock->returned)
            book_find(b, "returned", b->stock[i].stock->product, "%" PRId64 " came back, and %" PRId64 " of orders",
                      b->stock[i].stock->returned, b->stock[i].returned);
}

void goods_returned(book *b)
{
    EACH_ORDER(b, o)
    {
        if (o->order == NULL)
            continue;
        goods_came_back(b, o);
        money_went_back(b, o);
    }
    stock_came_back(b);
}
