/* store.h: what the provider keeps: tokens of cards, operations by their key, authorisations, its ledger, its faults.
 *
 * The functions of reads and writes (maru_txn_fn); requests are checked, responses are filled in memory of the call.
 * All errors have words. All but those of the faults are UNAVAILABLE while the provider plays being down.
 */
#ifndef SHOP_PROVIDER_STORE_H
#define SHOP_PROVIDER_STORE_H

#include "maru/events.h"
#include "maru/store.h"

#include "shop/provider.pb-c.h"

enum { PROVIDER_STORE_VERSION = 1 };
extern const maru_table *const provider_tables[];
extern const maru_timer        provider_timers[]; /* news that comes late */

struct provider_tokenize {
    const char                 *last_four;
    int32_t                     expiry; /* as in Provider__Token */
    Provider__TokenizeResponse *response;
    uint32_t                    slow_ms; /* out: of all answers */
};
maru_status provider_store_tokenize(maru_txn *txn, void *arg);

/* One operation, done once by its key. */
struct provider_operate {
    Provider__OperationKind kind;
    const char             *key;
    const char             *token;         /* AUTHORIZE */
    const char             *reference;     /* AUTHORIZE */
    const char             *authorization; /* the others */
    const Shop__Money      *amount;        /* NULL: VOID */
    ProtobufCBinaryData     request;       /* packed: a repeat must be the same */
    Provider__Operation    *response;
    uint32_t                slow_ms; /* out: the answer waits so long */
    bool                    lose_answer;
};
/* ALREADY_EXISTS where the key was used for something else. That it did not succeed is no error: response says why. */
maru_status provider_store_operate(maru_txn *txn, void *arg);

struct provider_find {
    const char          *key;
    Provider__Operation *response;
    uint32_t             slow_ms;
};
maru_status provider_store_find(maru_txn *txn, void *arg); /* NOT_FOUND */

struct provider_page {
    uint64_t                          after; /* the number after which it starts */
    size_t                            size;
    Provider__ListOperationsResponse *response;
    uint32_t                          slow_ms;
};
maru_status provider_store_page(maru_txn *txn, void *arg);

struct provider_faults {
    const Provider__Faults *wanted; /* NULL: as they are; a new store gets its seed */
    Provider__Faults       *response;
};
maru_status provider_store_faults(maru_txn *txn, void *arg);      /* a write */
maru_status provider_store_read_faults(maru_txn *txn, void *arg); /* arg: Provider__Faults, the response */

#endif
