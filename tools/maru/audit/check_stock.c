/* check_stock.c: the invariants of goods (checks.h). */
#include <inttypes.h>
#include <string.h>

#include "audit/checks_impl.h"

void stock_equation(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++) {
        const Inventory__Stock *s = b->stock[i].stock;

        if (s->on_hand != s->received + s->returned + s->adjusted - s->shipped)
            book_find(b, "stock-equation", s->product,
                      "on hand %" PRId64 ", but received %" PRId64 " + returned %" PRId64 " + adjusted %" PRId64
                      " - shipped %" PRId64 " is %" PRId64,
                      s->on_hand, s->received, s->returned, s->adjusted, s->shipped,
                      s->received + s->returned + s->adjusted - s->shipped);
    }
}

void stock_bounds(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++) {
        const Inventory__Stock *s = b->stock[i].stock;

        if (s->reserved < 0 || s->reserved > s->on_hand)
            book_find(b, "stock-bounds", s->product, "want 0 <= reserved <= on hand %" PRId64 ", got %" PRId64,
                      s->on_hand, s->reserved);
    }
}

/* ---- the ledger of a product ---- */

static void ledger_of(book *b, const book_stock *stock)
{
    const Inventory__Stock *s = stock->stock;
    int64_t                 on_hand = 0;

    for (size_t i = 0; i < stock->movement_count; i++) {
        const Inventory__Movement *m = stock->movements[i];

        on_hand += m->delta;
        if (m->number != i + 1 || m->on_hand != on_hand) {
            book_find(b, "stock-ledger", s->product,
                      "movement %" PRIu64 " is the %zu., and leaves %" PRId64 ", not %" PRId64, m->number, i + 1,
                      m->on_hand, on_hand);
            return;
        }
    }
    if (on_hand != s->on_hand || stock->movement_count != s->movements)
        book_find(b, "stock-ledger", s->product,
                  "on hand %" PRId64 " after %" PRIu64 " movements, but the ledger has %zu that leave %" PRId64,
                  s->on_hand, s->movements, stock->movement_count, on_hand);
}

void stock_ledger(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++)
        ledger_of(b, &b->stock[i]);
}

static int64_t sum_kind(const book_stock *stock, Inventory__MovementKind kind)
{
    int64_t sum = 0;

    for (size_t i = 0; i < stock->movement_count; i++)
        sum += stock->movements[i]->kind == kind ? stock->movements[i]->delta : 0;
    return sum;
}

static void kind_agrees(book *b, const book_stock *stock, Inventory__MovementKind kind, const char *what, int64_t told)
{
    int64_t moved = sum_kind(stock, kind);

    if (moved != told)
        book_find(b, "stock-kinds", stock->stock->product,
                  "%s %" PRId64 ", but its movements of that kind make %" PRId64, what, told, moved);
}

void stock_kinds(book *b)
{
    for (size_t i = 0; i < b->stock_count; i++) {
        const Inventory__Stock *s = b->stock[i].stock;

        kind_agrees(b, &b->stock[i], INVENTORY__MOVEMENT_KIND__RECEIVED, "received", s->received);
        kind_agrees(b, &b->stock[i], INVENTORY__MOVEMENT_KIND__RETURNED, "returned", s->returned);
        kind_agrees(b, &b->stock[i], INVENTORY__MOVEMENT_KIND__ADJUSTED, "adjusted", s->adjusted);
        kind_agrees(b, &b->stock[i], INVENTORY__MOVEMENT_KIND__SHIPPED, "minus shipped", -s->shipped);
    }
}

/* ---- what orders hold ---- */

/* The audit's own sums. */
static int64_t *reserved_of(book_stock *stock)
{
    return &stock->reserved;
}

static int64_t *shipped_of(book_stock *stock)
{
    return &stock->shipped;
}

static void add_goods(book *b, const book_order *o, const char *check, int64_t *(*sum_of)(book_stock *stock))
{
    for (size_t i = 0; i < o->reservation->n_goods; i++) {
        const Inventory__Goods *goods = o->reservation->goods[i];
        book_stock             *stock = book_stock_of(b, goods->product);

        if (stock == NULL)
            book_find(b, check, goods->product, "%s holds it, and there is no stock of it", o->name);
        else
            *sum_of(stock) += goods->quantity;
    }
}

void reserved_sum(book *b)
{
    EACH_ORDER(b, o)
    if (is_live(o))
        add_goods(b, o, "reserved-sum", reserved_of);
    for (size_t i = 0; i < b->stock_count; i++)
        if (b->stock[i].reserved != b->stock[i].stock->reserved)
            book_find(b, "reserved-sum", b->stock[i].stock->product,
                      "reserved %" PRId64 ", but live reservations hold %" PRId64, b->stock[i].stock->reserved,
                      b->stock[i].reserved);
}

/* What left the house is what the orders that were shipped held. */
void stock_shipped(book *b)
{
    EACH_ORDER(b, o)
    if (has_state(o, INVENTORY__RESERVATION_STATE__SHIPPED_OUT))
        add_goods(b, o, "stock-shipped", shipped_of);
    for (size_t i = 0; i < b->stock_count; i++)
        if (b->stock[i].shipped != b->stock[i].stock->shipped)
            book_find(b, "stock-shipped", b->stock[i].stock->product,
                      "%" PRId64 " left, but the orders that were shipped held %" PRId64, b->stock[i].stock->shipped,
                      b->stock[i].shipped);
}

/* ---- what was ordered ---- */

static int64_t ordered(const Checkout__Order *order, const char *product)
{
    int64_t sum = 0;

    for (size_t i = 0; i < order->n_lines; i++)
        sum += strcmp(order->lines[i]->product, product) == 0 ? order->lines[i]->quantity : 0;
    return sum;
}

/* Each product stands once among goods: where each agrees and the sums do, all do. */
static void goods_match(book *b, const book_order *o, const char *service, Inventory__Goods *const *goods, size_t count)
{
    int64_t left = 0;

    for (size_t i = 0; i < o->order->n_lines; i++)
        left += o->order->lines[i]->quantity;
    for (size_t i = 0; i < count; i++) {
        int64_t want = ordered(o->order, goods[i]->product);

        left -= goods[i]->quantity;
        if (goods[i]->quantity != want) {
            book_find(b, "goods", o->name, "%s has %" PRId64 " of %s, ordered were %" PRId64, service,
                      goods[i]->quantity, goods[i]->product, want);
            return;
        }
    }
    if (left != 0)
        book_find(b, "goods", o->name, "%s lacks %" PRId64 " pieces of what was ordered", service, left);
}

/* Tombstones name no goods. */
void goods_agree(book *b)
{
    EACH_ORDER(b, o)
    {
        if (o->order == NULL)
            continue;
        if (o->reservation != NULL && (o->reservation->n_goods > 0 || is_live(o)))
            goods_match(b, o, "inventory", o->reservation->goods, o->reservation->n_goods);
        if (o->shipment != NULL && o->shipment->n_goods > 0)
            goods_match(b, o, "shipping", o->shipment->goods, o->shipment->n_goods);
    }
}
