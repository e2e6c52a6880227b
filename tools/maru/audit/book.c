/* book.c: keeps orders, stock, findings and what is missing of an audit, and says whether all is at rest. */
#include "audit/book.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/foreign.h"

enum { ROOM_FIRST = 1024 };
#define BOOK_MEMORY ((size_t)4 << 30)

const char *book_service_name(book_service service)
{
    static const char *const names[] = {
#define X(id, name) name,
        BOOK_SERVICES(X)
#undef X
    };

    return names[service];
}

const char *book_short_type(const char *type)
{
    const char *dot = strrchr(type, '.');

    return dot == NULL ? type : dot + 1;
}

book_service book_service_of(const char *name)
{
    int i = 0;

    while (i < BOOK_SERVICE_COUNT && strcmp(book_service_name((book_service)i), name) != 0)
        i++;
    return (book_service)i;
}

bool book_open(book *b)
{
    *b = (book){.arena = maru_arena_new(BOOK_MEMORY)};
    b->findings_end = &b->findings;
    b->losses_end = &b->losses;
    return b->arena != NULL;
}

void book_close(book *b)
{
    free(b->orders);
    if (b->arena != NULL)
        maru_arena_free(b->arena);
    *b = (book){.arena = NULL};
}

static size_t slot_of(book_order *const *orders, size_t room, const char *name)
{
    size_t hash = 5381;

    for (const char *at = name; *at != '\0'; at++)
        hash = hash * 33 ^ (unsigned char)*at;
    for (hash &= room - 1; orders[hash] != NULL && strcmp(orders[hash]->name, name) != 0;)
        hash = (hash + 1) & (room - 1);
    return hash;
}

static bool grow(book *b)
{
    size_t       room = b->room == 0 ? ROOM_FIRST : 2 * b->room;
    book_order **orders = calloc(room, sizeof *orders);

    if (orders == NULL)
        return false;
    for (size_t i = 0; i < b->room; i++)
        if (b->orders[i] != NULL)
            orders[slot_of(orders, room, b->orders[i]->name)] = b->orders[i];
    free(b->orders);
    b->orders = orders;
    b->room = room;
    return true;
}

static book_order *make_order(book *b, const char *name)
{
    book_order *order = maru_arena_zalloc(b->arena, sizeof *order);

    if (order == NULL || (order->name = maru_arena_strdup(b->arena, name)) == NULL)
        return NULL;
    b->order_count++;
    return order;
}

book_order *book_order_of(book *b, const char *name)
{
    size_t slot;

    if (2 * (b->order_count + 1) > b->room && !grow(b)) {
        b->out_of_memory = true;
        return NULL;
    }
    slot = slot_of(b->orders, b->room, name);
    if (b->orders[slot] == NULL && (b->orders[slot] = make_order(b, name)) == NULL)
        b->out_of_memory = true;
    return b->orders[slot];
}

book_order *book_order_named(const book *b, const char *name)
{
    return b->room == 0 ? NULL : b->orders[slot_of(b->orders, b->room, name)];
}

book_charge *book_charge_of(book *b, book_order *o, const char *key)
{
    book_charge **at = &o->charges, *made;

    while (*at != NULL && strcmp((*at)->key, key) != 0)
        at = &(*at)->next;
    if (*at != NULL)
        return *at;
    made = maru_arena_zalloc(b->arena, sizeof *made);
    if (made == NULL || (made->key = maru_arena_strdup(b->arena, key)) == NULL) {
        b->out_of_memory = true;
        return NULL;
    }
    return *at = made;
}

const book_charge *book_own_charge(const book_order *o)
{
    const book_charge *charge = o->charges;

    while (charge != NULL && !foreign_is_key(charge->key, o->name))
        charge = charge->next;
    return charge;
}

void book_take_currency(book_ledger *ledger, const char *currency)
{
    if (ledger->currency == NULL)
        ledger->currency = currency;
    else if (strcmp(ledger->currency, currency) != 0)
        ledger->other = currency;
}

book_order *book_order_at(const book *b, size_t index)
{
    return b->orders[index];
}

/* Asked again until it is answered, also of an order that is over. */
static const char *waits_for_provider(const Payment__Payment *payment)
{
    switch (payment == NULL ? PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED : payment->state) {
    case PAYMENT__PAYMENT_STATE__AUTHORIZING:
        return "the provider shall authorise";
    case PAYMENT__PAYMENT_STATE__CAPTURING:
        return "the provider shall capture";
    case PAYMENT__PAYMENT_STATE__VOIDING:
        return "the provider shall void";
    case PAYMENT__PAYMENT_STATE__REFUNDING:
        return "the provider shall refund";
    default:
        return NULL;
    }
}

static const char *waits_for_parcel(const Shipping__Shipment *shipment)
{
    switch (shipment == NULL ? SHIPPING__SHIPMENT_STATE__SHIPMENT_STATE_UNSPECIFIED : shipment->state) {
    case SHIPPING__SHIPMENT_STATE__PENDING:
        return "it is being packed";
    case SHIPPING__SHIPMENT_STATE__PACKED:
        return shipment->captured ? "it is about to be dispatched" : NULL;
    case SHIPPING__SHIPMENT_STATE__DISPATCHED:
        return "it is on its way";
    default:
        return NULL;
    }
}

const char *book_goes_on(const book_order *o)
{
    Checkout__OrderState state = o->order == NULL ? CHECKOUT__ORDER_STATE__ORDER_STATE_UNSPECIFIED : o->order->state;
    const char          *provider = book_voids_in_vain(o) ? NULL : waits_for_provider(o->payment);

    if (provider != NULL || state == CHECKOUT__ORDER_STATE__COMPLETED || state == CHECKOUT__ORDER_STATE__CANCELLED ||
        o->order == NULL)
        return provider;
    if (state == CHECKOUT__ORDER_STATE__SUBMITTED && o->reservation == NULL)
        return "inventory shall answer within 30 s";
    if (o->reservation != NULL && o->reservation->state == INVENTORY__RESERVATION_STATE__RESERVED)
        return "its reservation expires";
    return waits_for_parcel(o->shipment);
}

bool book_is_vain(Payment__PaymentState paying, bool told)
{
    return paying == PAYMENT__PAYMENT_STATE__VOIDING && told;
}

bool book_voids_in_vain(const book_order *o)
{
    const book_charge *own = book_own_charge(o);

    return o->payment != NULL && own != NULL && book_is_vain(o->payment->state, own->told);
}

int64_t book_minor(const Shop__Money *money)
{
    return money == NULL ? 0 : money->minor;
}

/* A cancel asks for all of it at once: where it is CAPTURED again, the answer was no. */
int64_t book_kept_back(const Payment__Payment *payment)
{
    if (payment == NULL || !payment->cancelled || payment->state != PAYMENT__PAYMENT_STATE__CAPTURED)
        return 0;
    return book_minor(payment->captured) - book_minor(payment->refunded);
}

static int by_product(const void *key, const void *stock)
{
    return strcmp(key, ((const book_stock *)stock)->stock->product);
}

book_stock *book_stock_of(const book *b, const char *product)
{
    return b->stock_count == 0 ? NULL : bsearch(product, b->stock, b->stock_count, sizeof *b->stock, by_product);
}

/* NULL where memory is out. */
static book_finding *make_finding(book *b, const char *check, const char *where, const char *format, va_list args)
{
    book_finding *found = maru_arena_zalloc(b->arena, sizeof *found);
    char         *words = maru_arena_vprintf(b->arena, format, args);

    if (found == NULL || words == NULL) {
        b->out_of_memory = true;
        return NULL;
    }
    *found = (book_finding){.check = check, .where = maru_arena_strdup(b->arena, where), .words = words};
    return found;
}

void book_find(book *b, const char *check, const char *where, const char *format, ...)
{
    book_finding *found;
    va_list       args;

    va_start(args, format);
    found = make_finding(b, check, where, format, args);
    va_end(args);
    b->finding_count++;
    if (found == NULL)
        return;
    *b->findings_end = found;
    b->findings_end = &found->next;
}

void book_lose(book *b, const char *check, const char *where, const char *format, ...)
{
    book_finding *lost;
    va_list       args;

    va_start(args, format);
    lost = make_finding(b, check, where, format, args);
    va_end(args);
    if (lost == NULL)
        return;
    *b->losses_end = lost;
    b->losses_end = &lost->next;
}

void book_read_id(const char *id, uint64_t *epoch, uint64_t *sequence)
{
    const char *rest = strchr(id, '-');

    if (rest == NULL || sscanf(rest, "-%16" SCNx64 "-%" SCNu64, epoch, sequence) != 2)
        *epoch = *sequence = 0;
}

void book_lacks(book *b, book_service service, const char *words)
{
    b->logs[service].broken = true;
    if (b->unseen[service] == NULL && (b->unseen[service] = maru_arena_strdup(b->arena, words)) == NULL)
        b->out_of_memory = true;
}

void book_mar(book *b, book_service service, const char *words)
{
    b->marred |= BOOK_SET(service);
    b->logs[service].broken = true;
    book_find(b, "readable", book_service_name(service), "%s", words + strlen(book_service_name(service)) + 2);
}

void book_unhear(book *b, book_order *o, const char *words)
{
    b->unheard++;
    o->heard.unread = true;
    book_find(b, "readable", o->name, "its timeline: %s", words);
}

unsigned book_unseen(const book *b)
{
    unsigned set = 0;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        set |= b->unseen[i] != NULL ? BOOK_SET(i) : 0;
    return set;
}

bool book_is_whole(const book *b)
{
    bool whole = book_unseen(b) == 0 && b->marred == 0 && b->unheard == 0;

    for (size_t i = 0; i < b->other_count; i++)
        whole = whole && b->others[i].unseen == NULL;
    return whole;
}

void book_mend_lags(book *b)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        for (size_t j = 0; j < b->logs[i].consumer_count; j++) {
            MaruEvents__Consumer *c = b->logs[i].consumers[j];
            book_service          producer = book_service_of(c->producer);

            if (producer == BOOK_SERVICE_COUNT)
                continue;
            if (c->epoch != b->logs[producer].epoch)
                c->sequence = 0;
            if (b->logs[producer].last > c->sequence) {
                c->last = b->logs[producer].last;
                c->lag = c->last - c->sequence;
            }
        }
}

static bool log_at_rest(const book_log *log)
{
    for (size_t i = 0; i < log->consumer_count; i++) {
        const MaruEvents__Consumer *c = log->consumers[i];

        if (c->lag > 0 || (c->waiting > 0 && c->parked == 0))
            return false;
    }
    return log->still;
}

bool book_at_rest(const book *b)
{
    if ((book_unseen(b) & ~BOOK_SET(BOOK_PROVIDER)) != 0)
        return false;
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (b->unseen[i] == NULL && !log_at_rest(&b->logs[i]))
            return false;
    return true;
}

static void count_order(const book_order *o, bool at_rest, book_counts *c)
{
    bool completed = o->order->state == CHECKOUT__ORDER_STATE__COMPLETED;
    bool over = completed || o->order->state == CHECKOUT__ORDER_STATE__CANCELLED;
    bool goes_on = book_goes_on(o) != NULL;

    c->orders++;
    c->settling += over && goes_on;
    if (goes_on || (!over && !at_rest))
        c->under_way++;
    else if (!over)
        c->stuck++;
    else if (completed)
        c->completed++;
    else
        c->cancelled++;
}

book_counts book_count(const book *b)
{
    book_counts c = {.orders = 0};
    bool        at_rest = book_at_rest(b);

    for (size_t i = 0; i < b->room; i++) {
        const book_order *o = book_order_at(b, i);

        if (o != NULL && o->order != NULL)
            count_order(o, at_rest, &c);
        else if (o != NULL && !foreign_is_over(o) && b->unseen[BOOK_CHECKOUT] == NULL &&
                 (b->marred & BOOK_SET(BOOK_CHECKOUT)) == 0)
            c.unknown++;
    }
    return c;
}
