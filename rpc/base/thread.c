/* thread.c: starts a thread that leaves the program's signals alone (contract: thread.h). */
#include "base/thread.h"

#include <signal.h>
#include <stddef.h>

static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL};

int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
    sigset_t blocked, before;
    int      failed;

    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before); /* a thread begins with its maker's */
    failed = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}
