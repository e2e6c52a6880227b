/* child.h: another process of this test program, which tells and hears bytes. Header only. */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
/* The runtime has a type named wait. */
#define wait system_wait
#include <sys/wait.h>
#undef wait
#include <unistd.h>

#include "self.h"

/* Another process of this test program: argv after its name. Its standard input and output are pipes. */
typedef struct kit_child {
    pid_t pid;
    int   in, out; /* to it, from it */
} kit_child;

static inline kit_child kit_spawn(const char *const *args)
{
    int                        to[2], from[2];
    char                       self[PATH_MAX];
    char                      *argv[16] = {self_path(self)};
    posix_spawn_file_actions_t files;
    kit_child                  child;

    for (int i = 0; args[i] && i < 14; i++)
        argv[i + 1] = (char *)args[i];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
        perror("pipe");
        exit(1);
    }
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, to[0], 0);
    posix_spawn_file_actions_adddup2(&files, from[1], 1);
    if (posix_spawn(&child.pid, argv[0], &files, NULL, argv, environ) != 0) {
        perror("posix_spawn");
        exit(1);
    }
    posix_spawn_file_actions_destroy(&files);
    close(to[0]);
    close(from[1]);
    child.in = to[1];
    child.out = from[0];
    return child;
}

/* Waits for a byte from it: '\0' where it ended without one. */
static inline char kit_hear(const kit_child *child)
{
    char byte = '\0';

    return read(child->out, &byte, 1) == 1 ? byte : '\0';
}

static inline void kit_tell(const kit_child *child, char byte)
{
    if (write(child->in, &byte, 1) != 1)
        perror("write to the child");
}

/* Closes its input, and waits for its end: the status as waitpid gives it. */
static inline int kit_end(kit_child *child)
{
    int status = -1;

    close(child->in);
    waitpid(child->pid, &status, 0);
    close(child->out);
    return status;
}

#endif
