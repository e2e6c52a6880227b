/* names.c: makes C names of protobuf names: types, fields, functions, macros, files. */
#include "names.h"

#include <ctype.h>
#include <string.h>

#include "option.h"
#include "words.h"

/* A blank of 2 * size + 1 bytes: no name below grows to more than twice its size. */
static char *room_for(struct pool *pool, size_t size)
{
    return pool_take(pool, 2 * size + 1);
}

/* CamelToUpper and CamelToLower differ only in the case of what they write. */
static char *add_camel(char *to, const char *word, size_t size, int (*letter)(int))
{
    bool was_upper = true;

    for (size_t i = 0; i < size; i++) {
        bool upper = isupper((unsigned char)word[i]) != 0;

        if (upper && !was_upper)
            *to++ = '_';
        *to++ = (char)letter((unsigned char)word[i]);
        was_upper = upper;
    }
    return to;
}

static char *add_upper(char *to, const char *word, size_t size)
{
    return add_camel(to, word, size, toupper);
}

static char *add_lower(char *to, const char *word, size_t size)
{
    return add_camel(to, word, size, tolower);
}

/* ToCamel: underscores go, the letter after one becomes big. */
static char *add_type(char *to, const char *word, size_t size)
{
    bool next_upper = true;

    for (size_t i = 0; i < size; i++) {
        if (word[i] != '_')
            *to++ = (char)(next_upper ? toupper((unsigned char)word[i]) : word[i]);
        next_upper = word[i] == '_';
    }
    return to;
}

/* The name with the package replaced by c_package. */
static const char *override_package(struct pool *pool, const char *name, const File *file)
{
    const char *c_package = option_of_file(pool, file).c_package;
    size_t      package = file->package == NULL ? 0 : strlen(file->package);

    if (c_package == NULL)
        return name + 1;
    return pool_printf(pool, "%s%s%s", c_package, package == 0 ? "." : "", name + 1 + package);
}

static char *join(struct pool *pool, const char *name, const File *file,
                  char *(*add)(char *to, const char *word, size_t size))
{
    const char *from = override_package(pool, name, file);
    char       *made = room_for(pool, strlen(from) + 1);
    char       *to = made;

    while (*from != 0) {
        size_t size = strcspn(from, ".");

        if (size > 0 && to > made) {
            *to++ = '_';
            *to++ = '_';
        }
        to = add(to, from, size);
        from += size + (from[size] == '.');
    }
    return made;
}

char *names_type(struct pool *pool, const char *name, const File *file)
{
    return join(pool, name, file, add_type);
}

char *names_lower(struct pool *pool, const char *name, const File *file)
{
    return join(pool, name, file, add_lower);
}

char *names_upper(struct pool *pool, const char *name, const File *file)
{
    return join(pool, name, file, add_upper);
}

char *names_camel_upper(struct pool *pool, const char *word)
{
    char *made = room_for(pool, strlen(word));

    add_upper(made, word, strlen(word));
    return made;
}

char *names_camel_lower(struct pool *pool, const char *word)
{
    char *made = room_for(pool, strlen(word));

    add_lower(made, word, strlen(word));
    return made;
}

char *names_field(struct pool *pool, const char *field)
{
    char *made = pool_printf(pool, "%s", field);

    for (char *at = made; *at != 0; at++)
        *at = (char)tolower((unsigned char)*at);
    return words_escaped(made) ? pool_printf(pool, "%s_", made) : made;
}

/* Whether a word begins at i: a big letter after a small one or a digit, or before a small one. */
static bool word_begins(const char *word, size_t i)
{
    if (i == 0 || !isupper((unsigned char)word[i]) || word[i - 1] == '_')
        return false;
    return !isupper((unsigned char)word[i - 1]) || islower((unsigned char)word[i + 1]);
}

char *names_snake(struct pool *pool, const char *word)
{
    char *made = room_for(pool, strlen(word));
    char *to = made;

    for (size_t i = 0; word[i] != 0; i++) {
        if (word_begins(word, i))
            *to++ = '_';
        *to++ = (char)tolower((unsigned char)word[i]);
    }
    return made;
}

char *names_slot(struct pool *pool, const char *method)
{
    char *snake = names_snake(pool, method);

    return words_escaped(snake) || words_reserved(snake) || words_cplusplus(snake) ? pool_printf(pool, "%s_", snake)
                                                                                   : snake;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);

    return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

/* What a file's name ends with, that its stem has not; "" where it is another. */
static const char *end_of(const char *file)
{
    return ends_with(file, ".protodevel") ? ".protodevel" : ends_with(file, ".proto") ? ".proto" : "";
}

char *names_stem(struct pool *pool, const char *file)
{
    return pool_strndup(pool, file, strlen(file) - strlen(end_of(file)));
}

/* What stands behind a _ says what it is for: a letter, for a / before it; another _, for one; three octal digits, for
 * anything else. So no two files have one name, not those of two runs of protoc either, which nobody sees together. */
char *names_file(struct pool *pool, const char *file)
{
    const char *stem = names_stem(pool, file), *end = end_of(file);
    struct text made = {.pool = pool};

    for (const char *at = stem; *at != 0; at++) {
        if (isalpha((unsigned char)*at) || (isdigit((unsigned char)*at) && at > stem))
            text_printf(&made, "%c", *at);
        else if (*at == '/' && at > stem && isalpha((unsigned char)at[1]))
            text_printf(&made, "_");
        else if (*at == '_')
            text_printf(&made, "__");
        else
            text_printf(&made, "_%03o", (unsigned char)*at);
    }
    text_printf(&made, "_%s_maru_file", *end != 0 ? end + 1 : "file");
    return made.bytes;
}

char *names_guard(struct pool *pool, const char *file)
{
    struct text made = {.pool = pool};

    text_printf(&made, "MARU_");
    for (; *file != 0; file++)
        text_printf(&made, isalnum((unsigned char)*file) ? "%c" : "_%02x", (unsigned char)*file);
    text_printf(&made, "_INCLUDED");
    return made.bytes;
}

bool names_usable(const char *name)
{
    if (name[0] == 0 || isdigit((unsigned char)name[0]) || words_escaped(name) || words_reserved(name))
        return false;
    for (; *name != 0; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}
