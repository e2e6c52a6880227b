/* flags.c: reads a command line flag by flag against one table, and prints that table as help. */
#include "app/flags.h"

#include <string.h>

#include "app/nearest.h"

flags flags_of(const flag *table, int count, int argc, char **argv, int first)
{
    return (flags){.table = table, .count = count, .argc = argc, .argv = argv, .next = first};
}

static int flags_bad(maru_error *error, const char *format, const char *word)
{
    maru_error_set(error, MARU_INVALID_ARGUMENT, format, word);
    return FLAGS_BAD;
}

static int flags_unknown(const flags *f, const char *word, const char *name, maru_error *error)
{
    nearest     n = {.word = name};
    const char *best;

    for (int i = 0; i < f->count; i++)
        nearest_offer(&n, f->table[i].name);
    if ((best = nearest_best(&n)) == NULL)
        return flags_bad(error, "%s: no such flag", word);
    maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: no such flag; did you mean --%s?", word, best);
    return FLAGS_BAD;
}

/* The value of a flag that takes one: what was written with it, or the next word. */
static int flags_value(flags *f, int which, const char *attached, const char **value, maru_error *error)
{
    if (attached == NULL && f->next >= f->argc) {
        maru_error_set(error, MARU_INVALID_ARGUMENT, "--%s: want %s after it, got nothing", f->table[which].name,
                       f->table[which].value);
        return FLAGS_BAD;
    }
    *value = attached != NULL ? attached : f->argv[f->next++];
    return which;
}

static int flags_long(flags *f, const char *word, const char **value, maru_error *error)
{
    const char *equals = strchr(word, '=');
    size_t      size = equals != NULL ? (size_t)(equals - word) - 2 : strlen(word) - 2;
    char        name[NEAREST_WORD_MAX * 2];

    snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1), word + 2);
    for (int i = 0; i < f->count; i++) {
        if (strlen(f->table[i].name) != size || strncmp(f->table[i].name, word + 2, size) != 0)
            continue;
        if (f->table[i].value != NULL)
            return flags_value(f, i, equals != NULL ? equals + 1 : NULL, value, error);
        return equals == NULL ? i : flags_bad(error, "%s: this flag takes no value", word);
    }
    return flags_unknown(f, word, name, error);
}

static int flags_short(flags *f, const char *word, const char **value, maru_error *error)
{
    for (int i = 0; i < f->count; i++) {
        if (f->table[i].letter != word[1])
            continue;
        if (f->table[i].value != NULL)
            return flags_value(f, i, word[2] != '\0' ? word + 2 : NULL, value, error);
        return word[2] == '\0' ? i : flags_bad(error, "%s: this flag takes no value", word);
    }
    return flags_unknown(f, word, word + 1, error);
}

int flags_next(flags *f, const char **value, maru_error *error)
{
    const char *word;

    *value = NULL;
    if (f->next >= f->argc)
        return FLAGS_END;
    word = f->argv[f->next++];
    if (!f->words_only && strcmp(word, "--") == 0) {
        f->words_only = true;
        return flags_next(f, value, error);
    }
    if (f->words_only || word[0] != '-' || word[1] == '\0') {
        *value = word;
        return FLAGS_WORD;
    }
    return word[1] == '-' ? flags_long(f, word, value, error) : flags_short(f, word, value, error);
}

void flags_help(FILE *out, const flag *table, int count)
{
    for (int i = 0; i < count; i++) {
        char head[64];
        char letter[8] = "    ";

        if (table[i].letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", table[i].letter);
        snprintf(head, sizeof head, "%s--%s%s%s", letter, table[i].name, table[i].value != NULL ? " " : "",
                 table[i].value != NULL ? table[i].value : "");
        fprintf(out, "  %-24s %s\n", head, table[i].help);
    }
}
