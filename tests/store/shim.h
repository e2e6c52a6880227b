/* shim.h: how a test gets flush_shim between its stores and the disk: it runs itself again, with the shim preloaded. */
#ifndef STORE_SHIM_H
#define STORE_SHIM_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "flush_shim.h"
#include "self.h"

typedef struct shim_calls {
    shim_count_fn   count;
    shim_hold_fn    hold;
    shim_wait_fn    wait;
    shim_release_fn release;
    shim_fail_fn    fail;
    shim_cut_fn     cut;
} shim_calls;

static inline void *shim_function(const char *name)
{
    void *at = dlsym(RTLD_DEFAULT, name);

    if (!at) {
        fprintf(stderr, "%s is not there: the shim was not preloaded\n", name);
        exit(1);
    }
    return at;
}

static inline shim_calls shim_find(void)
{
    return (shim_calls){
        .count = (shim_count_fn)shim_function("shim_count"),
        .hold = (shim_hold_fn)shim_function("shim_hold"),
        .wait = (shim_wait_fn)shim_function("shim_wait"),
        .release = (shim_release_fn)shim_function("shim_release"),
        .fail = (shim_fail_fn)shim_function("shim_fail"),
        .cut = (shim_cut_fn)shim_function("shim_cut"),
    };
}

/* Until MARU_SHIM is set: the one argument is the shim. Returns the program's status, where it failed. */
static inline int shim_preload(int argc, char **argv)
{
    char self[PATH_MAX];

    if (argc != 2) {
        fprintf(stderr, "usage: %s SHIM.so\n", argv[0]);
        return 2;
    }
    setenv("LD_PRELOAD", argv[1], 1);
    setenv("MARU_SHIM", "1", 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    execv(self_path(self), argv);
    perror(argv[0]);
    return 1;
}

#endif
