/* config.c: keeps a service's settings by key, with where each came from; checks and prints them. */
#include "app/config.h"

#include <ctype.h>
#include <string.h>

#include "app/config_check.h"
#include "app/nearest.h"
#include "app/sections.h"
#include "maru/shown.h"

enum { LONG_VALUE = 200, SHOWN_MAX = LONG_VALUE + 40 };

static const struct key_row {
    config_check check;
    unsigned     bits;
    flag         flag;
} key_table[CONFIG_KEYS] = {
#define X(key, name, value, check, bits, help) {config_check_##check, bits, {name, 0, value, help}},
    CONFIG_TABLE(X)
#undef X
};

static void config_row(config *c, config_check check, unsigned bits, flag f)
{
    c->checks[c->keys] = check;
    c->bits[c->keys] = bits;
    c->flags[c->keys++] = f;
}

maru_status config_open_bare(config *c, maru_error *error)
{
    *c = (config){.arena = maru_arena_new(CONFIG_MEMORY)};
    return c->arena != NULL ? MARU_OK : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "settings: out of memory");
}

maru_status config_open(config *c, maru_error *error)
{
    maru_status status = config_open_bare(c, error);

    for (int i = 0; i < CONFIG_KEYS; i++)
        config_row(c, key_table[i].check, key_table[i].bits, key_table[i].flag);
    return status;
}

void config_close(config *c)
{
    if (c->arena != NULL)
        maru_arena_free(c->arena);
    *c = (config){0};
}

maru_status config_add(config *c, const char *name, const char *value, const char *help, config_check check,
                       maru_error *error)
{
    if (c->keys == CONFIG_MOST || (int)config_find(c, name) != c->keys)
        return maru_error_set(error, MARU_INTERNAL, "setting %s: there is one already, or there are more than %d", name,
                              CONFIG_OWN_MAX);
    config_row(c, check != NULL ? check : config_check_text, 0, (flag){name, 0, value, help});
    return MARU_OK;
}

/* Names and helps are the arena's. */
static maru_status add_limit(config *c, limit_group group, const limit *row, maru_error *error)
{
    char  name[LIMIT_TEXT], fallback[LIMIT_TEXT];
    char *own, *help;

    limit_name(group, row, name);
    limit_text(row->unit, row->fallback, fallback);
    own = maru_arena_strdup(c->arena, name);
    help = maru_arena_printf(c->arena, "%s (default: %s)", row->words, fallback);
    if (own == NULL || help == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "settings: out of memory");
    if (c->keys == CONFIG_MOST)
        return maru_error_set(error, MARU_INTERNAL, "setting %s: there are more than %d", name, CONFIG_MOST);
    c->limits[c->keys] = row;
    config_row(c, NULL, 0, (flag){own, 0, limit_takes(row), help});
    return MARU_OK;
}

maru_status config_add_limits(config *c, limit_group group, maru_error *error)
{
    size_t       count;
    const limit *rows = limits_of(group, &count);
    maru_status  status = MARU_OK;

    for (size_t i = 0; i < count && status == MARU_OK; i++)
        status = add_limit(c, group, &rows[i], error);
    return status;
}

void config_take_limits(const config *c, limit_group group, void *options)
{
    size_t       count;
    const limit *rows = limits_of(group, &count);
    int64_t      value;

    for (int key = 0; key < c->keys; key++)
        if (c->limits[key] >= rows && c->limits[key] < rows + count && c->values[key] != NULL &&
            limit_parse(c->limits[key], c->values[key]->text, &value))
            limit_put(c->limits[key], options, value);
}

maru_status config_put_limits(config *c, maru_error *error)
{
    maru_status status = MARU_OK;
    char        text[LIMIT_TEXT];

    for (int key = 0; key < c->keys && status == MARU_OK; key++) {
        if (c->limits[key] == NULL || c->values[key] != NULL)
            continue;
        limit_text(c->limits[key]->unit, c->limits[key]->fallback, text);
        status = config_put(c, (config_key)key, CONFIG_DEFAULT, "default", text, error);
    }
    return status;
}

config_key config_find(const config *c, const char *name)
{
    int key = 0;

    while (key < c->keys && strcmp(c->flags[key].name, name) != 0)
        key++;
    return (config_key)key;
}

const char *config_name(const config *c, config_key key)
{
    return c->flags[key].name;
}

bool config_file_takes(const config *c, config_key key)
{
    return (c->bits[key] & (CONFIG_FLAG_ONLY | CONFIG_NO_FILE)) == 0;
}

/* The value that text would replace or be hidden by: of the same name, for a key that has names. */
static config_value **config_slot(config *c, config_key key, const char *text)
{
    config_value **at = &c->values[key];
    size_t         name = strcspn(text, "=") + 1;

    if (c->bits[key] & CONFIG_NAMED)
        while (*at != NULL && strncmp((*at)->text, text, name) != 0)
            at = &(*at)->next;
    return at;
}

static maru_status config_append(config *c, config_key key, config_value value, maru_error *error)
{
    config_value **at = &c->values[key];
    config_value  *made = maru_arena_alloc(c->arena, sizeof *made);

    if (made == NULL || (value.where = maru_arena_strdup(c->arena, value.where)) == NULL ||
        (value.text = maru_arena_strdup(c->arena, value.text)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "settings: more than %d bytes", CONFIG_MEMORY);
    while (*at != NULL)
        at = &(*at)->next;
    *made = value;
    *at = made;
    return MARU_OK;
}

/* Lower sources are forgotten: of the one name, or of the whole key. */
static void config_forget(const config *c, config_key key, config_value **slot)
{
    *slot = c->bits[key] & CONFIG_NAMED ? (*slot)->next : NULL;
}

/* What came, or how long it is and how it begins, where it is too long for a line. */
static void show_value(const char *text, char out[static SHOWN_MAX])
{
    size_t size = strlen(text);

    if (size <= LONG_VALUE)
        snprintf(out, SHOWN_MAX, "\"%s\"", text);
    else
        snprintf(out, SHOWN_MAX, "%zu bytes that begin with \"%s\"", size, maru_shown(text).text);
}

static maru_status config_bad(const config *c, config_key key, config_source source, const char *where,
                              const char *want, const char *text, maru_error *error)
{
    char shown[SHOWN_MAX];

    show_value(text, shown);
    if (source == CONFIG_FILE || source == CONFIG_SECTION) /* "shop.conf:3" does not say which key */
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: %s: want %s, got %s", where, config_name(c, key), want,
                              shown);
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %s, got %s", where, want, shown);
}

/* NULL where text is a value; else what was wanted, in room where it has to be made. */
static const char *check_value(const config *c, config_key key, const char *text, char room[static LIMIT_TEXT])
{
    int64_t value;

    if (c->limits[key] == NULL)
        return c->checks[key](text);
    if (limit_parse(c->limits[key], text, &value))
        return NULL;
    limit_want(c->limits[key], room);
    return room;
}

maru_status config_put(config *c, config_key key, config_source source, const char *where, const char *text,
                       maru_error *error)
{
    char           room[LIMIT_TEXT];
    const char    *want = check_value(c, key, text, room);
    config_value **slot = config_slot(c, key, text);
    unsigned       bits = c->bits[key];

    if (want != NULL)
        return config_bad(c, key, source, where, want, text, error);
    if (*slot != NULL && (*slot)->source > source)
        return MARU_OK;
    if (*slot != NULL && (*slot)->source == source && (bits & (CONFIG_MANY | CONFIG_NAMED)) != CONFIG_MANY) {
        if (source != CONFIG_FLAG) /* on a command line the last word holds, so that scripts can add to one */
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: %s: said before, at %s", where,
                                  config_name(c, key), (*slot)->where);
        config_forget(c, key, slot);
    } else if (*slot != NULL && (*slot)->source < source) {
        config_forget(c, key, slot);
    }
    return config_append(c, key, (config_value){.source = source, .where = where, .text = text}, error);
}

maru_status config_put_flags(config *c, int argc, char **argv, maru_error *error)
{
    flags       f = flags_of(c->flags, c->keys, argc, argv, 1);
    const char *value;
    int         which;

    while ((which = flags_next(&f, &value, error)) != FLAGS_END) {
        char        where[NEAREST_WORD_MAX];
        maru_status status;

        if (which == FLAGS_BAD)
            return MARU_INVALID_ARGUMENT;
        if (which == FLAGS_WORD)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "\"%.200s\": want flags only", value);
        snprintf(where, sizeof where, "--%s", config_name(c, (config_key)which));
        status = config_put(c, (config_key)which, CONFIG_FLAG, where, value != NULL ? value : "true", error);
        if (status != MARU_OK)
            return status;
    }
    return MARU_OK;
}

void config_variable(const char *name, char out[static NEAREST_WORD_MAX])
{
    snprintf(out, NEAREST_WORD_MAX, "MARU_%s", name);
    for (; *out != '\0'; out++)
        *out = *out == '-' ? '_' : (char)toupper((unsigned char)*out);
}

static maru_status put_words(config *c, config_key key, const char *where, const char *words, maru_error *error)
{
    char       *copy = maru_arena_strdup(c->arena, words), *rest = NULL;
    maru_status status = MARU_OK;

    if (!(c->bits[key] & CONFIG_MANY))
        return config_put(c, key, CONFIG_ENVIRONMENT, where, words, error);
    if (copy == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: more than %d bytes", where, CONFIG_MEMORY);
    for (char *word = strtok_r(copy, " \t\n", &rest); word != NULL && status == MARU_OK;
         word = strtok_r(NULL, " \t\n", &rest))
        status = config_put(c, key, CONFIG_ENVIRONMENT, where, word, error);
    return status;
}

/* The name of a variable that may be ours: false where it is none. */
static bool variable_name(const char *variable, char name[static NEAREST_WORD_MAX])
{
    size_t size = strcspn(variable, "=");

    if (strncmp(variable, "MARU_", strlen("MARU_")) != 0 || size >= NEAREST_WORD_MAX || variable[size] == '\0')
        return false;
    memcpy(name, variable, size);
    name[size] = '\0';
    return true;
}

/* The key whose variable this is; c->keys where there is none. */
static config_key variable_key(const config *c, const char *name)
{
    char       known[NEAREST_WORD_MAX];
    config_key key = 0;

    for (; (int)key < c->keys; key++) {
        config_variable(c->flags[key].name, known);
        if ((c->bits[key] & CONFIG_FLAG_ONLY) == 0 && strcmp(name, known) == 0)
            break;
    }
    return key;
}

/* MARU_READY_TIMEOUT: whoever starts services by hand may have set it for maru up. */
static bool is_of_up(const char *variable)
{
    char name[NEAREST_WORD_MAX];

    snprintf(name, sizeof name, "%s", variable + strlen("MARU_"));
    for (char *at = name; *at != '\0'; at++)
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    return sections_only_up_has(name);
}

static maru_status check_name(const config *c, const char *name, maru_error *error)
{
    char    known[CONFIG_MOST][NEAREST_WORD_MAX];
    nearest n = {.word = name};

    for (int key = 0; key < c->keys; key++) {
        config_variable(c->flags[key].name, known[key]);
        if ((c->bits[key] & CONFIG_FLAG_ONLY) == 0)
            nearest_offer(&n, known[key]);
    }
    if (n.edits > 1)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: no such setting in the environment; did you mean %s?",
                          name, n.best);
}

maru_status config_take_environment(config *c, char *const *environment, maru_error *error)
{
    char        name[NEAREST_WORD_MAX];
    maru_status status = MARU_OK;

    for (; *environment != NULL && status == MARU_OK; environment++) {
        config_key key;

        if (variable_name(*environment, name) && (int)(key = variable_key(c, name)) < c->keys)
            status = put_words(c, key, name, *environment + strlen(name) + 1, error);
    }
    return status;
}

maru_status config_check_environment(const config *c, char *const *environment, maru_error *error)
{
    char        name[NEAREST_WORD_MAX];
    maru_status status = MARU_OK;

    for (; *environment != NULL && status == MARU_OK; environment++)
        if (variable_name(*environment, name) && (int)variable_key(c, name) == c->keys && !is_of_up(name))
            status = check_name(c, name, error);
    return status;
}

maru_status config_put_environment(config *c, char *const *environment, maru_error *error)
{
    maru_status status = config_take_environment(c, environment, error);

    return status == MARU_OK ? config_check_environment(c, environment, error) : status;
}

const char *config_get(const config *c, config_key key)
{
    return c->values[key] != NULL ? c->values[key]->text : NULL;
}

bool config_is_set(const config *c, config_key key)
{
    const char *text = config_get(c, key);

    return text != NULL && strcmp(text, "true") == 0;
}

const char *config_peer(const config *c, const char *name)
{
    size_t size = strlen(name);

    for (const config_value *v = c->values[CONFIG_PEER]; v != NULL; v = v->next)
        if (strncmp(v->text, name, size) == 0 && v->text[size] == '=')
            return v->text + size + 1;
    return NULL;
}

static void print_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void print_value(const config *c, config_key key, const config_value *value, FILE *out)
{
    fprintf(out, "%s = ", config_name(c, key));
    if (value->text[0] == '\0' || strpbrk(value->text, " \t\"#\\") != NULL)
        print_quoted(value->text, out);
    else
        fputs(value->text, out);
    fprintf(out, "  # %s\n", value->where);
}

void config_print_key(const config *c, config_key key, FILE *out)
{
    if (!config_file_takes(c, key))
        return;
    for (const config_value *v = c->values[key]; v != NULL; v = v->next)
        print_value(c, key, v, out);
    if (c->values[key] == NULL && !(c->bits[key] & CONFIG_MANY))
        fprintf(out, "# %s is not set\n", config_name(c, key));
}

void config_print(const config *c, FILE *out)
{
    for (int key = 0; key < c->keys; key++)
        config_print_key(c, (config_key)key, out);
}
