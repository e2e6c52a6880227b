/* ledger.h: what may be done with an authorisation. Pure.
 *
 * An authorisation holds an amount for seven days. It is captured at most once and as a whole, or voided; what is
 * captured can be given back, in parts, and never more than all of it.
 */
#ifndef SHOP_PROVIDER_LEDGER_H
#define SHOP_PROVIDER_LEDGER_H

#include <stdint.h>

#include "shop/provider.pb-c.h"

#define PROVIDER_AUTHORIZATION_MS (INT64_C(7) * 24 * 3600 * 1000)

/* provider_follow_up does kind (CAPTURE, VOID, REFUND) with authorization, at now_ms since 1970, and changes it; NULL.
 * Else it changes nothing, and tells the reason in a word: "already_captured". authorization may be NULL: there is
 * none. amount may be NULL for VOID. */
const char *provider_follow_up(Provider__Authorization *authorization, Provider__OperationKind kind,
                               const Shop__Money *amount, int64_t now_ms);

#endif
