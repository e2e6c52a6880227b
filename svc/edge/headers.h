/* headers.h: what a request's headers ask for. Pure. */
#ifndef SHOP_EDGE_HEADERS_H
#define SHOP_EDGE_HEADERS_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/http.h"

/* headers_is_json: whether a Content-Type is JSON in UTF-8: application/json, with or without charset=utf-8. */
bool headers_is_json(maru_text type);

/* headers_is_identity: whether a Content-Encoding, a list, says that nothing was done to the body. */
bool headers_is_identity(maru_text codings);

/* headers_accepts_json: whether an Accept (at NULL: there is none) takes application/json. */
bool headers_accepts_json(maru_text accept);

/* headers_timeout reads "1500ms", "2s", "1m", a bare number is seconds: ms, at least 1; -1 where it is none of these.
 * A number of however many digits is one: above 1e9 it may be less, and is no less than that. */
int64_t headers_timeout(maru_text text);

/* headers_key reads an Idempotency-Key, in quotes or without: its text is 1..128 bytes of printable ASCII; between
 * quotes neither quotes nor backslashes. */
bool headers_key(maru_text text, maru_text *key);

#endif
