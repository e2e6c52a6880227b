/* log_levels.c: which module says how much, in words (contract: log.h). Pure. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"

static bool is_word(const char *at, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(at, word, size) == 0;
}

static int find_level(const char *at, size_t size)
{
    for (int i = 0; i < LOG_LEVELS; i++)
        if (is_word(at, size, log_level_name((maru_log_level)i)))
            return i;
    return -1;
}

static int find_module(const char *at, size_t size)
{
    for (int i = 0; i < LOG_MODULES; i++)
        if (is_word(at, size, log_module_name((log_module)i)))
            return i;
    return -1;
}

static void say(log_levels *out, int module, int level)
{
    out->level[module] = (unsigned char)level;
    out->said[module] = true;
}

/* The names there are, with commas: of levels, or of modules. */
static void name_all(char *words, bool levels)
{
    size_t used = strlen(words);

    for (int i = 0; i < (levels ? (int)LOG_LEVELS : (int)LOG_MODULES) && used < LOG_LEVELS_TEXT; i++)
        used += (size_t)snprintf(words + used, LOG_LEVELS_TEXT - used, "%s%s", i > 0 ? ", " : "",
                                 levels ? log_level_name((maru_log_level)i) : log_module_name((log_module)i));
}

/* One of "info", "call=debug". */
static bool parse_one(const char *at, size_t size, log_levels *out, char words[static LOG_LEVELS_TEXT])
{
    const char *equals = memchr(at, '=', size);
    size_t      name = equals != NULL ? (size_t)(equals - at) : 0, skip = equals != NULL ? name + 1 : 0;
    int         level = find_level(at + skip, size - skip), module = equals != NULL ? find_module(at, name) : 0;

    if (level < 0) {
        snprintf(words, LOG_LEVELS_TEXT, "\"%.*s\" is no level: want one of ",
                 size - skip > 40 ? 40 : (int)(size - skip), at + skip);
        name_all(words, true);
    } else if (module < 0) {
        snprintf(words, LOG_LEVELS_TEXT, "\"%.*s\" is no module: want one of ", name > 40 ? 40 : (int)name, at);
        name_all(words, false);
    } else if (equals != NULL) {
        say(out, module, level);
    } else {
        for (int i = 0; i < LOG_MODULES; i++)
            say(out, i, level);
    }
    return level >= 0 && module >= 0;
}

bool log_levels_parse(const char *text, log_levels *out, char words[static LOG_LEVELS_TEXT])
{
    *out = (log_levels){0};
    for (;;) {
        size_t size = strcspn(text, ",");

        if (!parse_one(text, size, out, words))
            return false;
        if (text[size] == '\0')
            return true;
        text += size + 1;
    }
}

void log_levels_set(maru_log *log, const log_levels *levels)
{
    for (int i = 0; i < LOG_MODULES; i++)
        if (levels->said[i])
            atomic_store_explicit(&log->levels[i], levels->level[i], memory_order_relaxed);
}
