/* wheel.c: places timers in the slots of a hierarchical wheel, moves them down as time passes, fires them. */
#include "runtime/wheel.h"

#include <stddef.h>

enum { SLOT_BITS = 6, SLOT_MASK = WHEEL_SLOTS - 1 };

static uint64_t tick_up(int64_t ns)
{
    return ns <= 0 ? 0 : ((uint64_t)ns + (1u << WHEEL_TICK_SHIFT) - 1) >> WHEEL_TICK_SHIFT;
}

void wheel_init(wheel *w, int64_t now_ns)
{
    *w = (wheel){.now = (uint64_t)now_ns >> WHEEL_TICK_SHIFT};
}

/* The lowest level on which the timer's slot is not the current one: there all ticks between now and then fit. */
static int level_of(uint64_t now, uint64_t tick)
{
    uint64_t differ = now ^ tick;
    int      level = differ == 0 ? 0 : (63 - __builtin_clzll(differ)) / SLOT_BITS;

    return level < WHEEL_LEVELS ? level : WHEEL_LEVELS - 1;
}

static void place(wheel *w, wheel_timer *timer)
{
    int           level = level_of(w->now, timer->tick);
    unsigned      slot = (timer->tick >> (level * SLOT_BITS)) & SLOT_MASK;
    wheel_timer **head = &w->slots[level][slot];

    timer->next = *head;
    timer->link = head;
    if (*head != NULL)
        (*head)->link = &timer->next;
    *head = timer;
    w->full[level] |= 1ull << slot;
}

static void unlink_timer(wheel_timer *timer)
{
    *timer->link = timer->next;
    if (timer->next != NULL)
        timer->next->link = timer->link;
    timer->next = NULL;
    timer->link = NULL;
}

void wheel_remove(wheel *w, wheel_timer *timer)
{
    (void)w; /* the bit of a slot that became empty is cleared when its time comes */
    if (timer->link != NULL)
        unlink_timer(timer);
}

bool wheel_holds(const wheel_timer *timer)
{
    return timer->link != NULL;
}

void wheel_add(wheel *w, wheel_timer *timer, int64_t at_ns)
{
    wheel_remove(w, timer);
    timer->tick = tick_up(at_ns);
    if (timer->tick <= w->now)
        timer->tick = w->now + 1;
    place(w, timer);
}

/* Takes a whole slot out of the wheel, onto *mine, whose head its timers then link to: they can still be removed. */
static void take_slot(wheel *w, int level, unsigned slot, wheel_timer **mine)
{
    *mine = w->slots[level][slot];
    w->slots[level][slot] = NULL;
    w->full[level] &= ~(1ull << slot);
    if (*mine != NULL)
        (*mine)->link = mine;
}

static void cascade(wheel *w)
{
    for (int level = 1; level < WHEEL_LEVELS; level++) {
        wheel_timer *mine;

        if ((w->now & ((1ull << (level * SLOT_BITS)) - 1)) != 0)
            return;
        take_slot(w, level, (w->now >> (level * SLOT_BITS)) & SLOT_MASK, &mine);
        while (mine != NULL) {
            wheel_timer *timer = mine;
            unlink_timer(timer);
            place(w, timer);
        }
    }
}

static void fire_slot(wheel *w)
{
    wheel_timer *mine;

    take_slot(w, 0, w->now & SLOT_MASK, &mine);
    while (mine != NULL) {
        wheel_timer *timer = mine;
        unlink_timer(timer);
        timer->fire(timer);
    }
}

/* The first tick after now at which something fires or cascades. */
static uint64_t next_tick(const wheel *w)
{
    uint64_t best = UINT64_MAX;

    for (int level = 0; level < WHEEL_LEVELS; level++) {
        unsigned shift = (unsigned)level * SLOT_BITS, at = (w->now >> shift) & SLOT_MASK;
        uint64_t ahead = at == SLOT_MASK ? 0 : w->full[level] & (~0ull << (at + 1));
        uint64_t base = w->now >> shift >> SLOT_BITS, tick;

        if (ahead == 0 && w->full[level] == 0)
            continue;
        if (ahead == 0) /* only on the top level, whose slots come round again */
            base++, ahead = w->full[level];
        tick = (base << SLOT_BITS | (unsigned)__builtin_ctzll(ahead)) << shift;
        if (tick < best)
            best = tick;
    }
    return best;
}

void wheel_advance(wheel *w, int64_t now_ns)
{
    uint64_t until = (uint64_t)now_ns >> WHEEL_TICK_SHIFT;

    while (w->now < until) {
        uint64_t next = next_tick(w);

        if (next > until) {
            w->now = until;
            return;
        }
        w->now = next;
        cascade(w);
        fire_slot(w);
    }
}

int64_t wheel_next(const wheel *w)
{
    uint64_t tick = next_tick(w);

    return tick > (uint64_t)INT64_MAX >> WHEEL_TICK_SHIFT ? INT64_MAX : (int64_t)(tick << WHEEL_TICK_SHIFT);
}
