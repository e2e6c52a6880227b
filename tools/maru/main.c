/* main.c: the command line of an application's services. Finds the subcommand and hands over to it. */
#include <signal.h>
#include <string.h>

#include "app/nearest.h"
#include "app/stdfds.h"
#include "commands.h"

static const command *const command_table[];
static const size_t         command_count;

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    nearest     n = {.word = name};
    const char *best;

    nearest_offer(&n, "help");
    for (size_t i = 0; i < command_count; i++)
        nearest_offer(&n, command_table[i]->name);
    if ((best = nearest_best(&n)) == NULL)
        return complain_usage(NULL, "%s: no such command", name);
    return complain_usage(NULL, "%s: no such command; did you mean %s?", name, best);
}

static void print_overview(FILE *out)
{
    fprintf(out, "maru - runs the services of an application, and calls them\n\nusage: maru COMMAND [WORD...]\n\n");
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "  %-10s %s\n", command_table[i]->name, command_table[i]->summary);
    fprintf(out, "  %-10s %s\n", "help", "print this, or what COMMAND takes");
    fprintf(out, "\nmaru COMMAND --help says more. Exit status: 0 done, 1 could not, 2 wrong usage, 64 + code of a call"
                 " that failed.\n");
}

static int help(int argc, char **argv)
{
    const command *of = argc > 0 ? find_command(argv[0]) : NULL;
    output         out;

    if (argc > 1)
        return complain_usage(NULL, "help: want one COMMAND at most, got %d", argc);
    if (argc > 0 && of == NULL && strcmp(argv[0], "help") != 0)
        return unknown_command(argv[0]);
    output_open(&out);
    if (of != NULL)
        command_help(of, out.file);
    else
        print_overview(out.file);
    return output_finish(&out, NULL);
}

int main(int argc, char **argv)
{
    const command *found;

    stdfds_open();
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return complain_usage(NULL, "want a command");
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(argc - 2, argv + 2);
    if (strcmp(argv[1], "--version") == 0)
        return version_command.run(&version_command, argc - 2, argv + 2);
    if ((found = find_command(argv[1])) == NULL)
        return unknown_command(argv[1]);
    return found->run(found, argc - 2, argv + 2);
}

static const command *const command_table[] = {
    &up_command,      &ps_command,        &down_command,    &list_command,  &describe_command,
    &call_command,    &import_command,    &audit_command,   &order_command, &events_command,
    &metrics_command, &log_level_command, &version_command,
};
static const size_t command_count = sizeof command_table / sizeof *command_table;
