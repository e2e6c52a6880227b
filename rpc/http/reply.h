/* reply.h: an answer as bytes. Pure. */
#ifndef MARU_HTTP_REPLY_H
#define MARU_HTTP_REPLY_H

#include <stdint.h>

#include "maru/http.h"

enum { REPLY_DATE_SIZE = 30 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL */

/* The date that goes with an answer. */
void reply_date(char out[static REPLY_DATE_SIZE], int64_t wall_ns);

/* An answer that is about to be written. */
typedef struct reply {
    const maru_http_response *response;
    const char               *date;
    bool                      head;  /* its body is left out: an answer to HEAD */
    bool                      close; /* the connection ends with it */
    bool                      http_1_0;
} reply;

/* reply_size is at least the bytes of it; reply_write writes it and returns how many it took. */
size_t reply_size(const reply *r);
size_t reply_write(const reply *r, uint8_t *out);

#endif
