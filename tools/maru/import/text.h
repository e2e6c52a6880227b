/* text.h: text as the application keeps it: UTF-8, NFC, one line. Pure. */
#ifndef IMPORT_TEXT_H
#define IMPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* text_clean writes text (UTF-8, or ISO 8859-1 where latin1) to out as UTF-8 in NFC, without spaces around it and with
 * single ones inside; "" where nothing of it can be seen. Returns NULL, or what was expected: valid UTF-8, no control
 * characters, at most size - 1 bytes.
 */
const char *text_clean(const char *text, bool latin1, char *out, size_t size);

/* text_check returns NULL for valid UTF-8 (where not latin1) without control characters, else what was expected. */
const char *text_check(const char *text, bool latin1);

/* text_head writes as many of the first characters of a text that text_check passes as fit into out, as UTF-8. Returns
 * whether those are all. */
bool text_head(const char *text, bool latin1, char *out, size_t size);

#endif
