/* proc.h: real processes for the tests of the command line. Every wait is for an event and has a time limit; no sleeps.
 *
 * A place is a temporary folder with an environment of its own, so that tests run side by side and touch nobody's data.
 */
#ifndef MARU_TEST_PROC_H
#define MARU_TEST_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PROC_TEXT = 1 << 20, PROC_WORDS = 24, PROC_LIMIT_MS = 40000, PROC_OUT = 0, PROC_ERR = 1 };

typedef struct proc {
    pid_t  pid;    /* 0: it has ended and was waited for */
    int    fds[2]; /* its stdout and stderr; -1: closed */
    char  *text[2];
    size_t size[2];
    int    status; /* once ended: exit status, or 128 + signal */
} proc;

typedef struct place {
    char  root[64];
    char  data[80];
    char *maru; /* programs */
    char *services;
} place;

/* argv of the test: the path of maru, the folder of the test's services. */
place place_open(int argc, char **argv);
void  place_close(place *p);

/* proc_start runs words[0] with words, NULL-terminated, in a process group of its own. input: its stdin, NULL: nothing.
 */
proc proc_start(const char *const words[], const char *input);
/* Reads until the stream has part in it, after what was there at from; false where the stream ended or the time was
 * over. */
bool proc_expect(proc *p, int stream, size_t from, const char *part);
/* Reads both to the end, waits, and returns status. Kills it when the time is over: 128 + 9. */
int  proc_end(proc *p);
void proc_free(proc *p);

/* proc_run is start, end: for short commands. The words after maru's path. */
proc proc_run(const char *const words[], const char *input);

/* The number behind "key": in a JSON text, after the first place where after stands; -1 where there is none. */
long long json_number(const char *text, const char *after, const char *key);

/* Until process pid has ended; false where the time was over. */
bool pid_gone(pid_t pid);

#endif
