/* price.c: what lines come to, and the tax in it (price.h). */
#include "price.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* A currency that is not here has no tax here, and two digits after the point. */
struct currency {
    const char *code;
    int         tax_percent;
    bool        has_cents;
};

static const struct currency currencies[] = {
    {"KRW", 10, false},
    {"GBP", 20, true},
    {"JPY", 0, false},
};

static const struct currency *find(const char *code)
{
    static const struct currency other = {"", 0, true};

    for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
        if (strcmp(currencies[i].code, code) == 0)
            return &currencies[i];
    return &other;
}

static maru_status add_line(Checkout__Line *line, Shop__Money *total, maru_error *error)
{
    if (strcmp(line->price->currency, total->currency) != 0)
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "lines: want one currency, %s as what is before, got %s for %s", total->currency,
                              line->price->currency, line->product);
    line->total->currency = line->price->currency;
    if (__builtin_mul_overflow(line->price->minor, line->quantity, &line->total->minor) ||
        __builtin_add_overflow(total->minor, line->total->minor, &total->minor))
        return maru_error_set(error, MARU_OUT_OF_RANGE, "total: %" PRId64 " of %s make it more than 64 bits hold",
                              line->quantity, line->product);
    return MARU_OK;
}

maru_status price_lines(Checkout__Line *const *lines, size_t count, Shop__Money *total, maru_error *error)
{
    maru_status status = MARU_OK;

    total->currency = lines[0]->price->currency;
    total->minor = 0;
    for (size_t i = 0; i < count && status == MARU_OK; i++)
        status = add_line(lines[i], total, error);
    return status;
}

maru_status price_charges(Checkout__Charge *const *charges, size_t count, Shop__Money *total, maru_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const Shop__Money *amount = charges[i]->amount;

        if (strcmp(amount->currency, total->currency) != 0)
            return maru_error_set(error, MARU_FAILED_PRECONDITION, "charges: want %s, as the lines, got %s for %s",
                                  total->currency, amount->currency, charges[i]->title);
        if (__builtin_add_overflow(total->minor, amount->minor, &total->minor))
            return maru_error_set(error, MARU_OUT_OF_RANGE, "total: %s makes it more than 64 bits hold",
                                  charges[i]->title);
    }
    return MARU_OK;
}

/* total = whole * d + rest, so that nothing is multiplied that could be large. */
int64_t price_tax(const char *currency, int64_t total)
{
    int64_t percent = find(currency)->tax_percent;
    int64_t d = 100 + percent;
    int64_t part = total % d * percent;
    int64_t tax = total / d * percent + part / d;
    int64_t twice = part % d * 2;

    return tax + (twice > d || (twice == d && tax % 2 != 0));
}

char *price_text(maru_arena *arena, const Shop__Money *money)
{
    if (money == NULL)
        return maru_arena_strdup(arena, "nothing");
    if (!find(money->currency)->has_cents)
        return maru_arena_printf(arena, "%" PRId64 " %s", money->minor, money->currency);
    return maru_arena_printf(arena, "%" PRId64 ".%02" PRId64 " %s", money->minor / 100, money->minor % 100,
                             money->currency);
}
