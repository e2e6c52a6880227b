/* ledger.c: what may be done with an authorisation (ledger.h). */
#include "ledger.h"

#include <string.h>

static const char *capture(Provider__Authorization *a, const Shop__Money *amount, int64_t now_ms)
{
    if (a->captured)
        return "already_captured";
    if (a->voided)
        return "already_voided";
    if (now_ms >= a->expire_ms)
        return "authorization_expired";
    if (amount->minor != a->amount->minor)
        return "amount_differs";
    a->captured = 1;
    return NULL;
}

/* What has expired may be voided all the same: nothing is held then, and the ledger says so. */
static const char *give_up(Provider__Authorization *a)
{
    if (a->captured)
        return "already_captured";
    if (a->voided)
        return "already_voided";
    a->voided = 1;
    return NULL;
}

static const char *refund(Provider__Authorization *a, const Shop__Money *amount)
{
    if (!a->captured)
        return "not_captured";
    if (amount->minor > a->amount->minor - a->refunded)
        return "refund_exceeds_captured";
    a->refunded += amount->minor;
    return NULL;
}

const char *provider_follow_up(Provider__Authorization *authorization, Provider__OperationKind kind,
                               const Shop__Money *amount, int64_t now_ms)
{
    if (authorization == NULL)
        return "no_such_authorization";
    if (kind == PROVIDER__OPERATION_KIND__VOID)
        return give_up(authorization);
    if (strcmp(amount->currency, authorization->amount->currency) != 0)
        return "currency_differs";
    return kind == PROVIDER__OPERATION_KIND__CAPTURE ? capture(authorization, amount, now_ms)
                                                     : refund(authorization, amount);
}
