/* commands.h: the subcommands; each is its own file's last thing. main.c has the table of them, from which help, the
 * pages of the manual and the shells' completions are made. */
#ifndef MARU_COMMANDS_H
#define MARU_COMMANDS_H

#include "command.h"

extern const command audit_command, call_command, describe_command, down_command, events_command, help_command,
    import_command, list_command, load_command, log_level_command, metrics_command, new_command, order_command,
    ps_command, store_command, up_command, version_command;

/* All of them, as help lists them; the last is NULL. */
extern const command *const command_table[];

/* command_find is NULL where there is none of that name; command_unknown says so, and returns the exit status. */
const command *command_find(const char *name);
int            command_unknown(const char *name);

#endif
