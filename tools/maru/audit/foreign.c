/* foreign.c: what of the provider's ledger is not the shop's (foreign.h). */
#include "audit/foreign.h"

#include <string.h>

static const char PREFIX[] = "authorize:";
enum { PREFIX_SIZE = sizeof PREFIX - 1 };

bool foreign_is_key(const char *key, const char *order)
{
    return strncmp(key, PREFIX, PREFIX_SIZE) == 0 && strcmp(key + PREFIX_SIZE, order) == 0;
}

bool foreign_is_order(const char *name)
{
    static const char orders[] = "orders/";
    size_t            size = sizeof orders - 1;

    return strncmp(name, orders, size) == 0 && name[size] != '\0';
}

const char *foreign_order_of(const Provider__Operation *operation)
{
    const char *key = operation->authorization;
    bool        ours = strncmp(key, PREFIX, PREFIX_SIZE) == 0 && foreign_is_order(key + PREFIX_SIZE);

    return ours ? key + PREFIX_SIZE : operation->reference;
}

/* What the shop wants for it; NULL: nobody says. */
static const Shop__Money *wanted(const book_order *o)
{
    if (o->payment != NULL && o->payment->amount != NULL)
        return o->payment->amount;
    return o->order != NULL ? o->order->total : NULL;
}

static bool has_other_amount(const book_ledger *own, const Shop__Money *wanted)
{
    return own->authorizations > 0 && own->currency != NULL &&
           (own->authorized != wanted->minor || strcmp(own->currency, wanted->currency) != 0);
}

/* Payment asks by one key, whatever it knows; and for what was paid elsewhere by none. */
static bool is_foreign(const book_order *o, const book_charge *charge)
{
    const Shop__Money *money = wanted(o);

    if (!foreign_is_key(charge->key, o->name) || (o->payment != NULL && o->payment->settle_time != NULL))
        return true;
    if (o->payment != NULL && o->payment->authorized != NULL)
        return false;
    return money == NULL || has_other_amount(&charge->ledger, money);
}

static void add(book_ledger *to, const book_ledger *ledger)
{
    to->authorized += ledger->authorized;
    to->captured += ledger->captured;
    to->refunded += ledger->refunded;
    to->authorizations += ledger->authorizations;
    to->captures += ledger->captures;
    to->voids += ledger->voids;
    if (ledger->currency != NULL)
        book_take_currency(to, ledger->currency);
    if (ledger->other != NULL)
        book_take_currency(to, ledger->other);
}

static void part(book_order *o)
{
    book_ledger ours = {.authorized = 0};
    bool        any = false;

    o->foreign = ours;
    for (book_charge *charge = o->charges; charge != NULL; charge = charge->next) {
        charge->foreign = is_foreign(o, charge);
        any = any || charge->foreign;
        add(charge->foreign ? &o->foreign : &ours, &charge->ledger);
    }
    if (any)
        o->ledger = ours;
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

bool foreign_is_open(const book_charge *charge)
{
    const book_ledger *l = &charge->ledger;

    return charge->foreign && (l->captured > l->refunded || l->authorizations > l->captures + l->voids);
}

static bool has_open(const book_order *o)
{
    for (const book_charge *charge = o->charges; charge != NULL; charge = charge->next)
        if (foreign_is_open(charge))
            return true;
    return false;
}

bool foreign_is_over(const book_order *o)
{
    bool unpaid = o->payment == NULL || o->payment->state == PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED;

    return unpaid && o->order == NULL && o->reservation == NULL && o->shipment == NULL &&
           o->foreign.authorizations > 0 && !has_open(o);
}
