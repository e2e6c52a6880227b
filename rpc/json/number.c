/* number.c: JSON's numbers (contract: number.h). */
#include "json/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXPONENT_MAX = 1000000000, /* larger ones are cut to it: the answer is the same */
    DIGITS_MAX = 17,           /* that a double can need */
    PLAIN_MAX = 21,            /* digits before the point; larger numbers have an exponent, as in JavaScript */
    PLAIN_MIN = -7,            /* smaller ones too */
};

/* A number taken apart. Its value is digits, without the point, times 10^exponent. */
typedef struct decimal {
    const char *digits; /* may hold a point */
    size_t      size;
    int64_t     exponent;
    bool        negative;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_size(const char *text, size_t size)
{
    size_t count = 0;

    while (count < size && is_digit(text[count]))
        count++;
    return count;
}

/* The size of a fraction or exponent part that begins at text with skip other characters; 0 where it is none. */
static size_t part_size(const char *text, size_t size, size_t skip)
{
    size_t digits = skip < size ? digits_size(text + skip, size - skip) : 0;

    return digits > 0 ? skip + digits : 0;
}

size_t number_size(const char *text, size_t size)
{
    size_t at = size > 0 && text[0] == '-', part = digits_size(text + at, size - at);

    if (part == 0)
        return 0;
    at += text[at] == '0' ? 1 : part;
    if (at < size && text[at] == '.') {
        part = part_size(text + at, size - at, 1);
        if (part == 0)
            return 0;
        at += part;
    }
    if (at < size && (text[at] == 'e' || text[at] == 'E')) {
        part = part_size(text + at, size - at, at + 1 < size && (text[at + 1] == '+' || text[at + 1] == '-') ? 2 : 1);
        if (part == 0)
            return 0;
        at += part;
    }
    return at;
}

static int64_t read_exponent(const char *text, size_t size)
{
    bool    negative = size > 0 && text[0] == '-';
    int64_t value = 0;

    for (size_t i = size > 0 && !is_digit(text[0]); i < size; i++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (text[i] - '0');
    return negative ? -value : value;
}

static bool take_apart(const char *text, size_t size, decimal *d)
{
    const char *mark = NULL, *point;

    if (size == 0 || number_size(text, size) != size)
        return false;
    *d = (decimal){.negative = text[0] == '-'};
    d->digits = text + d->negative;
    d->size = size - d->negative;
    for (size_t i = 0; i < d->size && mark == NULL; i++)
        if (d->digits[i] == 'e' || d->digits[i] == 'E')
            mark = d->digits + i;
    if (mark != NULL) {
        d->exponent = read_exponent(mark + 1, (size_t)(d->digits + d->size - mark - 1));
        d->size = (size_t)(mark - d->digits);
    }
    point = memchr(d->digits, '.', d->size);
    if (point != NULL)
        d->exponent -= d->digits + d->size - point - 1;
    return true;
}

static void drop_last_zeros(decimal *d)
{
    for (; d->size > 0 && (d->digits[d->size - 1] == '0' || d->digits[d->size - 1] == '.'); d->size--)
        d->exponent += d->digits[d->size - 1] == '0';
}

static bool times_ten_plus(uint64_t *value, unsigned digit)
{
    return !__builtin_mul_overflow(*value, 10u, value) && !__builtin_add_overflow(*value, digit, value);
}

static number_result magnitude_of(decimal d, uint64_t *magnitude)
{
    *magnitude = 0;
    drop_last_zeros(&d);
    if (d.size == 0)
        return NUMBER_OK;
    if (d.exponent < 0)
        return NUMBER_FRACTION;
    for (size_t i = 0; i < d.size; i++)
        if (d.digits[i] != '.' && !times_ten_plus(magnitude, (unsigned)(d.digits[i] - '0')))
            return NUMBER_RANGE;
    for (; d.exponent > 0; d.exponent--) /* at most 20 times: the magnitude is not 0 */
        if (!times_ten_plus(magnitude, 0))
            return NUMBER_RANGE;
    return NUMBER_OK;
}

number_result number_integer(const char *text, size_t size, bool is_signed, unsigned bits, uint64_t *value)
{
    decimal       d;
    uint64_t      magnitude, most = UINT64_MAX >> (64 - bits);
    number_result result;

    if (!take_apart(text, size, &d))
        return NUMBER_NONE;
    result = magnitude_of(d, &magnitude);
    if (result != NUMBER_OK)
        return result;
    if (is_signed)
        most = (most >> 1) + d.negative;
    else if (d.negative)
        most = 0;
    if (magnitude > most)
        return NUMBER_RANGE;
    *value = d.negative ? 0 - magnitude : magnitude;
    return NUMBER_OK;
}

/* Writes "-125e-2" with a NUL. At most two characters longer than the number and 20 of an exponent. */
static void without_point(const decimal *d, char *to, size_t room)
{
    char *start = to;

    if (d->negative)
        *to++ = '-';
    for (size_t i = 0; i < d->size; i++)
        if (d->digits[i] != '.')
            *to++ = d->digits[i];
    snprintf(to, room - (size_t)(to - start), "e%lld", (long long)d->exponent);
}

/* The number as strtod takes it in any locale, in small where it fits, else in arena. */
static number_result for_strtod(const char *text, size_t size, maru_arena *arena, char *buffer, size_t buffer_size,
                                const char **ready)
{
    decimal d;
    size_t  need = size + 24;
    char   *to = need <= buffer_size ? buffer : maru_arena_alloc(arena, need);

    if (!take_apart(text, size, &d))
        return NUMBER_NONE;
    if (to == NULL)
        return NUMBER_NO_MEMORY;
    without_point(&d, to, need);
    *ready = to;
    return NUMBER_OK;
}

number_result number_double(const char *text, size_t size, maru_arena *arena, double *value)
{
    char          buffer[128];
    const char   *ready;
    number_result result = for_strtod(text, size, arena, buffer, sizeof buffer, &ready);

    if (result != NUMBER_OK)
        return result;
    *value = strtod(ready, NULL);
    return isinf(*value) ? NUMBER_RANGE : NUMBER_OK;
}

number_result number_float(const char *text, size_t size, maru_arena *arena, float *value)
{
    char          buffer[128];
    const char   *ready;
    number_result result = for_strtod(text, size, arena, buffer, sizeof buffer, &ready);

    if (result != NUMBER_OK)
        return result;
    *value = strtof(ready, NULL);
    return isinf(*value) ? NUMBER_RANGE : NUMBER_OK;
}

/* The digits of a number, and where its point is: 0.d1d2d3... times 10^point. */
typedef struct shortest {
    char digits[DIGITS_MAX + 1];
    int  count;
    int  point;
} shortest;

static shortest digits_of(double value, int count)
{
    char     printed[NUMBER_TEXT_MAX];
    char    *mark;
    shortest s = {.count = 0};

    snprintf(printed, sizeof printed, "%.*e", count - 1, value);
    mark = strchr(printed, 'e');
    for (const char *at = printed; at < mark; at++)
        if (is_digit(*at))
            s.digits[s.count++] = *at;
    s.point = (int)strtol(mark + 1, NULL, 10) + 1;
    return s;
}

static bool reads_back(const shortest *s, double value, bool single)
{
    char text[NUMBER_TEXT_MAX];

    snprintf(text, sizeof text, "%.*se%d", s->count, s->digits, s->point - s->count);
    return single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

/* 15 digits of a double, 6 of a float are always kept by it, so that fewer need not be tried: what fewer would do these
 * print with zeros at the end. That does not hold for the smallest numbers, which have fewer bits. */
static shortest shortest_of(double value, bool single)
{
    bool     whole = value >= (single ? (double)FLT_MIN : DBL_MIN);
    int      most = single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    int      count = !whole ? 1 : single ? FLT_DIG : DBL_DIG;
    shortest s = digits_of(value, count);

    while (count < most && !reads_back(&s, value, single))
        s = digits_of(value, ++count);
    while (s.count > 1 && s.digits[s.count - 1] == '0')
        s.count--;
    return s;
}

static int print_plain(const shortest *s, char *out, size_t room)
{
    if (s->point <= 0)
        return snprintf(out, room, "0.%.*s%.*s", -s->point, "000000000", s->count, s->digits);
    if (s->point >= s->count)
        return snprintf(out, room, "%.*s%.*s", s->count, s->digits, s->point - s->count, "00000000000000000000000");
    return snprintf(out, room, "%.*s.%.*s", s->point, s->digits, s->count - s->point, s->digits + s->point);
}

static size_t print_shortest(double value, bool single, char *out)
{
    char    *at = out;
    size_t   room = NUMBER_TEXT_MAX;
    shortest s;

    if (signbit(value)) {
        *at++ = '-';
        room--;
    }
    if (value == 0) {
        memcpy(at, "0", 2);
        return (size_t)(at - out) + 1;
    }
    s = shortest_of(fabs(value), single);
    if (s.point > PLAIN_MIN + 1 && s.point <= PLAIN_MAX)
        return (size_t)(at - out) + (size_t)print_plain(&s, at, room);
    return (size_t)(at - out) + (size_t)snprintf(at, room, "%c%s%.*se%d", s.digits[0], s.count > 1 ? "." : "",
                                                 s.count - 1, s.digits + 1, s.point - 1);
}

size_t number_print_double(double value, char out[static NUMBER_TEXT_MAX])
{
    return print_shortest(value, false, out);
}

size_t number_print_float(float value, char out[static NUMBER_TEXT_MAX])
{
    return print_shortest((double)value, true, out);
}
