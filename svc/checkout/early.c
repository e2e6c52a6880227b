/* early.c: what others said of orders of the past before those are made again (early.h). */
#include "early.h"

#include <string.h>

#include "naming.h"
#include "tables.h"
#include "timeline.h"

maru_status early_keep(maru_txn *txn, const maru_event *event, enum happening what, const char *detail)
{
    Checkout__EarlyNews first = CHECKOUT__EARLY_NEWS__INIT, *news;
    Checkout__Timeline  timeline = CHECKOUT__TIMELINE__INIT;
    uint32_t           *happenings;
    size_t              at;
    maru_status         status;

    if (!naming_is_past(event->aggregate))
        return MARU_OK;
    status = maru_get(txn, &table_early, maru_key_text(event->aggregate), (ProtobufCMessage **)&news);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    first.timeline = &timeline;
    news = status == MARU_OK ? news : &first;
    at = timeline_note(txn, news->timeline, event, detail);
    happenings = maru_txn_alloc(txn, (news->n_happenings + 1) * sizeof *happenings);
    if (news->n_happenings > 0)
        memcpy(happenings, news->happenings, news->n_happenings * sizeof *happenings);
    happenings[at] = what;
    news->happenings = happenings;
    news->n_happenings = news->timeline->n_entries;
    return maru_put(txn, &table_early, maru_key_text(event->aggregate), &news->base);
}

maru_status early_take(maru_txn *txn, const char *order, Checkout__EarlyNews **news)
{
    maru_key    key = maru_key_text(order);
    maru_status status =
        naming_is_past(order) ? maru_get(txn, &table_early, key, (ProtobufCMessage **)news) : MARU_NOT_FOUND;

    return status == MARU_OK ? maru_delete(txn, &table_early, key) : status;
}
