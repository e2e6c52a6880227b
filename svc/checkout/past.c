/* past.c: the method PlacePastOrder: an invoice becomes an order that is over already.
 *
 * Whoever moves to this shop brings orders along that were made, paid and delivered elsewhere. They become orders by
 * the same events as any other, so that stock, money and lists hold them and the audit can judge them; but what is
 * known is not asked: the prices are the invoice's, not a quote's, nobody's card is charged again, and nothing waits
 * for a time. Which order an invoice made is kept for ever, and so one invoice makes one order. Its name follows from
 * what was said of it (naming.h): where this store went back to a backup of before it, the same invoice makes the same
 * order, and what the others said of it is heard at once.
 *
 * Who asks is told whether he made the order or found it, and that can't be guessed from its state. It is by the call's
 * request id, which is kept: whoever repeats a call whose answer was lost made it all the same, and of several who
 * bring the same invoice exactly one did. It is no part of the body, so that another one may bring the invoice again.
 */
#include <string.h>

#include "body.h"
#include "check.h"
#include "checkout.h"
#include "events.h"
#include "listing.h"
#include "maru/message.h"
#include "naming.h"
#include "order.h"
#include "price.h"
#include "tables.h"

struct past {
    const Checkout__PlacePastOrderRequest *request;
    uint8_t                                body[BODY_BYTES];
    Shop__Money                            total, tax;
    Checkout__Line                       **lines;                    /* with their totals */
    uint8_t                                fresh[SIPHASH_KEY_BYTES]; /* unpredictable */
    char                                  *name;                     /* of the order, where it is new */
    const char                            *request_id;               /* of the call; "": it has none */
    Checkout__Order                       *response;
};

static void make(struct past *p, Checkout__Order *order)
{
    const Checkout__PlacePastOrderRequest *request = p->request;

    *order = (Checkout__Order)CHECKOUT__ORDER__INIT;
    order->name = p->name;
    order->state = CHECKOUT__ORDER_STATE__SUBMITTED;
    order->customer = request->customer;
    order->n_lines = request->n_lines;
    order->lines = p->lines;
    order->n_charges = request->n_charges;
    order->charges = request->charges;
    order->total = &p->total;
    order->tax = &p->tax;
    order->create_time = order->update_time = request->time;
    order->invoice = request->invoice;
}

static maru_status again(maru_txn *txn, const struct past *p, const Checkout__RequestRecord *known)
{
    maru_status status;

    if (!body_is(&known->body, p->body))
        return maru_txn_fail(txn, MARU_ALREADY_EXISTS, "invoice: %s made an order of another body before",
                             p->request->invoice);
    if ((status = order_made(txn, known->order, p->response)) == MARU_OK)
        p->response->made_by_request = p->request_id[0] != '\0' && strcmp(known->request_id, p->request_id) == 0;
    return status;
}

static maru_status note(maru_txn *txn, const struct past *p)
{
    Checkout__RequestRecord known = CHECKOUT__REQUEST_RECORD__INIT;

    known.order = p->name;
    known.body = (ProtobufCBinaryData){.data = (uint8_t *)p->body, .len = BODY_BYTES};
    known.request_id = (char *)p->request_id;
    return maru_put(txn, &table_invoices, maru_key_text(p->request->invoice), &known.base);
}

/* The answer is the order as it is then: what the others said of it before may be all that there is to say. */
static maru_status begin(maru_txn *txn, struct past *p)
{
    Checkout__OrderRecord record = CHECKOUT__ORDER_RECORD__INIT;
    maru_status           status;

    make(p, p->response);
    record.order = p->response;
    if ((status = listing_add(txn, &record)) == MARU_OK && (status = order_begin(txn, &record, "")) == MARU_OK &&
        (status = events_catch_up(txn, p->name)) == MARU_OK &&
        (status = order_copy(txn, p->name, p->response)) == MARU_OK)
        p->response->made_by_request = 1; /* of the answer: the record, which is written, says nothing of it */
    return status;
}

static maru_status place(maru_txn *txn, void *arg)
{
    struct past             *p = arg;
    Checkout__RequestRecord *known;
    maru_key                 key = maru_key_text(p->request->invoice);
    maru_status              status = maru_get(txn, &table_invoices, key, (ProtobufCMessage **)&known);

    if (status == MARU_OK)
        return again(txn, p, known);
    if (status != MARU_NOT_FOUND)
        return status;
    if ((status = naming_past(txn, p->fresh, &p->request->base, &p->name)) != MARU_OK ||
        (status = note(txn, p)) != MARU_OK)
        return status;
    /* It may be there though its invoice is not, as a repair puts a damaged record aside: it is not made again. */
    status = order_copy(txn, p->name, p->response);
    return status == MARU_NOT_FOUND ? begin(txn, p) : status;
}

/* Copies that get their totals: the request is the caller's. */
static Checkout__Line **copy_lines(maru_call *call, const Checkout__PlacePastOrderRequest *request)
{
    Checkout__Line **lines = maru_alloc(call, request->n_lines * sizeof lines[0]);
    Checkout__Line  *copies = maru_alloc(call, request->n_lines * sizeof *copies);
    Shop__Money     *totals = maru_alloc(call, request->n_lines * sizeof *totals);

    for (size_t i = 0; i < request->n_lines; i++) {
        const Checkout__Line *line = request->lines[i];

        copies[i] = (Checkout__Line)CHECKOUT__LINE__INIT;
        totals[i] = (Shop__Money)SHOP__MONEY__INIT;
        copies[i].product = line->product;
        copies[i].quantity = line->quantity;
        copies[i].title = line->title;
        copies[i].price = line->price;
        copies[i].total = &totals[i];
        lines[i] = &copies[i];
    }
    return lines;
}

static maru_status sum_up(struct past *p, maru_error *error)
{
    const Checkout__PlacePastOrderRequest *request = p->request;
    Shop__Money                           *total = &p->total;
    maru_status                            status = price_lines(p->lines, request->n_lines, total, error);

    if (status == MARU_OK)
        status = price_charges(request->charges, request->n_charges, total, error);
    if (status == MARU_OK && total->minor < 0)
        status = maru_error_set(error, MARU_FAILED_PRECONDITION, "total: want 0 or more, got %lld %s",
                                (long long)total->minor, total->currency);
    p->tax.currency = total->currency;
    if (status == MARU_OK)
        p->tax.minor = price_tax(total->currency, total->minor);
    return status;
}

maru_status checkout_place_past(struct checkout_service *svc, maru_call *call,
                                const Checkout__PlacePastOrderRequest *request, Checkout__Order *response)
{
    struct past p = {.request = request, .total = SHOP__MONEY__INIT, .tax = SHOP__MONEY__INIT, .response = response};
    maru_error  error;

    if (check_past(request, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    if (!body_hash_all(maru_call_arena(call), &request->base, p.body))
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "the request does not fit into the call's memory");
    maru_drop_unknown((ProtobufCMessage *)&request->base); /* prices and charges are kept as they are */
    maru_call_random(call, p.fresh, sizeof p.fresh);
    p.request_id = maru_call_request_id(call);
    p.lines = copy_lines(call, request);
    if (sum_up(&p, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    return maru_store_write(svc->store, call, place, &p);
}
