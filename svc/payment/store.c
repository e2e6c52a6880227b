/* store.c: what payment keeps (store.h). */
#include "store.h"

#include <string.h>

#include "news.h"
#include "record.h"

enum { TOKEN_MAX = 200, NS_PER_S = 1000000000 };

const maru_table *const payment_tables[] = {&payment_records, NULL};

static maru_status check_name(maru_txn *txn, const char *order)
{
    if (order_is_name(order))
        return MARU_OK;
    return maru_txn_fail(txn, MARU_INVALID_ARGUMENT,
                         "order: want orders/ and A-Z a-z 0-9 . _ -, at most %d bytes, got \"%.80s\"", ORDER_NAME_MAX,
                         order);
}

static maru_status open_record(maru_txn *txn, const char *order, Payment__PaymentRecord **record)
{
    maru_status status = check_name(txn, order);

    return status == MARU_OK ? record_open(txn, order, record) : status;
}

/* ---- steps ---- */

/* Each return is a refund of its own, and settled at once: it was given back elsewhere. */
static maru_status give_back(maru_txn *txn, Payment__PaymentRecord *record, const Payment__EarlyReturn *returned)
{
    struct record_step step = {
        .event = FLOW_REFUND_ASKED, .amount = returned->amount, .reason = returned->invoice, .time = returned->past};

    return record_step(txn, record, &step);
}

/* A step of what others tell; once it is captured, what came back early has its turn. */
static maru_status hear(maru_txn *txn, Payment__PaymentRecord *record, const struct record_step *step)
{
    maru_status status = record_step(txn, record, step);
    size_t      early = record->n_early;

    if (status != MARU_OK || record->payment->state != PAYMENT__PAYMENT_STATE__CAPTURED)
        return status;
    record->n_early = 0;
    for (size_t i = 0; i < early && status == MARU_OK; i++)
        status = give_back(txn, record, record->early[i]);
    return status;
}

maru_status payment_step(maru_txn *txn, const char *order, flow_event event)
{
    struct record_step      step = {.event = event};
    Payment__PaymentRecord *record;
    maru_status             status = open_record(txn, order, &record);

    return status == MARU_OK ? hear(txn, record, &step) : status;
}

maru_status payment_cancelled(maru_txn *txn, const Checkout__OrderCancelled *cancelled, int64_t time_ns)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct record_step          step = {.event = FLOW_CANCELLED};
    Payment__PaymentRecord     *record;
    bool                        first;
    maru_status                 status = open_record(txn, cancelled->order, &record);

    if (status != MARU_OK)
        return status;
    time.seconds = time_ns / NS_PER_S;
    time.nanos = (int32_t)(time_ns % NS_PER_S);
    first = !record->payment->cancelled;
    if (first)
        record->cancel_time = &time;
    if ((status = hear(txn, record, &step)) != MARU_OK || (status = payment_news_hear(txn, record)) != MARU_OK)
        return status;
    return first && record->payment->state == PAYMENT__PAYMENT_STATE__AUTHORIZING ? record_ask_again(txn, record)
                                                                                  : MARU_OK;
}

/* The provider would refuse to be asked with anything else, for ever. */
static maru_status check_total(maru_txn *txn, const Checkout__OrderSubmitted *submitted)
{
    const Shop__Money *total = submitted->total;

    if (total != NULL && strlen(total->currency) == 3 && strspn(total->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "%s: total: want an amount in a currency as GBP, got \"%.20s\"",
                         submitted->order, total != NULL ? total->currency : "");
}

maru_status payment_submitted(maru_txn *txn, const Checkout__OrderSubmitted *submitted)
{
    struct record_step      step = {.event = FLOW_SUBMITTED, .amount = submitted->total};
    Payment__PaymentRecord *record;
    maru_status             status = open_record(txn, submitted->order, &record);

    if (status != MARU_OK || (status = check_total(txn, submitted)) != MARU_OK)
        return status;
    /* What is too long for a token is none, and declined as such. A second order of that name is no step, and not kept.
     */
    record->token = strlen(submitted->payment_token) <= TOKEN_MAX ? submitted->payment_token : (char *)"";
    record->payment->settle_time = submitted->past;
    status = hear(txn, record, &step);
    return status == MARU_OK ? payment_news_hear(txn, record) : status;
}

/* Checkout says that goods came back when it knows that they left; that it was packed may be heard here after that. */
static bool is_early(const flow *f)
{
    return f->settled && !f->cancelled &&
           (f->state == PAYMENT__PAYMENT_STATE__WAITING || f->state == PAYMENT__PAYMENT_STATE__AUTHORIZED);
}

/* What may come back, of what is captured, or will be. */
static int64_t left_of(const Payment__PaymentRecord *record, const flow *f)
{
    int64_t left = f->amount;

    if (!is_early(f))
        return f->settled ? flow_left(f) : 0;
    for (size_t i = 0; i < record->n_early; i++)
        left -= record->early[i]->amount->minor;
    return left;
}

static maru_status check_returned(maru_txn *txn, const Payment__PaymentRecord *record,
                                  const Checkout__OrderReturned *returned)
{
    flow    f = record_flow(record);
    int64_t left = left_of(record, &f), minor = returned->amount == NULL ? 0 : returned->amount->minor;

    if (minor > 0 && minor <= left && record->n_refunds + record->n_early < PAYMENT_REFUNDS_MAX &&
        strcmp(returned->amount->currency, record->payment->amount->currency) == 0)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                         "%s: goods for %lld %.10s came back, but only %lld of what was paid elsewhere are left",
                         returned->order, (long long)minor, returned->amount == NULL ? "" : returned->amount->currency,
                         (long long)left);
}

static maru_status keep(maru_txn *txn, Payment__PaymentRecord *record, Payment__EarlyReturn *early)
{
    Payment__EarlyReturn **all = maru_txn_alloc(txn, (record->n_early + 1) * sizeof *all);

    for (size_t i = 0; i < record->n_early; i++)
        all[i] = record->early[i];
    all[record->n_early++] = early;
    record->early = all;
    return record_put(txn, record, record->payment->update_time);
}

maru_status payment_returned(maru_txn *txn, const Checkout__OrderReturned *returned)
{
    Payment__EarlyReturn    back = PAYMENT__EARLY_RETURN__INIT;
    Payment__PaymentRecord *record;
    flow                    f;
    maru_status             status = open_record(txn, returned->order, &record);

    if (status != MARU_OK || (status = check_returned(txn, record, returned)) != MARU_OK)
        return status;
    back.amount = returned->amount;
    back.invoice = returned->invoice;
    back.past = returned->past;
    f = record_flow(record);
    return is_early(&f) ? keep(txn, record, &back) : give_back(txn, record, &back);
}

/* ---- for the tasks ---- */

static bool waits_for(const Payment__PaymentRecord *record, order_ask ask)
{
    static const Payment__PaymentState states[] = {[ORDER_AUTHORIZE] = PAYMENT__PAYMENT_STATE__AUTHORIZING,
                                                   [ORDER_CAPTURE] = PAYMENT__PAYMENT_STATE__CAPTURING,
                                                   [ORDER_VOID] = PAYMENT__PAYMENT_STATE__VOIDING,
                                                   [ORDER_REFUND] = PAYMENT__PAYMENT_STATE__REFUNDING};

    return record->payment->state == states[ask];
}

/* The first that is not settled; 0: there is none. */
static unsigned next_refund(const Payment__PaymentRecord *record)
{
    for (size_t i = 0; i < record->n_refunds; i++)
        if (!record->refunds[i]->settled)
            return (unsigned)i + 1;
    return 0;
}

maru_status payment_store_ask(maru_txn *txn, void *arg)
{
    struct payment_ask     *ask = arg;
    Payment__PaymentRecord *record;
    unsigned                number = 0;
    maru_status             status = record_load(txn, ask->order, &record);

    ask->wanted = false;
    if (status == MARU_NOT_FOUND || (status == MARU_OK && !waits_for(record, ask->ask)))
        return MARU_OK;
    if (status != MARU_OK)
        return status;
    if (ask->ask == ORDER_REFUND && (number = next_refund(record)) == 0)
        return MARU_OK;
    ask->wanted = true;
    ask->cancelled = record->payment->cancelled;
    ask->token = record->token;
    ask->amount = record->payment->amount;
    if (ask->ask == ORDER_CAPTURE)
        ask->amount = record->payment->authorized;
    if (ask->ask == ORDER_REFUND)
        ask->amount = record->refunds[number - 1]->amount;
    if (ask->ask == ORDER_VOID)
        ask->amount = NULL;
    order_key(ask->order, ask->ask, number, ask->key);
    order_key(ask->order, ORDER_AUTHORIZE, 0, ask->authorization);
    return MARU_OK;
}

maru_status payment_store_settle(maru_txn *txn, void *arg)
{
    return payment_answered(txn, arg);
}

maru_status payment_store_never(maru_txn *txn, void *arg)
{
    return payment_step(txn, arg, FLOW_AUTHORIZE_NEVER);
}

maru_status payment_store_unknown(maru_txn *txn, void *arg)
{
    struct payment_unknown *unknown = arg;
    Payment__PaymentRecord *record;
    maru_status             status = record_load(txn, unknown->order, &record);

    if (status != MARU_OK || !waits_for(record, unknown->ask) || strcmp(record->payment->detail, unknown->detail) == 0)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    record->payment->detail = (char *)unknown->detail;
    return record_put(txn, record, NULL);
}

maru_status payment_store_unheard(maru_txn *txn, void *arg)
{
    return payment_unheard(txn, arg);
}

/* ---- for the methods ---- */

static maru_status load(maru_txn *txn, const char *order, Payment__PaymentRecord **record)
{
    maru_status status = record_load(txn, order, record);

    return status == MARU_NOT_FOUND ? maru_txn_fail(txn, status, "order: no payment of %s", order) : status;
}

maru_status payment_store_get(maru_txn *txn, void *arg)
{
    struct payment_get     *get = arg;
    Payment__PaymentRecord *record;
    maru_status             status = load(txn, get->order, &record);

    if (status == MARU_OK)
        *get->response = *record->payment;
    return status;
}

maru_status payment_store_page(maru_txn *txn, void *arg)
{
    struct payment_page           *page = arg;
    Payment__ListPaymentsResponse *response = page->response;
    /* The first key after a name is the same with a NUL. */
    maru_key     from = {.data = page->after, .size = page->after[0] == '\0' ? 0 : strlen(page->after) + 1};
    maru_cursor *cursor = maru_walk(txn, &payment_records, maru_key_text("orders/"), from);
    maru_key     key;
    maru_status  status;

    response->payments = maru_txn_alloc(txn, page->size * sizeof response->payments[0]);
    for (;;) {
        Payment__PaymentRecord *record;

        if ((status = maru_next(cursor, &key, (ProtobufCMessage **)&record)) != MARU_OK)
            return status == MARU_NOT_FOUND ? MARU_OK : status;
        if (response->n_payments == page->size)
            break;
        response->payments[response->n_payments++] = record->payment;
    }
    response->next_page_token = response->payments[response->n_payments - 1]->order;
    return MARU_OK;
}

/* Each that was refused had a key of its own, too, but gave nothing back: whoever is refused may ask again. */
static maru_status check_count(maru_txn *txn, const Payment__PaymentRecord *record)
{
    size_t refused = 0;

    for (size_t i = 0; i < record->n_refunds; i++)
        refused += record->refunds[i]->refused ? 1 : 0;
    if (record->n_refunds - refused >= PAYMENT_REFUNDS_MAX)
        return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED, "%s: want at most %d refunds", record->payment->order,
                             PAYMENT_REFUNDS_MAX);
    if (record->n_refunds >= PAYMENT_ASKED_MAX)
        return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED,
                             "%s: want at most %d refunds that are asked for, got %zu, "
                             "of which %zu were refused",
                             record->payment->order, PAYMENT_ASKED_MAX, record->n_refunds, refused);
    return MARU_OK;
}

static maru_status check_refund(maru_txn *txn, const Payment__PaymentRecord *record,
                                const Payment__RefundPaymentRequest *request)
{
    const Payment__Payment *payment = record->payment;
    flow                    f = record_flow(record);

    if (payment->settle_time != NULL) /* checkout, which says what came back, would not know of it */
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                             "%s: it was paid elsewhere, as an order of the past: its money goes back with its goods, "
                             "by ReturnPastGoods of checkout",
                             payment->order);
    if (payment->captured == NULL)
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "%s: nothing is captured that could be given back",
                             payment->order);
    if (strcmp(request->amount->currency, payment->captured->currency) != 0)
        return maru_txn_fail(txn, MARU_INVALID_ARGUMENT, "amount.currency: want %s, as the order's, got \"%.20s\"",
                             payment->captured->currency, request->amount->currency);
    if (request->amount->minor > flow_left(&f))
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                             "amount: want at most %lld %s, what is captured and not given back, got %lld",
                             (long long)flow_left(&f), payment->captured->currency, (long long)request->amount->minor);
    return check_count(txn, record);
}

maru_status payment_store_refund(maru_txn *txn, void *arg)
{
    struct payment_refund  *refund = arg;
    Payment__PaymentRecord *record;
    struct record_step      step = {
             .event = FLOW_REFUND_ASKED, .amount = refund->request->amount, .reason = refund->request->reason};
    maru_status status = load(txn, refund->request->order, &record);

    if (status != MARU_OK || (status = check_refund(txn, record, refund->request)) != MARU_OK ||
        (status = record_step(txn, record, &step)) != MARU_OK)
        return status;
    *refund->response = *record->payment;
    return MARU_OK;
}
