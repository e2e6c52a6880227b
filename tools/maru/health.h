/* health.h: the health of many services, asked all at once. Blocks, at most HEALTH_TIMEOUT_MS. */
#ifndef MARU_HEALTH_H
#define MARU_HEALTH_H

#include <stddef.h>

#include "maru/status.h"
#include "state.h"

enum { HEALTH_TIMEOUT_MS = 1000, HEALTH_WORD_MAX = 24, HEALTH_WHY_MAX = 512 };

typedef struct health_check {
    char url[STATE_URLS_MAX];   /* "": not asked */
    char word[HEALTH_WORD_MAX]; /* "SERVING" and so on; "UNREACHABLE"; "" where not asked */
    char why[HEALTH_WHY_MAX];   /* why it could not be reached, "STATUS: words"; else "" */
} health_check;

maru_status health_ask(health_check *checks, size_t count, maru_error *error);

#endif
