/* once.h: the replies of exactly-once calls, as the server sees them. The store implements it (rpc/store).
 *
 * Before an exactly-once handler runs, the server looks whether its (caller, request id) was answered before. The reply
 * that the handler's own store_write makes is kept there by the store, in that transaction.
 */
#ifndef MARU_ONCE_H
#define MARU_ONCE_H

#include "maru/call.h"
#include "maru/store.h"

/* once_note notes what the call asks for, before its handler runs: the same for two requests that say the same, in
 * whatever order their fields travel. So one client may repeat what another began, in JSON or not. (But entries of a
 * map have an order.) */
void once_note(maru_call *call, const ProtobufCMessage *request);

/* once_find is OK and sets call->reply where it was answered before with the same request; NOT_FOUND where it was not;
 * ALREADY_EXISTS where the request differs; INVALID_ARGUMENT where the id is malformed or older than what is kept; else
 * the store's error. */
maru_status once_find(maru_store *store, maru_call *call);

#endif
