/* duration.c: reads and prints lengths of time such as 500ms and 3 m 20 s. */
#include "duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t     ms;
} unit_table[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};

enum { DAY_MS = 24 * 60 * 60 * 1000 };

int64_t duration_parse(const char *text)
{
    size_t  digits = strspn(text, "0123456789");
    int64_t number = 0;

    if (digits == 0 || digits > 8)
        return -1;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (text[i] - '0');
    for (size_t i = 0; i < sizeof unit_table / sizeof *unit_table; i++)
        if (strcmp(text + digits, unit_table[i].name) == 0)
            return number > 0 && number <= DAY_MS / unit_table[i].ms ? number * unit_table[i].ms : -1;
    return -1;
}

const char *duration_format(int64_t ms, char out[static 32])
{
    int64_t s = ms / 1000;

    if (ms > 0 && ms < 100)
        snprintf(out, 32, "%" PRId64 " ms", ms);
    else if (ms < 10000)
        snprintf(out, 32, "%" PRId64 ".%" PRId64 " s", s, ms % 1000 / 100);
    else if (s < 60)
        snprintf(out, 32, "%" PRId64 " s", s);
    else if (s < 3600)
        snprintf(out, 32, "%" PRId64 " m %" PRId64 " s", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, 32, "%" PRId64 " h %" PRId64 " m", s / 3600, s / 60 % 60);
    else
        snprintf(out, 32, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
    return out;
}
