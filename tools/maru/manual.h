/* manual.h: subcommands as pages of the manual, in the macros of man(7). Pure: prints into a FILE. */
#ifndef MARU_MANUAL_H
#define MARU_MANUAL_H

#include <stdio.h>

#include "command.h"

#define MANUAL_SUMMARY "runs the services of an application, and calls them"
#define MANUAL_EXIT    "0 done, 1 could not, 2 wrong usage, 64 + code of a call that failed"

/* maru-NAME(1), and maru(1) with a list of all; the last of table is NULL. */
void manual_command(const command *of, FILE *out);
void manual_overview(const command *const *table, FILE *out);

#endif
