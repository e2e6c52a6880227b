/* foreign.c: what of the provider's ledger is not the shop's (foreign.h). */
#include "audit/foreign.h"

#include <string.h>

bool foreign_is_key(const char *key, const char *order)
{
    static const char prefix[] = "authorize:";
    size_t            size = sizeof prefix - 1;

    return strncmp(key, prefix, size) == 0 && strcmp(key + size, order) == 0;
}

/* What the shop wants for it; NULL: nobody says. */
static const Shop__Money *wanted(const book_order *o)
{
    if (o->payment != NULL && o->payment->amount != NULL)
        return o->payment->amount;
    return o->order != NULL ? o->order->total : NULL;
}

static bool has_other_amount(const book_ledger *keyed, const Shop__Money *wanted)
{
    return keyed->authorizations > 0 && keyed->currency != NULL &&
           (keyed->authorized != wanted->minor || strcmp(keyed->currency, wanted->currency) != 0);
}

static void take_out(book_ledger *from, const book_ledger *part)
{
    from->authorized -= part->authorized;
    from->captured -= part->captured;
    from->refunded -= part->refunded;
    from->authorizations -= part->authorizations;
    from->captures -= part->captures;
    from->voids -= part->voids;
    if (from->authorizations + from->captures == 0)
        from->currency = from->other = NULL;
}

static void part(book_order *o)
{
    const Shop__Money *money = wanted(o);

    if (o->payment != NULL && (o->payment->authorized != NULL || o->payment->settle_time != NULL))
        return;
    if (money == NULL)
        o->foreign = o->ledger;
    else if (has_other_amount(&o->keyed, money))
        o->foreign = o->keyed;
    take_out(&o->ledger, &o->foreign);
}

/* Where one of those who would know was not heard to the end, nothing is foreign for that. */
void foreign_part(book *b)
{
    if (((book_unseen(b) | b->marred) & (BOOK_SET(BOOK_CHECKOUT) | BOOK_SET(BOOK_PAYMENT))) != 0)
        return;
    for (size_t i = 0; i < b->room; i++)
        if (book_order_at(b, i) != NULL)
            part(book_order_at(b, i));
}

bool foreign_is_open(const book_order *o)
{
    const book_ledger *f = &o->foreign;

    return f->captured > f->refunded || f->authorizations > f->captures + f->voids;
}

bool foreign_is_over(const book_order *o)
{
    bool unpaid = o->payment == NULL || o->payment->state == PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED;

    return unpaid && o->order == NULL && o->reservation == NULL && o->shipment == NULL &&
           o->foreign.authorizations > 0 && !foreign_is_open(o);
}
