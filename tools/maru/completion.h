/* completion.h: what a shell offers after `maru`: commands, their flags, the words that their operands name
 * ("timeline|why ORDER"), folders and files where a flag takes one. Pure: prints into a FILE.
 */
#ifndef MARU_COMPLETION_H
#define MARU_COMPLETION_H

#include <stdio.h>

#include "command.h"

/* A script that bash or zsh loads by itself from where it is installed; the last of table is NULL. */
void completion_bash(const command *const *table, FILE *out);
void completion_zsh(const command *const *table, FILE *out);

#endif
