/* token.h: the page tokens of ListProducts. Pure.
 *
 * A token is the name of the last product of the page before, so that a page starts after it whatever came and went
 * meanwhile. It is opaque: base64url (RFC 4648, no padding) of one byte of version (1), four of checksum, and the name.
 * It never expires.
 */
#ifndef SHOP_CATALOG_TOKEN_H
#define SHOP_CATALOG_TOKEN_H

#include "maru/status.h"

enum {
    TOKEN_NAME_MAX = 80,                              /* bytes of a name, "products/" with it */
    TOKEN_MAX = (5 + TOKEN_NAME_MAX + 2) / 3 * 4 + 1, /* bytes of a token with its NUL */
};

/* token_of writes the token of a page whose last product is name, which has at most TOKEN_NAME_MAX bytes. */
void token_of(const char *name, char token[static TOKEN_MAX]);

/* token_parse gets the name back. INVALID_ARGUMENT for anything that token_of did not write. */
maru_status token_parse(const char *token, char name[static TOKEN_NAME_MAX + 1], maru_error *error);

#endif
