/* want.c: reads a condition of --want, and compares it with a run's figures. */
#include "want.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OF_RESPONSE, OF_SERVICE, OF_LATE };

static const histogram *histogram_of(const want *w, const tally_stage *s)
{
    return w->of == OF_SERVICE ? &s->service : w->of == OF_LATE ? &s->late : &s->response;
}

static double percentile(const want *w, const tally_stage *s)
{
    return (double)histogram_at(histogram_of(w, s), w->part);
}

static double mean(const want *w, const tally_stage *s)
{
    return histogram_mean(histogram_of(w, s));
}

static double rate(const want *w, const tally_stage *s)
{
    return figures_answered(s);
}

static double errors(const want *w, const tally_stage *s)
{
    double failed = (double)(s->failed + s->unsent), all = (double)(s->left + s->unsent);

    if (!w->percent)
        return failed;
    return all > 0 ? failed / all * 100 : 0;
}

/* Reading. */

static maru_status wrong(const want *w, maru_error *error)
{
    return maru_error_set(error, MARU_INVALID_ARGUMENT,
                          "want one such as p99<5ms, service.mean<1ms, errors<0.1%%, rate>990, got \"%.60s\"", w->text);
}

static bool read_of(want *w)
{
    static const char *const names[] = {[OF_SERVICE] = "service.", [OF_LATE] = "late."};

    w->named = w->text;
    for (size_t i = OF_SERVICE; i <= OF_LATE; i++)
        if (strncmp(w->text, names[i], strlen(names[i])) == 0) {
            w->of = i;
            w->named += strlen(names[i]);
        }
    return w->named != w->text;
}

/* "p99.9" of size bytes. */
static bool read_percentile(want *w, size_t size)
{
    char *end;

    if (*w->named != 'p' || size < 2 || strspn(w->named + 1, "0123456789.") != size - 1)
        return false;
    w->part = strtod(w->named + 1, &end) / 100;
    w->figure = percentile;
    return end == w->named + size && w->part >= 0 && w->part <= 1;
}

static bool read_name(want *w, size_t size, bool of_times)
{
    bool is_mean = size == 4 && memcmp(w->named, "mean", 4) == 0;

    w->part = is_mean ? 0.5 : 1;
    if (is_mean)
        w->figure = mean;
    else if (size == 3 && memcmp(w->named, "max", 3) == 0)
        w->figure = percentile;
    else if (size == 4 && memcmp(w->named, "rate", 4) == 0 && !of_times)
        w->figure = rate;
    else if (size == 6 && memcmp(w->named, "errors", 6) == 0 && !of_times)
        w->figure = errors;
    else
        return read_percentile(w, size);
    return true;
}

static bool is_time(const want *w)
{
    return w->figure == percentile || w->figure == mean;
}

static bool read_bound(want *w, const char *text)
{
    static const struct {
        const char *name;
        double      ns;
    } units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    char *end;

    w->bound = strtod(text, &end);
    if (end == text || end != text + strspn(text, "0123456789.")) /* it takes more, as 0x10, 1e3 and inf */
        return false;
    w->percent = w->figure == errors && strcmp(end, "%") == 0;
    if (!is_time(w))
        return w->percent || *end == '\0';
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].name) == 0) {
            w->bound *= units[i].ns;
            return true;
        }
    return false;
}

maru_status want_read(want *w, const char *text, maru_error *error)
{
    const char *at;
    bool        of_times;

    *w = (want){.text = text};
    of_times = read_of(w);
    at = w->named + strcspn(w->named, "<>");
    if (*at == '\0' || !read_name(w, (size_t)(at - w->named), of_times))
        return wrong(w, error);
    w->below = *at++ == '<';
    w->equal = *at == '=';
    return read_bound(w, at + w->equal) ? MARU_OK : wrong(w, error);
}

/* Judging. */

static bool compare(const want *w, double got)
{
    if (got == w->bound)
        return w->equal;
    return w->below ? got < w->bound : got > w->bound;
}

static void write_got(const want *w, double got, char *out, size_t size)
{
    if (is_time(w))
        snprintf(out, size, "%.3f ms", got / 1e6);
    else
        snprintf(out, size, "%.6g%s", got, w->percent ? "%" : "");
}

bool want_holds(const want *w, const tally_stage *s, bool trust, maru_error *error)
{
    double got = w->figure(w, s);
    char   words[64];

    if (s->left + s->unsent == 0) {
        maru_error_set(error, MARU_FAILED_PRECONDITION, "want %.60s, but no call counted", w->text);
        return false;
    }
    if (is_time(w) && s->response.total == 0) {
        maru_error_set(error, MARU_FAILED_PRECONDITION, "want %.60s, but no call ended", w->text);
        return false;
    }
    if (is_time(w) && w->of != OF_LATE && !trust && !figures_told(s, w->part)) {
        maru_error_set(error, MARU_FAILED_PRECONDITION, "want %.60s, but the harness itself was late by %.3f ms there",
                       w->text, (double)histogram_at(&s->late, w->part) / 1e6);
        return false;
    }
    if (compare(w, got))
        return true;
    write_got(w, got, words, sizeof words);
    maru_error_set(error, MARU_FAILED_PRECONDITION, "want %.60s, got %s", w->text, words);
    return false;
}
