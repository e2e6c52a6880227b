/* operation.c: what an operation at the provider is of (operation.h). */
#include "operation.h"

#include <stdio.h>
#include <string.h>

static const Provider__OperationKind kinds[] = {[ORDER_AUTHORIZE] = PROVIDER__OPERATION_KIND__AUTHORIZE,
                                                [ORDER_CAPTURE] = PROVIDER__OPERATION_KIND__CAPTURE,
                                                [ORDER_VOID] = PROVIDER__OPERATION_KIND__VOID,
                                                [ORDER_REFUND] = PROVIDER__OPERATION_KIND__REFUND};

static bool is_about(const char *order, const Provider__Operation *operation)
{
    char key[ORDER_KEY_MAX + 1];

    order_key(order, ORDER_AUTHORIZE, 0, key);
    return strcmp(operation->authorization, key) == 0;
}

bool operation_is_ours(order_ask ask, const char *order, const Provider__Operation *operation)
{
    return kinds[ask] == operation->kind &&
           (operation->authorization[0] == '\0' || ask == ORDER_AUTHORIZE || is_about(order, operation));
}

bool operation_follows(const char *order, const Provider__Operation *operation)
{
    switch (operation->kind) {
    case PROVIDER__OPERATION_KIND__CAPTURE:
    case PROVIDER__OPERATION_KIND__REFUND:
        return operation->succeeded && operation->amount != NULL && is_about(order, operation);
    case PROVIDER__OPERATION_KIND__VOID:
        return operation->succeeded && is_about(order, operation);
    default:
        return false;
    }
}

bool operation_by_key(const Provider__Operation *operation, char order[static ORDER_NAME_MAX + 1], operation_of *of)
{
    of->others = false;
    return order_of_key(operation->key, order, &of->ask, &of->number);
}

bool operation_by_authorization(const Provider__Operation *operation, char order[static ORDER_NAME_MAX + 1],
                                operation_of *of)
{
    of->others = true;
    if (!order_of_key(operation->authorization, order, &of->ask, &of->number) || of->ask != ORDER_AUTHORIZE ||
        !operation_follows(order, operation))
        return false;
    while (kinds[of->ask] != operation->kind)
        of->ask++;
    return true;
}

bool operation_asks_nobody(const Payment__PaymentRecord *record)
{
    const Payment__Payment *payment = record->payment;

    return payment->settle_time != NULL || (payment->amount != NULL && payment->amount->minor <= 0);
}

bool operation_is_authorized(const Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    const Shop__Money *ours = record->payment->authorized;

    return ours != NULL && record->payment->settle_time == NULL &&
           (operation->amount == NULL || strcmp(ours->currency, operation->amount->currency) == 0);
}

static int64_t ns_of(const Google__Protobuf__Timestamp *time)
{
    return time != NULL ? time->seconds * 1000000000 + time->nanos : 0;
}

/* There was nothing to void yet: the key is spent, and what was authorised after that is held all the same. One that is
 * refused so later tells that the provider has nothing any more. */
static bool was_refused_early(const Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    return !operation->succeeded && strcmp(operation->reason, "no_such_authorization") == 0 &&
           ns_of(operation->time) <= ns_of(record->payment->authorize_time);
}

bool operation_fits(const Payment__PaymentRecord *record, order_ask ask, const Provider__Operation *operation)
{
    const Shop__Money *ours = record->payment->amount, *theirs = operation->amount;

    if (!operation_is_ours(ask, record->payment->order, operation) ||
        (ask == ORDER_VOID && was_refused_early(record, operation)))
        return false;
    if (ours == NULL || (theirs == NULL && ask != ORDER_AUTHORIZE))
        return true;
    return theirs != NULL && strcmp(ours->currency, theirs->currency) == 0 &&
           (ask != ORDER_AUTHORIZE || ours->minor == theirs->minor);
}

void operation_differs(const Payment__PaymentRecord *record, order_ask ask, const Provider__Operation *operation,
                       char words[static OPERATION_WORDS])
{
    const Shop__Money        *ours = record->payment->amount, *theirs = operation->amount;
    const char               *order = record->payment->order;
    const ProtobufCEnumValue *kind =
        protobuf_c_enum_descriptor_get_value(&provider__operation_kind__descriptor, (int)operation->kind);

    if (!operation_is_ours(ask, order, operation))
        snprintf(words, OPERATION_WORDS, "%s: the provider has another %s by %.200s, about %.200s", order,
                 kind != NULL ? kind->name : "operation", operation->key, operation->authorization);
    else if (ask == ORDER_VOID)
        snprintf(words, OPERATION_WORDS, "%s: the provider refused %.200s before anything was authorised, for ever",
                 order, operation->key);
    else if (theirs == NULL || strcmp(ours->currency, theirs->currency) == 0)
        snprintf(words, OPERATION_WORDS, "%s: the order is of %lld %s, the provider says %lld of %.200s", order,
                 (long long)ours->minor, ours->currency, (long long)(theirs == NULL ? 0 : theirs->minor),
                 operation->key);
    else
        snprintf(words, OPERATION_WORDS, "%s: the order is in %s, the provider says %.10s of %.200s", order,
                 ours->currency, theirs->currency, operation->key);
}
