/* openmetrics.c: see openmetrics.h. One pass over the lines; what was seen is kept as they stood. */
#include "watch/openmetrics.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { NAMES_MAX = 512, NAME_MAX_BYTES = 128, SERIES_MAX = 20000, LABELS_MOST = 16, SERIES_BYTES = 1024 };

typedef struct series_list {
    char  *seen[SERIES_MAX];
    size_t count;
} series_list;

typedef struct reader {
    const char *line; /* without its newline, NUL-terminated */
    size_t      number;
    char        words[OPENMETRICS_WORDS];
    bool        failed;

    char        names[NAMES_MAX][NAME_MAX_BYTES]; /* of families, in order; the last is open */
    size_t      name_count;
    char        type[16];
    bool        has_type, has_unit, has_help, has_samples;
    series_list series;

    /* Of the histogram that is being read. */
    char   group[SERIES_BYTES]; /* its labels without le */
    double last_le, last_count;
    bool   in_group, ended; /* with +Inf */
} reader;

static bool fail(reader *r, const char *why)
{
    if (!r->failed)
        snprintf(r->words, sizeof r->words, "line %zu: %s: %.300s", r->number, why, r->line);
    r->failed = true;
    return false;
}

static size_t name_size(const char *at, bool colon)
{
    size_t size = 0;

    while (isalnum((unsigned char)at[size]) || at[size] == '_' || (colon && at[size] == ':'))
        size++;
    return isdigit((unsigned char)at[0]) ? 0 : size;
}

static bool is_word(const char *at, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(at, word, size) == 0;
}

static const char *family_name(const reader *r)
{
    return r->name_count == 0 ? "" : r->names[r->name_count - 1];
}

/* A histogram's samples end with its family, or where other labels begin. */
static bool end_group(reader *r)
{
    bool whole = !r->in_group || r->ended;

    r->in_group = false;
    return whole ? true : fail(r, "the histogram before has no +Inf, _count and _sum");
}

static bool begin_family(reader *r, const char *name, size_t size)
{
    if (!end_group(r))
        return false;
    for (size_t i = 0; i < r->name_count; i++)
        if (is_word(name, size, r->names[i]))
            return fail(r, "a family that was there before");
    if (size >= NAME_MAX_BYTES || r->name_count == NAMES_MAX)
        return fail(r, "too long, or too many families");
    snprintf(r->names[r->name_count++], NAME_MAX_BYTES, "%.*s", (int)size, name);
    r->type[0] = '\0';
    r->has_type = r->has_unit = r->has_help = r->has_samples = false;
    return true;
}

static bool ends_with(const char *text, const char *tail)
{
    size_t size = strlen(text), tail_size = strlen(tail);

    return size > tail_size && strcmp(text + size - tail_size, tail) == 0;
}

static bool take_type(reader *r, const char *value)
{
    static const char *const types[] = {"counter", "gauge", "histogram", "info"};
    static const char *const kept[] = {"_total", "_bucket", "_count", "_sum", "_created", "_info"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(value, types[i]) == 0)
            snprintf(r->type, sizeof r->type, "%s", value);
    if (r->type[0] == '\0')
        return fail(r, "no such type");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (ends_with(family_name(r), kept[i]))
            return fail(r, "the name of a family ends in what is a sample's");
    return true;
}

static bool take_unit(reader *r, const char *value)
{
    char tail[NAME_MAX_BYTES];

    snprintf(tail, sizeof tail, "_%.100s", value);
    return *value != '\0' && ends_with(family_name(r), tail) ? true
                                                             : fail(r, "the family's name does not end in its unit");
}

static bool take_help(reader *r, const char *value)
{
    for (; *value != '\0'; value++)
        if (*value == '\\' && *++value != '\\' && *value != 'n' && *value != '"')
            return fail(r, "an escape that is none");
    return true;
}

/* "# TYPE name value". */
static bool take_meta(reader *r)
{
    static const struct {
        const char *mark;
        size_t      said;
        bool (*take)(reader *r, const char *value);
    } marks[] = {{"# TYPE ", offsetof(reader, has_type), take_type},
                 {"# UNIT ", offsetof(reader, has_unit), take_unit},
                 {"# HELP ", offsetof(reader, has_help), take_help}};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t      mark = strlen(marks[i].mark), size;
        const char *name = r->line + mark;
        bool       *said = (bool *)((char *)r + marks[i].said);

        if (strncmp(r->line, marks[i].mark, mark) != 0)
            continue;
        size = name_size(name, true);
        if (size == 0 || name[size] != ' ')
            return fail(r, "want a name, and a blank behind it");
        if (!is_word(name, size, family_name(r)) && !begin_family(r, name, size))
            return false;
        if (r->has_samples || *said)
            return fail(r, "said twice, or after the samples");
        *said = true;
        return marks[i].take(r, name + size + 1);
    }
    return fail(r, "a comment: OpenMetrics has none");
}

typedef struct one_sample {
    const char *suffix;
    size_t      suffix_size;
    char        labels[SERIES_BYTES]; /* without le */
    char        le[64];               /* "": none */
    double      value;
} one_sample;

/* One NAME="VALUE"; *at behind it. */
static bool take_label(reader *r, one_sample *s, const char **at, char names[][NAME_MAX_BYTES], size_t count)
{
    size_t      size = name_size(*at, false);
    const char *value = *at + size + 2, *end = value;

    if (size == 0 || size >= NAME_MAX_BYTES || strncmp(*at + size, "=\"", 2) != 0)
        return fail(r, "want NAME=\"VALUE\" as a label");
    for (; *end != '"'; end++)
        if (*end == '\0' || (*end == '\\' && *++end != '\\' && *end != '"' && *end != 'n'))
            return fail(r, "a label's value that does not end, or an escape that is none");
    snprintf(names[count], NAME_MAX_BYTES, "%.*s", (int)size, *at);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], names[count]) == 0)
            return fail(r, "a label twice");
    if (is_word(*at, size, "le"))
        snprintf(s->le, sizeof s->le, "%.*s", (int)(end - value), value);
    else
        snprintf(s->labels + strlen(s->labels), sizeof s->labels - strlen(s->labels), "%.*s,", (int)(end + 1 - *at),
                 *at);
    *at = end + 1;
    return true;
}

static bool take_labels(reader *r, one_sample *s, const char **at)
{
    char names[LABELS_MOST][NAME_MAX_BYTES];

    if (**at != '{')
        return true;
    for (size_t count = 0; count < LABELS_MOST; count++) {
        ++*at;
        if (!take_label(r, s, at, names, count))
            return false;
        if (**at == '}') {
            ++*at;
            return true;
        }
        if (**at != ',')
            return fail(r, "want , or } behind a label");
    }
    return fail(r, "more labels than this reader takes");
}

static bool take_value(reader *r, one_sample *s, const char *at)
{
    char *end;

    if (*at != ' ' || (!isdigit((unsigned char)at[1]) && at[1] != '-'))
        return fail(r, "want one blank and a number");
    s->value = strtod(at + 1, &end);
    return *end == '\0' ? true : fail(r, "want nothing behind the number");
}

/* Which samples a type has. */
static bool fits_type(reader *r, const one_sample *s)
{
    static const struct {
        const char *type, *suffix;
        bool        le;
    } table[] = {{"counter", "_total", false},   {"gauge", "", false},           {"info", "_info", false},
                 {"histogram", "_bucket", true}, {"histogram", "_count", false}, {"histogram", "_sum", false}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].type, r->type) == 0 && is_word(s->suffix, s->suffix_size, table[i].suffix)) {
            if (table[i].le != (s->le[0] != '\0'))
                return fail(r, "le is for the buckets of a histogram, and they need it");
            if (strcmp(r->type, "gauge") != 0 && !(s->value >= 0))
                return fail(r, "want a number of at least 0");
            return strcmp(r->type, "info") != 0 || s->value == 1 ? true : fail(r, "an info is 1");
        }
    return fail(r, "no sample of this family's type");
}

static bool is_float(const char *le)
{
    return strcmp(le, "+Inf") == 0 || strpbrk(le, ".e") != NULL;
}

static bool take_bucket(reader *r, const one_sample *s)
{
    double le = strcmp(s->le, "+Inf") == 0 ? INFINITY : atof(s->le);

    if (!is_float(s->le))
        return fail(r, "le is no number with a point");
    if (r->in_group && strcmp(r->group, s->labels) != 0 && !end_group(r))
        return false;
    if (r->in_group && (le <= r->last_le || s->value < r->last_count))
        return fail(r, "buckets go up, in le and in count");
    snprintf(r->group, sizeof r->group, "%s", s->labels);
    r->in_group = true;
    r->ended = false;
    r->last_le = le;
    r->last_count = s->value;
    return true;
}

static bool take_histogram(reader *r, const one_sample *s)
{
    if (is_word(s->suffix, s->suffix_size, "_bucket"))
        return take_bucket(r, s);
    if (!r->in_group || strcmp(r->group, s->labels) != 0 || !isinf(r->last_le))
        return fail(r, "want the buckets before it, to +Inf");
    if (is_word(s->suffix, s->suffix_size, "_count") && s->value != r->last_count)
        return fail(r, "_count is not the +Inf bucket's");
    r->ended = r->ended || is_word(s->suffix, s->suffix_size, "_sum");
    return true;
}

static bool take_series(reader *r, const char *end)
{
    series_list *l = &r->series;
    size_t       size = (size_t)(end - r->line);

    for (size_t i = l->count; i > 0; i--)
        if (is_word(r->line, size, l->seen[i - 1]))
            return fail(r, "the same sample twice");
    if (l->count == SERIES_MAX)
        return fail(r, "more samples than this reader takes");
    l->seen[l->count++] = strndup(r->line, size);
    return true;
}

static bool take_sample(reader *r)
{
    one_sample  s = {.suffix = r->line + strlen(family_name(r))};
    size_t      size = name_size(r->line, true);
    const char *at = r->line + size;

    if (r->name_count == 0 || size < strlen(family_name(r)) ||
        strncmp(r->line, family_name(r), strlen(family_name(r))) != 0)
        return fail(r, "a sample of another family than the one above it");
    if (!r->has_type)
        return fail(r, "its family has no type");
    s.suffix_size = size - strlen(family_name(r));
    r->has_samples = true;
    return take_labels(r, &s, &at) && take_value(r, &s, at) && fits_type(r, &s) && take_series(r, at) &&
           (strcmp(r->type, "histogram") != 0 || take_histogram(r, &s));
}

static bool take_line(reader *r)
{
    if (r->line[0] == '\0')
        return fail(r, "an empty line");
    if (strchr(r->line, '\r') != NULL || strchr(r->line, '\t') != NULL)
        return fail(r, "a return or a tab");
    return r->line[0] == '#' ? take_meta(r) : take_sample(r);
}

static bool take_all(reader *r, char *copy)
{
    for (char *at = copy, *end; *at != '\0'; at = end + 1) {
        r->line = at;
        r->number++;
        if ((end = strchr(at, '\n')) == NULL)
            return fail(r, "no newline at the end");
        *end = '\0';
        if (strcmp(at, "# EOF") == 0)
            return end_group(r) && (end[1] == '\0' ? true : fail(r, "something behind the end"));
        if (!take_line(r))
            return false;
    }
    r->line = "";
    return fail(r, "no # EOF");
}

bool openmetrics_check(const char *text, char words[static OPENMETRICS_WORDS])
{
    reader *r = calloc(1, sizeof *r);
    char   *copy = strdup(text);
    bool    good = r != NULL && copy != NULL;

    if (good && !utf8_valid((const uint8_t *)text, strlen(text))) {
        r->line = "";
        good = fail(r, "no UTF-8");
    }
    good = good && take_all(r, copy);
    snprintf(words, OPENMETRICS_WORDS, "%s", r != NULL ? r->words : "out of memory");
    for (size_t i = 0; r != NULL && i < r->series.count; i++)
        free(r->series.seen[i]);
    free(copy);
    free(r);
    return good;
}

double openmetrics_value(const char *text, const char *sample)
{
    size_t size = strlen(sample);

    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, sample, size) == 0 && line[size] == ' ')
            return atof(line + size + 1);
        if (strchr(line, '\n') == NULL)
            break;
    }
    return -1;
}
