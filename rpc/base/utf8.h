/* utf8.h: is it text? UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. Pure. */
#ifndef MARU_UTF8_H
#define MARU_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* utf8_text_size returns how many of the first bytes are UTF-8 without a NUL: size where all are. It ends at the start
 * of the first character that is none. */
size_t utf8_text_size(const uint8_t *bytes, size_t size);

/* utf8_valid: a NUL is a character like others. */
bool utf8_valid(const uint8_t *bytes, size_t size);

/* utf8_clean copies text as it may travel: each byte that is no UTF-8 becomes a '?', and what does not fit into room
 * bytes with the NUL is cut off, between characters. Returns out. */
const char *utf8_clean(char *out, size_t room, const char *text);

/* utf8_has_control is whether text has a control character of ASCII. */
bool utf8_has_control(const char *text);

/* utf8_one_line makes text one line, in place: control characters become blanks, those of C1 (U+0080 to U+009F) too. So
 * no terminal and no log gets one, whoever wrote the text. Returns text. */
char *utf8_one_line(char *text);

/* utf8_lines is utf8_one_line for a text of many lines, whose ends stay. Returns text. */
char *utf8_lines(char *text);

#endif
