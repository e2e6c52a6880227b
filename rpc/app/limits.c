/* limits.c: reads and prints the limits of maru/limits.h as text: bytes with units, counts, milliseconds. */
#include "app/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROW(type_of, field, type, unit, fallback, least, most, words)                                                  \
    {#field, unit, fallback, least, most, words, offsetof(type_of, field), sizeof(type)},

static const limit server_rows[] = {
#define X(field, type, unit, fallback, least, most, words)                                                             \
    ROW(maru_server_options, field, type, unit, fallback, least, most, words)
    MARU_SERVER_LIMITS(X)
#undef X
};

static const limit store_rows[] = {
#define X(field, type, unit, fallback, least, most, words)                                                             \
    ROW(maru_store_options, field, type, unit, fallback, least, most, words)
    MARU_STORE_LIMITS(X)
#undef X
};

static const limit http_rows[] = {
#define X(field, type, unit, fallback, least, most, words)                                                             \
    ROW(maru_http_options, field, type, unit, fallback, least, most, words)
    MARU_HTTP_LIMITS(X)
#undef X
};

static const struct {
    const char  *prefix;
    const limit *rows;
    size_t       count;
} groups[LIMIT_GROUPS] = {
    [LIMITS_SERVER] = {"", server_rows, sizeof server_rows / sizeof *server_rows},
    [LIMITS_STORE] = {"store-", store_rows, sizeof store_rows / sizeof *store_rows},
    [LIMITS_HTTP] = {"http-", http_rows, sizeof http_rows / sizeof *http_rows},
};

static const struct {
    const char *name;
    int         shift;
} byte_units[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"", 0}};

const limit *limits_of(limit_group group, size_t *count)
{
    *count = groups[group].count;
    return groups[group].rows;
}

void limit_name(limit_group group, const limit *row, char out[static LIMIT_TEXT])
{
    snprintf(out, LIMIT_TEXT, "%s%s", groups[group].prefix, row->field);
    for (char *at = out; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
}

const char *limit_takes(const limit *row)
{
    static const char *const names[] = {[MARU_BYTES] = "BYTES", [MARU_COUNT] = "COUNT", [MARU_MS] = "MS"};

    return names[row->unit];
}

/* How far the unit behind a number moves it; -1 where it is none. */
static int shift_of(maru_unit unit, const char *text)
{
    for (size_t i = 0; unit == MARU_BYTES && i < sizeof byte_units / sizeof *byte_units; i++)
        if (strcmp(byte_units[i].name, text) == 0)
            return byte_units[i].shift;
    return *text == '\0' ? 0 : -1;
}

bool limit_parse(const limit *row, const char *text, int64_t *value)
{
    const char *at = text;
    int         shift;

    for (*value = 0; *at >= '0' && *at <= '9' && *value <= row->most; at++)
        *value = *value * 10 + (*at - '0');
    if (at == text || (shift = shift_of(row->unit, at)) < 0 || *value > row->most >> shift)
        return false;
    *value <<= shift;
    return *value >= row->least;
}

void limit_text(maru_unit unit, int64_t value, char out[static LIMIT_TEXT])
{
    size_t i = 0;

    while (byte_units[i].shift > 0 &&
           (unit != MARU_BYTES || value == 0 || value % (INT64_C(1) << byte_units[i].shift) != 0))
        i++;
    snprintf(out, LIMIT_TEXT, "%" PRId64 "%s", value >> byte_units[i].shift, byte_units[i].name);
}

void limit_want(const limit *row, char out[static LIMIT_TEXT])
{
    static const char *const kinds[] = {
        [MARU_BYTES] = " bytes (KiB, MiB, GiB)", [MARU_COUNT] = "", [MARU_MS] = " milliseconds"};
    char least[LIMIT_TEXT], most[LIMIT_TEXT];

    limit_text(row->unit, row->least, least);
    limit_text(row->unit, row->most, most);
    snprintf(out, LIMIT_TEXT, "%.24s..%.24s%s", least, most, kinds[row->unit]);
}

void limit_put(const limit *row, void *options, int64_t value)
{
    size_t size = (size_t)value;

    memcpy((char *)options + row->offset, row->size == sizeof value ? (void *)&value : (void *)&size, row->size);
}
