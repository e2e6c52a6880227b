/* quotes.c: the quotes that are kept (quotes.h). */
#include "quotes.h"

#include "clock.h"
#include "tables.h"

/* How long after it expired: so that who comes late hears that it expired, and not that there is none. */
#define KEEP_NS (INT64_C(24) * 3600 * 1000000000)

maru_status quotes_get(maru_txn *txn, const char *name, Checkout__Quote **quote)
{
    maru_status status = maru_get(txn, &table_quotes, maru_key_text(name), (ProtobufCMessage **)quote);

    return status == MARU_NOT_FOUND ? maru_txn_fail(txn, status, "quote: there is no %s", name) : status;
}

maru_status quotes_add(maru_txn *txn, void *arg)
{
    struct quotes_add     *add = arg;
    Checkout__QuotePointer pointer = CHECKOUT__QUOTE_POINTER__INIT;
    int64_t                end = maru_txn_wall_clock(txn) + add->good_ms * MARU_NS_PER_MS;
    maru_status            status;

    add->quote->expire_time = clock_time(txn, end);
    pointer.quote = add->quote->name;
    if ((status = maru_put(txn, &table_quotes, maru_key_text(add->quote->name), &add->quote->base)) != MARU_OK)
        return status;
    return maru_timer_set(txn, QUOTES_TIMER, add->quote->name, end + KEEP_NS, &pointer.base);
}

maru_status quotes_forget(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    maru_status status = maru_delete(txn, &table_quotes, maru_key_text(name));

    return status == MARU_NOT_FOUND ? MARU_OK : status;
}
