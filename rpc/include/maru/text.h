/* maru/text.h: what of a text can be seen. Texts are UTF-8. Pure. */
#ifndef MARU_PUBLIC_TEXT_H
#define MARU_PUBLIC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

/* maru_text_control is the first control character of text that is not in allowed, and *at the byte where it begins; 0
 * where there is none. Those of ASCII, those from U+0080 to U+009F, and U+2028 and U+2029, which end lines. */
uint32_t maru_text_control(const char *text, const char *allowed, size_t *at);

/* maru_text_is_blank is whether nothing of text can be seen: all of it is spaces and characters of no width. */
bool maru_text_is_blank(const char *text);

MARU_END_DECLS

#endif
