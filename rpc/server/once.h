/* once.h: the replies of exactly-once calls, as the server sees them. The store implements it (rpc/store).
 *
 * Before an exactly-once handler runs, the server looks whether its (caller, request id) was answered before. The reply
 * that the handler's own store_write makes is kept there by the store, in that transaction.
 */
#ifndef MARU_ONCE_H
#define MARU_ONCE_H

#include "maru/call.h"
#include "maru/store.h"

/* once_find is OK and sets call->reply where it was answered before with the same body; NOT_FOUND where it was not;
 * INVALID_ARGUMENT where the body differs, or the id is malformed or older than what is kept; else the store's error.
 */
maru_status once_find(maru_store *store, maru_call *call);

#endif
