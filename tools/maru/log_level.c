/* log_level.c: maru log-level: how much services write into their logs, and changing that while they run. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "commands.h"
#include "each.h"
#include "maru/log.maru.h"

enum { FLAG_LOG_DATA = 1 };

typedef struct asking {
    const char *levels; /* NULL: they are only read */
} asking;

/* The words are what the server says: no terminal gets its control characters. */
static void print_levels(const char *name, const MaruLog__Levels *levels, FILE *out)
{
    fprintf(out, "%s\n", name);
    for (size_t i = 0; i < levels->n_modules; i++)
        fprintf(out, "  %-8s %-5s  %s\n", utf8_one_line(levels->modules[i]->module),
                utf8_one_line(levels->modules[i]->level), utf8_one_line(levels->modules[i]->tells));
}

static maru_status ask(void *arg, const char *name, maru_client *client, maru_call *call, FILE *out)
{
    const asking             *a = arg;
    MaruLog__GetLevelsRequest get = MARU_LOG__GET_LEVELS_REQUEST__INIT;
    MaruLog__SetLevelsRequest set = MARU_LOG__SET_LEVELS_REQUEST__INIT;
    MaruLog__Levels          *levels;
    maru_status               status;

    set.levels = (char *)a->levels;
    status = a->levels != NULL ? maru_log_set_levels(client, call, &set, &levels)
                               : maru_log_get_levels(client, call, &get, &levels);
    if (status == MARU_OK)
        print_levels(name, levels, out);
    return status;
}

/* The operands: [TARGET|all] [LEVELS]. What may be levels is no name of a service: those are looked at first. */
static int take_word(const command *self, const char *word, const char **target, asking *a)
{
    log_levels levels;
    char       words[LOG_LEVELS_TEXT];

    if (*target == NULL && a->levels == NULL && !log_levels_parse(word, &levels, words)) {
        *target = word;
        return strcmp(word, "all") == 0 || strchr(word, '=') == NULL ? -1 : complain_usage(self, "%s", words);
    }
    if (a->levels != NULL)
        return complain_usage(self, "\"%s\": want one TARGET and LEVELS at most", word);
    if (!log_levels_parse(word, &levels, words))
        return complain_usage(self, "%s", words);
    a->levels = word;
    return -1;
}

static int run(const command *self, int argc, char **argv)
{
    args        all = args_of(self, argc, argv);
    asking      a = {.levels = NULL};
    const char *data = NULL, *target = NULL, *value;
    int         which, wrong = -1;

    while (wrong < 0 && (which = args_next(&all, &value)) != FLAGS_END) {
        if (which == FLAG_LOG_DATA)
            data = value;
        else
            wrong = take_word(self, value, &target, &a);
    }
    if (wrong >= 0 || all.exit >= 0)
        return wrong >= 0 ? wrong : all.exit;
    if (target != NULL && strcmp(target, "all") == 0)
        target = NULL;
    return each_service(self, data, target, NULL, ask, &a);
}

static const flag log_flags[] = {FLAG_HELP, [FLAG_LOG_DATA] = FLAG_DATA};

const command log_level_command = {
    .name = "log-level",
    .operands = "[TARGET|all] [LEVELS]",
    .summary = "print or change how much services write into their logs",
    .more = "LEVELS is as --log-level of a service: debug, info, warn, error or off, and MODULE=LEVEL for one module,\n"
            "with commas between: info,call=debug. It holds until the service ends. Without TARGET: of all that run.\n",
    .flags = log_flags,
    .flag_count = sizeof log_flags / sizeof *log_flags,
    .run = run,
};
