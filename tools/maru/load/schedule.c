/* schedule.c: takes the calls of a plan one by one as they become due, evenly or at random. */
#include "schedule.h"

static void place_next(schedule *s)
{
    if (s->calls_max != 0 && s->next == s->calls_max)
        s->due = SCHEDULE_NEVER;
    else
        s->due = plan_due(s->plan, s->position);
}

void schedule_init(schedule *s, const plan *p, bool open, uint64_t calls_max, bool poisson, uint64_t seed)
{
    *s = (schedule){.plan = p, .open = open, .calls_max = calls_max, .poisson = poisson};
    s->random = random_of(seed, RANDOM_GAPS);
    if (!open)
        s->wanted = plan_wanted(p, 0, &s->since, &s->until);
    else {
        s->position = poisson ? random_gap(&s->random) : 0;
        place_next(s);
    }
}

bool schedule_over(const schedule *s, int64_t now)
{
    if (s->open)
        return s->due == SCHEDULE_NEVER;
    return now >= s->plan->length_ns || (s->calls_max != 0 && s->next == s->calls_max);
}

int64_t schedule_due(schedule *s, size_t in_flight, int64_t now)
{
    if (s->open)
        return s->due;
    if (schedule_over(s, now))
        return SCHEDULE_NEVER;
    if (now >= s->until)
        s->wanted = plan_wanted(s->plan, now, &s->since, &s->until);
    return in_flight < s->wanted ? s->since : SCHEDULE_NEVER;
}

int64_t schedule_until(const schedule *s)
{
    return s->open ? s->due : s->until;
}

size_t schedule_take(schedule *s, int64_t due)
{
    while (s->stage + 1 < s->plan->count && due >= s->plan->stages[s->stage + 1].begin_ns)
        s->stage++;
    s->next++;
    if (s->open) {
        s->position = s->poisson ? s->position + random_gap(&s->random) : (double)s->next;
        place_next(s);
    }
    return s->stage;
}

int64_t schedule_asked_until(const schedule *s)
{
    int64_t next, pause;

    if (s->calls_max == 0 || s->next < s->calls_max)
        return SCHEDULE_NEVER;
    if (!s->open)
        return 0;
    next = plan_due(s->plan, s->position);
    pause = plan_pause(s->plan, s->stage);
    return pause < next && next != SCHEDULE_NEVER ? pause : next;
}
