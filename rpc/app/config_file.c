/* config_file.c: a configuration file, line by line (config.h says what one looks like). Pure. */
#include <string.h>

#include "app/config.h"
#include "app/nearest.h"
#include "app/sections.h"

enum { LINE_MAX_BYTES = 4096 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *text)
{
    size_t size;

    while (is_blank(*text))
        text++;
    for (size = strlen(text); size > 0 && is_blank(text[size - 1]); size--)
        text[size - 1] = '\0';
    return text;
}

static void cut_comment(char *text)
{
    for (char *at = strchr(text, '#'); at != NULL; at = strchr(at + 1, '#'))
        if (at == text || is_blank(at[-1])) {
            *at = '\0';
            return;
        }
}

/* What ends a value that begins with a quote: the other one. NULL where there is none, or a stray backslash before. */
static char *closing_quote(char *value)
{
    for (value++; *value != '"'; value++) {
        if (*value == '\\' && (value[1] == '"' || value[1] == '\\'))
            value++;
        else if (*value == '\\' || *value == '\0')
            return NULL;
    }
    return value;
}

/* Takes the quotes off a value that begins with one, in place; false where they do not end well: then it is as it was.
 */
static bool unquote(char *value)
{
    char *to = value, *end = closing_quote(value), *rest = end != NULL ? end + 1 : NULL;

    if (rest == NULL || (rest[strspn(rest, " \t\r")] != '\0' && rest[strspn(rest, " \t\r")] != '#'))
        return false;
    for (char *from = value + 1; from < end; *to++ = *from++)
        from += *from == '\\';
    *to = '\0';
    return true;
}

/* A limit that other kinds of services have: what is for all may name it. */
static bool is_others_limit(const char *name)
{
    char row_name[LIMIT_TEXT];

    for (limit_group group = 0; group < LIMIT_GROUPS; group++) {
        size_t       count;
        const limit *rows = limits_of(group, &count);

        for (size_t i = 0; i < count; i++) {
            limit_name(group, &rows[i], row_name);
            if (strcmp(row_name, name) == 0)
                return true;
        }
    }
    return false;
}

/* maru up and the services read the same file, and say the same of it. */
static maru_status misplaced(const char *name, const char *where, maru_error *error)
{
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: \"%.100s\" is a setting of maru up: it belongs under [%s]",
                          where, name, UP_SECTION);
}

static config_key find_key(const config *c, const char *name, const char *where, maru_error *error)
{
    nearest     n = {.word = name};
    const char *best;

    for (config_key key = 0; (int)key < c->keys; key++) {
        if (config_file_takes(c, key) && strcmp(name, config_name(c, key)) == 0)
            return key;
        if (config_file_takes(c, key))
            nearest_offer(&n, config_name(c, key));
    }
    if (sections_only_up_has(name))
        misplaced(name, where, error);
    else if ((best = nearest_best(&n)) == NULL)
        maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: \"%.100s\": no such setting", where, name);
    else
        maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: \"%.100s\": no such setting; did you mean %s?", where, name,
                       best);
    return (config_key)c->keys;
}

/* Where a line stands. */
typedef struct place {
    const char *where; /* "shop.conf:3" */
    bool        ours;  /* in our section */
    bool        others;
} place;

/* "[NAME]", and perhaps a comment behind it. */
static maru_status enter_section(config *c, place *p, char *line, maru_error *error)
{
    config_section *made = maru_arena_zalloc(c->arena, sizeof *made);
    char           *end = strchr(line, ']');

    if (end != NULL)
        cut_comment(end);
    if (end == NULL || *trim(end + 1) != '\0')
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want [NAME], got \"%.200s\"", p->where, line);
    *end = '\0';
    line = trim(line + 1);
    if (c->section == NULL || !config_is_name(line))
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want the name of a service in [], got \"%.200s\"",
                              p->where, line);
    if (made == NULL || (made->name = maru_arena_strdup(c->arena, line)) == NULL ||
        (made->where = maru_arena_strdup(c->arena, p->where)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "settings: more than %d bytes", CONFIG_MEMORY);
    made->next = c->sections;
    c->sections = made;
    p->ours = strcmp(line, c->section) == 0;
    p->others = !p->ours;
    return MARU_OK;
}

/* One line of a setting. */
static maru_status put_line(config *c, const place *p, char *line, maru_error *error)
{
    char       *equals = strchr(line, '='), *value;
    const char *where = p->where;
    config_key  key;

    if (equals == NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want NAME = VALUE, got \"%.200s\"", where, line);
    if (equals == line)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want NAME = VALUE, got no name in \"%.200s\"", where,
                              line);
    *equals = '\0';
    value = trim(equals + 1);
    if ((key = find_key(c, trim(line), where, error)) == (config_key)c->keys)
        return !p->ours && (c->shares || is_others_limit(trim(line))) ? MARU_OK : MARU_INVALID_ARGUMENT;
    if (!p->ours && c->shares && sections_only_up_has(config_name(c, key)))
        return misplaced(config_name(c, key), where, error);
    if (value[0] != '"') {
        cut_comment(value);
        value = trim(value);
    } else if (!unquote(value))
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: %s: the quotes do not end well: %.200s", where,
                              config_name(c, key), value);
    return config_put(c, key, p->ours ? CONFIG_SECTION : CONFIG_FILE, where, value, error);
}

/* Bytes before the first line that say nothing: some editors write U+FEFF there. */
static size_t mark_size(const char *bytes, size_t size)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};

    return size >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0 ? sizeof mark : 0;
}

maru_status config_put_file(config *c, const char *name, const char *bytes, size_t size, maru_error *error)
{
    maru_status status = MARU_OK;
    char        line[LINE_MAX_BYTES], where[LINE_MAX_BYTES + 32];
    place       p = {.where = where};

    for (size_t at = mark_size(bytes, size), number = 1; at < size && status == MARU_OK; number++) {
        const char *end = memchr(bytes + at, '\n', size - at);
        size_t      length = (end != NULL ? (size_t)(end - bytes) : size) - at;

        snprintf(where, sizeof where, "%.4000s:%zu", name, number);
        if (length >= sizeof line || memchr(bytes + at, '\0', length) != NULL)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want a line of text of at most %d bytes", where,
                                  LINE_MAX_BYTES - 1);
        memcpy(line, bytes + at, length);
        line[length] = '\0';
        at += length + 1;
        if (*trim(line) == '[')
            status = enter_section(c, &p, trim(line), error);
        else if (*trim(line) != '\0' && *trim(line) != '#' && !p.others)
            status = put_line(c, &p, trim(line), error);
    }
    return status;
}
