/* base64.h: bytes as text, RFC 4648. Pure. */
#ifndef MARU_JSON_BASE64_H
#define MARU_JSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The size of so many bytes as text, padded. */
size_t base64_size(size_t size);

/* base64_encode writes base64_size(size) characters of the standard alphabet, padded. */
void base64_encode(const uint8_t *bytes, size_t size, char *out);

/* base64_decode takes the standard and the URL-safe alphabet, padded or not; out has room for text_size * 3 / 4 + 3
 * bytes. Bits that are left over at the end are dropped. false where the text is none. */
bool base64_decode(const char *text, size_t text_size, uint8_t *out, size_t *size);

#endif
