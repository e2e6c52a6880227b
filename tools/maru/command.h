/* command.h: what a subcommand is, and what all of them do alike: flags, words, results, exit statuses.
 *
 * A subcommand is one file that exports one of these; main.c has the table. run gets the words after the subcommand's
 * name and returns the exit status. Results go to stdout, in one piece at the end, or as they come where that takes
 * long; words to stderr, one line each.
 */
#ifndef MARU_COMMAND_H
#define MARU_COMMAND_H

#include <stddef.h>
#include <stdio.h>

#include "app/flags.h"
#include "maru/status.h"

typedef struct command {
    const char *name;
    const char *operands; /* "TARGET [NAME]", or "" */
    const char *summary;  /* one line */
    const char *more;     /* what --help says after the flags; NULL: nothing */
    const flag *flags;    /* row 0 is FLAG_HELP */
    int         flag_count;
    int (*run)(const struct command *self, int argc, char **argv);
} command;

#define FLAG_HELP                                                                                                      \
    {                                                                                                                  \
        "help", 'h', NULL, "print this, and end"                                                                       \
    }
#define FLAG_DATA                                                                                                      \
    {                                                                                                                  \
        "data", 0, "DIR", "the application's data folder (else MARU_DATA, else under XDG_STATE_HOME)"                  \
    }

enum {
    EXIT_FINE = 0,
    EXIT_CANNOT = 1,      /* could not do it */
    EXIT_WRONG_USAGE = 2, /* was asked for wrongly */
    EXIT_STATUS = 64,     /* plus the code of a call that failed */
    EXIT_CLOSED = 141,    /* who read stdout has gone, as the shell says it */
};

/* The words of a subcommand, one after the other. */
typedef struct args {
    const command *command;
    flags          flags;
    int            exit; /* -1: go on */
} args;

args args_of(const command *self, int argc, char **argv);

/* args_next returns the row of a flag (never 0), FLAGS_WORD, or FLAGS_END. --help and wrong words are dealt with here:
 * then it is FLAGS_END, and exit is set. */
int args_next(args *a, const char **value);

/* One line on stderr, "maru call: ...". usage adds how to get help and returns EXIT_WRONG_USAGE. */
void complain(const command *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
int  complain_usage(const command *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A failed call, "NOT_FOUND: products/x: ... (from catalog/12)", or "NOT_FOUND" where there are no words; returns 64 +
 * its code. */
int complain_status(maru_status status, const char *message);

/* Results: written into a FILE in memory, then to stdout at once. */
typedef struct output {
    FILE  *file;
    char  *bytes;
    size_t size;
} output;

/* Ends the process where memory is out. */
void output_open(output *out);
/* EXIT_FINE, EXIT_CANNOT (stdout is full: said), EXIT_CLOSED (silent). Frees what it has. */
int  output_finish(output *out, const command *self);
void output_discard(output *out);

/* What is printed as it comes, by stdio. output_flush is what main ends each subcommand with, and one that goes on for
 * long calls now and then: EXIT_FINE, or as output_lost. output_lost is what stdout's failing with an errno means, for
 * all of them: EXIT_CLOSED, silent, where who read it has gone, else EXIT_CANNOT, said. */
int output_flush(const command *self);
int output_lost(const command *self, int number);

void command_help(const command *self, FILE *out);

#endif
