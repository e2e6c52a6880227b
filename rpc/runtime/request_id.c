/* request_id.c: making and reading the library's own request ids (contract: request_id.h). */
#include "runtime/request_id.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TIME_AT = 3, TIME_DIGITS = 13, DASH_AT = 16, RANDOM_AT = 17, RANDOM_DIGITS = 16 };

static const char prefix[] = "m1-";

void request_id_make(char into[static REQUEST_ID_SIZE], int64_t wall_ns, uint64_t random)
{
    uint64_t ms = (uint64_t)wall_ns / 1000000;

    snprintf(into, REQUEST_ID_SIZE, "%s%013" PRIx64 "-%016" PRIx64, prefix, ms & UINT64_C(0xfffffffffffff), random);
}

static bool printable(const char *id)
{
    size_t size = 0;

    for (; id[size] != '\0'; size++)
        if (size == REQUEST_ID_MAX || id[size] < ' ' || id[size] > '~')
            return false;
    return size > 0;
}

/* Lower case only: an id has one spelling. */
static bool hex(const char *text, size_t digits, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < digits; i++) {
        const char *at = text[i] == '\0' ? NULL : strchr("0123456789abcdef", text[i]);

        if (at == NULL)
            return false;
        *number = *number << 4 | (uint64_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
    }
    return true;
}

request_id_kind request_id_parse(const char *id, int64_t *made_ms)
{
    uint64_t ms, random;

    if (!printable(id))
        return REQUEST_ID_BAD;
    if (strncmp(id, prefix, TIME_AT) != 0)
        return REQUEST_ID_FOREIGN;
    if (strlen(id) != REQUEST_ID_MADE || !hex(id + TIME_AT, TIME_DIGITS, &ms) || id[DASH_AT] != '-' ||
        !hex(id + RANDOM_AT, RANDOM_DIGITS, &random))
        return REQUEST_ID_BAD;
    *made_ms = (int64_t)ms;
    return REQUEST_ID_OURS;
}
