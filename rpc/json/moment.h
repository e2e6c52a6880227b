/* moment.h: the text of google.protobuf.Timestamp and Duration: RFC 3339 in UTC, and seconds with an s. Pure. */
#ifndef MARU_JSON_MOMENT_H
#define MARU_JSON_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct moment {
    int64_t seconds; /* of a Timestamp: since 1970 in UTC */
    int32_t nanos;   /* of a Timestamp: forward; of a Duration: with the sign of seconds */
} moment;

enum { MOMENT_TEXT_MAX = 40 }; /* bytes, with a NUL */

/* Whether it is in range and has a text: years 1 to 9999; 10,000 years either way. */
bool timestamp_valid(moment m);
bool duration_valid(moment m);

/* Read all of text; false where it is none, or out of range. A Timestamp may have any offset from UTC. */
bool timestamp_read(const char *text, size_t size, moment *m);
bool duration_read(const char *text, size_t size, moment *m);

/* Write a valid one with 0, 3, 6 or 9 digits behind the point, as many as it takes. Return the size, without the NUL.
 */
size_t timestamp_print(moment m, char out[static MOMENT_TEXT_MAX]);
size_t duration_print(moment m, char out[static MOMENT_TEXT_MAX]);

#endif
