/* contract.h: whether the peer means the same by a method as we do.
 *
 * Two sides of a connection are often of two versions, which is normal: their hello tells a fingerprint of each schema.
 * Where they differ, the peer's descriptors are fetched once and compared with ours (schema_compat), and only the
 * methods that truly break are refused, by name. Calls are not held meanwhile. Strand only.
 */
#ifndef MARU_CONTRACT_H
#define MARU_CONTRACT_H

#include "client/outgoing.h"

typedef struct contract contract;

/* contract_check is OK, or FAILED_PRECONDITION with what breaks, for a call that is about to be sent on the client's
 * link. */
maru_status contract_check(maru_client *client, const outgoing *o, maru_error *error);
/* When no call is under way any more. */
void contract_free_all(maru_client *client);

#endif
