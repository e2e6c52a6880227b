/* maru/shown.h: a text that came from outside, as one line of an error can show it.
 *
 *   maru_fail(call, MARU_INVALID_ARGUMENT, "name: want carts/ID, got \"%s\"", maru_shown(request->name).text);
 */
#ifndef MARU_PUBLIC_SHOWN_H
#define MARU_PUBLIC_SHOWN_H

#include "maru/decls.h"

MARU_BEGIN_DECLS

enum { MARU_SHOWN_MAX = 80 };

typedef struct maru_shown_text {
    char text[MARU_SHOWN_MAX + 1];
} maru_shown_text;

/* maru_shown is text, UTF-8, of at most MARU_SHOWN_MAX bytes: a longer one is cut between characters, with "..." after
 * it. Each byte of a control character, and each that is no UTF-8, is a ?. Pure. */
maru_shown_text maru_shown(const char *text);

MARU_END_DECLS

#endif
