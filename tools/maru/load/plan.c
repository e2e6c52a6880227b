/* plan.c: reads a plan's stages from text, and computes when call n is due and how many by then. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"

enum { NS_PER_MS = 1000000 };

/* What a number of a stage may be. */
typedef struct bounds {
    double      least, most;
    bool        whole;
    const char *words;
} bounds;

/* Reading. */

static bool read_number(const char *text, size_t size, double *number)
{
    char  copy[32];
    char *end;

    if (size == 0 || size >= sizeof copy || strspn(text, "0123456789.") < size)
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    *number = strtod(copy, &end);
    return *end == '\0' && end != copy && copy[0] != '.';
}

static bool within(double n, const bounds *b)
{
    return n >= b->least && n <= b->most && (!b->whole || n == floor(n));
}

/* "N" or "N..M". Of a rate, a ramp may begin or end at nothing, and a stage among others may be nothing: a pause. */
static bool read_load(const char *text, size_t size, const bounds *b, bool pauses, plan_stage *s)
{
    const char *dots = memmem(text, size, "..", 2);
    bool        rests;

    if (!read_number(text, dots == NULL ? size : (size_t)(dots - text), &s->from))
        return false;
    s->to = s->from;
    if (dots != NULL && !read_number(dots + 2, size - (size_t)(dots + 2 - text), &s->to))
        return false;
    rests = !b->whole && (pauses || s->from != s->to);
    return (within(s->from, b) || (rests && s->from == 0)) && (within(s->to, b) || (rests && s->to == 0));
}

static int64_t read_length(const char *text, size_t size)
{
    char copy[16];

    if (size >= sizeof copy)
        return -1;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return duration_parse(copy);
}

static maru_status add_stage(plan *p, const plan_stage *s, maru_error *error)
{
    if (p->count == PLAN_STAGES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want at most %d stages", PLAN_STAGES_MAX);
    p->stages[p->count] = *s;
    p->stages[p->count++].begin_ns = p->length_ns;
    p->length_ns += s->length_ns;
    return MARU_OK;
}

static maru_status read_stage(plan *p, const char *text, size_t size, const bounds *b, maru_error *error)
{
    const char *at = memchr(text, '@', size);
    plan_stage  s = {0};
    int64_t     ms;

    if (at == NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "want each stage with its length, as in 100@10s,100..5000@1m, got \"%.*s\"",
                              (int)(size < 60 ? size : 60), text);
    if (!read_load(text, (size_t)(at - text), b, true, &s))
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want %s, got \"%.*s\"", b->words,
                              (int)(size < 60 ? size : 60), text);
    if ((ms = read_length(at + 1, size - (size_t)(at + 1 - text))) < 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "want a length such as 500ms, 5s, 2m behind @, got \"%.*s\"",
                              (int)(size < 60 ? size : 60), text);
    s.length_ns = ms * NS_PER_MS;
    return add_stage(p, &s, error);
}

static maru_status read_one(plan *p, const char *text, int64_t ms, const bounds *b, maru_error *error)
{
    plan_stage s = {.length_ns = ms * NS_PER_MS};

    if (!read_load(text, strlen(text), b, false, &s))
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want %s, got \"%.60s\"", b->words, text);
    return add_stage(p, &s, error);
}

static maru_status read_all(plan *p, const char *text, int64_t time_ms, int64_t default_ms, const bounds *b,
                            maru_error *error)
{
    maru_status status = MARU_OK;

    *p = (plan){0};
    if (strpbrk(text, "@,") == NULL)
        return read_one(p, text, time_ms != 0 ? time_ms : default_ms, b, error);
    if (time_ms != 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "has lengths of its own behind @: want it without them, or no --time");
    while (status == MARU_OK) {
        size_t size = strcspn(text, ",");

        status = read_stage(p, text, size, b, error);
        if (text[size] == '\0')
            break;
        text += size + 1;
    }
    if (status == MARU_OK && plan_most(p) == 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want calls: there is nothing but pauses");
    return status;
}

maru_status plan_rate(plan *p, const char *text, int64_t time_ms, int64_t default_ms, maru_error *error)
{
    static const bounds rates = {0.001, PLAN_RATE_MAX, false, "0.001..10000000 calls a second, or a ramp N..M"};

    return read_all(p, text, time_ms, default_ms, &rates, error);
}

maru_status plan_in_flight(plan *p, const char *text, int64_t time_ms, int64_t default_ms, maru_error *error)
{
    static const bounds numbers = {1, PLAN_IN_FLIGHT_MAX, true, "1..100000 calls in flight, or a ramp N..M"};

    return read_all(p, text, time_ms, default_ms, &numbers, error);
}

size_t plan_stage_at(const plan *p, int64_t at_ns)
{
    size_t i = 0;

    while (i + 1 < p->count && at_ns >= p->stages[i + 1].begin_ns)
        i++;
    return i;
}

static bool is_pause(const plan_stage *s)
{
    return s->from == 0 && s->to == 0;
}

int64_t plan_end(const plan *p)
{
    size_t i = p->count;

    while (i > 0 && is_pause(&p->stages[i - 1]))
        i--;
    return i == p->count ? p->length_ns : p->stages[i].begin_ns;
}

/* Rates. Of a stage, at t seconds after its begin, r + k t a second, so that r t + k t^2 / 2 calls were due. */

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

static double slope(const plan_stage *s)
{
    return (s->to - s->from) / seconds(s->length_ns);
}

static double calls_until(const plan_stage *s, int64_t ns)
{
    double t = seconds(ns);

    if (ns >= s->length_ns)
        return (s->from + s->to) / 2 * seconds(s->length_ns);
    return s->from * t + slope(s) * t * t / 2;
}

/* The quadratic formula in the form that loses no digits where the slope is small. */
static double time_of(const plan_stage *s, double n)
{
    double root = s->from * s->from + 2 * slope(s) * n;

    return n == 0 ? 0 : 2 * n / (s->from + sqrt(root < 0 ? 0 : root));
}

int64_t plan_due(const plan *p, double n)
{
    for (size_t i = 0; i < p->count; i++) {
        const plan_stage *s = &p->stages[i];
        double            all = calls_until(s, s->length_ns);

        if (n < all)
            return s->begin_ns + (int64_t)llround(time_of(s, n) * 1e9);
        n -= all;
    }
    return INT64_MAX;
}

int64_t plan_pause(const plan *p, size_t stage)
{
    for (size_t i = stage + 1; i < p->count; i++)
        if (is_pause(&p->stages[i]))
            return p->stages[i].begin_ns;
    return INT64_MAX;
}

double plan_calls(const plan *p, int64_t from_ns, int64_t to_ns)
{
    double n = 0;

    for (size_t i = 0; i < p->count; i++) {
        const plan_stage *s = &p->stages[i];

        if (to_ns > s->begin_ns)
            n += calls_until(s, to_ns - s->begin_ns);
        if (from_ns > s->begin_ns)
            n -= calls_until(s, from_ns - s->begin_ns);
    }
    return n;
}

/* Numbers in flight. A ramp stands on each number for as long as on any other. */

static int64_t step_time(const plan_stage *s, int64_t levels, int64_t level)
{
    return s->begin_ns + (int64_t)((__int128)s->length_ns * level / levels);
}

size_t plan_wanted(const plan *p, int64_t at_ns, int64_t *since_ns, int64_t *until_ns)
{
    const plan_stage *s = &p->stages[plan_stage_at(p, at_ns)];
    int64_t           from = (int64_t)s->from, to = (int64_t)s->to;
    int64_t           levels = llabs(to - from) + 1, last = levels - 1, within_ns = at_ns - s->begin_ns, level;

    level = within_ns >= s->length_ns ? last : (int64_t)((__int128)within_ns * levels / s->length_ns);
    while (level < last && step_time(s, levels, level + 1) <= at_ns) /* where rounding put it one too low */
        level++;
    *since_ns = step_time(s, levels, level);
    *until_ns = step_time(s, levels, level + 1);
    return (size_t)(to > from ? from + level : from - level);
}

size_t plan_most(const plan *p)
{
    double most = 0;

    for (size_t i = 0; i < p->count; i++)
        most = fmax(most, fmax(p->stages[i].from, p->stages[i].to));
    return (size_t)ceil(most);
}
