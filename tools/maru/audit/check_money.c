/* check_money.c: the invariants of money (checks.h). */
#include <inttypes.h>
#include <string.h>

#include "audit/checks_impl.h"
#include "audit/foreign.h"

void charge_once(book *b)
{
    EACH_ORDER(b, o)
    {
        const book_ledger *l = &o->ledger;

        if (l->authorizations > 1)
            book_find(b, "charge-once", o->name, "the provider authorised it %u times", l->authorizations);
        if (l->captures > 1)
            book_find(b, "charge-once", o->name, "the provider captured it %u times", l->captures);
        if (l->captured > l->authorized)
            book_find(b, "charge-once", o->name, "captured %" PRId64 ", authorised %" PRId64, l->captured,
                      l->authorized);
    }
}

void refund_bound(book *b)
{
    EACH_ORDER(b, o)
    {
        if (o->ledger.refunded > o->ledger.captured)
            book_find(b, "refund-bound", o->name, "refunded %" PRId64 ", captured %" PRId64, o->ledger.refunded,
                      o->ledger.captured);
        if (o->payment != NULL && book_minor(o->payment->refunded) > book_minor(o->payment->captured))
            book_find(b, "refund-bound", o->name, "payment says refunded %" PRId64 ", captured %" PRId64,
                      book_minor(o->payment->refunded), book_minor(o->payment->captured));
    }
}

static void currency_is(book *b, const book_order *o, const char *what, const char *currency)
{
    if (currency != NULL && strcmp(currency, o->order->total->currency) != 0)
        book_find(b, "one-currency", o->name, "its total is in %s, %s in %s", o->order->total->currency, what,
                  currency);
}

static const char *currency_of(const Shop__Money *money)
{
    return money == NULL ? NULL : money->currency;
}

void one_currency(book *b)
{
    EACH_ORDER(b, o)
    {
        if (o->order == NULL || o->order->total == NULL)
            continue;
        currency_is(b, o, "the provider's ledger is", o->ledger.currency);
        currency_is(b, o, "an operation of the provider's is", o->ledger.other);
        if (o->payment == NULL)
            continue;
        currency_is(b, o, "what payment shall charge is", currency_of(o->payment->amount));
        currency_is(b, o, "what payment authorised is", currency_of(o->payment->authorized));
        currency_is(b, o, "what payment captured is", currency_of(o->payment->captured));
        currency_is(b, o, "what payment refunded is", currency_of(o->payment->refunded));
    }
}

static void equal(book *b, const book_order *o, const char *what, const Shop__Money *ours, int64_t theirs)
{
    if (book_minor(ours) != theirs)
        book_find(b, "ledgers-equal", o->name, "payment says %s %" PRId64 ", the provider %" PRId64, what,
                  book_minor(ours), theirs);
}

/* What was paid elsewhere is no business of the provider's: a card that it charged for it was charged twice. Where
 * that could be known to be somebody else's doing, it is told as such, until it is given back. */
static void never_asked(book *b, const book_order *o)
{
    if (o->ledger.authorizations + o->ledger.captures + o->ledger.voids > 0 || o->ledger.refunded != 0)
        book_find(b, "ledgers-equal", o->name, "it was paid elsewhere, but the provider has %u authorisations of it",
                  o->ledger.authorizations);
}

static const char *why_not_ours(const book_order *o, const book_charge *charge)
{
    if (!foreign_is_key(charge->key, o->name))
        return "it is under no key of the shop's";
    if (is_settled(o))
        return "it was paid elsewhere";
    return o->payment != NULL && o->payment->amount != NULL ? "it is of another amount" : "it knows no order";
}

/* Its goods left, or are to leave unless somebody stops that. */
static bool may_be_paid_by(const book_order *o)
{
    int reserved = o->reservation == NULL ? 0 : (int)o->reservation->state;
    int shipped = o->shipment == NULL ? 0 : (int)o->shipment->state;

    if (reserved == INVENTORY__RESERVATION_STATE__SHIPPED_OUT || shipped == SHIPPING__SHIPMENT_STATE__DISPATCHED ||
        shipped == SHIPPING__SHIPMENT_STATE__DELIVERED)
        return true;
    return shipped != SHIPPING__SHIPMENT_STATE__STOPPED && reserved != INVENTORY__RESERVATION_STATE__RELEASED &&
           (reserved == INVENTORY__RESERVATION_STATE__COMMITTED || shipped == SHIPPING__SHIPMENT_STATE__PACKED);
}

/* What was charged by the order's own key may be what the goods cost: they are looked at first. */
static const char *first_see(book *b, const book_order *o, const book_charge *charge)
{
    const char *words = "";

    if (o->order == NULL && !is_settled(o) && foreign_is_key(charge->key, o->name) && may_be_paid_by(o) &&
        (words = maru_arena_printf(b->arena, "unless maru order why %s says to leave it, ", o->name)) == NULL) {
        b->out_of_memory = true;
        return "";
    }
    return words;
}

/* Each is named for as long as somebody's money is with us by it, by the key that gives it back. */
static void not_ours(book *b, const book_order *o)
{
    for (const book_charge *charge = o->charges; charge != NULL; charge = charge->next) {
        const book_ledger *l = &charge->ledger;
        int64_t            taken = l->captured - l->refunded;

        if (foreign_is_open(charge))
            book_find(b, "ledgers-equal", o->name,
                      "the provider %s %" PRId64 " %s under %s, and the shop does not want that of it (%s): %sgive it "
                      "back there, by %s with a key of your own: docs/orders.md, \"A charge without an order\"",
                      taken > 0 ? "took" : "holds", taken > 0 ? taken : l->authorized,
                      l->currency == NULL ? "" : l->currency, charge->key, why_not_ours(o, charge),
                      first_see(b, o, charge), taken > 0 ? "Refund" : "Void");
    }
}

/* As long as money is kept by it: payment does not take in what was done about it since, either. */
static void voids_in_vain(book *b, const book_order *o)
{
    const book_ledger *own = &book_own_charge(o)->ledger;
    int64_t            kept = own->captured - own->refunded;

    if (kept > 0)
        book_find(b, "ledgers-equal", o->name,
                  "the provider captured %" PRId64 " %s of authorize:%s, which payment shall void, and can't any more: "
                  "it does not end by itself: give back %" PRId64 " there, by Refund with a key of your own: "
                  "docs/orders.md, \"A charge without an order\"",
                  own->captured, own->currency == NULL ? "" : own->currency, o->name, kept);
}

/* More at the provider, of what both have as captured: somebody else had it given back. That can't be undone, and it
 * is said what of it is left. */
static void equal_refunds(book *b, const book_order *o)
{
    const Payment__Payment *p = o->payment;
    int64_t                 ours = p == NULL ? 0 : book_minor(p->refunded), theirs = o->ledger.refunded;

    if (theirs > ours && p != NULL && book_minor(p->captured) == o->ledger.captured && theirs <= o->ledger.captured)
        book_find(b, "ledgers-equal", o->name,
                  "payment says refunded %" PRId64 ", the provider %" PRId64 ": somebody else had %" PRId64
                  " given back there, which payment does not count; %" PRId64 " are left",
                  ours, theirs, theirs - ours, o->ledger.captured - theirs);
    else
        equal(b, o, "refunded", p == NULL ? NULL : p->refunded, theirs);
}

void ledgers_equal(book *b)
{
    EACH_ORDER(b, o)
    {
        const Payment__Payment *p = o->payment;

        if (book_goes_on(o) != NULL) /* the provider may have done already what payment does not know yet */
            continue;
        not_ours(b, o);
        if (is_settled(o)) {
            never_asked(b, o);
            continue;
        }
        if (book_voids_in_vain(o)) {
            voids_in_vain(b, o);
            continue;
        }
        equal(b, o, "authorised", p == NULL ? NULL : p->authorized, o->ledger.authorized);
        equal(b, o, "captured", p == NULL ? NULL : p->captured, o->ledger.captured);
        equal_refunds(b, o);
    }
}
