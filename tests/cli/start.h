/* start.h: maru up and the other subcommands on a place's data folders: what tests of whole applications begin with. */
#ifndef MARU_TEST_START_H
#define MARU_TEST_START_H

#include "proc.h"

enum { STOPPING_LIMIT_S = 60 }; /* for who is told to stop until that is seen; a check fails that waited so long */

/* maru up on a data folder. more: a further word, or NULL. */
proc start_up(const place *p, const char *data, const char *more);
/* Until it has said that all of its services are ready. */
bool is_ready(proc *up);

/* Another subcommand, to its end, with up to three more words. */
proc run_maru(const place *p, const char *command, const char *data, const char *a, const char *b, const char *c);

/* The process id of a service, as ps says it. Where it has none a check fails, and it is that of nobody. */
pid_t pid_of(const place *p, const char *data, const char *service);

/* Until it has taken the SIGSTOP. */
bool is_stopped_soon(pid_t pid);
/* Until a signal stands in one of the masks of /proc/PID/status: "SigBlk" of those that it holds back, to look at them
 * when it can, "SigCgt" of those that it has a handler for. */
bool has_signal_soon(pid_t pid, const char *mask, int number);
/* Until none of its threads holds this one back. While libc makes a thread both hold all of them for a moment. */
bool is_taken_by_all_soon(pid_t pid, int number);

/* Sends it a signal again and again, as a person does who presses Ctrl-C until something happens, until it has ended.
 * Its status. */
int end_impatiently(proc *p, int number);

/* The echo service by hand (words) with a call in flight that takes ms (wait: the request), told to stop, and seen
 * stopping: false where it had stopped before it was. */
bool start_stopping(const place *p, const char *const words[], const char *wait, proc *hand, proc *waiting);

/* A call of echo that takes most of a second, begun: log, of who has echo, says so on stderr; and that it was answered.
 */
proc start_call(const place *p, proc *log);
void check_waited(proc *waiting);

#endif
