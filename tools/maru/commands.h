/* commands.h: the subcommands; each is its own file's last thing. */
#ifndef MARU_COMMANDS_H
#define MARU_COMMANDS_H

#include "command.h"

extern const command audit_command, call_command, describe_command, down_command, events_command, import_command,
    list_command, log_level_command, metrics_command, order_command, ps_command, up_command, version_command;

#endif
