/* reservation.c: what becomes of a reservation (reservation.h). */
#include "reservation.h"

#include <assert.h>

struct row {
    bool       told; /* else nothing happens */
    enum stage to;
    enum deed  deed;
    enum word  word;
    bool       odd;
};

/* Where goods are to be reserved, this is so if there are enough of all; else short_of is. */
static const struct row rows[STAGES][NEWS] =
    {
        [STAGE_UNKNOWN] =
            {
                [NEWS_SUBMITTED] = {true, STAGE_RESERVED, DEED_RESERVE, WORD_RESERVED, false},
                /* Its OrderSubmitted was skipped by hand: the goods are named again. */
                [NEWS_CONFIRMED] = {true, STAGE_COMMITTED, DEED_RESERVE, WORD_COMMITTED, false},
                [NEWS_CANCELLED] = {true, STAGE_FORESTALLED, DEED_NONE, WORD_NONE, false},
                /* NEWS_DISPATCHED is kept until the order is heard of (order.c). */
            },
        [STAGE_RESERVED] =
            {
                [NEWS_CONFIRMED] = {true, STAGE_COMMITTED, DEED_NONE, WORD_COMMITTED, false},
                [NEWS_CANCELLED] = {true, STAGE_RELEASED, DEED_RELEASE, WORD_RELEASED, false},
                /* NEWS_DISPATCHED comes with NEWS_CONFIRMED before it (order.c). */
                [NEWS_RAN_OUT] = {true, STAGE_EXPIRED, DEED_RELEASE, WORD_RELEASED, false},
            },
        [STAGE_COMMITTED] =
            {
                [NEWS_CANCELLED] = {true, STAGE_RELEASED, DEED_RELEASE, WORD_RELEASED, false},
                [NEWS_DISPATCHED] = {true, STAGE_SHIPPED_OUT, DEED_SHIP, WORD_SHIPPED, false},
            },
        [STAGE_SHIPPED_OUT] =
            {
                [NEWS_CANCELLED] = {true, STAGE_SHIPPED_OUT, DEED_NONE, WORD_NONE, true},
            },
        [STAGE_RELEASED] =
            {
                [NEWS_DISPATCHED] = {true, STAGE_RELEASED, DEED_NONE, WORD_NONE, true},
            },
        [STAGE_EXPIRED] =
            {
                [NEWS_CONFIRMED] = {true, STAGE_COMMITTED, DEED_RESERVE, WORD_COMMITTED, false},
                /* Nothing is kept, and nothing shall be. */
                [NEWS_CANCELLED] = {true, STAGE_RELEASED, DEED_NONE, WORD_NONE, false},
                [NEWS_DISPATCHED] = {true, STAGE_EXPIRED, DEED_NONE, WORD_NONE, true},
            },
        [STAGE_REJECTED] =
            {
                [NEWS_DISPATCHED] = {true, STAGE_REJECTED, DEED_NONE, WORD_NONE, true},
            },
        [STAGE_FORESTALLED] =
            {
                [NEWS_DISPATCHED] = {true, STAGE_FORESTALLED, DEED_NONE, WORD_NONE, true},
            },
};

static const struct row short_of = {true, STAGE_REJECTED, DEED_NONE, WORD_REJECTED, false};

struct verdict reservation_next(enum stage stage, enum news news, bool enough)
{
    const struct row *row;

    assert(stage < STAGES && news < NEWS);
    row = &rows[stage][news];
    if (!row->told)
        return (struct verdict){.stage = stage};
    if (row->deed == DEED_RESERVE && !enough)
        row = &short_of;
    return (struct verdict){.stage = row->to, .deed = row->deed, .word = row->word, .odd = row->odd};
}

bool reservation_live(enum stage stage)
{
    return stage == STAGE_RESERVED || stage == STAGE_COMMITTED;
}

static const struct {
    Inventory__ReservationState state;
    bool                        expired;
} stages[STAGES] = {
#define X(name, state, expired) [STAGE_##name] = {INVENTORY__RESERVATION_STATE__##state, expired},
    RESERVATION_STAGES(X)
#undef X
};

enum stage reservation_stage(const Inventory__Reservation *reservation)
{
    bool expired = reservation->expired && reservation->state == INVENTORY__RESERVATION_STATE__RELEASED;

    for (enum stage stage = 0; stage < STAGES; stage++)
        if (stages[stage].state == reservation->state && stages[stage].expired == expired)
            return stage;
    return STAGE_UNKNOWN;
}

void reservation_set_stage(Inventory__Reservation *reservation, enum stage stage)
{
    reservation->state = stages[stage].state;
    reservation->expired = stages[stage].expired;
}

const char *reservation_news_name(enum news news)
{
    static const char *const names[NEWS] = {
#define X(name, words) [NEWS_##name] = words,
        RESERVATION_NEWS(X)
#undef X
    };

    return names[news];
}

const char *reservation_stage_name(enum stage stage)
{
    static const char *const names[STAGES] = {
#define X(name, state, expired) [STAGE_##name] = #name,
        RESERVATION_STAGES(X)
#undef X
    };

    return names[stage];
}
