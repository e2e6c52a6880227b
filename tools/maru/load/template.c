/* template.c: reads a request's JSON with ${...} places, and writes it with those filled. */
#include "template.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/nearest.h"
#include "maru/shown.h"

enum { TEXT_MAX = 65536, UUID_SIZE = 36, NUMBER_SIZE = 24 };

/* A piece of the text as it stands (fill NULL), or a value. */
typedef struct piece piece;
struct piece {
    piece *next;
    /* The most bytes that fill writes, and fill itself: it returns how many it wrote. */
    size_t (*room)(const piece *p, const char *const *row);
    size_t (*fill)(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into);
    const char *text;
    size_t      size;
    bool        quoted;    /* within a JSON string */
    int64_t     low, high; /* of counter, random and text */
    size_t      column;
    char      **choices;
    size_t      choice_count;
};

struct template
{
    piece *first;
    bool   varies, has_rows;
};

typedef struct reading {
    const char             *text;
    size_t                  size, at;
    const template_columns *columns;
    maru_arena             *arena;
    maru_error             *error;
    template               *made;
    piece                 **end;
    bool                    quoted;
} reading;

/* Values. */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static size_t room_number(const piece *p, const char *const *row)
{
    return NUMBER_SIZE;
}

static size_t write_number(int64_t number, char *into)
{
    char     digits[NUMBER_SIZE];
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t   n = 0, sign = number < 0;

    do
        digits[n++] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    *into = '-';
    for (size_t i = 0; i < n; i++)
        into[sign + i] = digits[n - 1 - i];
    return sign + n;
}

static size_t fill_counter(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into)
{
    return write_number((int64_t)((uint64_t)p->low + n), into);
}

static size_t fill_random(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into)
{
    return write_number(random_between(random, p->low, p->high), into);
}

static size_t room_text(const piece *p, const char *const *row)
{
    return (size_t)p->low;
}

static size_t fill_text(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into)
{
    for (int64_t i = 0; i < p->low; i++)
        into[i] = alphabet[random_between(random, 0, sizeof alphabet - 2)];
    return (size_t)p->low;
}

static size_t room_uuid(const piece *p, const char *const *row)
{
    return UUID_SIZE;
}

/* Version 4 of RFC 9562: random but for the version and the variant. */
static size_t fill_uuid(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t          bits[2] = {random_next(random), random_next(random)};

    bits[0] = (bits[0] & ~UINT64_C(0xf000)) | 0x4000;
    bits[1] = (bits[1] & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
    for (size_t i = 0, digit = 0; i < UUID_SIZE; i++)
        into[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : hex[(bits[digit / 16] >> (60 - digit % 16 * 4)) & 15],
        digit += into[i] != '-';
    return UUID_SIZE;
}

/* Text that comes from outside is escaped where it stands in a JSON string. */
static size_t write_escaped(const char *text, char *into)
{
    static const char hex[] = "0123456789abcdef";
    size_t            n = 0;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            into[n++] = '\\';
            into[n++] = (char)c;
        } else if (c < 0x20) {
            memcpy(into + n, "\\u00", 4);
            into[n + 4] = hex[c >> 4];
            into[n + 5] = hex[c & 15];
            n += 6;
        } else {
            into[n++] = (char)c;
        }
    }
    return n;
}

static size_t write_value(const piece *p, const char *text, char *into)
{
    size_t size = strlen(text);

    if (p->quoted)
        return write_escaped(text, into);
    memcpy(into, text, size);
    return size;
}

static size_t room_one(const piece *p, const char *const *row)
{
    size_t most = 0;

    for (size_t i = 0; i < p->choice_count; i++)
        most = strlen(p->choices[i]) > most ? strlen(p->choices[i]) : most;
    return most * 6;
}

static size_t fill_one(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into)
{
    return write_value(p, p->choices[random_between(random, 0, (int64_t)p->choice_count - 1)], into);
}

static size_t room_csv(const piece *p, const char *const *row)
{
    return strlen(row[p->column]) * 6;
}

static size_t fill_csv(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into)
{
    return write_value(p, row[p->column], into);
}

/* Reading. */

static maru_status wrong(const reading *r, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "line 1, column 14: ...", characters counted from 1. */
static maru_status wrong(const reading *r, const char *at, const char *format, ...)
{
    unsigned line = 1, column = 1;
    char     words[300];
    va_list  list;

    for (const char *p = r->text; p < at; p++) {
        if (*p == '\n')
            line++, column = 1;
        else if ((*p & 0xc0) != 0x80)
            column++;
    }
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    return maru_error_set(r->error, MARU_INVALID_ARGUMENT, "line %u, column %u: %s", line, column, words);
}

static maru_status no_memory(const reading *r)
{
    return maru_error_set(r->error, MARU_RESOURCE_EXHAUSTED, "out of memory for the template");
}

static piece *add_piece(reading *r)
{
    piece *p = maru_arena_zalloc(r->arena, sizeof *p);

    if (p == NULL)
        return NULL;
    p->quoted = r->quoted;
    *r->end = p;
    r->end = &p->next;
    return p;
}

static maru_status add_text(reading *r, size_t begin, size_t end)
{
    piece *p;

    if (begin == end)
        return MARU_OK;
    if ((p = add_piece(r)) == NULL || (p->text = maru_arena_memdup(r->arena, r->text + begin, end - begin)) == NULL)
        return no_memory(r);
    p->size = end - begin;
    return MARU_OK;
}

static bool read_whole(const char *text, int64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && strspn(text, "-0123456789") == strlen(text);
}

static maru_status read_counter(reading *r, piece *p, const char *at, char *words)
{
    if (words != NULL && !read_whole(words, &p->low))
        return wrong(r, at, "${counter:FROM}: want a whole number, got \"%.60s\"", words);
    return MARU_OK;
}

static maru_status read_random(reading *r, piece *p, const char *at, char *words)
{
    char *dots = words == NULL ? NULL : strstr(words, "..");

    if (dots != NULL)
        *dots = '\0';
    if (dots == NULL || !read_whole(words, &p->low) || !read_whole(dots + 2, &p->high) || p->low > p->high)
        return wrong(r, at, "want ${random:LOW..HIGH}, two whole numbers, the lower one first");
    return MARU_OK;
}

static maru_status read_text(reading *r, piece *p, const char *at, char *words)
{
    if (words == NULL || !read_whole(words, &p->low) || p->low < 1 || p->low > TEXT_MAX)
        return wrong(r, at, "want ${text:N}, N 1..%d", TEXT_MAX);
    return MARU_OK;
}

static maru_status read_one(reading *r, piece *p, const char *at, char *words)
{
    if (words == NULL || *words == '\0')
        return wrong(r, at, "want ${one:A|B|C}, what to choose from");
    p->choice_count = 1;
    for (const char *c = words; *c != '\0'; c++)
        p->choice_count += *c == '|';
    if ((p->choices = maru_arena_alloc(r->arena, p->choice_count * sizeof *p->choices)) == NULL)
        return no_memory(r);
    for (size_t i = 0; i < p->choice_count; i++)
        p->choices[i] = strsep(&words, "|");
    return MARU_OK;
}

static maru_status read_uuid(reading *r, piece *p, const char *at, char *words)
{
    return words == NULL ? MARU_OK : wrong(r, at, "${uuid}: want nothing behind it, got \":%.60s\"", words);
}

static maru_status unknown_column(const reading *r, const char *at, const char *column)
{
    nearest     n = {.word = column};
    const char *best;
    char        all[120] = "";
    size_t      used = 0;

    for (size_t i = 0; i < r->columns->count; i++) {
        nearest_offer(&n, r->columns->names[i]);
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ", r->columns->names[i]);
    }
    if ((best = nearest_best(&n)) != NULL)
        return wrong(r, at, "${csv:%.60s}: the CSV file has no such column; did you mean %.60s?", column, best);
    return wrong(r, at, "${csv:%.60s}: the CSV file has no such column; there are %s", column, all);
}

static maru_status read_csv(reading *r, piece *p, const char *at, char *words)
{
    if (words == NULL || *words == '\0')
        return wrong(r, at, "want ${csv:COLUMN}, a column of the CSV file");
    if (r->columns->count == 0)
        return wrong(r, at, "${csv:%.60s}: want --csv FILE, where the column is", words);
    for (p->column = 0; p->column < r->columns->count; p->column++)
        if (strcmp(r->columns->names[p->column], words) == 0)
            return MARU_OK;
    return unknown_column(r, at, words);
}

typedef struct value_kind {
    const char *name;
    maru_status (*read)(reading *r, piece *p, const char *at, char *words); /* words: behind the colon; NULL: none */
    size_t (*room)(const piece *p, const char *const *row);
    size_t (*fill)(const piece *p, uint64_t n, const char *const *row, random_state *random, char *into);
    bool rows; /* depends on the row only */
} value_kind;

static const value_kind value_kinds[] = {
    {"counter", read_counter, room_number, fill_counter, false},
    {"random", read_random, room_number, fill_random, false},
    {"text", read_text, room_text, fill_text, false},
    {"one", read_one, room_one, fill_one, false},
    {"uuid", read_uuid, room_uuid, fill_uuid, false},
    {"csv", read_csv, room_csv, fill_csv, true},
};
enum { VALUE_KINDS = sizeof value_kinds / sizeof *value_kinds };

#define ALL_KINDS "counter, random, text, one, uuid, csv"

/* No name at all: perhaps no value was meant. */
static void want_name(const reading *r, const char *at)
{
    const char *end = memchr(at, '}', r->size - (size_t)(at - r->text)); /* there is one */
    char        got[MARU_SHOWN_MAX + 8];                                 /* more than is shown, so that a cut shows */

    snprintf(got, sizeof got, "%.*s", (int)(end + 1 - at), at);
    wrong(r, at, "want ${NAME} or ${NAME:...}, NAME one of " ALL_KINDS ", got \"%s\"; $${ stands for the characters ${",
          maru_shown(got).text);
}

static const value_kind *find_kind(const reading *r, const char *at, const char *name)
{
    nearest     n = {.word = name};
    const char *best;

    for (size_t i = 0; i < VALUE_KINDS; i++) {
        if (strcmp(value_kinds[i].name, name) == 0)
            return &value_kinds[i];
        nearest_offer(&n, value_kinds[i].name);
    }
    if ((best = nearest_best(&n)) != NULL)
        wrong(r, at, "${%.60s}: no such value; did you mean %s?", name, best);
    else if (isalpha((unsigned char)*name))
        wrong(r, at, "${%.60s}: no such value; there are " ALL_KINDS, name);
    else
        want_name(r, at);
    return NULL;
}

/* At "${". */
static maru_status read_value(reading *r)
{
    const char       *at = r->text + r->at, *close = memchr(at, '}', r->size - r->at);
    const value_kind *kind;
    char             *name, *words;
    piece            *p;

    if (close == NULL)
        return wrong(r, at, "${ is never closed: want }");
    if ((name = maru_arena_printf(r->arena, "%.*s", (int)(close - at - 2), at + 2)) == NULL)
        return no_memory(r);
    r->at = (size_t)(close + 1 - r->text);
    words = strchr(name, ':');
    if (words != NULL)
        *words++ = '\0';
    if ((kind = find_kind(r, at, name)) == NULL)
        return MARU_INVALID_ARGUMENT;
    if ((p = add_piece(r)) == NULL)
        return no_memory(r);
    p->room = kind->room;
    p->fill = kind->fill;
    r->made->varies |= !kind->rows;
    r->made->has_rows |= kind->rows;
    return kind->read(r, p, at, words);
}

static bool stands(const reading *r, const char *what)
{
    size_t size = strlen(what);

    return r->size - r->at >= size && memcmp(r->text + r->at, what, size) == 0;
}

/* Keeps account of what is within a JSON string. */
static maru_status read_pieces(reading *r)
{
    size_t      begin = 0;
    maru_status status = MARU_OK;

    while (r->at < r->size && status == MARU_OK) {
        if (stands(r, "$${")) {
            status = add_text(r, begin, r->at);
            begin = r->at + 1; /* one $ less */
            r->at += 3;
        } else if (stands(r, "${")) {
            if ((status = add_text(r, begin, r->at)) == MARU_OK)
                status = read_value(r);
            begin = r->at;
        } else {
            if (r->text[r->at] == '"')
                r->quoted = !r->quoted;
            r->at += r->text[r->at] == '\\' && r->quoted && r->at + 1 < r->size ? 2 : 1;
        }
    }
    return status == MARU_OK ? add_text(r, begin, r->size) : status;
}

maru_status template_read(const char *text, size_t size, const template_columns *columns, maru_arena *arena,
                          const template **out, maru_error *error)
{
    reading r = {.text = text, .size = size, .columns = columns, .arena = arena, .error = error};

    if ((r.made = maru_arena_zalloc(arena, sizeof *r.made)) == NULL)
        return no_memory(&r);
    r.end = &r.made->first;
    *out = r.made;
    return read_pieces(&r);
}

bool template_varies(const template *t)
{
    return t->varies;
}

bool template_has_rows(const template *t)
{
    return t->has_rows;
}

maru_status template_write(const template *t, uint64_t n, const char *const *row, random_state *random,
                           maru_arena *arena, const char **text, size_t *size, maru_error *error)
{
    size_t room = 1, at = 0;
    char  *into;

    for (const piece *p = t->first; p != NULL; p = p->next)
        room += p->fill == NULL ? p->size : p->room(p, row);
    if ((into = maru_arena_alloc(arena, room)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory for a request of up to %zu bytes", room);
    for (const piece *p = t->first; p != NULL; p = p->next) {
        if (p->fill != NULL)
            at += p->fill(p, n, row, random, into + at);
        else
            memcpy(into + at, p->text, p->size), at += p->size;
    }
    into[at] = '\0';
    *text = into;
    *size = at;
    return MARU_OK;
}
