/* card.c: is that a card's number (card.h)? */
#include "card.h"

#include <stdbool.h>
#include <string.h>

/* From the right every second digit counts twice, the digits of what that makes apart; the sum ends in 0. */
static bool luhn(const char *number)
{
    unsigned sum = 0, place = 0;

    for (size_t i = strlen(number); i-- > 0;) {
        unsigned digit = (unsigned)(number[i] - '0');

        if (number[i] == ' ')
            continue;
        if (place++ % 2 == 1 && (digit *= 2) > 9)
            digit -= 9;
        sum += digit;
    }
    return sum % 10 == 0;
}

maru_status card_check(const char *number, maru_error *error)
{
    size_t digits = 0;

    for (const char *at = number; *at != '\0'; at++) {
        if (*at == ' ')
            continue;
        if (*at < '0' || *at > '9')
            return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                  "number: want digits and blanks, got something else at character %d",
                                  (int)(at - number) + 1);
        digits++;
    }
    if (digits < CARD_DIGITS_MIN || digits > CARD_DIGITS_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "number: want %d..%d digits, got %zu", CARD_DIGITS_MIN,
                              CARD_DIGITS_MAX, digits);
    if (!luhn(number))
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "number: its check digit is wrong; a digit was mistyped, or two changed places");
    return MARU_OK;
}

maru_status card_check_expiry(const char *expiry, maru_error *error)
{
    if (strlen(expiry) == 5 && expiry[2] == '/' && strspn(expiry, "0123456789") == 2 &&
        strspn(expiry + 3, "0123456789") == 2) {
        int month = (expiry[0] - '0') * 10 + expiry[1] - '0';

        if (month >= 1 && month <= 12)
            return MARU_OK;
    }
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "expiry: want MM/YY, as 09/29");
}
