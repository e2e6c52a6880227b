/* main.c: the command line of an application's services. Finds the subcommand and hands over to it. */
#include <signal.h>
#include <string.h>

#include "app/buserror.h"
#include "app/stdfds.h"
#include "commands.h"
#include "nonblocking.h"

static int run(const command *found, int argc, char **argv)
{
    int result = found->run(found, argc, argv);

    return result == EXIT_FINE ? output_flush(found) : result;
}

/* A write that is not taken is an error of that write (EPIPE; EFBIG above ulimit -f), and not the end of the process in
 * the midst of its work. */
static void ignore_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
    const command *found;

    stdfds_open();
    nonblocking_stdio();
    ignore_signals();
    bus_errors_say();
    if (argc < 2)
        return complain_usage(NULL, "want a command");
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return run(&help_command, argc - 2, argv + 2);
    if (strcmp(argv[1], "--version") == 0)
        return run(&version_command, argc - 2, argv + 2);
    if ((found = command_find(argv[1])) == NULL)
        return command_unknown(argv[1]);
    return run(found, argc - 2, argv + 2);
}

const command *const command_table[] = {
    &up_command,      &ps_command,        &down_command,   &list_command,    &describe_command, &call_command,
    &load_command,    &new_command,       &import_command, &audit_command,   &order_command,    &events_command,
    &metrics_command, &log_level_command, &store_command,  &version_command, &help_command,     NULL,
};
