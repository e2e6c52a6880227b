/* parent.c: asks the kernel for SIGHUP when the parent ends (PR_SET_PDEATHSIG); refuses one that is gone already. */
#include "app/parent.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/oserror.h"

maru_status parent_follow(const char *pid, maru_error *error)
{
    signal(SIGHUP, SIG_DFL); /* where nohup has it ignored: this one is meant */
    if (prctl(PR_SET_PDEATHSIG, SIGHUP) != 0)
        return os_error(error, "--supervised");
    if (getppid() != atol(pid))
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "--supervised %s: the parent is process %d, or has ended", pid, getppid());
    return MARU_OK;
}
