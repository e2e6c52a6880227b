/* card.h: is that a card's number? Pure. No error shows a digit of it. */
#ifndef SHOP_PAYMENT_CARD_H
#define SHOP_PAYMENT_CARD_H

#include "maru/status.h"

enum { CARD_DIGITS_MIN = 12, CARD_DIGITS_MAX = 19 };

/* card_check wants 12 to 19 digits, blanks between them allowed, of which the last is their check digit (Luhn, US
 * patent 2950048). INVALID_ARGUMENT. */
maru_status card_check(const char *number, maru_error *error);

/* card_check_expiry wants MM/YY. INVALID_ARGUMENT. Whether it is over is the provider's to say. */
maru_status card_check_expiry(const char *expiry, maru_error *error);

#endif
