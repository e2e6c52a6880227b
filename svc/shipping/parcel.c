/* parcel.c: what becomes of a parcel (parcel.h). */
#include "parcel.h"

#include <assert.h>
#include <stddef.h>

#define S(state) SHIPPING__SHIPMENT_STATE__##state
enum { NOTHING_YET = S(SHIPMENT_STATE_UNSPECIFIED), STATES = S(EXPECTED) + 1 };

struct row {
    bool                    told;    /* else nothing happens */
    bool                    pays;    /* captured from now on */
    bool                    if_paid; /* only where it is captured; else nothing happens */
    Shipping__ShipmentState to;
    enum word               word;
};

static const struct row rows[STATES][NEWS] =
    {
        [NOTHING_YET] =
            {
                [NEWS_COMMITTED] = {.told = true, .to = S(PENDING)},
                [NEWS_CAPTURED] = {.told = true, .to = S(EXPECTED), .pays = true},
                [NEWS_STOP] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                /* NEWS_RELEASED: there is nothing to stop. */
                [NEWS_LEFT] = {.told = true, .to = S(DISPATCHED), .pays = true, .word = WORD_PACKED_DISPATCHED},
            },
        [S(EXPECTED)] =
            {
                [NEWS_COMMITTED] = {.told = true, .to = S(PENDING)},
                [NEWS_STOP] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                [NEWS_RELEASED] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                [NEWS_LEFT] = {.told = true, .to = S(DISPATCHED), .pays = true, .word = WORD_PACKED_DISPATCHED},
            },
        [S(PENDING)] =
            {
                [NEWS_CAPTURED] = {.told = true, .to = S(PENDING), .pays = true},
                [NEWS_STOP] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                [NEWS_RELEASED] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                [NEWS_LEFT] = {.told = true, .to = S(DISPATCHED), .pays = true, .word = WORD_PACKED_DISPATCHED},
                [NEWS_PACK] = {.told = true, .to = S(PACKED), .word = WORD_PACKED},
            },
        [S(PACKED)] =
            {
                [NEWS_CAPTURED] = {.told = true, .to = S(PACKED), .pays = true},
                [NEWS_STOP] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                [NEWS_RELEASED] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                [NEWS_LEFT] = {.told = true, .to = S(DISPATCHED), .pays = true, .word = WORD_DISPATCHED},
                [NEWS_DISPATCH] = {.told = true, .to = S(DISPATCHED), .if_paid = true, .word = WORD_DISPATCHED},
            },
        [S(DISPATCHED)] =
            {
                [NEWS_STOP] = {.told = true, .to = S(DISPATCHED), .word = WORD_CANCEL_REFUSED},
                [NEWS_DELIVER] = {.told = true, .to = S(DELIVERED), .word = WORD_DELIVERED},
            },
        [S(DELIVERED)] =
            {
                [NEWS_STOP] = {.told = true, .to = S(DELIVERED), .word = WORD_CANCEL_REFUSED},
            },
        [S(STOPPED)] =
            {
                [NEWS_STOP] = {.told = true, .to = S(STOPPED), .word = WORD_CANCELLED},
                /* It was stopped too late, by a question that had been answered otherwise before. */
                [NEWS_LEFT] = {.told = true, .to = S(DISPATCHED), .pays = true, .word = WORD_PACKED_DISPATCHED},
            },
};

struct verdict parcel_next(Shipping__ShipmentState state, bool captured, enum news news)
{
    const struct row *row;
    struct verdict    verdict = {.state = state, .captured = captured};

    assert(news < NEWS);
    if ((size_t)state >= STATES) /* a later version's: not for us to move */
        return verdict;
    row = &rows[state][news];
    if (!row->told || (row->if_paid && !captured))
        return verdict;
    verdict.state = row->to;
    verdict.captured = captured || row->pays;
    verdict.moved = verdict.state != state || verdict.captured != captured;
    verdict.word = row->word;
    return verdict;
}

enum news parcel_due(Shipping__ShipmentState state, bool captured)
{
    if (state == S(PENDING))
        return NEWS_PACK;
    if (state == S(PACKED) && captured)
        return NEWS_DISPATCH;
    return state == S(DISPATCHED) ? NEWS_DELIVER : NEWS_NONE;
}

bool parcel_past(Shipping__ShipmentState state, enum news step)
{
    switch (step) {
    case NEWS_PACK:
        return state == S(PACKED) || state == S(DISPATCHED) || state == S(DELIVERED);
    case NEWS_DISPATCH:
        return state == S(DISPATCHED) || state == S(DELIVERED);
    case NEWS_DELIVER:
        return state == S(DELIVERED);
    default:
        return false;
    }
}
