/* faults.c: reads MARU_FAULTS, and kills this process with -9 at the named step of its store. */
#include "app/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* From the writer's thread. Nothing after the kill runs; a process that is traced may go on for a moment. */
static int die_at(void *self, const char *step)
{
    faults *f = self;
    int     fd;

    if (strcmp(step, f->step) != 0 || atomic_fetch_sub(&f->left, 1) != 1)
        return 0;
    fd = open(f->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return 0; /* it has happened */
    close(fd);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

bool faults_read(faults *f, const char *text, const char *service, maru_error *error)
{
    long count;
    int  end = 0;

    *error = (maru_error){.code = MARU_OK};
    if (text == NULL || *text == '\0')
        return false;
    if (sscanf(text, "%31s %31s %ld %4095s%n", f->service, f->step, &count, f->file, &end) != 4 || text[end] != '\0' ||
        count < 1) {
        maru_error_set(error, MARU_INVALID_ARGUMENT, "MARU_FAULTS: want \"SERVICE STEP COUNT FILE\", got \"%.200s\"",
                       text);
        return false;
    }
    if (strcmp(f->service, service) != 0)
        return false;
    f->seam = *maru_seam_real();
    f->seam.self = f;
    f->seam.disk_fault = die_at;
    atomic_init(&f->left, count);
    return true;
}
