/* letter.h: maru events show: one dead letter in full. */
#ifndef MARU_LETTER_H
#define MARU_LETTER_H

#include <stdio.h>

#include "session.h"

/* Which: the first event of producer about aggregate that waits at service. data: as --data was given, or NULL. */
typedef struct letter_place {
    const char *data, *service, *producer, *aggregate;
} letter_place;

/* letter_show prints it, with what waits behind it and what can be done. s is a session with the service; call has the
 * words of a failure. NOT_FOUND where nothing waits there. */
maru_status letter_show(session *s, maru_call *call, const letter_place *place, FILE *out);

#endif
