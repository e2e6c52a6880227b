/* check_logs.c: the invariants of events: a service is as its log says, and all that is said is heard (checks.h). */
#include <inttypes.h>
#include <string.h>

#include "audit/checks_impl.h"

/* ---- a state is the fold of its log ---- */

static void differs(book *b, const book_order *o, book_service service, int folded, int told)
{
    static const ProtobufCEnumDescriptor *const states[BOOK_SERVICE_COUNT] = {
        [BOOK_CHECKOUT] = &checkout__order_state__descriptor,
        [BOOK_INVENTORY] = &inventory__reservation_state__descriptor,
        [BOOK_PAYMENT] = &payment__payment_state__descriptor,
        [BOOK_SHIPPING] = &shipping__shipment_state__descriptor,
    };

    if (folded != told && !b->logs[service].broken)
        book_find(b, "fold", o->name, "%s says %s, and its log %s", book_service_name(service),
                  state_name(states[service], told), state_name(states[service], folded));
}

/* What no event tells of: states before the first, and tombstones. */
static int told_reservation(const book_order *o)
{
    return o->reservation == NULL || has_state(o, INVENTORY__RESERVATION_STATE__FORESTALLED)
               ? 0
               : (int)o->reservation->state;
}

/* Nor of what is asked of the provider and not answered yet: then the log says what was before. */
static int told_payment(const book_order *o)
{
    switch (o->payment == NULL ? PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED : o->payment->state) {
    case PAYMENT__PAYMENT_STATE__WAITING:
    case PAYMENT__PAYMENT_STATE__AUTHORIZING:
    case PAYMENT__PAYMENT_STATE__NOT_NEEDED:
        return 0;
    case PAYMENT__PAYMENT_STATE__CAPTURING:
    case PAYMENT__PAYMENT_STATE__VOIDING:
    case PAYMENT__PAYMENT_STATE__REFUNDING:
        return (int)o->folded.payment;
    default:
        return o->payment == NULL ? 0 : (int)o->payment->state;
    }
}

static int told_shipment(const book_order *o)
{
    Shipping__ShipmentState state =
        o->shipment == NULL ? SHIPPING__SHIPMENT_STATE__SHIPMENT_STATE_UNSPECIFIED : o->shipment->state;

    return state == SHIPPING__SHIPMENT_STATE__PENDING || state == SHIPPING__SHIPMENT_STATE__EXPECTED ? 0 : (int)state;
}

static void amount_differs(book *b, const book_order *o, book_service service, const char *what, int64_t told,
                           int64_t folded)
{
    if (told != folded && !b->logs[service].broken)
        book_find(b, "fold", o->name, "%s says %s %" PRId64 ", and its log %" PRId64, book_service_name(service), what,
                  told, folded);
}

void fold_agrees(book *b)
{
    EACH_ORDER(b, o)
    {
        int order = o->folded.order;

        if (order == CHECKOUT__ORDER_STATE__CANCELLING && o->folded.cancel_refused)
            order = CHECKOUT__ORDER_STATE__CONFIRMED;
        differs(b, o, BOOK_CHECKOUT, order, o->order == NULL ? 0 : (int)o->order->state);
        differs(b, o, BOOK_INVENTORY, o->folded.reservation, told_reservation(o));
        differs(b, o, BOOK_PAYMENT, o->folded.payment, told_payment(o));
        differs(b, o, BOOK_SHIPPING, o->folded.shipment, told_shipment(o));
        if (o->order != NULL)
            amount_differs(b, o, BOOK_CHECKOUT, "total", book_minor(o->order->total), o->folded.total);
        if (o->payment != NULL) {
            amount_differs(b, o, BOOK_PAYMENT, "captured", book_minor(o->payment->captured), o->folded.captured);
            amount_differs(b, o, BOOK_PAYMENT, "refunded", book_minor(o->payment->refunded), o->folded.refunded);
        }
    }
}

/* ---- all that is said is heard ---- */

static void all_delivered(book *b, const char *service, MaruEvents__Consumer **consumers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (consumers[i]->parked > 0)
            book_find(b, "delivered", service,
                      "%" PRIu64 " dead letter%s of %s, %" PRIu64 " event%s: see maru events dead %s",
                      consumers[i]->parked, consumers[i]->parked == 1 ? "" : "s", consumers[i]->producer,
                      consumers[i]->waiting, consumers[i]->waiting == 1 ? " waits" : "s wait", service);
}

void delivered(book *b)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        all_delivered(b, book_service_name((book_service)i), b->logs[i].consumers, b->logs[i].consumer_count);
    for (size_t i = 0; i < b->other_count; i++)
        all_delivered(b, b->others[i].name, b->others[i].consumers, b->others[i].consumer_count);
}

/* A store that went back to a backup has lost what it said since: those who heard it are ahead of it, until it says
 * that again. What they did stands, and is not wrong by that: where it does not agree with the rest, other checks find
 * so. */
static void none_ahead(book *b, const char *service, MaruEvents__Consumer **consumers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (consumers[i]->ahead > 0)
            book_lose(b, "cursors", service,
                      "%" PRIu64 " event%s of %s had an effect there and %s not in that log: its store went back to "
                      "a backup, and did not say %s again",
                      consumers[i]->ahead, consumers[i]->ahead == 1 ? "" : "s", consumers[i]->producer,
                      consumers[i]->ahead == 1 ? "is" : "are", consumers[i]->ahead == 1 ? "it" : "them");
}

/* A log that was longer once has lost what it said: the next event will take a sequence that others have read. */
void cursors(book *b)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        none_ahead(b, book_service_name((book_service)i), b->logs[i].consumers, b->logs[i].consumer_count);
    for (size_t i = 0; i < b->other_count; i++)
        none_ahead(b, b->others[i].name, b->others[i].consumers, b->others[i].consumer_count);
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        for (size_t j = 0; j < b->logs[i].consumer_count; j++) {
            const MaruEvents__Consumer *c = b->logs[i].consumers[j];
            book_service                producer = book_service_of(c->producer);

            if (producer < BOOK_SERVICE_COUNT && !b->logs[producer].broken && c->sequence > b->logs[producer].last_end)
                book_find(b, "cursors", book_service_name((book_service)i),
                          "it has read %s up to sequence %" PRIu64 ", and that log ends at %" PRIu64, c->producer,
                          c->sequence, b->logs[producer].last_end);
        }
}

/* More than the log has is right only behind its end, where the store went back to a backup after it had said that. */
static bool is_lost(const book_order *o, book_service service)
{
    return o->heard.entries[service] > o->folded.versions[service] && o->heard.of_old[service] > 0 &&
           o->heard.newest[service] <= o->folded.versions[service];
}

/* Every event about an order has an effect at checkout, which can be counted: it is in the timeline, once. */
void timelines(book *b)
{
    static const book_service heard[] = {BOOK_CHECKOUT, BOOK_INVENTORY, BOOK_PAYMENT, BOOK_SHIPPING};

    EACH_ORDER(b, o)
    {
        if (o->order == NULL || o->heard.unread)
            continue;
        if (o->heard.twin != NULL)
            book_find(b, "timeline", o->name, "%s is in it twice", o->heard.twin);
        for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) {
            uint64_t entries = o->heard.entries[heard[i]];
            uint64_t said = o->folded.versions[heard[i]];

            if (entries == said || b->logs[heard[i]].broken)
                continue;
            if (is_lost(o, heard[i]))
                book_lose(b, "timeline", o->name,
                          "%" PRIu64 " of %s in its timeline %s not in that log, which went back to a backup",
                          entries - said, book_service_name(heard[i]), entries - said == 1 ? "is" : "are");
            else
                book_find(
                    b, "timeline", o->name, "%s said %" PRIu64 " event%s about it, %" PRIu64 " %s in its timeline",
                    book_service_name(heard[i]), said, said == 1 ? "" : "s", entries, entries == 1 ? "is" : "are");
        }
    }
}
