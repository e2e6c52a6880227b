/* exposition.c: see exposition.h. The format: openmetrics.io, "OpenMetrics 1.0.0"; every line ends with a newline. */
#include "base/exposition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LABELS_MAX = 2048, NS_PER_S = 1000000000 };

typedef struct text_line {
    struct text_line *next;
    const char       *text;
    size_t            size;
} text_line;

struct family {
    family     *next;
    const char *name;
    metric_type type;
    text_line  *first, **last;
};

struct exposition {
    maru_arena *arena;
    family     *first, **last;
    size_t      size;
    bool        failed; /* memory was out */
};

static const struct {
    const char *name, *suffix;
} types[] = {[METRIC_COUNTER] = {"counter", "_total"},
             [METRIC_GAUGE] = {"gauge", ""},
             [METRIC_HISTOGRAM] = {"histogram", ""},
             [METRIC_INFO] = {"info", "_info"}};

exposition *exposition_new(maru_arena *arena)
{
    exposition *e = maru_arena_zalloc(arena, sizeof *e);

    if (e == NULL)
        return NULL;
    e->arena = arena;
    e->last = &e->first;
    return e;
}

static void put_line(exposition *e, family *f, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put_line(exposition *e, family *f, const char *format, ...)
{
    text_line *line = maru_arena_alloc(e->arena, sizeof *line);
    va_list    args;

    if (line == NULL) {
        e->failed = true;
        return;
    }
    va_start(args, format);
    *line = (text_line){.text = maru_arena_vprintf(e->arena, format, args)};
    va_end(args);
    if (line->text == NULL) {
        e->failed = true;
        return;
    }
    line->size = strlen(line->text);
    e->size += line->size;
    *f->last = line;
    f->last = &line->next;
}

static family *make_family(exposition *e, const char *name, metric_type type)
{
    family *f = maru_arena_zalloc(e->arena, sizeof *f);

    if (f == NULL || (f->name = maru_arena_strdup(e->arena, name)) == NULL) {
        e->failed = true;
        return NULL;
    }
    f->type = type;
    f->last = &f->first;
    *e->last = f;
    e->last = &f->next;
    return f;
}

family *exposition_family(exposition *e, const char *name, metric_type type, const char *unit, const char *help)
{
    family *f;

    if (e == NULL)
        return NULL;
    for (f = e->first; f != NULL; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f;
    if ((f = make_family(e, name, type)) == NULL)
        return NULL;
    put_line(e, f, "# TYPE %s %s\n", name, types[type].name);
    if (unit != NULL)
        put_line(e, f, "# UNIT %s %s\n", name, unit);
    put_line(e, f, "# HELP %s %s\n", name, help);
    return f;
}

static size_t put_escaped(char *out, size_t used, const char *value)
{
    for (; *value != '\0' && used < LABELS_MAX - 8; value++) {
        if (*value == '\\' || *value == '"' || *value == '\n')
            out[used++] = '\\';
        out[used++] = *value == '\n' ? 'n' : *value;
    }
    return used;
}

/* "{a="x",b="y"}" in out; le is one more, NULL: none. What is longer than LABELS_MAX is cut. */
static const char *put_labels(char out[static LABELS_MAX], const metric_label *labels, const char *le)
{
    size_t used = 0;

    for (; labels != NULL && labels->name != NULL && used < LABELS_MAX / 2; labels++) {
        used += (size_t)snprintf(out + used, LABELS_MAX / 4, "%s%s=\"", used == 0 ? "{" : ",", labels->name);
        used = put_escaped(out, used, labels->value);
        out[used++] = '"';
    }
    if (le != NULL)
        used += (size_t)snprintf(out + used, LABELS_MAX / 4, "%sle=\"%s\"", used == 0 ? "{" : ",", le);
    if (used > 0)
        out[used++] = '}';
    out[used] = '\0';
    return out;
}

void exposition_number(exposition *e, family *f, const metric_label *labels, uint64_t value)
{
    char text[LABELS_MAX];

    if (f != NULL)
        put_line(e, f, "%s%s%s %" PRIu64 "\n", f->name, types[f->type].suffix, put_labels(text, labels, NULL), value);
}

void exposition_time(exposition *e, family *f, const metric_label *labels, int64_t ns)
{
    char text[LABELS_MAX];

    if (f != NULL)
        put_line(e, f, "%s%s%s %" PRId64 ".%09d\n", f->name, types[f->type].suffix, put_labels(text, labels, NULL),
                 ns / NS_PER_S, (int)(ns % NS_PER_S));
}

/* 2^bits nanoseconds in seconds, without the zeros at the end, but with one digit behind the point. */
static void time_bound(char out[static 32], int bits)
{
    uint64_t ns = UINT64_C(1) << bits;
    int      size = snprintf(out, 32, "%" PRIu64 ".%09d", ns / NS_PER_S, (int)(ns % NS_PER_S));

    while (out[size - 1] == '0' && out[size - 2] != '.')
        out[--size] = '\0';
}

static void put_histogram(exposition *e, family *f, const metric_label *labels, const histogram *h, bool times)
{
    int      bounds = times ? HISTOGRAM_TIME_BOUNDS : HISTOGRAM_NUMBER_BOUNDS;
    uint64_t count = 0, sum = atomic_load_explicit(&h->sum, memory_order_relaxed);
    char     text[LABELS_MAX], le[32];

    for (int i = 0; i <= bounds; i++) {
        count += atomic_load_explicit(&h->counts[i], memory_order_relaxed);
        if (i == bounds)
            snprintf(le, sizeof le, "+Inf");
        else if (times)
            time_bound(le, HISTOGRAM_TIME_FIRST + i);
        else
            snprintf(le, sizeof le, "%d.0", 1 << (HISTOGRAM_NUMBER_FIRST + i));
        put_line(e, f, "%s_bucket%s %" PRIu64 "\n", f->name, put_labels(text, labels, le), count);
    }
    put_line(e, f, "%s_count%s %" PRIu64 "\n", f->name, put_labels(text, labels, NULL), count);
    if (times)
        put_line(e, f, "%s_sum%s %" PRIu64 ".%09d\n", f->name, text, sum / NS_PER_S, (int)(sum % NS_PER_S));
    else
        put_line(e, f, "%s_sum%s %" PRIu64 "\n", f->name, text, sum);
}

void exposition_times(exposition *e, family *f, const metric_label *labels, const histogram *h)
{
    if (f != NULL)
        put_histogram(e, f, labels, h, true);
}

void exposition_numbers(exposition *e, family *f, const metric_label *labels, const histogram *h)
{
    if (f != NULL)
        put_histogram(e, f, labels, h, false);
}

const char *exposition_end(exposition *e, size_t *size)
{
    static const char end[] = "# EOF\n";
    char *text = e == NULL || e->failed ? NULL : maru_arena_alloc(e->arena, e->size + sizeof end), *at = text;

    if (text == NULL)
        return NULL;
    for (const family *f = e->first; f != NULL; f = f->next)
        for (const text_line *line = f->first; line != NULL; line = line->next) {
            memcpy(at, line->text, line->size);
            at += line->size;
        }
    memcpy(at, end, sizeof end);
    *size = (size_t)(at - text) + sizeof end - 1;
    return text;
}
