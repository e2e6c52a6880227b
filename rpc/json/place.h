/* place.h: where in a text, and where in a message, an error is. Pure. */
#ifndef MARU_JSON_PLACE_H
#define MARU_JSON_PLACE_H

#include "json/reader.h"

enum { PLACE_PATH_MAX = 160 }; /* bytes of a path, with a NUL */

typedef struct text_place {
    size_t line;   /* from 1 */
    size_t column; /* in characters, from 1 */
} text_place;

text_place place_of(const char *text, const char *at);

/* place_path writes "items[2].quantity" for what is open; the last part that fits, after "...". Names that are not
 * letters, digits and underscores are put in ["..."]. */
void place_path(const reader_frame *frames, unsigned depth, char path[static PLACE_PATH_MAX]);

#endif
