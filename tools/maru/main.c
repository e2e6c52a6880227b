/* main.c: the command line of an application's services. Finds the subcommand and hands over to it. */
#include <signal.h>
#include <string.h>

#include "app/stdfds.h"
#include "commands.h"

int main(int argc, char **argv)
{
    const command *found;

    stdfds_open();
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return complain_usage(NULL, "want a command");
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_command.run(&help_command, argc - 2, argv + 2);
    if (strcmp(argv[1], "--version") == 0)
        return version_command.run(&version_command, argc - 2, argv + 2);
    if ((found = command_find(argv[1])) == NULL)
        return command_unknown(argv[1]);
    return found->run(found, argc - 2, argv + 2);
}

const command *const command_table[] = {
    &up_command,      &ps_command,        &down_command,   &list_command,    &describe_command, &call_command,
    &load_command,    &new_command,       &import_command, &audit_command,   &order_command,    &events_command,
    &metrics_command, &log_level_command, &store_command,  &version_command, &help_command,     NULL,
};
