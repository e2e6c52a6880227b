/* help.c: maru help: what the table of subcommands (main.c) says, for readers, man, bash and zsh. */
#include <string.h>

#include "app/nearest.h"
#include "commands.h"
#include "completion.h"
#include "manual.h"

enum { FLAG_HELP_AS = 1 };

static const char *const formats[] = {"text", "man", "bash", "zsh"};

enum { FORMAT_TEXT, FORMAT_MAN, FORMAT_BASH, FORMAT_ZSH, FORMAT_COUNT };

const command *command_find(const char *name)
{
    for (const command *const *at = command_table; *at != NULL; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return NULL;
}

int command_unknown(const char *name)
{
    nearest     n = {.word = name};
    const char *best;

    for (const command *const *at = command_table; *at != NULL; at++)
        nearest_offer(&n, (*at)->name);
    if ((best = nearest_best(&n)) == NULL)
        return complain_usage(NULL, "%s: no such command", name);
    return complain_usage(NULL, "%s: no such command; did you mean %s?", name, best);
}

static void print_overview(FILE *out)
{
    fprintf(out, "maru - %s\n\nusage: maru COMMAND [WORD...]\n\n", MANUAL_SUMMARY);
    for (const command *const *at = command_table; *at != NULL; at++)
        fprintf(out, "  %-10s %s\n", (*at)->name, (*at)->summary);
    fprintf(out, "\nmaru COMMAND --help says more. Exit status: %s.\n", MANUAL_EXIT);
}

static void print_as(int format, const command *of, FILE *out)
{
    if (format == FORMAT_BASH)
        completion_bash(command_table, out);
    else if (format == FORMAT_ZSH)
        completion_zsh(command_table, out);
    else if (format == FORMAT_MAN && of != NULL)
        manual_command(of, out);
    else if (format == FORMAT_MAN)
        manual_overview(command_table, out);
    else if (of != NULL)
        command_help(of, out);
    else
        print_overview(out);
}

static int find_format(const char *name)
{
    int format = 0;

    while (format < FORMAT_COUNT && strcmp(formats[format], name) != 0)
        format++;
    return format;
}

static int run(const command *self, int argc, char **argv)
{
    args           a = args_of(self, argc, argv);
    const char    *value, *word = NULL, *as = formats[FORMAT_TEXT];
    const command *of = NULL;
    int            which, count = 0;
    output         out;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_HELP_AS)
            as = value;
        else if (count++ == 0)
            word = value;
    }
    if (a.exit >= 0)
        return a.exit;
    if (count > 1)
        return complain_usage(NULL, "help: want one COMMAND at most, got %d", count);
    if (word != NULL && (of = command_find(word)) == NULL)
        return command_unknown(word);
    if (find_format(as) == FORMAT_COUNT)
        return complain_usage(self, "--as: want text, man, bash or zsh, got \"%s\"", as);
    if (word != NULL && find_format(as) > FORMAT_MAN)
        return complain_usage(self, "--as %s: is of all commands, want none", as);
    output_open(&out);
    print_as(find_format(as), of, out.file);
    return output_finish(&out, self);
}

static const flag help_flags[] = {
    FLAG_HELP,
    [FLAG_HELP_AS] = {"as", 0, "FORMAT",
                      "text; man: a page of the manual; bash, zsh: their completion of all commands"},
};

const command help_command = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "print this, or what COMMAND takes",
    .flags = help_flags,
    .flag_count = sizeof help_flags / sizeof *help_flags,
    .run = run,
};
