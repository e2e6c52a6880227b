/* moment.c: the text of Timestamp and Duration (contract: moment.h). Proleptic Gregorian calendar, as RFC 3339 has it.
 */
#include "json/moment.h"

#include <stdio.h>
#include <string.h>

enum {
    NANOS_PER_SECOND = 1000000000,
    NANO_DIGITS = 9,
    SECONDS_PER_DAY = 86400,
    DAYS_PER_ERA = 146097,     /* 400 years */
    DAYS_BEFORE_1970 = 719468, /* since March 1 of year 0 */
};

#define TIMESTAMP_MIN INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define TIMESTAMP_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define DURATION_MAX  INT64_C(315576000000)

bool timestamp_valid(moment m)
{
    return m.seconds >= TIMESTAMP_MIN && m.seconds <= TIMESTAMP_MAX && m.nanos >= 0 && m.nanos < NANOS_PER_SECOND;
}

bool duration_valid(moment m)
{
    if (m.seconds < -DURATION_MAX || m.seconds > DURATION_MAX)
        return false;
    if (m.nanos <= -NANOS_PER_SECOND || m.nanos >= NANOS_PER_SECOND)
        return false;
    return (m.seconds >= 0 || m.nanos <= 0) && (m.seconds <= 0 || m.nanos >= 0);
}

/* Days since 1970-01-01. Years begin in March here, so that the odd day is the last one of a year. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t era, year_of_era, day_of_year;

    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    year_of_era = year - era * 400;
    day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           DAYS_BEFORE_1970;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
    int64_t era, day_of_era, year_of_era, day_of_year, months;

    days += DAYS_BEFORE_1970;
    era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    day_of_era = days - era * DAYS_PER_ERA;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    months = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * months + 2) / 5 + 1);
    *month = (int)(months < 10 ? months + 3 : months - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

/* What is left of a text that is read from the front. */
typedef struct rest {
    const char *at;
    const char *end;
} rest;

static bool take_char(rest *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Just so many digits. */
static bool take_digits(rest *r, int count, int *value)
{
    *value = 0;
    for (; count > 0; count--) {
        if (r->at == r->end || *r->at < '0' || *r->at > '9')
            return false;
        *value = *value * 10 + (*r->at++ - '0');
    }
    return true;
}

/* A point and 1 to 9 digits, or nothing. */
static bool take_fraction(rest *r, int32_t *nanos)
{
    int digits = 0;

    *nanos = 0;
    if (!take_char(r, '.'))
        return true;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++, digits++) {
        if (digits == NANO_DIGITS)
            return false;
        *nanos = *nanos * 10 + (*r->at - '0');
    }
    for (int i = digits; i < NANO_DIGITS; i++)
        *nanos *= 10;
    return digits > 0;
}

static bool take_date(rest *r, int64_t *days)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int              year, month, day;
    bool             leap;

    if (!take_digits(r, 4, &year) || !take_char(r, '-') || !take_digits(r, 2, &month) || !take_char(r, '-') ||
        !take_digits(r, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
        return false;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return false;
    *days = days_of(year, month, day);
    return true;
}

static bool take_time(rest *r, int64_t *seconds)
{
    int hour, minute, second;

    if (!take_digits(r, 2, &hour) || !take_char(r, ':') || !take_digits(r, 2, &minute) || !take_char(r, ':') ||
        !take_digits(r, 2, &second))
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60; /* no leap second: seconds since 1970 have none */
}

static bool take_offset(rest *r, int64_t *seconds)
{
    bool west;
    int  hour, minute;

    *seconds = 0;
    if (take_char(r, 'Z'))
        return true;
    west = take_char(r, '-');
    if (!west && !take_char(r, '+'))
        return false;
    if (!take_digits(r, 2, &hour) || !take_char(r, ':') || !take_digits(r, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *seconds = (hour * 3600 + minute * 60) * (west ? -1 : 1);
    return true;
}

bool timestamp_read(const char *text, size_t size, moment *m)
{
    rest    r = {.at = text, .end = text + size};
    int64_t days, seconds, offset;

    if (!take_date(&r, &days) || !take_char(&r, 'T') || !take_time(&r, &seconds) || !take_fraction(&r, &m->nanos) ||
        !take_offset(&r, &offset) || r.at != r.end)
        return false;
    m->seconds = days * SECONDS_PER_DAY + seconds - offset;
    return timestamp_valid(*m);
}

bool duration_read(const char *text, size_t size, moment *m)
{
    rest r = {.at = text, .end = text + size};
    bool negative = take_char(&r, '-'), any = false;

    for (m->seconds = 0; r.at < r.end && *r.at >= '0' && *r.at <= '9'; r.at++, any = true) {
        m->seconds = m->seconds * 10 + (*r.at - '0');
        if (m->seconds > DURATION_MAX)
            return false;
    }
    if (!any || !take_fraction(&r, &m->nanos) || !take_char(&r, 's') || r.at != r.end)
        return false;
    if (negative)
        *m = (moment){.seconds = -m->seconds, .nanos = -m->nanos};
    return duration_valid(*m);
}

/* A number in so many digits, with zeros before it. Formatting by printf would be half of what a reply costs. */
static char *print_digits(char *out, unsigned number, int digits)
{
    for (int i = digits; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + digits;
}

static char *print_two(char *out, int number, char before)
{
    out[0] = before;
    out[1] = (char)('0' + number / 10);
    out[2] = (char)('0' + number % 10);
    return out + 3;
}

/* ".340", ".340012", ".340012001" or nothing. */
static char *print_fraction(char *out, unsigned nanos)
{
    if (nanos == 0)
        return out;
    *out++ = '.';
    if (nanos % 1000000 == 0)
        return print_digits(out, nanos / 1000000, 3);
    return nanos % 1000 == 0 ? print_digits(out, nanos / 1000, 6) : print_digits(out, nanos, 9);
}

size_t timestamp_print(moment m, char out[static MOMENT_TEXT_MAX])
{
    int64_t days = (m.seconds - (m.seconds < 0 ? SECONDS_PER_DAY - 1 : 0)) / SECONDS_PER_DAY;
    int     second = (int)(m.seconds - days * SECONDS_PER_DAY), year, month, day;
    char   *at;

    date_of(days, &year, &month, &day);
    at = print_two(print_two(print_digits(out, (unsigned)year, 4), month, '-'), day, '-');
    at = print_two(print_two(print_two(at, second / 3600, 'T'), second / 60 % 60, ':'), second % 60, ':');
    at = print_fraction(at, (unsigned)m.nanos);
    memcpy(at, "Z", 2);
    return (size_t)(at + 1 - out);
}

size_t duration_print(moment m, char out[static MOMENT_TEXT_MAX])
{
    bool   negative = m.seconds < 0 || m.nanos < 0;
    size_t size = (size_t)snprintf(out, MOMENT_TEXT_MAX, "%s%lld", negative ? "-" : "",
                                   (long long)(m.seconds < 0 ? -m.seconds : m.seconds));

    size = (size_t)(print_fraction(out + size, (unsigned)(m.nanos < 0 ? -m.nanos : m.nanos)) - out);
    memcpy(out + size, "s", 2);
    return size + 1;
}
