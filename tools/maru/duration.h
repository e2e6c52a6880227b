/* duration.h: times as people write them: 500ms, 5s, 2m, 1h. Pure. */
#ifndef MARU_DURATION_H
#define MARU_DURATION_H

#include <stdint.h>

#define DURATION_TIME "a time such as 500ms, 5s, 2m, more than 0 and at most 24h"
#define DURATION_WANT "want " DURATION_TIME

/* Milliseconds, 1 to 24 h; -1 where text is no such time. */
int64_t duration_parse(const char *text);

/* "1 ms", "0.4 s", "12 s", "3 m 20 s", "2 h 5 m", "3 d 4 h". Returns out. */
const char *duration_format(int64_t ms, char out[static 32]);

#endif
