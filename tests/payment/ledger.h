/* ledger.h: do payment and the provider have the same in their ledgers? Asked by their public methods alone. Header
 * only.
 */
#ifndef TESTS_PAYMENT_LEDGER_H
#define TESTS_PAYMENT_LEDGER_H

#include "kit.h"

/* What the provider's ledger has of an order. */
struct ledger_sum {
    unsigned authorizations, captures, voids, refunds; /* that succeeded */
    int64_t  authorized, captured, refunded;
};

enum { LEDGER_PAGE = 7 }; /* small, so that there are several */

/* All pages; in order of number, without a gap. */
static inline bool ledger_each(struct shop *shop, bool (*fn)(void *arg, const Provider__Operation *operation),
                               void        *arg)
{
    Provider__ListOperationsRequest   request = PROVIDER__LIST_OPERATIONS_REQUEST__INIT;
    Provider__ListOperationsResponse *response;
    uint64_t                          last = 0;

    request.page_size = LEDGER_PAGE;
    do {
        if (!CHECK_INT(provider_list_operations(shop_provider(shop), shop->call, &request, &response), MARU_OK)) {
            fprintf(stderr, "%s\n", maru_call_message(shop->call));
            return false;
        }
        for (size_t i = 0; i < response->n_operations; i++)
            if (!CHECK_INT(response->operations[i]->number, ++last) || !CHECK(response->operations[i]->succeeded) ||
                !fn(arg, response->operations[i]))
                return false;
        request.page_token = response->next_page_token;
    } while (response->next_page_token[0] != '\0');
    return true;
}

struct ledger_search {
    const char        *order;
    struct ledger_sum *sum;
};

static inline bool ledger_add(void *arg, const Provider__Operation *operation)
{
    const struct ledger_search *search = arg;
    struct ledger_sum          *sum = search->sum;

    if (strcmp(operation->reference, search->order) != 0)
        return true;
    switch ((int)operation->kind) {
    case PROVIDER__OPERATION_KIND__AUTHORIZE:
        sum->authorizations++;
        sum->authorized += operation->amount->minor;
        break;
    case PROVIDER__OPERATION_KIND__CAPTURE:
        sum->captures++;
        sum->captured += operation->amount->minor;
        break;
    case PROVIDER__OPERATION_KIND__VOID:
        sum->voids++;
        break;
    case PROVIDER__OPERATION_KIND__REFUND:
        sum->refunds++;
        sum->refunded += operation->amount->minor;
        break;
    }
    return true;
}

static inline bool ledger_sum_of(struct shop *shop, const char *order, struct ledger_sum *sum)
{
    struct ledger_search search = {.order = order, .sum = sum};

    *sum = (struct ledger_sum){0};
    return ledger_each(shop, ledger_add, &search);
}

static inline int64_t ledger_minor(const Shop__Money *money)
{
    return money != NULL ? money->minor : 0;
}

static inline bool ledger_over(int state)
{
    return state != AUTHORIZING && state != CAPTURING && state != VOIDING && state != REFUNDING;
}

static inline bool ledger_one_agrees(struct shop *shop, const Payment__Payment *payment)
{
    struct ledger_sum sum;
    bool              same = ledger_sum_of(shop, payment->order, &sum);

    same = same && CHECK(sum.authorizations <= 1) && CHECK(sum.captures <= 1) && CHECK(sum.voids <= 1);
    same = same && CHECK_INT(ledger_minor(payment->authorized), sum.authorized);
    same = same && CHECK_INT(ledger_minor(payment->captured), sum.captured);
    same = same && CHECK_INT(ledger_minor(payment->refunded), sum.refunded);
    same = same && CHECK_INT((int)payment->state == VOIDED && payment->authorized != NULL, sum.voids);
    same = same && CHECK(sum.refunded <= sum.captured) && CHECK(ledger_over(payment->state));
    if (payment->cancelled && sum.authorizations > 0)
        same = same && CHECK(sum.voids == 1 || (sum.captures == 1 && sum.captured == sum.refunded));
    if (!same)
        fprintf(stderr, "%s, state %d, %s\n", payment->order, payment->state, payment->detail);
    return same;
}

static inline bool ledger_known(void *arg, const Provider__Operation *operation)
{
    bool known = shop_look(arg, operation->reference) != NULL;

    if (!known)
        fprintf(stderr, "%s of %s: payment knows nothing of it\n", operation->key, operation->reference);
    return CHECK(known);
}

/* ledger_agrees checks all that both have, page by page: at most one authorisation and one capture an order; the same
 * amounts; voided here where voided there; and no payment that still waits for an answer. Prints what differs. */
static inline bool ledger_agrees(struct shop *shop)
{
    Payment__ListPaymentsRequest   request = PAYMENT__LIST_PAYMENTS_REQUEST__INIT;
    Payment__ListPaymentsResponse *response;
    bool                           same = ledger_each(shop, ledger_known, shop);

    request.page_size = LEDGER_PAGE;
    do {
        if (!CHECK_INT(payment_list_payments(shop->payment.client, shop->call, &request, &response), MARU_OK))
            return false;
        for (size_t i = 0; i < response->n_payments; i++)
            same = ledger_one_agrees(shop, response->payments[i]) && same;
        request.page_token = response->next_page_token;
    } while (response->next_page_token[0] != '\0');
    return same;
}

#endif
