/* targets.c: reads CMake's text for the targets that it makes (targets.h). */
#include "new/targets.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LOOPS_MAX = 8, WORD_MAX = TARGET_NAME_MAX };

/* A piece of the text. */
typedef struct span {
    const char *at;
    size_t      size;
    bool        quoted;
} span;

/* foreach(variable item ...) */
typedef struct loop {
    span variable;
    span items; /* as they stand there */
} loop;

typedef struct reading {
    const char   *at;
    size_t        line;
    const char   *name; /* of the service */
    loop          loops[LOOPS_MAX];
    size_t        depth; /* of loops; those beyond LOOPS_MAX are only counted */
    target_clash *clash;
} reading;

static bool is(span word, const char *text)
{
    return word.size == strlen(text) && strncasecmp(word.at, text, word.size) == 0;
}

/* ---- words ---- */

static bool is_blank(char c)
{
    return isspace((unsigned char)c) || c == ';';
}

static const char *skip_blanks(const char *at, size_t *line)
{
    for (;; at++) {
        if (*at == '#')
            at += strcspn(at, "\n");
        if (!is_blank(*at))
            return at;
        *line += *at == '\n';
    }
}

/* One argument, or one parenthesis: at least one character, but at the end. Without its quotes. */
static span next_word(const char **at, size_t *line)
{
    const char *begin = *at = skip_blanks(*at, line), *end = begin;

    if (*begin == '"') {
        for (end++; *end != '\0' && *end != '"'; end++) {
            end += *end == '\\' && end[1] != '\0';
            *line += *end == '\n';
        }
        *at = end + (*end == '"');
        return (span){begin + 1, (size_t)(end - begin - 1), true};
    }
    while (*end != '\0' && !is_blank(*end) && strchr("()\"#", *end) == NULL)
        end++;
    if (end == begin && *end != '\0')
        end++;
    *at = end;
    return (span){begin, (size_t)(end - begin), false};
}

static bool at_end(span word)
{
    return word.size == 0 && !word.quoted;
}

static bool is_parenthesis(span word, const char *which)
{
    return !word.quoted && is(word, which);
}

/* ---- what a word means ---- */

static bool is_own(const reading *r, const char *target)
{
    char service[WORD_MAX], test[WORD_MAX];

    snprintf(service, sizeof service, "%s_service", r->name);
    snprintf(test, sizeof test, "%s_%s_test", r->name, r->name);
    return strcmp(target, r->name) == 0 || strcmp(target, service) == 0 || strcmp(target, test) == 0;
}

static bool found(reading *r, const char *target, bool links)
{
    snprintf(r->clash->target, sizeof r->clash->target, "%s", target);
    r->clash->line = r->line;
    r->clash->links = links;
    return true;
}

/* Puts item in place of ${variable} in word; false where it is not there, or there is no room. */
static bool put_item(span word, span variable, span item, char out[static WORD_MAX])
{
    char hole[WORD_MAX], text[WORD_MAX], *at;

    if (word.size >= sizeof text || variable.size + 4 >= sizeof hole)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)word.size, word.at);
    snprintf(hole, sizeof hole, "${%.*s}", (int)variable.size, variable.at);
    if ((at = strstr(text, hole)) == NULL || strlen(text) + item.size >= WORD_MAX)
        return false;
    snprintf(out, WORD_MAX, "%.*s%.*s%s", (int)(at - text), text, (int)item.size, item.at, at + strlen(hole));
    return true;
}

/* Whether a command of this first argument makes a target that the service would make, in any round of the loops around
 * it. */
static bool makes(reading *r, span word)
{
    char target[WORD_MAX];

    if (word.size < sizeof target) {
        snprintf(target, sizeof target, "%.*s", (int)word.size, word.at);
        if (is_own(r, target))
            return found(r, target, false);
    }
    for (size_t i = 0; i < r->depth && i < LOOPS_MAX; i++) {
        const loop *around = &r->loops[i];
        const char *at = around->items.at;
        size_t      line = 0;

        while (at < around->items.at + around->items.size)
            if (put_item(word, around->variable, next_word(&at, &line), target) && is_own(r, target))
                return found(r, target, false);
    }
    return false;
}

/* A command makes a target of its first argument's name: CMake's own and Maru's. */
static bool is_maker(span command)
{
    static const char *const makers[] = {"add_library", "add_executable", "add_custom_target",
                                         "maru_test",   "maru_service",   "maru_protos"};

    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (is(command, makers[i]))
            return true;
    return false;
}

/* ---- commands ---- */

static bool links(reading *r, span word)
{
    return word.size == strlen(r->name) && strncmp(word.at, r->name, word.size) == 0 && found(r, r->name, true);
}

/* The arguments of a command, whose open parenthesis was read. */
static bool read_arguments(reading *r, span command)
{
    size_t      line = r->line, count = 0;
    int         open = 1;
    span        word, first = {0};
    const char *rest = r->at, *end = r->at;
    bool        clashes = false;

    while (!clashes && open > 0 && !at_end(word = next_word(&r->at, &line))) {
        open += is_parenthesis(word, "(") - is_parenthesis(word, ")");
        if (open == 0)
            break;
        if (count++ == 0) {
            first = word;
            rest = r->at;
            clashes = is_maker(command) && makes(r, word);
        } else if (is(command, "target_link_libraries")) {
            clashes = links(r, word);
        }
        end = r->at;
    }
    r->line = line;
    if (is(command, "foreach") && r->depth++ < LOOPS_MAX)
        r->loops[r->depth - 1] = (loop){first, {rest, (size_t)(end - rest), false}};
    return clashes;
}

bool targets_clash(const char *text, const char *name, target_clash *clash)
{
    reading r = {.at = text, .line = 1, .name = name, .clash = clash};
    span    command = {0}, word;

    while (!at_end(word = next_word(&r.at, &r.line))) {
        if (!is_parenthesis(word, "(")) {
            command = word;
            continue;
        }
        if (read_arguments(&r, command))
            return true;
        if (is(command, "endforeach") && r.depth > 0)
            r.depth--;
    }
    return false;
}
