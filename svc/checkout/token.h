/* token.h: the page tokens of ListOrders. Pure.
 *
 * Orders have numbers, 1, 2, 3 ... as they were placed, and the newest come first. A token is the number of the last
 * order of its page, in 16 hex digits, and 8 more that check them: so the next page has those that are older, whatever
 * was placed meanwhile. It fits the list of all orders as well as a customer's, and never expires.
 */
#ifndef SHOP_CHECKOUT_TOKEN_H
#define SHOP_CHECKOUT_TOKEN_H

#include <stdint.h>

#include "maru/status.h"

enum { TOKEN_SIZE = 24 + 1 };

void token_of(uint64_t number, char token[static TOKEN_SIZE]);

/* INVALID_ARGUMENT for anything that token_of did not write. */
maru_status token_parse(const char *token, uint64_t *number, maru_error *error);

#endif
