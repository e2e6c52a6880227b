/* flags.h: a command line, read against one table of flags. Pure: it looks only at argv, and prints only into a FILE.
 *
 *   flags f = flags_of(table, count, argc, argv, 1);
 *   while ((which = flags_next(&f, &value, &error)) != FLAGS_END)
 *       which is a row of the table, FLAGS_WORD (value is an operand) or FLAGS_BAD (error has one line for a person)
 *
 * --flag VALUE, --flag=VALUE, -f VALUE, -fVALUE; after "--" all are operands; "-" alone is one. Values are argv's own.
 */
#ifndef MARU_FLAGS_H
#define MARU_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "maru/status.h"

typedef struct flag {
    const char *name;   /* without its dashes */
    char        letter; /* 0: none */
    const char *value;  /* what it takes, as --help calls it; NULL: nothing */
    const char *help;
} flag;

typedef struct flags {
    const flag *table;
    int         count, argc, next;
    char      **argv;
    bool        words_only; /* "--" was seen */
} flags;

enum { FLAGS_END = -1, FLAGS_WORD = -2, FLAGS_BAD = -3 };

flags flags_of(const flag *table, int count, int argc, char **argv, int first);
int   flags_next(flags *f, const char **value, maru_error *error);
void  flags_help(FILE *out, const flag *table, int count);

#endif
